//! Reports of shards become the report of the whole: what one run would have written, apart from
//! times, calls and what was spent.

mod refusal;
mod sums;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::sentence::{Evaluation, overall_sentence, prompt_sentence};
use super::untrusted::quoted;
use super::{Part, PartPrompt, PromptReport, Report};
use crate::config::OnInconclusive;
use crate::seal::Seals;
use crate::verdict::{Reason, Verdict, exit_status};

pub use refusal::Refusal;

/// A report and the name of its file.
pub type Named = (String, Report);

/// Merges the reports of a plan's shards, in any order. A shard without a report makes the whole
/// NOT MEASURED, whatever the others found short of a regression; its prompts are listed. A report that
/// the seals do not admit is none: not even its plan is believed.
///
/// # Errors
/// When the reports are not shards of one plan, one shard each, or none of them is admitted.
pub fn merge(reports: Vec<Named>, seals: &Seals) -> Result<Report, Refusal> {
    let (reports, unsealed): (Vec<Named>, Vec<Named>) =
        reports.into_iter().partition(|(_, report)| report.is_admitted(seals));
    let first = match (reports.first(), unsealed.first()) {
        (Some(first), _) => first,
        (None, Some((file, _))) => {
            return Err(Refusal::Unsealed { file: file.clone(), others: unsealed.len() - 1 });
        }
        (None, None) => return Err(Refusal::Nothing),
    };
    let plan = part(first)?;
    let mut shards: BTreeMap<usize, &Named> = BTreeMap::new();
    for named in &reports {
        let part = part(named)?;
        // The plan's fingerprint would differ, too, and says less.
        refusal::same_circumstances(first, named)?;
        refusal::same_plan((&first.0, plan), (&named.0, part))?;
        refusal::whole((&named.0, &named.1), part)?;
        if let Some((other, _)) = shards.insert(part.shard.index(), named) {
            let (first, second) = (other.clone(), named.0.clone());
            return Err(Refusal::Twice { shard: part.shard, first, second });
        }
    }
    let shards: BTreeMap<usize, &Report> =
        shards.into_iter().map(|(index, (_, report))| (index, report)).collect();
    let mut missing = Missing::of(plan);
    for index in (1..=missing.count).filter(|index| !shards.contains_key(index)) {
        // Its own word for which it is: for a person who looks for it.
        let claims =
            |(_, report): &&Named| report.part.as_ref().is_some_and(|part| part.shard.index() == index);
        let file = unsealed.iter().find(claims).map(|(file, _)| file.clone());
        missing.shards.insert(index, file);
    }
    let mut report = whole(plan, &shards, &missing);
    report.warnings.extend(seals.said());
    Ok(report)
}

/// Shards of which no report counts.
struct Missing {
    /// By number; the file of one that no trusted run sealed.
    shards: BTreeMap<usize, Option<String>>,
    /// Of so many.
    count: usize,
}

impl Missing {
    fn of(plan: &Part) -> Self {
        Self { shards: BTreeMap::new(), count: plan.shard.count() }
    }

    fn only(&self, shard: usize) -> Self {
        let shards = self.shards.get_key_value(&shard).map(|(number, file)| (*number, file.clone()));
        Self { shards: shards.into_iter().collect(), count: self.count }
    }

    /// What to do: `Shards 3 and 5 of 8 left no report: …`.
    fn told(&self) -> String {
        let of = |is_unsealed: bool| {
            let shards = self.shards.iter().filter(move |(_, file)| file.is_some() == is_unsealed);
            shards.map(|(number, _)| number.to_string()).collect::<Vec<_>>()
        };
        let plural = |numbers: &[String]| match numbers.len() {
            1 => ("Shard", "it", "a report"),
            _ => ("Shards", "them", "reports"),
        };
        let (count, mut told) = (self.count, Vec::new());
        let absent = of(false);
        if !absent.is_empty() {
            let (noun, it, _) = plural(&absent);
            let numbers = super::wording::listed(&absent);
            told.push(format!(
                "{noun} {numbers} of {count} left no report: run {it} again, then merge all {count}."
            ));
        }
        let unsealed = of(true);
        if !unsealed.is_empty() {
            let (noun, it, reports) = plural(&unsealed);
            let numbers = super::wording::listed(&unsealed);
            let files: Vec<String> = self.shards.values().flatten().map(|file| quoted(file)).collect();
            told.push(format!(
                "{noun} {numbers} of {count} left {reports} that no run with this store key sealed ({}): nothing of it \
                 counts. Run {it} again on the main tier with the same `store-key`, then merge all {count}.",
                files.join(", ")
            ));
        }
        told.join(" ")
    }
}

fn part((file, report): &Named) -> Result<&Part, Refusal> {
    report.part.as_deref().ok_or_else(|| Refusal::NoShard { file: file.clone() })
}

/// The report of the whole plan, from those of its shards by number.
fn whole(plan: &Part, shards: &BTreeMap<usize, &Report>, missing: &Missing) -> Report {
    let prompts: Vec<PromptReport> = plan
        .prompts
        .iter()
        .map(|prompt| found(prompt, shards).unwrap_or_else(|| unmeasured(prompt, missing)))
        .collect();
    let mut verdicts: Vec<Verdict> = prompts.iter().map(|prompt| prompt.verdict).collect();
    if !missing.shards.is_empty() {
        verdicts.push(Verdict::NotMeasured);
    }
    // What all shards say alike, the plan's fingerprint being the same.
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
    if !missing.shards.is_empty() {
        report.sentence = format!("{} {}", missing.told(), report.sentence);
    }
    report
}

/// A prompt's report, from the shard it belongs to.
fn found(prompt: &PartPrompt, shards: &BTreeMap<usize, &Report>) -> Option<PromptReport> {
    let report = shards.get(&prompt.shard)?;
    report.prompts.iter().find(|found| found.head.id == prompt.head.id).cloned()
}

/// The report of a prompt whose shard left none.
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
