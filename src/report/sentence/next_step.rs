//! What to do now: one next step for every reason, and the lines that accept a break.

use super::{judge, limits, named};
use crate::report::untrusted::quoted;
use crate::report::wording::count;
use crate::report::{CaseFinding, PromptReport, Report};
use crate::verdict::{Reason, Verdict};

/// Breaks in the lines to paste at most; a longer list is no longer an exception.
const ACCEPTED: usize = 20;

/// Where the reader is: it decides how one tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the pull request: a push.
    PullRequest,
    /// At the keyboard: another run.
    Keyboard,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// What to do, without a capital: `fix the prompt and push.`
    pub text: String,
    /// Lines for `prompt-assay.yaml` that accept the breaks, if that is a way out.
    pub accept: Option<String>,
}

/// What the reader of this prompt's verdict does next.
pub fn what_to_do(report: &Report, p: &PromptReport, place: Place) -> NextStep {
    let mut text = step(p, place);
    let policy = match p.verdict {
        Verdict::Inconclusive => Some("`on_inconclusive: fail`"),
        Verdict::Mixed if p.reason.leaves_bar_open() => Some("`on_mixed: fail` or `on_inconclusive: fail`"),
        Verdict::Mixed => Some("`on_mixed: fail`"),
        _ => None,
    };
    if let Some(policy) = policy {
        text.push_str(&match report.exit_code {
            0 => " Nothing is blocked.".to_owned(),
            // Of several prompts another one may be what blocks.
            1 if report.prompts.len() == 1 => format!(" It blocks, because {policy} is set."),
            _ => String::new(),
        });
    }
    NextStep { text, accept: accepting(p) }
}

fn step(p: &PromptReport, place: Place) -> String {
    let again = match place {
        Place::PullRequest => "push",
        Place::Keyboard => "run this again",
    };
    let passes = match place {
        Place::PullRequest => "nothing; this may merge.",
        Place::Keyboard => "nothing; commit it.",
    };
    match p.reason {
        Reason::ConfirmedBreaks => format!("read a broken case, fix the prompt, {again}."),
        Reason::OverallDrop => {
            format!("read the weakest cases: many lose a little. Fix the prompt, {again}.")
        }
        Reason::PassesOnlyWhenVaried => format!(
            "find what in the prompt depends on white space around the message, remove it, {again}."
        ),
        Reason::MustPass => format!(
            "fix the prompt so that {} passes, {again}. If the case itself is wrong, correct it in the golden set.",
            must_pass(p)
        ),
        Reason::BelowFloor => {
            format!("fix the prompt so that more of the failing cases pass, {again}.")
        }
        Reason::FloorUnresolved => format!(
            "fix the failing cases, or add cases so that the score is known better; {again}. Until then it is not \
             released, unless `release_on_inconclusive: true`."
        ),
        Reason::OverBudgetPerCall => limits::advice(p, again),
        Reason::BudgetPerCallUnresolved => format!(
            "{} Until then it is not released, unless `release_on_inconclusive: true`.",
            limits::advice(p, again)
        ),
        Reason::GoldenSetRemoved => {
            format!("bring the golden set back, or remove the prompt, too; {again}.")
        }
        Reason::NotCovered if p.verdict == Verdict::Regression => format!(
            "add golden cases for it: the configuration asks for them (`uncovered: fail`); then {again}."
        ),
        Reason::NotCovered => {
            "add golden cases for it; without them it is never checked and cannot be released.".to_owned()
        }
        Reason::NotExercised => format!("add a case in which the edited words are used, {again}."),
        Reason::SuspectsUnresolved | Reason::OverallDropNotReproduced
            if p.verdict == Verdict::Inconclusive =>
        {
            let cases = if p.unresolved.len() == 1 { "the case" } else { "the cases" };
            format!("read {cases}; if the new answer is worse, fix the prompt. More cases like it would settle it.")
        }
        Reason::OverallDropUnresolved => {
            "read the weakest cases; if the new answers are worse, fix the prompt. More cases would settle it."
                .to_owned()
        }
        Reason::LostCalls => "fix the cause, then run it again; answers that were paid are stored.".to_owned(),
        Reason::EmptyOrCut => format!(
            "raise `max_tokens` under `parameters` of the prompt or the configuration (reasoning counts, too), or ask \
             for shorter answers; {again}."
        ),
        Reason::JudgeUnreadable => format!("look at {}, then run it again.", judge::to_look_at(&p.head.models)),
        Reason::Budget => "run it again, with a larger budget if it ends in the same way.".to_owned(),
        Reason::Interrupted => "run it again.".to_owned(),
        Reason::Fatal => "fix what the error names, then run it again.".to_owned(),
        Reason::ShardMissing => "run that shard again, then merge the reports.".to_owned(),
        Reason::Trade if p.trade.is_some_and(|trade| trade.fixes == 0) => {
            format!("read the broken cases. If the new answers are worse, fix the prompt, {again}.")
        }
        Reason::Trade => format!("weigh the two. If the break is not meant, fix the prompt, {again}."),
        Reason::TradeFloorUnresolved => format!(
            "weigh the two, and fix failing cases: if the break is not meant, fix the prompt, {again}. It is not released, \
             unless both `release_on_mixed: true` and `release_on_inconclusive: true`."
        ),
        Reason::TradeBudgetPerCallUnresolved => format!(
            "weigh the two: if the break is not meant, fix the prompt. For the budget per call: {} It is not released, unless \
             both `release_on_mixed: true` and `release_on_inconclusive: true`.",
            limits::advice(p, again)
        ),
        Reason::MarginalBreaks => {
            let cases = if p.broken.len() + p.unresolved.len() == 1 { "the case" } else { "the cases" };
            format!("read {cases}; if the new answer is worse, fix the prompt. If not: {passes}")
        }
        Reason::SuspectsUnresolved
        | Reason::OverallDropNotReproduced
        | Reason::NoRegressionFound
        | Reason::ScreenSignTest
        | Reason::FloorPassed
        | Reason::Rescored
        | Reason::PromptRemoved
        | Reason::Renamed
        | Reason::NoCaseAffected => passes.to_owned(),
    }
}

