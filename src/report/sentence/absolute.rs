//! Sentences without a comparison: must-pass cases, the floor, no baseline, interrupted runs.

use super::{Evaluation, moved, named};
use crate::change::ChangeKind;
use crate::report::untrusted::{quoted, terminal_line};
use crate::report::wording::{count, percent};
use crate::report::{PromptReport, Rate};
use crate::trial::StopCause;
use crate::verdict::{Reason, Verdict};

pub(super) fn must_pass(p: &PromptReport) -> String {
    let ids = named(p.must_pass.iter().map(|c| c.id.as_str()));
    let runs: Vec<Rate> = p.must_pass.iter().filter_map(|c| c.candidate_reruns).collect();
    let failed: usize = runs.iter().map(|rate| rate.of - rate.passed).sum();
    let of: usize = runs.iter().map(|rate| rate.of).sum();
    let again = match of {
        0 => String::new(),
        _ => format!(" and failed {failed} of {} with this change", count(of, "fresh run")),
    };
    let (noun, verb) = if p.must_pass.len() == 1 { ("case", "fails") } else { ("cases", "fail") };
    format!(
        "Must-pass {noun} {ids} {verb} at screening{again}. A must-pass case blocks whatever the average says."
    )
}

pub(super) fn below_floor(p: &PromptReport) -> String {
    match p.floor {
        Some(floor) => format!(
            "The mean score {} over {} is below the floor {} even at its 95 % upper bound {}.",
            percent(floor.mean),
            count(floor.of, "case"),
            percent(floor.min_score),
            percent(floor.upper)
        ),
        None => "The mean score is below the floor.".to_owned(),
    }
}

/// The comparison is decided; the floor is not.
pub(super) fn floor_unresolved(p: &PromptReport) -> String {
    let Some(floor) = p.floor else { return "The mean score is below the floor, within chance.".to_owned() };
    let compared = match p.n {
        0 => String::new(),
        _ => format!("No regression found: {}. But the floor is missed. ", moved(p)),
    };
    format!(
        "{compared}The mean score {} over {} is below the floor {}; with so few cases that could be chance (95 % upper \
         bound {}), so it is neither a regression nor a pass. It is not released, unless `release_on_inconclusive: true`. \
         Mend the failing cases, or add cases.",
        percent(floor.mean),
        count(floor.of, "case"),
        percent(floor.min_score),
        percent(floor.upper)
    )
}

/// Cases that do not count in a verdict that is valid all the same.
pub(super) fn lost_beside(p: &PromptReport) -> String {
    let Some(first) = p.lost.first() else { return String::new() };
    let (verb, first_of) = if p.lost.len() == 1 { ("counts", ":") } else { ("count", ", the first being") };
    format!(
        " {} could not be measured and {verb} for nothing{first_of} {} ({}).",
        count(p.lost.len(), "case"),
        quoted(&first.case),
        terminal_line(first.reason.trim_end_matches('.'))
    )
}

pub(super) fn floor_passed(p: &PromptReport) -> String {
    let lead = match p.head.change {
        ChangeKind::Added => "New prompt, no baseline to compare with",
        _ if !p.head.cases.compare.is_empty() => "Every compared case is an accepted break",
        _ => "No baseline to compare with",
    };
    match (p.candidate, p.floor) {
        (Some(rate), Some(floor)) => format!(
            "{lead}: {} of {} pass; mean score {}, floor {}.",
            rate.passed,
            count(rate.of, "case"),
            percent(floor.mean),
            percent(floor.min_score)
        ),
        (Some(rate), None) => format!("{lead}: {} of {} pass.", rate.passed, count(rate.of, "case")),
        (None, None) if !p.head.cases.compare.is_empty() => format!("{lead}; nothing is left to decide."),
        (None, _) => format!("{lead}; the floor holds."),
    }
}

pub(super) fn rescored(p: &PromptReport) -> String {
    let lead = "The requests are the same on both sides; only";
    let scored = p.head.cases.score.len();
    if scored == 0 {
        return format!("{lead} the golden set changed: nothing to evaluate.");
    }
    let passing =
        p.candidate.map(|rate| format!(", {} of {} pass", rate.passed, rate.of)).unwrap_or_default();
    let floor = p
        .floor
        .map(|floor| format!("; mean score {}, floor {}", percent(floor.mean), percent(floor.min_score)));
    format!(
        "{lead} the scoring changed: {} scored again{passing}{}, nothing to compare.",
        count(scored, "case"),
        floor.unwrap_or_default()
    )
}

