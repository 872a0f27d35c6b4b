//! What a report says in words, the same in every format: the [`headline()`], the one sentence that says why
//! ([`prompt_sentence`]), what broke ([`causes()`]), and the next step ([`what_to_do`]).
//!
//! Names are between backticks (see [`quoted`]). "No break found" never becomes "proved equal". The certainty behind
//! the words is in `numbers`.

mod absolute;
mod causes;
mod compared;
mod headline;
mod judge;
mod limits;
mod next_step;

use super::untrusted::quoted;
use super::wording::{capitalised, count, fraction, listed};
use super::{PromptReport, Report};
use crate::change::Cause as ChangeCause;
use crate::trial::StopCause;
use crate::verdict::{Reason, Verdict};

pub use causes::{Cause, Shared, causes, concerned, mended};
pub use compared::{confirmed_fixes, weakest};
pub use headline::{headline, in_short, prompt_headline};
pub use judge::{judge, whose as whose_answers};
pub use limits::certainty as certainty_of_limit;
pub use next_step::{NextStep, Place, accepting, what_to_do};

/// What a sentence needs in addition to the prompt's own numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What ended the run early.
    pub stop: Option<StopCause>,
    /// Whether answers are kept after the run.
    pub keeps_answers: bool,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self { stop: None, keeps_answers: true }
    }
}

/// Names listed in a sentence at most.
const NAMES: usize = 5;

/// Says why the headline holds; [`PromptReport::sentence`] itself is not read.
pub fn prompt_sentence(prompt: &PromptReport, evaluation: &Evaluation) -> String {
    let beside = match prompt.verdict {
        Verdict::Ok | Verdict::Improved | Verdict::Inconclusive | Verdict::Mixed => {
            absolute::lost_beside(prompt)
        }
        Verdict::NotMeasured | Verdict::Regression => String::new(),
    };
    format!("{}{beside}", of_reason(prompt, evaluation))
}

fn of_reason(prompt: &PromptReport, evaluation: &Evaluation) -> String {
    match prompt.reason {
        Reason::ConfirmedBreaks => compared::confirmed_breaks(prompt),
        Reason::OverallDrop => compared::overall_drop(prompt),
        Reason::PassesOnlyWhenVaried => compared::passes_only_when_varied(prompt),
        Reason::MustPass => absolute::must_pass(prompt),
        Reason::BelowFloor => absolute::below_floor(prompt),
        Reason::FloorUnresolved => absolute::floor_unresolved(prompt),
        Reason::OverBudgetPerCall => limits::exceeded(prompt),
        Reason::BudgetPerCallUnresolved => limits::unresolved(prompt),
        Reason::Trade => compared::trade(prompt),
        Reason::TradeBudgetPerCallUnresolved => {
            format!("{} {}", compared::trade(prompt), limits::open(prompt))
        }
        Reason::TradeFloorUnresolved => {
            format!("{} {}", compared::trade(prompt), absolute::floor_beside(prompt))
        }
        Reason::NoRegressionFound => compared::no_regression_found(prompt),
        Reason::MarginalBreaks => compared::marginal_breaks(prompt),
        Reason::ScreenSignTest => compared::improved(prompt),
        Reason::OverallDropNotReproduced => compared::drop_not_reproduced(prompt),
        Reason::OverallDropUnresolved => compared::drop_unresolved(prompt),
        Reason::SuspectsUnresolved => compared::suspects_unresolved(prompt),
        Reason::LostCalls => absolute::lost_calls(prompt),
        Reason::EmptyOrCut => absolute::empty_or_cut(),
        Reason::JudgeUnreadable => absolute::judge_unreadable(prompt),
        Reason::Budget | Reason::Interrupted | Reason::Fatal => absolute::stopped(prompt, evaluation),
        Reason::FloorPassed => absolute::floor_passed(prompt),
        Reason::Rescored => absolute::rescored(prompt),
        _ => absolute::nothing_compared(prompt),
    }
}

