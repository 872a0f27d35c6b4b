//! The one sentence that explains a verdict, built from its numbers (docs/statistics.md).
//!
//! Names stand between backticks (see [`quoted`]); the bound is always said of evaluations, and
//! "no regression found" never becomes "proved equal".

mod absolute;
mod compared;

use super::untrusted::quoted;
use super::wording::{count, fraction, listed};
use super::{PromptReport, Report};
use crate::trial::StopCause;
use crate::verdict::Verdict;

pub use compared::ruled_out;

/// The stable reasons of [`PromptReport::reason`].
pub mod reason {
    /// The purse reached the limit by confirmed breaks.
    pub const CONFIRMED_BREAKS: &str = "confirmed_breaks";
    /// The purse reached the limit by fresh pairs, or the screening test blocked.
    pub const OVERALL_DROP: &str = "overall_drop";
    /// Cases fail as they stand and pass with neutral white space.
    pub const PASSES_ONLY_WHEN_VARIED: &str = "passes_only_when_varied";
    /// A must-pass case failed.
    pub const MUST_PASS: &str = "must_pass";
    /// The mean score's upper bound lies below the floor.
    pub const BELOW_FLOOR: &str = "below_floor";
    /// Nothing was found.
    pub const NO_REGRESSION_FOUND: &str = "no_regression_found";
    /// Significantly better at screening.
    pub const SCREEN_SIGN_TEST: &str = "screen_sign_test";
    /// Fresh pairs did not repeat the drop.
    pub const OVERALL_DROP_NOT_REPRODUCED: &str = "overall_drop_not_reproduced";
    /// Fresh pairs neither confirmed nor dismissed the drop.
    pub const OVERALL_DROP_UNRESOLVED: &str = "overall_drop_unresolved";
    /// Suspects neither confirmed nor cleared.
    pub const SUSPECTS_UNRESOLVED: &str = "suspects_unresolved";
    /// Too many cases lost to failed calls.
    pub const LOST_CALLS: &str = "lost_calls";
    /// The judge's answers could not be read.
    pub const JUDGE_UNREADABLE: &str = "judge_unreadable";
    /// The budget ended the run.
    pub const BUDGET: &str = "budget";
    /// A person or the host ended the run.
    pub const INTERRUPTED: &str = "interrupted";
    /// No call can succeed.
    pub const FATAL: &str = "fatal";
    /// No baseline; the floor held.
    pub const FLOOR_PASSED: &str = "floor_passed";
    /// No golden set.
    pub const NOT_COVERED: &str = "not_covered";
    /// The text changed, and no golden case renders differently.
    pub const NOT_EXERCISED: &str = "not_exercised";
    /// The change removes the golden set of an existing prompt.
    pub const GOLDEN_SET_REMOVED: &str = "golden_set_removed";
    /// The prompt is gone.
    pub const PROMPT_REMOVED: &str = "prompt_removed";
    /// Only the key changed.
    pub const RENAMED: &str = "renamed";
    /// Requests are equal; only what is asked of the answers changed.
    pub const RESCORED: &str = "rescored";
    /// The shard it belongs to left no report.
    pub const SHARD_MISSING: &str = "shard_missing";
}

/// What a sentence needs to know beyond the prompt's own numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// False-block budget, over all prompts of the evaluation.
    pub alpha: f64,
    /// Prompts compared in it (K).
    pub prompts: usize,
    /// What ended the run early.
    pub stop: Option<StopCause>,
    /// Whether answers outlive the run.
    pub keeps_answers: bool,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self { alpha: 0.05, prompts: 1, stop: None, keeps_answers: true }
    }
}

/// Names listed in a sentence at most.
const NAMES: usize = 5;

/// Explains a prompt's verdict; [`PromptReport::sentence`] itself is not read.
pub fn prompt_sentence(prompt: &PromptReport, evaluation: &Evaluation) -> String {
    match prompt.reason.as_str() {
        reason::CONFIRMED_BREAKS => compared::confirmed_breaks(prompt, evaluation),
        reason::OVERALL_DROP => compared::overall_drop(prompt, evaluation),
        reason::PASSES_ONLY_WHEN_VARIED => compared::passes_only_when_varied(prompt, evaluation),
        reason::MUST_PASS => absolute::must_pass(prompt),
        reason::BELOW_FLOOR => absolute::below_floor(prompt),
        reason::NO_REGRESSION_FOUND => compared::no_regression_found(prompt, evaluation),
        reason::SCREEN_SIGN_TEST => compared::improved(prompt),
        reason::OVERALL_DROP_NOT_REPRODUCED => compared::drop_not_reproduced(prompt),
        reason::OVERALL_DROP_UNRESOLVED => compared::drop_unresolved(prompt),
        reason::SUSPECTS_UNRESOLVED => compared::suspects_unresolved(prompt),
        reason::LOST_CALLS => absolute::lost_calls(prompt),
        reason::JUDGE_UNREADABLE => absolute::judge_unreadable(prompt),
        reason::BUDGET | reason::INTERRUPTED | reason::FATAL => absolute::stopped(prompt, evaluation),
        reason::FLOOR_PASSED => absolute::floor_passed(prompt),
        reason::RESCORED => absolute::rescored(prompt),
        _ => absolute::nothing_compared(prompt),
    }
}

