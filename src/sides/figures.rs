//! What a side shows by itself: its score with an interval, its price, how long its answers took.

use serde::Serialize;

use crate::report::Measured;
use crate::stats::proportion::wilson;
use crate::stats::quantile::nearest_rank;

/// One side of a prompt, over the cases that all measured sides answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Cases that passed.
    pub passed: usize,
    /// Cases.
    pub of: usize,
    /// Mean score, 0 to 1.
    pub mean: f64,
    /// Its 95 % interval.
    pub ci95: [f64; 2],
    /// US dollars for 1,000 calls like these, judge left out; `None`: the model has no price.
    pub usd_per_1000_calls: Option<f64>,
    /// How long the answers took when they were bought; `None`: not known.
    pub latency_ms: Option<Latency>,
    /// Cases that pass with this side and with no other.
    pub only_passes: Vec<String>,
    /// Cases that fail with this side and with no other.
    pub only_fails: Vec<String>,
}

/// Milliseconds until the whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    /// Half of the answers took no longer.
    pub median: u64,
    /// 95 of 100 answers took no longer.
    pub p95: u64,
}

impl Figures {
    /// Of one side's measurements, all of them scored; `None` without any.
    pub(super) fn of(measured: &[Measured]) -> Option<Self> {
        let scores: Vec<f64> = measured.iter().filter_map(|one| one.score).collect();
        let sum: f64 = scores.iter().sum();
        let interval = wilson(sum, scores.len())?;
        let costs: Option<Vec<f64>> = measured.iter().map(|one| one.cost_usd).collect();
        Some(Self {
            passed: measured.iter().filter(|one| one.passed).count(),
            of: scores.len(),
            mean: sum / scores.len() as f64,
            ci95: [interval.low, interval.high],
            usd_per_1000_calls: costs.map(|costs| 1_000.0 * costs.iter().sum::<f64>() / costs.len() as f64),
            latency_ms: Latency::of(measured.iter().filter_map(|one| one.latency_ms).collect()),
            only_passes: Vec::new(),
            only_fails: Vec::new(),
        })
    }
}

impl Latency {
    /// By nearest rank.
    fn of(mut all: Vec<u64>) -> Option<Self> {
        all.sort_unstable();
        Some(Self { median: nearest_rank(&all, 50)?, p95: nearest_rank(&all, 95)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_sorted_answers() {
        assert_eq!(Latency::of(vec![]), None);
        assert_eq!(Latency::of(vec![7]), Some(Latency { median: 7, p95: 7 }));
        assert_eq!(Latency::of((1..=100).rev().collect()), Some(Latency { median: 50, p95: 95 }));
        assert_eq!(Latency::of(vec![10, 30, 20]), Some(Latency { median: 20, p95: 30 }));
    }

    #[test]
    fn one_answer_without_a_price_leaves_the_price_unknown() {
        let one = |cost_usd| Measured { passed: true, score: Some(0.5), latency_ms: None, cost_usd };
        let known = Figures::of(&[one(Some(0.001)), one(Some(0.003))]).expect("figures");
        assert!((known.usd_per_1000_calls.expect("a price") - 2.0).abs() < 1e-9 && known.mean == 0.5);
        assert_eq!(Figures::of(&[one(Some(0.001)), one(None)]).expect("figures").usd_per_1000_calls, None);
        assert_eq!(Figures::of(&[]), None);
    }
}
