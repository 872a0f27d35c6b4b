//! Intervals for one rate.

use super::{Interval, Z_TWO_SIDED_95};

/// Wilson's 95 % score interval (Wilson 1927) for a mean of `n` values in [0, 1] that add up to
/// `sum`. For graded values it is conservative: no variable in [0, 1] has a larger variance than a
/// Bernoulli variable with the same mean. `None` without values.
pub fn wilson(sum: f64, n: usize) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let (n, z2) = (n as f64, Z_TWO_SIDED_95 * Z_TWO_SIDED_95);
    let rate = sum / n;
    let centre = rate + z2 / (2.0 * n);
    let half = Z_TWO_SIDED_95 * (rate * (1.0 - rate) / n + z2 / (4.0 * n * n)).max(0.0).sqrt();
    let scale = 1.0 + z2 / n;
    // At the ends the formula gives 0 or 1 up to rounding, which would matter for a bar of exactly 1.
    let low = if rate <= 0.0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let high = if rate >= 1.0 { 1.0 } else { ((centre + half) / scale).min(1.0) };
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_trials_no_interval() {
        assert_eq!(wilson(0.0, 0), None);
    }

    #[test]
    fn ends_stay_inside_the_unit_interval() {
        let none = wilson(0.0, 10).unwrap();
        let all = wilson(10.0, 10).unwrap();
        assert_eq!((none.low, all.high), (0.0, 1.0));
    }

    #[test]
    fn eight_of_ten_have_the_interval_that_wilson_gives() {
        let interval = wilson(8.0, 10).unwrap();
        assert!(
            (interval.low - 0.490_162_471_5).abs() < 1e-9 && (interval.high - 0.943_317_848_5).abs() < 1e-9
        );
    }
}
