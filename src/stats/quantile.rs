//! Quantiles: the measured one, and an exact test whether the true one is above a bound.

use super::binomial::upper_tail;

/// The smallest value that at least `percent` of 100 values do not exceed (nearest rank); `None` without values.
pub fn nearest_rank<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

/// The exact one-sided test of a quantile (Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2): the
/// probability that so many or more of `of` independent values are over a bound, if `percent` of 100 keep it.
pub fn excess(over: usize, of: usize, percent: usize) -> f64 {
    upper_tail(over, of, (100 - percent) as f64 / 100.0)
}

/// Whether so few values could show an excess at all: if not even all of them over the bound would, they show nothing.
pub fn can_show_excess(of: usize, percent: usize, level: f64) -> bool {
    of > 0 && excess(of, of, percent) <= level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_that_of_the_sorted_values() {
        assert_eq!(nearest_rank::<u64>(&[], 95), None);
        assert_eq!(nearest_rank(&[7], 50), Some(7));
        let hundred: Vec<usize> = (1..=100).collect();
        assert_eq!(
            [50, 90, 95, 99].map(|percent| nearest_rank(&hundred, percent).unwrap()),
            [50, 90, 95, 99]
        );
        // 19 of 20 keep it: one value may be larger.
        assert_eq!(nearest_rank(&hundred[..20], 95), Some(19));
        assert_eq!(nearest_rank(&hundred[..19], 95), Some(19));
    }

    #[test]
    fn the_measured_quantile_is_over_a_bound_exactly_if_more_values_are_than_may_be() {
        for n in 1..60_usize {
            for over in 0..=n {
                let mut values = vec![1; n - over];
                values.extend(vec![3; over]);
                let is_over = nearest_rank(&values, 95).unwrap() > 2;
                assert_eq!(is_over, 100 * over > 5 * n, "{over} of {n}");
            }
        }
    }

    #[test]
    fn the_test_is_the_tail_of_the_binomial_distribution() {
        // 1 - 0.95^20 - 20 * 0.05 * 0.95^19, by hand.
        assert!((excess(2, 20, 95) - 0.264_160_5).abs() < 1e-6);
        assert_eq!(excess(0, 20, 95), 1.0);
        assert!((excess(3, 3, 50) - 0.125).abs() < 1e-15);
    }

    #[test]
    fn so_many_values_are_needed_to_show_anything() {
        let fewest = |percent| (0..).find(|n| can_show_excess(*n, percent, 0.025)).unwrap();
        assert_eq!([50, 90, 95, 99].map(fewest), [6, 2, 2, 1]);
    }
}
