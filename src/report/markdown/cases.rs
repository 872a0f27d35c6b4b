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

/// Cases that share a fate.
pub(super) struct Group<'a> {
    /// What they share.
    pub title: &'static str,
    /// The cases.
    pub cases: &'a [CaseFinding],
    /// How much is said of each.
    pub depth: Depth,
    /// Whether the list of cases is visible, only each case's answers being folded.
    pub open: bool,
}

/// Renders a group; nothing when it has no cases.
pub(super) fn group(group: &Group, detail: &Detail) -> String {
    if group.cases.is_empty() {
        return String::new();
    }
    let cases = group.cases;
    let answers = if group.open { detail.broken_answers } else { usize::MAX };
    let names = detail.names;
    let list = match group.depth {
        Depth::Count => String::new(),
        Depth::Names => {
            let ids: Vec<String> = cases.iter().take(names).map(|case| inline_code(&case.id)).collect();
            format!("{}{}\n", ids.join(", "), more(cases.len(), names, ", "))
        }
        Depth::Reasons => {
            let lines = cases.iter().take(names).map(|case| format!("- {}\n", headline(case)));
            format!("{}{}", lines.collect::<String>(), more(cases.len(), names, "- "))
        }
        Depth::Answers => {
            let blocks: String = cases
                .iter()
                .take(answers.min(names))
                .map(|case| folded(&headline(case), &block(case, detail.text_chars)))
                .collect();
            let lines: String = cases
                .iter()
                .take(names)
                .skip(answers)
                .map(|case| format!("- {}\n", headline(case)))
                .collect();
            format!("{blocks}{lines}{}", more(cases.len(), names, "- "))
        }
    };
    match (group.open, list.is_empty()) {
        (true, _) => format!("**{} ({})**\n\n{}\n\n", group.title, cases.len(), list.trim_end()),
        (false, true) => format!("{} {}.\n\n", count(cases.len(), "case"), group.title),
        (false, false) => folded(&format!("{} {}", count(cases.len(), "case"), group.title), &list),
    }
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
    let mut out = String::new();
    let mut facts = vec![format!("Status: {}.", case.status)];
    if let Some(reruns) = wording::reruns(case) {
        facts.push(format!("Passed: {reruns}."));
    }
    if !case.tags.is_empty() {
        let tags: Vec<String> = case.tags.iter().map(|tag| inline_code(tag)).collect();
        facts.push(format!("Tags: {}.", tags.join(", ")));
    }
    out.push_str(&format!("{}\n\n", facts.join(" ")));
    out.push_str(&format!("Input:\n\n{}\n", text(&case.input, max_chars)));
    if let Some(expected) = &case.expected {
        out.push_str(&format!("Expected:\n\n{}\n", text(expected, max_chars)));
    }
    out.push_str(&failures("The baseline fails", &case.baseline));
    out.push_str(&failures("The candidate fails", &case.candidate));
    out.push_str(&both_answers(case, max_chars));
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
            format!("Both answers are the same text:\n\n{}", text(&candidate.text, max_chars))
        }
        (Some(baseline), Some(candidate)) => {
            let lines = answer_diff(&baseline.text, &candidate.text, max_chars);
            format!("Answers (`-` baseline, `+` candidate):\n\n{}", diff(&lines, ANSWER_LINES))
        }
        (None, Some(answer)) => {
            format!("Answer of the candidate:\n\n{}", text(&answer.text, max_chars))
        }
        (Some(answer), None) => {
            format!("Answer of the baseline:\n\n{}", text(&answer.text, max_chars))
        }
        (None, None) => String::new(),
    }
}
