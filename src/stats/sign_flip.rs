//! The exact one-sided sign-flip test: is the mean of paired differences negative?

use super::binomial::sign_test_tail;

/// Finest grid: differences are rounded to 1/1000.
pub const FINEST_GRID: u32 = 1000;

/// Grids tried in turn until the convolution fits into [`WORK_LIMIT`].
const GRIDS: [u32; 9] = [FINEST_GRID, 500, 200, 100, 50, 20, 10, 5, 2];

/// Most additions spent on one p-value. Differences within [-1, 1] keep the finest grid up to
/// 316 non-zero ones; beyond that the grid may be coarsened, and [`SignFlip::grid`] says so.
const WORK_LIMIT: u64 = 100_000_000;

/// A p-value and the grid on which it is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignFlip {
    /// One-sided p-value.
    pub p: f64,
    /// Steps per unit to which the differences were rounded.
    pub grid: u32,
}

impl SignFlip {
    /// Whether the differences were too many for the finest grid.
    pub fn is_coarsened(&self) -> bool {
        self.grid != FINEST_GRID
    }
}

/// P-value of "the mean of `differences` is negative" under random flips of each sign.
///
/// Differences all of one size make it the sign test (exact McNemar); otherwise the distribution
/// of the sum is convolved on the grid. Pass the negated differences to test the other direction.
pub fn sign_flip(differences: &[f64]) -> SignFlip {
    let mut coarsest = SignFlip { p: 1.0, grid: FINEST_GRID };
    for grid in GRIDS {
        let steps: Vec<i64> =
            differences.iter().map(|d| (d * f64::from(grid)).round() as i64).filter(|q| *q != 0).collect();
        coarsest.grid = grid;
        if let Some(p) = exact(&steps) {
            return SignFlip { p, grid };
        }
    }
    // Only reachable with millions of differences: the sign alone is left, a cruder exact test.
    let negative = differences.iter().filter(|d| **d < 0.0).count();
    let moved = differences.iter().filter(|d| **d != 0.0).count();
    coarsest.p = sign_test_tail(negative, moved);
    coarsest
}

/// The p-value, or `None` if the convolution would exceed the work limit.
fn exact(steps: &[i64]) -> Option<f64> {
    let Some(first) = steps.first() else {
        return Some(1.0);
    };
    if steps.iter().all(|q| q.abs() == first.abs()) {
        let negative = steps.iter().filter(|q| **q < 0).count();
        return Some(sign_test_tail(negative, steps.len()));
    }
    let divisor = steps.iter().fold(0, |g, q| gcd(g, q.unsigned_abs()));
    let sizes: Vec<usize> = steps.iter().map(|q| (q.unsigned_abs() / divisor) as usize).collect();
    let total: usize = sizes.iter().sum();
    if (total as u64).saturating_mul(sizes.len() as u64) > WORK_LIMIT {
        return None;
    }
    let negative: usize = steps.iter().zip(&sizes).filter(|(q, _)| **q < 0).map(|(_, size)| size).sum();
    Some(subset_tail(&sizes, total, negative))
}

/// Probability that a random subset of `sizes` sums to at least `threshold`: the flipped sum
/// `sum(+-q)` equals twice the subset sum minus the total, so half the cells suffice.
fn subset_tail(sizes: &[usize], total: usize, threshold: usize) -> f64 {
    let mut mass = vec![0.0; total + 1];
    mass[0] = 1.0;
    let mut reach = 0;
    for size in sizes {
        reach += size;
        for s in (0..=reach).rev() {
            let flipped = if s >= *size { mass[s - size] } else { 0.0 };
            mass[s] = 0.5 * (mass[s] + flipped);
        }
    }
    mass[threshold..].iter().sum::<f64>().min(1.0)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All 2^m sign patterns.
    fn enumerate(differences: &[f64]) -> f64 {
        let q: Vec<i64> = differences.iter().map(|d| (d * 1000.0).round() as i64).collect();
        let observed: i64 = q.iter().sum();
        let patterns = 1u32 << q.len();
        let extreme = (0..patterns)
            .filter(|signs| {
                let sum: i64 = q
                    .iter()
                    .enumerate()
                    .map(|(i, v)| if signs >> i & 1 == 1 { v.abs() } else { -v.abs() })
                    .sum();
                sum <= observed
            })
            .count();
        extreme as f64 / f64::from(patterns)
    }

    proptest! {
        #[test]
        fn equals_enumeration_of_all_sign_patterns(
            d in proptest::collection::vec((-20i32..=20).prop_map(|v| f64::from(v) / 20.0), 0..11)
        ) {
            prop_assert!((sign_flip(&d).p - enumerate(&d)).abs() < 1e-12);
        }

        #[test]
        fn the_two_directions_overlap_in_the_observed_value(
            d in proptest::collection::vec(-1.0f64..1.0, 1..30)
        ) {
            let opposite: Vec<f64> = d.iter().map(|x| -x).collect();
            prop_assert!(sign_flip(&d).p + sign_flip(&opposite).p >= 1.0 - 1e-9);
        }
    }

    #[test]
    fn stays_exact_on_the_finest_grid_up_to_three_hundred() {
        let d: Vec<f64> = (0..300).map(|i| ((i * 37 % 200) as f64 - 103.0) / 100.0).collect();
        assert!(!sign_flip(&d).is_coarsened());
    }

    #[test]
    fn coarsens_a_huge_set_and_says_so() {
        let d: Vec<f64> = (0..3000).map(|i| ((i * 37 % 2000) as f64 - 1003.5) / 1000.0).collect();
        let result = sign_flip(&d);
        assert!(result.is_coarsened());
        assert!((0.0..=1.0).contains(&result.p));
    }
}
