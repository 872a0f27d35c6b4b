//! Reports of shards become one report: equal to the report of one run, apart from times, calls and
//! the amount spent.

mod missing;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::sentence::{Evaluation, overall_sentence, prompt_sentence};
use super::{Cost, Guarantee, Part, PartPrompt, PromptReport, Report, SpendLine, SpendReport};
use crate::config::VerdictEffect;
use crate::price::Money;
use crate::seal::Seals;
use crate::trial::{Lane, Phase, Side};
use crate::verdict::{ExitPolicy, Reason, Verdict};

use missing::Missing;
use refusal::Files;
pub use refusal::Refusal;

/// A report and the name of its file.
#[derive(Clone, Debug)]
pub struct Named {
    /// The file.
    pub file: String,
    /// What it holds.
    pub report: Report,
}

impl Named {
    /// A report of this file.
    pub fn new(file: impl Into<String>, report: Report) -> Self {
        Self { file: file.into(), report }
    }
}

/// Merges the reports of a plan's shards, in any order. A shard without a report makes the whole
/// NOT MEASURED, unless another shard found a regression; its prompts are listed. A report that the
/// seals do not accept counts as missing: not even its plan is used.
///
/// # Errors
/// When the reports are not shards of one plan, one shard each, or none of them is admitted.
pub fn merge(reports: Vec<Named>, seals: &Seals) -> Result<Report, Refusal> {
    let (reports, unsealed): (Vec<Named>, Vec<Named>) =
        reports.into_iter().partition(|named| named.report.is_admitted(seals));
    let first = match (reports.first(), unsealed.first()) {
        (Some(first), _) => first,
        (None, Some(Named { file, .. })) => {
            return Err(Refusal::Unsealed { file: file.clone(), others: unsealed.len() - 1 });
        }
        (None, None) => return Err(Refusal::Nothing),
    };
    let plan = part(first)?;
    let mut shards: BTreeMap<usize, &Named> = BTreeMap::new();
    for named in &reports {
        let part = part(named)?;
        // The plan's fingerprint would differ, too, and is less informative.
        refusal::same_circumstances(first, named)?;
        let files = Files { first: &first.file, second: &named.file };
        refusal::same_plan(files, plan, part)?;
        refusal::whole(named, part)?;
        if let Some(other) = shards.insert(part.shard.index(), named) {
            let (first, second) = (other.file.clone(), named.file.clone());
            return Err(Refusal::Twice { shard: part.shard, first, second });
        }
    }
    let shards: BTreeMap<usize, &Report> =
        shards.into_iter().map(|(index, named)| (index, &named.report)).collect();
    let missing = Missing::of(plan.shard.count(), &shards, &unsealed);
    let mut report = whole(plan, &shards, &missing);
    report.warnings.extend(seals.said());
    Ok(report)
}

fn part(named: &Named) -> Result<&Part, Refusal> {
    named.report.part.as_deref().ok_or_else(|| Refusal::NoShard { file: named.file.clone() })
}

/// The report of the whole plan, from those of its shards by number.
fn whole(plan: &Part, shards: &BTreeMap<usize, &Report>, missing: &Missing) -> Report {
    let prompts: Vec<PromptReport> = plan
        .prompts
        .iter()
        .map(|prompt| found(prompt, shards).unwrap_or_else(|| unmeasured(prompt, missing)))
        .collect();
    let mut results: Vec<(Verdict, Reason)> =
        prompts.iter().map(|prompt| (prompt.verdict, prompt.reason)).collect();
    if !missing.is_empty() {
        results.push((Verdict::NotMeasured, Reason::ShardMissing));
    }
    // The values that are equal in all shards, because the plan's fingerprint is.
    let any = shards.values().next().copied().expect("a merge has at least one report");
    let policy = ExitPolicy {
        enforced: any.enforced,
        inconclusive_fails: plan.on_inconclusive == VerdictEffect::Fail,
        mixed_fails: plan.on_mixed == VerdictEffect::Fail,
    };
    let mut report = Report {
        exit_code: policy.exit_status(&results),
        verdict: results.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::Ok),
        prompts,
        spend: spend(shards.values().copied()),
        cost: cost(shards.values().copied()),
        warnings: warnings(shards.values().copied()),
        wall_ms: shards.values().map(|report| report.wall_ms).max().unwrap_or(0),
        part: None,
        // A shard without a compared prompt does not know the others.
        guarantee: Guarantee {
            prompts: shards.values().map(|report| report.guarantee.prompts).max().unwrap_or(1),
            ..any.guarantee
        },
        ..any.clone()
    };
    report.sentence = overall_sentence(&report);
    if !missing.is_empty() {
        report.sentence = format!("{} {}", missing.told(), report.sentence);
    }
    report
}

/// A prompt's report, from the shard it belongs to.
fn found(prompt: &PartPrompt, shards: &BTreeMap<usize, &Report>) -> Option<PromptReport> {
    let report = shards.get(&prompt.shard)?;
    report.prompts.iter().find(|found| found.head.id == prompt.head.id).cloned()
}

/// The report of a prompt whose shard has no report.
fn unmeasured(prompt: &PartPrompt, missing: &Missing) -> PromptReport {
    let mut report = PromptReport {
        n: prompt.head.cases.compare.len(),
        reason: Reason::ShardMissing,
        notes: vec![missing.only(prompt.shard).told()],
        ..PromptReport::unmeasured(prompt.head.clone())
    };
    report.sentence = prompt_sentence(&report, &Evaluation::default());
    report
}

/// Calls of all reports.
fn spend<'a>(reports: impl Iterator<Item = &'a Report>) -> SpendReport {
    let mut sum = SpendReport::default();
    for report in reports {
        let SpendReport { calls, paid_calls, retries, input_tokens, output_tokens, lines } = &report.spend;
        sum.calls = sum.calls + *calls;
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
fn cost<'a>(reports: impl Iterator<Item = &'a Report>) -> Cost {
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
fn warnings<'a>(reports: impl Iterator<Item = &'a Report>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    reports.flat_map(|report| &report.warnings).filter(|warning| seen.insert(*warning)).cloned().collect()
}
