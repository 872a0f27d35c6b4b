//! Why, without a comparison: must-pass cases, the floor, no old prompt, lost calls, runs that ended early.

use super::{Evaluation, moved};
use crate::change::ChangeKind;
use crate::report::untrusted::{quoted, terminal_line};
use crate::report::wording::{capitalised, count, percent};
use crate::report::{FloorReport, PromptReport, Rate};
use crate::trial::StopCause;
use crate::verdict::{Reason, Verdict};

pub(super) fn must_pass(p: &PromptReport) -> String {
    let runs: Vec<Rate> = p.must_pass.iter().filter_map(|case| case.candidate_reruns).collect();
    let failed: usize = runs.iter().map(|rate| rate.of - rate.passed).sum();
    let of: usize = runs.iter().map(|rate| rate.of).sum();
    let again = match of {
        0 => String::new(),
        _ => format!("Asked again, the new prompt failed {failed} of {of} times. "),
    };
    format!("{again}A must-pass case blocks, whatever the other cases say.")
}

pub(super) fn below_floor(p: &PromptReport) -> String {
    match p.floor {
        Some(floor) => format!(
            "Not bad luck: {} over {}; with luck it could be {}, and that is still too low.",
            mean(floor),
            count(floor.of, "case"),
            percent(floor.upper)
        ),
        None => "The mean score is below the minimum.".to_owned(),
    }
}

fn mean(floor: FloorReport) -> String {
    format!("the mean score is {}", percent(floor.mean))
}

/// The comparison is decided; the floor is not.
pub(super) fn floor_unresolved(p: &PromptReport) -> String {
    let Some(floor) = p.floor else {
        return "The mean score is below the minimum, within chance.".to_owned();
    };
    let compared = match p.n {
        0 => String::new(),
        _ => format!("Compared with the old prompt no break was found ({}). But ", moved(p)),
    };
    let text = format!("{compared}{}", within_chance(floor));
    if p.n == 0 { capitalised(&text) } else { text }
}

/// The floor is not decided either, beside a trade.
pub(super) fn floor_beside(p: &PromptReport) -> String {
    p.floor.map(|floor| capitalised(&within_chance(floor))).unwrap_or_default()
}

fn within_chance(floor: FloorReport) -> String {
    format!(
        "{} over {}; with so few cases it could in truth be {}.",
        mean(floor),
        count(floor.of, "case"),
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
        ChangeKind::Added => "There is no old prompt to compare with",
        _ if !p.head.cases.compare.is_empty() => "Every compared case is an accepted break",
        _ => "There is no old prompt to compare with",
    };
    match (p.candidate, p.floor) {
        (Some(_), Some(floor)) => {
            format!("{lead}; {}, the minimum {}.", mean(floor), percent(floor.min_score))
        }
        (Some(rate), None) => format!("{lead}; {} of {} pass.", rate.passed, count(rate.of, "case")),
        (None, None) if !p.head.cases.compare.is_empty() => format!("{lead}; nothing is left to decide."),
        (None, _) => format!("{lead}; the minimum score is met."),
    }
}

pub(super) fn rescored(p: &PromptReport) -> String {
    let lead = "Old and new prompt ask the model the same; only";
    let scored = p.head.cases.score.len();
    if scored == 0 {
        return format!("{lead} the golden set changed, so there is nothing to check.");
    }
    let passing =
        p.candidate.map(|rate| format!(", {} of {} pass", rate.passed, rate.of)).unwrap_or_default();
    let floor = p
        .floor
        .map(|floor| format!("; {}, the minimum {}", mean(floor), percent(floor.min_score)))
        .unwrap_or_default();
    format!("{lead} the checks changed: {} scored again{passing}{floor}.", count(scored, "case"))
}

pub(super) fn nothing_compared(p: &PromptReport) -> String {
    match p.reason {
        Reason::NotCovered if p.verdict == Verdict::Regression => {
            "Nothing was evaluated, and the configuration asks for a golden set (`uncovered: fail`).".into()
        }
        Reason::NotCovered => {
            "NOT COVERED: nothing was evaluated, and this prompt cannot be released.".into()
        }
        Reason::NotExercised => {
            "Every golden case asks the model the same as before, so nothing was evaluated.".into()
        }
        Reason::GoldenSetRemoved => "Without a golden set nothing can be evaluated.".into(),
        Reason::PromptRemoved => "There is nothing left to evaluate.".into(),
        Reason::ShardMissing => "It was not measured; the other shards say nothing about it.".into(),
        Reason::Renamed => "Only the key changed; the content is the same.".into(),
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
    format!(
        "The calls of {} of {} failed{}. This says nothing about the prompt.",
        p.lost.len(),
        count(asked(p), "case"),
        first_lost(p)
    )
}

pub(super) fn empty_or_cut() -> String {
    "Most answers with the new prompt are empty or cut, so what the checks say of them is no measure."
        .to_owned()
}

pub(super) fn judge_unreadable(p: &PromptReport) -> String {
    format!(
        "{} for {} of {} could not be read{}. This says nothing about the prompt.",
        capitalised(super::judge::whose(&p.head.models)),
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
        (n, _) => format!("{} of {} asked", p.screened, count(n, "case")),
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
            let help = error
                .help
                .as_ref()
                .map(|help| format!(" {}.", capitalised(terminal_line(help).trim_end_matches('.'))))
                .unwrap_or_default();
            let said = terminal_line(&format!("{}{code}", error.message.trim_end_matches('.')));
            format!("No call can succeed: {said}. {progress}.{help}")
        }
        None => format!("The run ended before a verdict: {progress}. {kept}"),
    }
}
