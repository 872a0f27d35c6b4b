//! What is known of the true rate behind a judge's, given how often it errs. For information, never for a verdict.

use super::agreement::Rate;
use super::{Interval, Z_TWO_SIDED_95};

/// An estimate with its standard error and 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corrected {
    /// The estimate; it may lie outside 0 to 1 where the judge hardly tells good from bad.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Estimate and 1.96 standard errors.
    pub ci95: Interval,
}

impl Corrected {
    fn new(estimate: f64, variance: f64) -> Self {
        let se = variance.max(0.0).sqrt();
        let half = Z_TWO_SIDED_95 * se;
        Self { estimate, se, ci95: Interval { low: estimate - half, high: estimate + half } }
    }
}

/// A verdict on an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Whether it passes, without doubt: no judge was asked.
    Exact(bool),
    /// Whether a judge passes it.
    Judged(bool),
}

impl Seen {
    /// The verdict.
    pub fn passed(self) -> bool {
        match self {
            Self::Exact(passed) | Self::Judged(passed) => passed,
        }
    }
}

/// The true mean of paired differences (second minus first) behind those that a judge saw, where other verdicts are
/// exact: each verdict of the judge is replaced by its expectation (Rogan and Gladen 1978). The interval has the spread
/// of the cases and, by the delta method, that of both rates, each with one success and one failure more than were seen,
/// so that few of a kind never look certain. Where a judge saw all, the estimate is the observed difference over
/// Youden's index. `None` if the judge is no better than chance, or with fewer than two pairs.
pub fn corrected_difference(
    pairs: &[(Seen, Seen)],
    sensitivity: Rate,
    specificity: Rate,
) -> Option<Corrected> {
    let (q1, q0) = (sensitivity.value, specificity.value);
    let youden = q1 + q0 - 1.0;
    if youden <= 0.0 || pairs.len() < 2 {
        return None;
    }
    // The value, and how it changes with each rate.
    let expected = |seen: Seen| -> [f64; 3] {
        let observed = f64::from(u8::from(seen.passed()));
        match seen {
            Seen::Exact(_) => [observed, 0.0, 0.0],
            Seen::Judged(_) => {
                let value = (observed + q0 - 1.0) / youden;
                [value, -value / youden, (1.0 - value) / youden]
            }
        }
    };
    let differences: Vec<[f64; 3]> = pairs
        .iter()
        .map(|(first, second)| {
            let (first, second) = (expected(*first), expected(*second));
            std::array::from_fn(|part| second[part] - first[part])
        })
        .collect();
    let part = |part: usize| differences.iter().map(|difference| difference[part]).collect::<Vec<f64>>();
    let [values, by_q1, by_q0] = [0, 1, 2].map(part);
    let binomial = |rate: Rate| {
        let of = rate.of as f64 + 2.0;
        let smoothed = (rate.value * rate.of as f64 + 1.0) / of;
        smoothed * (1.0 - smoothed) / of
    };
    let of_rates =
        mean(&by_q1).powi(2) * binomial(sensitivity) + mean(&by_q0).powi(2) * binomial(specificity);
    let is_exact = |seen: Seen| matches!(seen, Seen::Exact(_));
    let one = if pairs.iter().all(|(a, b)| is_exact(*a) && is_exact(*b)) { 1.0 } else { 1.0 / youden };
    let smoothed = [values.as_slice(), &[one, -one]].concat();
    Some(Corrected::new(mean(&values), variance(&smoothed) / smoothed.len() as f64 + of_rates))
}

/// The mean paired difference by prediction-powered inference (Angelopoulos and others 2023, with their tuned lambda):
/// the judge's differences of all cases, corrected by the cases that people labelled on both sides, which `labelled`
/// gives as index and difference. Without two cases more than these it is their mean. `None` with fewer than two
/// labelled cases.
pub fn powered_difference(judge: &[f64], labelled: &[(usize, f64)]) -> Option<Corrected> {
    let is_labelled = |index: usize| labelled.iter().any(|(other, _)| *other == index);
    let unlabelled: Vec<f64> =
        judge.iter().enumerate().filter(|(index, _)| !is_labelled(*index)).map(|(_, d)| *d).collect();
    let pairs: Vec<(f64, f64)> =
        labelled.iter().filter_map(|(index, human)| Some((*human, *judge.get(*index)?))).collect();
    if pairs.len() < 2 {
        return None;
    }
    let (n, rest) = (pairs.len() as f64, unlabelled.len() as f64);
    let humans: Vec<f64> = pairs.iter().map(|(human, _)| *human).collect();
    if unlabelled.len() < 2 {
        return Some(Corrected::new(mean(&humans), variance(&humans) / n));
    }
    let judged: Vec<f64> = pairs.iter().map(|(_, judge)| *judge).collect();
    let spread = variance(judge);
    let lambda = if spread > 0.0 { covariance(&humans, &judged) / ((1.0 + n / rest) * spread) } else { 0.0 };
    let residuals: Vec<f64> = pairs.iter().map(|(human, judge)| human - lambda * judge).collect();
    let estimate = lambda * mean(&unlabelled) + mean(&residuals);
    Some(Corrected::new(estimate, lambda * lambda * variance(&unlabelled) / rest + variance(&residuals) / n))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    covariance(values, values)
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() as f64 - 1.0)
}
