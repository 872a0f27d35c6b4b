//! The tail of the hypergeometric distribution: Fisher's exact test, one-sided.

use super::beta::ln_gamma;

/// `P(X >= k)`, where X of `marked` among `all` fall into a group of `group` by chance alone.
pub fn upper_tail(k: usize, group: usize, marked: usize, all: usize) -> f64 {
    let least = (group + marked).saturating_sub(all);
    let most = group.min(marked);
    if k <= least {
        return 1.0;
    }
    let term =
        |x: usize| (ln_choose(marked, x) + ln_choose(all - marked, group - x) - ln_choose(all, group)).exp();
    (k..=most).map(term).sum::<f64>().min(1.0)
}

fn ln_choose(n: usize, k: usize) -> f64 {
    let ln_factorial = |n: usize| ln_gamma(n as f64 + 1.0);
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher (1935): all four of eight cups by luck once in 70, at least three 17 times in 70.
        assert!((upper_tail(4, 4, 4, 8) - 1.0 / 70.0).abs() < 1e-12);
        assert!((upper_tail(3, 4, 4, 8) - 17.0 / 70.0).abs() < 1e-12);
        assert_eq!(upper_tail(0, 4, 4, 8), 1.0);
        assert_eq!(upper_tail(5, 4, 4, 8), 0.0);
    }

    #[test]
    fn the_whole_distribution_sums_to_one_and_bounds_are_certain() {
        for (group, marked, all) in
            [(3_usize, 5, 9), (9, 1, 9), (0, 4, 9), (4, 0, 9), (7, 6, 9), (30, 20, 200)]
        {
            let least = (group + marked).saturating_sub(all);
            assert_eq!(upper_tail(least, group, marked, all), 1.0);
            let next = upper_tail(least + 1, group, marked, all);
            assert!((0.0..1.0).contains(&next), "{group} {marked} {all}: {next}");
        }
    }
}