pub(super) fn nothing_compared(p: &PromptReport) -> String {
    match p.reason {
        Reason::NotCovered if p.verdict == Verdict::Regression => {
            "No golden set, and the configuration asks for one (`uncovered: fail`): nothing was evaluated."
                .into()
        }
        Reason::NotCovered => {
            "NOT COVERED: no golden set, nothing was evaluated; this prompt cannot be released.".into()
        }
        Reason::NotExercised => {
            "The change shows in none of the golden cases, so nothing was evaluated: add a case that exercises it."
                .into()
        }
        Reason::GoldenSetRemoved => {
            "The change removes the golden set of an existing prompt, so nothing can be evaluated.".into()
        }
        Reason::PromptRemoved => "The prompt is removed; nothing to evaluate.".into(),
        Reason::ShardMissing => {
            "The shard it belongs to left no report that counts, so it was not measured: run that shard again, then merge.".into()
        }
        Reason::Renamed => "Only the key changed, the content is the same; nothing to evaluate.".into(),
        other => format!("{} ({}).", p.verdict.words(), other.to_string().replace('_', " ")),
    }
}

fn first_lost(p: &PromptReport) -> String {
    p.lost
        .first()
        .map(|lost| {
            format!(
                ", the first being {}: {}",
                quoted(&lost.case),
                terminal_line(lost.reason.trim_end_matches('.'))
            )
        })
        .unwrap_or_default()
}

pub(super) fn lost_calls(p: &PromptReport) -> String {
    let why = first_lost(p);
    format!(
        "{} of {} could not be measured because their calls failed{why}. This says nothing about the prompt; \
         mend the cause and run it again.",
        p.lost.len(),
        count(asked(p), "case")
    )
}

pub(super) fn empty_or_cut() -> String {
    "Most answers with the new prompt are empty or cut, so what the checks say of them is no measure. Raise `max_tokens` \
     under `parameters` of the prompt or the configuration (reasoning counts, too), or ask for shorter answers."
        .to_owned()
}

pub(super) fn judge_unreadable(p: &PromptReport) -> String {
    format!(
        "The judge's answers could not be read for {} of {}{}. This says nothing about the prompt; look at the \
         judge's model and prompt.",
        p.lost.len(),
        count(asked(p), "case"),
        first_lost(p)
    )
}

/// Cases that were to be answered, compared or not.
fn asked(p: &PromptReport) -> usize {
    let cases = &p.head.cases;
    p.n.max(cases.compare.len() + cases.score.len()).max(p.lost.len())
}

pub(super) fn stopped(p: &PromptReport, evaluation: &Evaluation) -> String {
    let progress = match (p.n, p.candidate) {
        (0, answered) => {
            let answered = answered.map_or(0, |rate| rate.of);
            format!("{answered} of {} answered", count(p.head.cases.score.len(), "case"))
        }
        (n, _) => format!("{} of {} screened", p.screened, count(n, "case")),
    };
    let kept = match evaluation.keeps_answers {
        true => "The paid answers are stored: the next run continues from there.",
        false => "The answers were not stored (`--no-cache`), so the next run buys them again.",
    };
    match &evaluation.stop {
        Some(StopCause::Budget(cap)) => {
            format!("The budget ended the run before a verdict ({}): {progress}. {kept}", terminal_line(cap))
        }
        Some(StopCause::Interrupted) => {
            format!("The run was interrupted before a verdict: {progress}. {kept}")
        }
        Some(StopCause::Fatal(error)) => {
            let code = error.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
            let help =
                error.help.as_ref().map(|help| format!(" {}", terminal_line(help))).unwrap_or_default();
            let said = terminal_line(&format!("{}{code}", error.message.trim_end_matches('.')));
            format!("No call can succeed: {said}. {progress}.{help}")
        }
        None => format!("The run ended before a verdict: {progress}. {kept}"),
    }
}