fn must_pass(p: &PromptReport) -> String {
    match p.must_pass.as_slice() {
        [one] => quoted(&one.id),
        several => format!("these cases pass: {}", named(several.iter().map(|case| case.id.as_str()))),
    }
}

/// Lines for `prompt-assay.yaml` that accept the breaks, if that is a way out. The reason is left open: only a person can say why a break is right, and without it the lines are refused.
pub fn accepting(p: &PromptReport) -> Option<String> {
    let breaks: Vec<&CaseFinding> = match p.reason {
        Reason::ConfirmedBreaks
        | Reason::Trade
        | Reason::TradeFloorUnresolved
        | Reason::TradeBudgetPerCallUnresolved => p.broken.iter().filter(|case| !case.must_pass).collect(),
        _ => Vec::new(),
    };
    if breaks.is_empty() {
        return None;
    }
    let mut lines =
        "accepted_breaks:    # keep the lines of the breaks that you want, and say why\n".to_owned();
    for case in breaks.iter().take(ACCEPTED) {
        let (prompt, id) = (scalar(&p.head.id), scalar(&case.id));
        lines.push_str(&format!("  - {{prompt: {prompt}, case: {id}, reason: }}\n"));
    }
    if breaks.len() > ACCEPTED {
        lines.push_str(&format!("  # and {}\n", count(breaks.len() - ACCEPTED, "more case")));
    }
    Some(lines)
}

/// A name as a scalar of YAML inside braces: as it is, if nothing in it has a meaning there.
fn scalar(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        && !["y", "n", "yes", "no", "true", "false", "on", "off", "null"]
            .contains(&name.to_lowercase().as_str());
    match is_plain {
        true => name.to_owned(),
        false => serde_json::Value::from(name).to_string(),
    }
}
