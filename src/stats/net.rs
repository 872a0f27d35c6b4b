//! The net change over confirmed cases: how many more are fixed than broken, with an interval.

use super::{Interval, Z_TWO_SIDED_95};

/// Passes of one case in its fresh pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreshPasses {
    /// The baseline's.
    pub baseline: (u32, u32),
    /// The candidate's.
    pub candidate: (u32, u32),
}

/// A net change, in cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetChange {
    /// Cases gained; negative: lost.
    pub estimate: f64,
    /// 95 % interval.
    pub ci95: Interval,
}

/// The sum over cases of the change of the pass rate. One pass and one failure are added to each side of each
/// case (Agresti and Caffo 2000), so that a few equal answers are not taken for certainty.
pub fn net_change(cases: &[FreshPasses]) -> NetChange {
    let (mut estimate, mut variance) = (0.0, 0.0);
    for case in cases {
        for ((passed, of), sign) in [(case.candidate, 1.0), (case.baseline, -1.0)] {
            let (n, rate) = (f64::from(of) + 2.0, (f64::from(passed) + 1.0) / (f64::from(of) + 2.0));
            estimate += sign * rate;
            variance += rate * (1.0 - rate) / n;
        }
    }
    let most = cases.len() as f64;
    let reach = Z_TWO_SIDED_95 * variance.sqrt();
    let ci95 = Interval { low: (estimate - reach).max(-most), high: (estimate + reach).min(most) };
    NetChange { estimate, ci95 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_and_fixes_cancel_and_more_pairs_narrow_the_interval() {
        let broken = |n| FreshPasses { baseline: (n, n), candidate: (0, n) };
        let fixed = |n| FreshPasses { baseline: (0, n), candidate: (n, n) };
        let trade = net_change(&[broken(5), fixed(5)]);
        assert!(trade.estimate.abs() < 1e-12 && trade.ci95.low < 0.0 && trade.ci95.high > 0.0);
        let (few, many) = (net_change(&[fixed(2)]), net_change(&[fixed(12)]));
        assert!(few.estimate > 0.0 && few.estimate < many.estimate && many.estimate < 1.0);
        assert!(many.ci95.low > few.ci95.low && many.ci95.high <= 1.0);
        assert_eq!(net_change(&[]).estimate, 0.0);
    }
}
