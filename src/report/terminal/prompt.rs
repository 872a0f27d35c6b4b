//! One prompt in depth: the edit, cases with both answers, and behind `verbose` everything else.

use super::diff_lines;
use super::layout::{Colour, Page};
use super::words::differing;
use crate::change::DiffLine;
use crate::report::sentence::{Cause, Shared, accepting, causes, weakest};
use crate::report::slices::{Slice, slices};
use crate::report::untrusted::{shortened, terminal, terminal_line};
use crate::report::wording::{self, capitalised, count};
use crate::report::{CaseFinding, CaseReason, CaseStatus, Guarantee, PromptReport, numbers};
use crate::verdict::Reason;

/// Characters of an input or an answer.
const ANSWER_CHARS: usize = 160;
const VERBOSE_CHARS: usize = 4_000;
const REASON_CHARS: usize = 76;
/// Lines of a prompt's diff.
const DIFF_LINES: usize = 12;
const VERBOSE_LINES: usize = 400;
/// Cases named in one group.
const NAMED: usize = 6;

/// Renders the depth of a prompt, with both answers of at most `answers` cases.
pub(super) fn render(page: &mut Page, p: &PromptReport, guarantee: Guarantee, answers: usize) {
    let verbose = page.style().verbose;
    if verbose {
        page.diff(&change(p), diff_lines(&p.diff, VERBOSE_LINES).into_iter());
    } else {
        page.diff(&change(p), changed(&p.diff));
    }
    let decisive = decisive(p);
    for (mark, colour, case) in decisive.iter().take(answers) {
        finding(page, (mark, *colour), case);
    }
    if decisive.len() > answers && !verbose {
        let more = count(decisive.len() - answers, "more case");
        page.paragraph(&format!("{} with both answers: `--verbose`", capitalised(&more)));
        page.blank();
    }
    page.list("Notes", &p.notes);
    if verbose {
        everything(page, p, guarantee);
    }
}

/// The first lines that differ, without those around them.
fn changed(diff: &[DiffLine]) -> impl Iterator<Item = (char, String)> {
    let lines: Vec<DiffLine> = diff
        .iter()
        .filter(|line| matches!(line, DiffLine::Added(_) | DiffLine::Removed(_)))
        .cloned()
        .collect();
    diff_lines(&lines, DIFF_LINES).into_iter()
}

/// The cases that the verdict is about, each with its sign.
fn decisive(p: &PromptReport) -> Vec<(&'static str, Colour, &CaseFinding)> {
    let broken = if p.reason == Reason::OverallDrop { weakest(p) } else { p.broken.iter().collect() };
    let unresolved: &[CaseFinding] = if p.reason == Reason::OverallDrop { &[] } else { &p.unresolved };
    let failing = p.must_pass.iter().chain(broken).chain(&p.failing).map(|case| ("✗", Colour::Red, case));
    failing.chain(unresolved.iter().map(|case| ("?", Colour::Yellow, case))).collect()
}

/// The cases that broke, by what they share.
pub(super) fn what_broke(p: &PromptReport) -> Vec<Cause<'_>> {
    causes(match p.reason {
        Reason::MustPass => &p.must_pass,
        Reason::BelowFloor | Reason::FloorUnresolved => &p.failing,
        _ => &p.broken,
    })
}

pub(super) fn cause(page: &mut Page, cause: &Cause<'_>) {
    let what = match cause.what {
        Shared::Reason(reason) => shortened(reason, 100),
        Shared::Check(check) => format!("{} {}", cause.verb(), crate::report::untrusted::quoted(check)),
        Shared::Score => "a lower score".to_owned(),
    };
    let names: Vec<String> = cause.cases.iter().take(NAMED).map(|case| terminal_line(&case.id)).collect();
    let more = match cause.cases.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    page.led(&format!("  {:>3}  ", cause.cases.len()), &format!("{what} – {}{more}", names.join(", ")));
}

fn change(p: &PromptReport) -> String {
    let size = if p.diff.is_empty() { String::new() } else { format!(", {}", wording::diff_size(&p.diff)) };
    let models =
        wording::exchanged_models(p).map(|[old, new]| format!("; {old} → {new}")).unwrap_or_default();
    format!(
        "The change in {}:{} ({}{models}{size})",
        p.head.catalog,
        p.head.line,
        wording::change(&p.head.change, &p.head.causes)
    )
}

