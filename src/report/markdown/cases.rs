//! Cases in the comment: each with its reason, its answers and its re-runs.

use super::detail::{Depth, Detail};
use super::parts::{REASON_CHARS, diff, folded};
use crate::report::answers::{answer_diff, wrapped};
use crate::report::untrusted::{fenced, inline_code, plain};
use crate::report::wording::{self, count};
use crate::report::{AnswerView, CaseFinding, CaseReason, CheckFailure};

/// Lines of an answers' diff at most.
const ANSWER_LINES: usize = 200;
/// Reasons listed of one answer at most.
const FAILURES: usize = 10;
/// Longest reason beside a case's name, in characters: together they stay on one line.
const HEADLINE_CHARS: usize = 100;

/// Cases with the same result.
pub(super) struct Group<'a> {
    /// What they share; of an open group the mark before each case.
    pub title: &'static str,
    /// The cases.
    pub cases: Vec<&'a CaseFinding>,
    /// How much is said of each.
    pub depth: Depth,
    /// Whether the first cases are in sight, each with its answers folded, rather than behind their number.
    pub open: bool,
}

/// Cases of an open group that are in sight.
const IN_SIGHT: usize = 3;

/// Renders a group; nothing when it has no cases.
pub(super) fn group(group: &Group<'_>, detail: &Detail) -> String {
    if group.cases.is_empty() {
        return String::new();
    }
    match group.open {
        true => open(group, detail),
        false => closed(group, detail),
    }
}

fn open(group: &Group<'_>, detail: &Detail) -> String {
    if group.depth < Depth::Reasons {
        let names: Vec<String> =
            group.cases.iter().take(detail.names).map(|case| inline_code(&case.id)).collect();
        let more = more(group.cases.len(), detail.names, ", ");
        return match group.depth {
            Depth::Count => format!("{} {}.\n\n", group.title, count(group.cases.len(), "case")),
            _ => format!("{} {}{more}\n\n", group.title, names.join(", ")),
        };
    }
    let (first, rest) = group.cases.split_at(group.cases.len().min(IN_SIGHT));
    let with_answers = if group.depth == Depth::Answers { detail.broken_answers } else { 0 };
    let lead = format!("{} ", group.title);
    let mut out = list(first, &lead, with_answers, detail);
    if !rest.is_empty() {
        let inside = list(rest, "", with_answers.saturating_sub(first.len()), detail);
        out.push_str(&folded(&format!("{} {}", group.title, count(rest.len(), "more case")), &inside));
    }
    out
}

/// Cases with their answers, as far as they are shown, then those with their reasons.
fn list(cases: &[&CaseFinding], lead: &str, with_answers: usize, detail: &Detail) -> String {
    let answers = with_answers.min(detail.names);
    let blocks: String = cases
        .iter()
        .take(answers)
        .map(|case| folded(&format!("{lead}{}", headline(case)), &block(case, detail.text_chars)))
        .collect();
    let lines: String = cases
        .iter()
        .take(detail.names)
        .skip(answers)
        .map(|case| format!("- {lead}{}\n", headline(case)))
        .collect();
    let gap = if lines.is_empty() { "" } else { "\n" };
    format!("{blocks}{lines}{}{gap}", more(cases.len(), detail.names, "- "))
}

fn closed(group: &Group<'_>, detail: &Detail) -> String {
    let cases = group.cases.as_slice();
    let title = format!("{} {}", count(cases.len(), "case"), group.title);
    let inside = match group.depth {
        Depth::Count => return format!("{title}.\n\n"),
        Depth::Names => {
            let ids: Vec<String> =
                cases.iter().take(detail.names).map(|case| inline_code(&case.id)).collect();
            format!("{}{}\n", ids.join(", "), more(cases.len(), detail.names, ", "))
        }
        Depth::Reasons => list(cases, "", 0, detail),
        Depth::Answers => list(cases, "", usize::MAX, detail),
    };
    folded(&title, &inside)
}

fn more(all: usize, shown: usize, lead: &str) -> String {
    if all > shown { format!("{lead}… and {} more\n", all - shown) } else { String::new() }
}

/// Cases that only have a reason; nothing when there are none.
pub(super) fn reasons(title: &str, cases: &[CaseReason], most: usize) -> String {
    if cases.is_empty() {
        return String::new();
    }
    let lines: String = cases
        .iter()
        .take(most)
        .map(|found| format!("- {}: {}\n", inline_code(&found.case), plain(&found.reason, REASON_CHARS)))
        .collect();
    let summary = format!("{} {title}", count(cases.len(), "case"));
    folded(&summary, &format!("{lines}{}", more(cases.len(), most, "- ")))
}