/// Explains the verdict over all prompts: of one prompt as its sentence does, of several in numbers.
pub fn overall_sentence(report: &Report) -> String {
    let Some(part) = &report.part else { return of_prompts(report) };
    let (index, count) = (part.shard.index(), part.shard.count());
    let all = super::wording::count(part.prompts.len(), "affected prompt");
    match report.prompts.len() {
        0 if !part.prompts.is_empty() => {
            format!("Shard {index} of {count}: none of {all} belongs to it; nothing was evaluated.")
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
    let ids = named(concerned.iter().map(|p| p.head.id.as_str()));
    let n = concerned.len();
    let lead = match verdict {
        Verdict::Ok | Verdict::Improved => {
            let uncovered = prompts.iter().filter(|p| !p.head.covered).count();
            let evaluated = match uncovered {
                0 => all,
                _ => {
                    format!("{} of {all}; {uncovered} not covered by a golden set", prompts.len() - uncovered)
                }
            };
            let improved =
                if verdict == Verdict::Improved { format!("; improved: {ids}") } else { String::new() };
            return format!("No break found in {evaluated}{improved}.");
        }
        Verdict::Regression => format!("{n} of {all} fail{} the gate: {ids}.", s(n)),
        Verdict::Inconclusive => {
            format!("{n} of {all} {} undecided: {ids}.", if n == 1 { "is" } else { "are" })
        }
        Verdict::Mixed => {
            format!(
                "{n} of {all} break{} some cases and fix{} others: {ids}.",
                s(n),
                if n == 1 { "es" } else { "" }
            )
        }
        Verdict::NotMeasured => format!("{n} of {all} could not be measured: {ids}."),
    };
    let others = rest(verdict, prompts);
    if others.is_empty() { lead } else { format!("{lead} The rest: {others}.") }
}

/// The ending of a verb after a number.
fn s(n: usize) -> &'static str {
    if n == 1 { "s" } else { "" }
}

/// `1 NOT MEASURED (`a`), 1 IMPROVED, 2 OK, 1 not covered` of the prompts with another verdict.
fn rest(verdict: Verdict, prompts: &[PromptReport]) -> String {
    // Without a golden set there is no statement about a verdict.
    let said = |p: &PromptReport| p.head.covered.then_some(p.verdict);
    let order = [
        Some(Verdict::Regression),
        Some(Verdict::NotMeasured),
        Some(Verdict::Mixed),
        Some(Verdict::Inconclusive),
        Some(Verdict::Improved),
        Some(Verdict::Ok),
        None,
    ];
    let counted = order.into_iter().filter_map(|kind| {
        let such: Vec<&PromptReport> =
            prompts.iter().filter(|p| p.verdict != verdict && said(p) == kind).collect();
        let count = such.len();
        let ids = || named(such.iter().map(|p| p.head.id.as_str()));
        let words = kind.map_or("not covered", Verdict::words);
        match kind {
            _ if count == 0 => None,
            Some(Verdict::NotMeasured) => Some(format!("{count} {words} ({})", ids())),
            _ => Some(format!("{count} {words}")),
        }
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// `93 → 92 of 100 pass`, with whatever is known.
fn moved(p: &PromptReport) -> String {
    match (p.baseline, p.candidate) {
        (Some(b), Some(c)) if b.of == c.of => format!("{} → {} of {} pass", b.passed, c.passed, c.of),
        (Some(b), Some(c)) => format!("{} → {} pass", fraction(b), fraction(c)),
        (None, Some(c)) => format!("{} of {} pass", c.passed, c.of),
        _ => "nothing was asked".to_owned(),
    }
}

/// What the change is, for a person: most are edits of the text.
fn this(p: &PromptReport) -> &'static str {
    let causes = &p.head.causes;
    match causes.as_slice() {
        [ChangeCause::Model] => "the new model",
        _ if causes.iter().any(|cause| matches!(cause, ChangeCause::Text | ChangeCause::Include)) => {
            "this edit"
        }
        _ => "this change",
    }
}

fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = ids.map(quoted).collect();
    if all.len() <= NAMES {
        return listed(&all);
    }
    format!("{} and {} more", all[..NAMES].join(", "), all.len() - NAMES)
}

/// Whether scores are between fail and pass: an answer's score is, or the mean score did not move
/// with the passes.
pub fn is_graded(p: &PromptReport) -> bool {
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
