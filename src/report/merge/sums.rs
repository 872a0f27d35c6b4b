//! The parts of several reports that are added up: calls, money, tokens, warnings.

use std::collections::BTreeSet;

use crate::price::Money;
use crate::report::{CallCounts, Cost, Report, SpendLine, SpendReport};
use crate::trial::{Lane, Phase, Side};

/// Calls of all reports.
pub(super) fn spend<'a>(reports: impl Iterator<Item = &'a Report>) -> SpendReport {
    let mut sum = SpendReport::default();
    for report in reports {
        let SpendReport { calls, paid_calls, retries, input_tokens, output_tokens, lines } = &report.spend;
        sum.calls = CallCounts {
            baseline: sum.calls.baseline + calls.baseline,
            candidate: sum.calls.candidate + calls.candidate,
            judge: sum.calls.judge + calls.judge,
            cached: sum.calls.cached + calls.cached,
        };
        sum.paid_calls += paid_calls;
        for (class, n) in retries {
            *sum.retries.entry(class.clone()).or_default() += n;
        }
        sum.input_tokens += input_tokens;
        sum.output_tokens += output_tokens;
        // A prompt belongs to one shard, so no two lines are of one kind.
        sum.lines.extend(lines.iter().cloned());
    }
    sum.lines.sort_by(|a, b| key(a).cmp(&key(b)));
    sum
}

/// Money of all reports.
pub(super) fn cost<'a>(reports: impl Iterator<Item = &'a Report>) -> Cost {
    reports.fold(Cost::nothing(), |sum, report| both(&sum, &report.cost))
}

fn key(line: &SpendLine) -> (&str, Side, Lane, &str, Phase) {
    (&line.prompt, line.side, line.lane, &line.model, line.phase)
}

/// Two amounts; unknown if one is. Added in whole picodollars, as one run does.
fn both(one: &Cost, other: &Cost) -> Cost {
    let add = |one: Option<f64>, other: Option<f64>| {
        one.zip(other).map(|(one, other)| (Money::from_usd(one) + Money::from_usd(other)).usd())
    };
    let models: BTreeSet<&String> = one.unknown_models.iter().chain(&other.unknown_models).collect();
    Cost {
        verdict_usd: add(one.verdict_usd, other.verdict_usd),
        spent_usd: add(one.spent_usd, other.spent_usd),
        unknown_models: models.into_iter().cloned().collect(),
        hypothetical: one.hypothetical || other.hypothetical,
    }
}

/// Every warning once, in the order of the shards.
pub(super) fn warnings<'a>(reports: impl Iterator<Item = &'a Report>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    reports.flat_map(|report| &report.warnings).filter(|warning| seen.insert(*warning)).cloned().collect()
}
