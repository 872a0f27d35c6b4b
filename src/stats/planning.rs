//! What a golden set of a given size can see.

use super::Z_ONE_SIDED_95;
use super::normal::cdf;

/// 80 % quantile of the standard normal distribution.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// Cases, and the smallest uniform drop caught 80 % of the time (statistics.md section 7,
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

/// Power of the one-sided 5 % McNemar test (Connor 1987) with `n` pairs, a true drop `drop` and a
/// share `discordant` of pairs that differ. `None` unless `0 < drop <= discordant <= 1`.
pub fn mcnemar_power(n: usize, drop: f64, discordant: f64) -> Option<f64> {
    let spread = spread(drop, discordant)?;
    Some(cdf((drop * (n as f64).sqrt() - Z_ONE_SIDED_95 * discordant.sqrt()) / spread))
}

/// Pairs at which [`mcnemar_power`] reaches 80 %; round up. `None` as there.
pub fn mcnemar_pairs_for_80(drop: f64, discordant: f64) -> Option<f64> {
    let spread = spread(drop, discordant)?;
    let root = (Z_ONE_SIDED_95 * discordant.sqrt() + Z_80 * spread) / drop;
    Some(root * root)
}

fn spread(drop: f64, discordant: f64) -> Option<f64> {
    let variance = discordant - drop * drop;
    let sensible = drop > 0.0 && drop <= discordant && discordant <= 1.0 && variance > 0.0;
    sensible.then(|| variance.sqrt())
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

    #[test]
    fn impossible_plans_have_no_answer() {
        assert_eq!(mcnemar_power(100, 0.2, 0.1), None);
        assert_eq!(mcnemar_pairs_for_80(0.0, 0.1), None);
    }
}
