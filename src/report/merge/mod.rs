//! Reports of shards become one report: equal to the report of one run, apart from times, calls and
//! the amount spent.

mod refusal;
mod sums;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::sentence::{Evaluation, overall_sentence, prompt_sentence};
use super::{Part, PartPrompt, PromptReport, Report};
use crate::config::OnInconclusive;
use crate::verdict::{Reason, Verdict, exit_status};

pub use refusal::Refusal;

/// A report and the name of its file.
pub type Named = (String, Report);

/// Merges the reports of a plan's shards, in any order. A shard without a report makes the whole
/// NOT MEASURED, unless another shard found a regression; its prompts are listed.
///
/// # Errors
/// When the reports are not shards of one plan, one shard each.
pub fn merge(reports: Vec<Named>) -> Result<Report, Refusal> {
    let first = reports.first().ok_or(Refusal::Nothing)?;
    let plan = part(first)?;
    let mut shards: BTreeMap<usize, &Named> = BTreeMap::new();
    for named in &reports {
        let part = part(named)?;
        // The plan's fingerprint would differ, too, and is less informative.
        refusal::same_circumstances(first, named)?;
        refusal::same_plan((&first.0, plan), (&named.0, part))?;
        refusal::whole((&named.0, &named.1), part)?;
        if let Some((other, _)) = shards.insert(part.shard.index(), named) {
            let (first, second) = (other.clone(), named.0.clone());
            return Err(Refusal::Twice { shard: part.shard, first, second });
        }
    }
    let shards = shards.into_iter().map(|(index, (_, report))| (index, report)).collect();
    Ok(whole(plan, &shards))
}

fn part((file, report): &Named) -> Result<&Part, Refusal> {
    report.part.as_deref().ok_or_else(|| Refusal::NoShard { file: file.clone() })
}

/// The report of the whole plan, from those of its shards by number.
fn whole(plan: &Part, shards: &BTreeMap<usize, &Report>) -> Report {
    let count = plan.shard.count();
    let missing: Vec<usize> = (1..=count).filter(|index| !shards.contains_key(index)).collect();
    let prompts: Vec<PromptReport> = plan
        .prompts
        .iter()
        .map(|prompt| found(prompt, shards).unwrap_or_else(|| unmeasured(prompt, plan)))
        .collect();
    let mut verdicts: Vec<Verdict> = prompts.iter().map(|prompt| prompt.verdict).collect();
    if !missing.is_empty() {
        verdicts.push(Verdict::NotMeasured);
    }
    // The values that are equal in all shards, because the plan's fingerprint is.
    let any = shards.values().next().copied().expect("a merge has at least one report");
    let mut report = Report {
        exit_code: exit_status(&verdicts, any.enforced, plan.on_inconclusive == OnInconclusive::Fail),
        verdict: verdicts.into_iter().max().unwrap_or(Verdict::Ok),
        prompts,
        spend: sums::spend(shards.values().copied()),
        cost: sums::cost(shards.values().copied()),
        warnings: sums::warnings(shards.values().copied()),
        wall_ms: shards.values().map(|report| report.wall_ms).max().unwrap_or(0),
        part: None,
        ..any.clone()
    };
    report.sentence = overall_sentence(&report);
    if !missing.is_empty() {
        report.sentence = format!("{} {}", missed(&missing, count), report.sentence);
    }
    report
}

/// A prompt's report, from the shard it belongs to.
fn found(prompt: &PartPrompt, shards: &BTreeMap<usize, &Report>) -> Option<PromptReport> {
    let report = shards.get(&prompt.shard)?;
    report.prompts.iter().find(|found| found.head.id == prompt.head.id).cloned()
}

/// The report of a prompt whose shard has no report.
fn unmeasured(prompt: &PartPrompt, plan: &Part) -> PromptReport {
    let mut report = PromptReport {
        n: prompt.head.cases.compare.len(),
        reason: Reason::ShardMissing,
        notes: vec![missed(&[prompt.shard], plan.shard.count())],
        ..PromptReport::unmeasured(prompt.head.clone())
    };
    report.sentence = prompt_sentence(&report, &Evaluation::default());
    report
}

/// `Shards 3 and 5 of 8 left no report: …`.
fn missed(missing: &[usize], count: usize) -> String {
    let numbers: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let noun = if missing.len() == 1 { "Shard" } else { "Shards" };
    let it = if missing.len() == 1 { "it" } else { "them" };
    format!(
        "{noun} {} of {count} left no report: run {it} again, then merge all {count}.",
        super::wording::listed(&numbers)
    )
}