/// Explains the verdict over all prompts from theirs.
pub fn overall_sentence(report: &Report) -> String {
    let Some(part) = &report.part else { return of_prompts(report) };
    let (index, count) = (part.shard.index(), part.shard.count());
    let all = super::wording::count(part.prompts.len(), "affected prompt");
    match report.prompts.len() {
        0 if !part.prompts.is_empty() => {
            format!("Shard {index} of {count}: none of {all} falls to it; nothing was evaluated.")
        }
        n => format!("Shard {index} of {count}, with {n} of {all}: {}", of_prompts(report)),
    }
}

fn of_prompts(report: &Report) -> String {
    match report.prompts.as_slice() {
        [] => format!(
            "No prompt is affected by this change ({} unaffected); nothing was evaluated.",
            report.unaffected
        ),
        [only] => only.sentence.clone(),
        several => over_several(report.verdict, several),
    }
}

fn over_several(verdict: Verdict, prompts: &[PromptReport]) -> String {
    let concerned: Vec<&PromptReport> = prompts.iter().filter(|p| p.verdict == verdict).collect();
    let all = count(prompts.len(), "affected prompt");
    let ids = named(concerned.iter().map(|p| p.id.as_str()));
    let n = concerned.len();
    let lead = match verdict {
        Verdict::Ok | Verdict::Improved => {
            let uncovered = prompts.iter().filter(|p| !p.covered).count();
            let evaluated = match uncovered {
                0 => all,
                _ => {
                    format!("{} of {all}; {uncovered} not covered by a golden set", prompts.len() - uncovered)
                }
            };
            let improved =
                if verdict == Verdict::Improved { format!("; improved: {ids}") } else { String::new() };
            return format!("No regression found in {evaluated}{improved}.");
        }
        Verdict::Regression => format!("{n} of {all} fail{} the gate: {ids}.", if n == 1 { "s" } else { "" }),
        Verdict::Inconclusive => {
            format!("{n} of {all} {} undecided: {ids}.", if n == 1 { "is" } else { "are" })
        }
        Verdict::NotMeasured => format!("{n} of {all} could not be measured: {ids}."),
    };
    let others = rest(verdict, prompts);
    if others.is_empty() { lead } else { format!("{lead} The rest: {others}.") }
}

/// `1 NOT MEASURED (`a`), 1 IMPROVED, 2 OK, 1 not covered` of the prompts with another verdict.
fn rest(verdict: Verdict, prompts: &[PromptReport]) -> String {
    let words = |p: &PromptReport| if p.covered { p.verdict.words() } else { "not covered" };
    let order = ["REGRESSION", "NOT MEASURED", "INCONCLUSIVE", "IMPROVED", "OK", "not covered"];
    order
        .into_iter()
        .map(|word| (prompts.iter().filter(|p| p.verdict != verdict && words(p) == word).collect(), word))
        .filter(|(such, _): &(Vec<&PromptReport>, _)| !such.is_empty())
        .map(|(such, word)| match word {
            "NOT MEASURED" => {
                format!("{} {word} ({})", such.len(), named(such.iter().map(|p| p.id.as_str())))
            }
            _ => format!("{} {word}", such.len()),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// `93 -> 92 of 100`, with whatever is known.
fn moved(p: &PromptReport) -> String {
    match (p.baseline, p.candidate) {
        (Some(b), Some(c)) if b.of == c.of => format!("{} -> {} of {} pass", b.passed, c.passed, c.of),
        (Some(b), Some(c)) => format!("{} -> {} pass", fraction(b), fraction(c)),
        (None, Some(c)) => format!("{} of {} pass", c.passed, c.of),
        _ => "nothing was screened".to_owned(),
    }
}

fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = ids.map(quoted).collect();
    if all.len() <= NAMES {
        return listed(&all);
    }
    format!("{} and {} more", all[..NAMES].join(", "), all.len() - NAMES)
}

/// Whether scores lie between fail and pass: some answer's does, or the mean score moved by
/// something else than the passes.
fn graded(p: &PromptReport) -> bool {
    let groups = [&p.broken, &p.fixed, &p.flaky, &p.drifting, &p.unresolved];
    let between = groups
        .into_iter()
        .flatten()
        .flat_map(|case| [&case.baseline, &case.candidate])
        .flatten()
        .any(|answer| answer.score.is_some_and(|score| score > 0.0 && score < 1.0));
    let by_passes = match (p.baseline, p.candidate) {
        (Some(b), Some(c)) if b.of == c.of && c.of > 0 => {
            Some((c.passed as f64 - b.passed as f64) / c.of as f64)
        }
        _ => None,
    };
    let elsewhere = match (&p.difference, by_passes) {
        (Some(found), Some(passes)) => (found.estimate - passes).abs() > 1e-6,
        _ => false,
    };
    between || elsewhere
}

#[cfg(test)]
mod tests;
