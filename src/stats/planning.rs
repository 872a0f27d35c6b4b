//! What a golden set of a given size can detect.

/// Cases, and the smallest uniform drop caught 80 % of the time (docs/statistics.md,
/// simulated on the "typical" suite).
const CAUGHT: [(f64, f64); 4] = [(30.0, 0.16), (50.0, 0.12), (100.0, 0.086), (200.0, 0.063)];

/// Fewest cases for which [`smallest_drop_caught`] was simulated.
pub const FEWEST_CASES: usize = 30;

/// Smallest uniform drop (0.086 = 8.6 points) that the gate catches 80 % of the time with `n`
/// compared cases; linear between the simulated sizes, which errs on the cautious side. `None`
/// below [`FEWEST_CASES`]; above 200 the figure for 200, an upper bound.
pub fn smallest_drop_caught(n: usize) -> Option<f64> {
    if n < FEWEST_CASES {
        return None;
    }
    let n = n as f64;
    let last = CAUGHT[CAUGHT.len() - 1];
    let inside = CAUGHT.windows(2).find(|w| n <= w[1].0).map(|w| {
        let share = (n - w[0].0) / (w[1].0 - w[0].0);
        w[0].1 + share * (w[1].1 - w[0].1)
    });
    Some(inside.unwrap_or(last.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_simulated_sizes_only() {
        assert_eq!(smallest_drop_caught(29), None);
        assert_eq!(smallest_drop_caught(30), Some(0.16));
        assert!((smallest_drop_caught(40).unwrap() - 0.14).abs() < 1e-12);
        assert!((smallest_drop_caught(100).unwrap() - 0.086).abs() < 1e-12);
        assert_eq!(smallest_drop_caught(5000), Some(0.063));
    }
}
