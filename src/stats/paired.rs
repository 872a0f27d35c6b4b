//! Intervals for the difference between two sides measured on the same cases.

use super::beta::student_quantile;
use super::{Interval, Z_ONE_SIDED_95, Z_TWO_SIDED_95};

/// A paired difference (candidate minus baseline) with what the data leave possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// The plain difference of the two means.
    pub estimate: f64,
    /// Centre of the interval; shrunk towards zero for Bonett-Price, the estimate itself for t.
    pub centre: f64,
    /// Standard error of the centre.
    pub standard_error: f64,
    /// Two-sided 95 % interval.
    pub ci95: Interval,
    /// One-sided 95 % lower bound: a drop deeper than this is ruled out.
    pub lower95: f64,
}

/// Bonett and Price's adjusted Wald interval (2012) for pass/fail pairs: `broke` passed with the
/// baseline only, `fixed` with the candidate only, of `n` pairs. `None` without pairs.
pub fn bonett_price(broke: usize, fixed: usize, n: usize) -> Option<PairedDifference> {
    if n == 0 {
        return None;
    }
    let size = n as f64 + 2.0;
    let up = (fixed as f64 + 1.0) / size;
    let down = (broke as f64 + 1.0) / size;
    let centre = up - down;
    let standard_error = ((up + down - centre * centre) / size).sqrt();
    Some(PairedDifference {
        estimate: (fixed as f64 - broke as f64) / n as f64,
        centre,
        standard_error,
        ci95: Interval {
            low: (centre - Z_TWO_SIDED_95 * standard_error).max(-1.0),
            high: (centre + Z_TWO_SIDED_95 * standard_error).min(1.0),
        },
        lower95: (centre - Z_ONE_SIDED_95 * standard_error).max(-1.0),
    })
}

/// Student's paired interval for graded scores, clamped to [-1, 1]. Below about 20 pairs it covers
/// too little; the caller decides. `None` for fewer than two pairs or when nothing varies.
pub fn paired_t(differences: &[f64]) -> Option<PairedDifference> {
    let (mean, standard_error, df) = moments(differences)?;
    let half = student_quantile(0.05, df) * standard_error;
    Some(PairedDifference {
        estimate: mean,
        centre: mean,
        standard_error,
        ci95: Interval { low: (mean - half).max(-1.0), high: (mean + half).min(1.0) },
        lower95: (mean - student_quantile(0.10, df) * standard_error).max(-1.0),
    })
}

/// Mean, its standard error, degrees of freedom.
fn moments(values: &[f64]) -> Option<(f64, f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let standard_error = (squares / (n - 1.0) / n).sqrt();
    (standard_error > 1e-12).then_some((mean, standard_error, n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_data_gives_no_interval() {
        assert_eq!(bonett_price(0, 0, 0), None);
        assert_eq!(paired_t(&[0.1]), None);
        assert_eq!(paired_t(&[-0.2; 30]), None);
    }

    #[test]
    fn a_ruled_out_drop_is_nearer_than_the_two_sided_end() {
        let d = bonett_price(3, 1, 100).unwrap();
        assert!(d.ci95.low < d.lower95 && d.lower95 < d.estimate);
        let t = paired_t(&[-0.1, 0.0, 0.05, -0.2, 0.1]).unwrap();
        assert!(t.ci95.low < t.lower95 && t.lower95 < t.estimate);
    }

    #[test]
    fn the_standard_error_is_that_of_the_mean() {
        let t = paired_t(&[-0.1, 0.0, 0.05, -0.2, 0.1]).unwrap();
        assert!((t.estimate + 0.03).abs() < 1e-12 && (t.standard_error - 0.053_851_648_071).abs() < 1e-9);
        // 2.776 445 105 is Student's quantile for four degrees of freedom.
        assert!((t.ci95.high - (-0.03 + 2.776_445_105 * t.standard_error)).abs() < 1e-8);
    }
}