/// A case with its reasons and both answers.
fn finding(page: &mut Page, (mark, colour): (&str, Colour), case: &CaseFinding) {
    let verbose = page.style().verbose;
    let most = if verbose { VERBOSE_CHARS } else { ANSWER_CHARS };
    let must = if case.must_pass { " (must-pass)" } else { "" };
    let title = page.paint(colour, &format!("{mark} {}", terminal_line(&case.id)));
    page.line(&format!("{title}{must}"));
    let mut reasons: Vec<&str> = Vec::new();
    for failure in case.candidate.iter().flat_map(|answer| &answer.failures) {
        if !reasons.contains(&failure.reason.as_str()) {
            reasons.push(&failure.reason);
        }
    }
    let shown = if verbose { reasons.len() } else { 2 };
    for reason in reasons.into_iter().take(shown) {
        page.labelled(
            "because",
            &terminal_line(&cut(reason, if verbose { VERBOSE_CHARS } else { REASON_CHARS })),
        );
    }
    match wording::both_reruns(case) {
        sides if sides.is_empty() => {}
        sides => page.labelled("again", &sides),
    }
    // In short, a text is one paragraph.
    let shown = |text: &str| if verbose { terminal(text) } else { terminal_line(text) };
    page.labelled("input", &shown(&cut(&case.input, most)));
    if let Some(expected) = &case.expected {
        page.labelled("expected", &shown(&cut(expected, most)));
    }
    let text = |answer: &Option<crate::report::AnswerView>| answer.as_ref().map(|a| cut(&a.text, most));
    match (text(&case.baseline), text(&case.candidate)) {
        (Some(old), Some(new)) if old == new => page.labelled("answers", &shown(&old)),
        (Some(old), Some(new)) => match differing(&old, &new) {
            Some(pieces) => page.pieces("answer", &pieces),
            None => {
                page.labelled("old", &shown(&old));
                page.labelled("new", &shown(&new));
            }
        },
        (old, new) => {
            for (label, answer) in [("old", old), ("new", new)] {
                if let Some(answer) = answer {
                    page.labelled(label, &shown(&answer));
                }
            }
        }
    }
    page.blank();
}

/// The beginning of a text; of one that is cut in short, `--verbose` shows the rest.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) if most < VERBOSE_CHARS => format!("{}…", text[..end].trim_end()),
        _ => shortened(text, most),
    }
}

fn everything(page: &mut Page, p: &PromptReport, guarantee: Guarantee) {
    let quiet = |cases: &[CaseFinding]| -> Vec<String> { cases.iter().map(in_one_line).collect() };
    let (steady, mixed): (Vec<CaseFinding>, Vec<CaseFinding>) =
        p.flaky.iter().cloned().partition(CaseFinding::passed_every_rerun);
    page.list("Better", &quiet(&p.fixed));
    page.list("Flaky: failed once, passed when asked again", &quiet(&steady));
    if p.reason != Reason::OverallDrop {
        page.list("Passed in some repetitions only: too few to tell", &quiet(&mixed));
    }
    page.list("Not because of this change: the old prompt fails, too", &quiet(&p.drifting));
    let reasons = |cases: &[CaseReason]| -> Vec<String> {
        cases.iter().map(|found| format!("{}: {}", found.case, found.reason)).collect()
    };
    page.list("Without a usable answer", &reasons(&p.lost));
    page.list("Accepted as broken", &reasons(&p.accepted));
    let by_tag: Vec<String> = slices(p).iter().map(slice).collect();
    page.list("By tag", &by_tag);
    if p.head.cases.total > 0 {
        page.list("How sure is this?", &numbers::certainty(p, guarantee));
    }
    accept(page, p);
}

/// `angry: 9 of 9 → 4 of 9, 5 broken`.
fn slice(slice: &Slice) -> String {
    let sides = [slice.baseline, slice.candidate].into_iter().flatten().map(wording::times);
    let mut said = format!("{}: {}", slice.tag, sides.collect::<Vec<_>>().join(" → "));
    for (n, what) in [(slice.broken, "broken"), (slice.fixed, "better")] {
        if n > 0 {
            said.push_str(&format!(", {n} {what}"));
        }
    }
    said
}

/// The lines that accept the breaks, to be copied: not wrapped.
fn accept(page: &mut Page, p: &PromptReport) {
    let Some(lines) = accepting(p) else { return };
    page.line("Lines that accept a break, for `prompt-assay.yaml`");
    for line in lines.lines() {
        page.line(&format!("  {}", kept(line)));
    }
    page.blank();
}

fn kept(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    format!("{}{}", " ".repeat(indent), terminal_line(line))
}

/// A case on one line.
fn in_one_line(case: &CaseFinding) -> String {
    match wording::reruns(case) {
        Some(reruns) => format!("{} ({}; {reruns})", case.id, case.status),
        None if case.status == CaseStatus::Fixed => format!("{} (asked once)", case.id),
        None => format!("{} ({})", case.id, case.status),
    }
}