/// The case and why it is here, on one line of HTML without Markdown.
fn headline(case: &CaseFinding) -> String {
    let mut out = inline_code(&case.id);
    if case.must_pass {
        out.push_str(" (must-pass)");
    }
    match reason(case) {
        Some(reason) => out.push_str(&format!(" – {reason}")),
        None => out.push_str(&format!(" – {}", case.status)),
    }
    out
}

/// Why the first check fails: the candidate's, else (a fixed case) the baseline's. A reason names
/// what its check wants, so the check's own name would say it twice.
fn reason(case: &CaseFinding) -> Option<String> {
    let first = |answer: &Option<AnswerView>| answer.as_ref().and_then(|a| a.failures.first().cloned());
    let (lead, failure) = match first(&case.candidate) {
        Some(failure) => ("", failure),
        None => ("was: ", first(&case.baseline)?),
    };
    Some(format!("{lead}{}", plain(&failure.reason, HEADLINE_CHARS)))
}

/// Everything about a case.
fn block(case: &CaseFinding, max_chars: usize) -> String {
    let mut out = format!("Input:\n\n{}\n", text(&case.input, max_chars));
    if let Some(expected) = &case.expected {
        out.push_str(&format!("Expected:\n\n{}\n", text(expected, max_chars)));
    }
    out.push_str(&both_answers(case, max_chars));
    out.push_str(&failures("The old answer fails", &case.baseline));
    out.push_str(&failures("The new answer fails", &case.candidate));
    let mut facts = vec![format!("{}.", wording::capitalised(&case.status.to_string()))];
    if let Some(reruns) = wording::reruns(case) {
        facts.push(format!("{}.", wording::capitalised(&reruns)));
    }
    if !case.tags.is_empty() {
        let tags: Vec<String> = case.tags.iter().map(|tag| inline_code(tag)).collect();
        facts.push(format!("Tags: {}.", tags.join(", ")));
    }
    out.push_str(&format!("{}\n", facts.join(" ")));
    out
}

fn failures(lead: &str, answer: &Option<AnswerView>) -> String {
    let Some(answer) = answer.as_ref().filter(|answer| !answer.failures.is_empty()) else {
        return String::new();
    };
    let score =
        answer.score.map_or("unscored".to_owned(), |score| format!("score {}", wording::amount(score)));
    let reasons = by_reason(&answer.failures);
    let lines: String = reasons
        .iter()
        .take(FAILURES)
        .map(|(reason, checks)| format!("- {}: {}\n", checks.join(", "), plain(reason, REASON_CHARS)))
        .collect();
    format!("{lead} ({score}):\n\n{lines}{}\n", more(reasons.len(), FAILURES, "- "))
}

/// Checks that fail for the same reason, together: an answer that is not JSON fails many.
fn by_reason(failures: &[CheckFailure]) -> Vec<(&str, Vec<String>)> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for failure in failures {
        let check = inline_code(&failure.check);
        match found.iter_mut().find(|(reason, _)| *reason == failure.reason) {
            Some((_, checks)) => checks.push(check),
            None => found.push((&failure.reason, vec![check])),
        }
    }
    found
}

/// A text in a fence. GitHub does not wrap fences, so long lines are broken here.
fn text(text: &str, max_chars: usize) -> String {
    fenced("text", &wrapped(text), max_chars)
}

fn both_answers(case: &CaseFinding, max_chars: usize) -> String {
    match (&case.baseline, &case.candidate) {
        (Some(baseline), Some(candidate)) if baseline.text == candidate.text => {
            format!("Both answers are the same text:\n\n{}\n", text(&candidate.text, max_chars))
        }
        (Some(baseline), Some(candidate)) => {
            let lines = answer_diff(&baseline.text, &candidate.text, max_chars);
            format!("Answers (`-` old, `+` new):\n\n{}\n", diff(&lines, ANSWER_LINES))
        }
        (None, Some(answer)) => {
            format!("The new answer:\n\n{}\n", text(&answer.text, max_chars))
        }
        (Some(answer), None) => {
            format!("The old answer:\n\n{}\n", text(&answer.text, max_chars))
        }
        (None, None) => String::new(),
    }
}
