//! The report for a terminal or a log: plain lines, colour only when asked for.

mod layout;
mod plan;

use super::untrusted::{terminal, terminal_line};
use super::wording::{self, NOT_ENFORCED, SCRIPTED_LABEL, count};
use super::{AnswerView, CaseFinding, CaseReason, CaseStatus, PromptReport, Report, numbers, sentence};
use crate::change::DiffLine;
use crate::verdict::Verdict;
use layout::{Align, Page, Table};
pub use layout::{Colour, Style};
pub use plan::render_plan;

/// Characters of an input or an answer shown per case.
const ANSWER_CHARS: usize = 300;
/// Lines of a prompt's diff.
const DIFF_LINES: usize = 40;
/// Cases shown with their answers, per group; the rest by name.
const CASES: usize = 20;

/// Renders the report.
pub fn render(report: &Report, style: Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, report);
    page.moved_bars(&report.moved_bars);
    if !report.prompts.is_empty() {
        page.table(&table(&report.prompts));
    }
    let several = report.prompts.len() > 1;
    for prompt in &report.prompts {
        section(&mut page, prompt, several);
    }
    page.list("Warnings", &report.warnings);
    if !report.prompts.is_empty() {
        page.list("Spend", &numbers::spend(report));
    }
    foot(&mut page, report);
    page.finish()
}

fn head(page: &mut Page, report: &Report) {
    let tally = wording::tally(&report.prompts);
    let verdict = page.paint(colour(report.verdict), report.verdict.words());
    page.line(&if tally.is_empty() { verdict } else { format!("{verdict} - {tally}") });
    page.paragraph(&report.sentence);
    if !report.enforced {
        page.paragraph(NOT_ENFORCED);
    }
    if !report.provider.is_language_model() {
        page.paragraph(SCRIPTED_LABEL);
    }
    page.blank();
}

fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Ok | Verdict::Improved => Colour::Green,
        Verdict::Regression => Colour::Red,
        Verdict::Inconclusive | Verdict::Mixed | Verdict::NotMeasured => Colour::Yellow,
    }
}

fn table(prompts: &[PromptReport]) -> Table {
    let mut table = Table::new(&[
        ("prompt", Align::Left),
        ("verdict", Align::Left),
        ("baseline", Align::Right),
        ("candidate", Align::Right),
        ("points [95 % CI]", Align::Left),
        ("broken", Align::Right),
        ("fixed", Align::Right),
        ("paid USD", Align::Right),
    ]);
    for p in prompts {
        table.row([
            terminal_line(&p.head.id),
            verdict(p),
            p.baseline.map_or("-".to_owned(), wording::fraction),
            p.candidate.map_or("-".to_owned(), wording::fraction),
            short_change(p),
            p.broken.len().to_string(),
            p.fixed.len().to_string(),
            wording::dollars(p.cost.spent_usd),
        ]);
    }
    table
}

/// OK says nothing of a prompt without a golden set; every other verdict does.
fn verdict(p: &PromptReport) -> String {
    let word = if !p.head.covered && p.verdict == Verdict::Ok { "NOT COVERED" } else { p.verdict.words() };
    word.to_owned()
}

/// The interval without its words: the column's head has them.
fn short_change(p: &PromptReport) -> String {
    match &p.difference {
        Some(d) => {
            let [low, high] = d.ci95.map(wording::points);
            format!("{} [{low}, {high}]", wording::points(d.estimate))
        }
        None if wording::stopped_early(p) => format!("stopped at {}/{}", p.screened, p.n),
        None => "-".to_owned(),
    }
}

fn section(page: &mut Page, p: &PromptReport, several: bool) {
    if several {
        let verdict = page.paint(colour(p.verdict), p.verdict.words());
        page.line(&format!("{} {verdict}", terminal_line(&format!("{}:", p.head.id))));
        page.paragraph(&p.sentence);
        page.blank();
    }
    let loud = [
        ("MUST-PASS FAILS", &p.must_pass),
        ("BROKEN", &p.broken),
        ("FAILING", &p.failing),
        ("UNRESOLVED", &p.unresolved),
    ];
    for (title, cases) in loud {
        for case in cases.iter().take(CASES) {
            finding(page, title, case);
        }
        if cases.len() > CASES {
            page.line(&format!("{title}: {} more", cases.len() - CASES));
        }
    }
    for (title, cases) in
        [("Fixed at screening, not re-run", &p.fixed), ("Flaky", &p.flaky), ("Drifting", &p.drifting)]
    {
        let lines: Vec<String> = cases.iter().map(quiet).collect();
        page.list(title, &lines);
    }
    let reasons = |cases: &[CaseReason]| -> Vec<String> {
        cases.iter().map(|found| format!("{}: {}", found.case, found.reason)).collect()
    };
    page.list("Lost to failed calls", &reasons(&p.lost));
    page.list("Accepted as broken", &reasons(&p.accepted));
    page.list("Notes", &p.notes);
    page.diff(&diff_title(p), &p.diff, DIFF_LINES);
    if p.head.cases.total > 0 {
        page.list("What this evaluation could see", &numbers::statistics(p));
    }
}

fn diff_title(p: &PromptReport) -> String {
    let size = if p.diff.is_empty() { String::new() } else { format!(" {}", wording::diff_size(&p.diff)) };
    format!(
        "Prompt {} ({}:{}){size}",
        wording::change(&p.head.change, &p.head.causes),
        p.head.catalog,
        p.head.line
    )
}

/// A case with its reasons and short answers.
fn finding(page: &mut Page, title: &str, case: &CaseFinding) {
    let title = page.paint(Colour::Red, title);
    let must = if case.must_pass { " (must-pass)" } else { "" };
    let reruns = wording::reruns(case).map(|r| format!(", {r}")).unwrap_or_default();
    page.line(&format!("{title} {}{must}{reruns}", terminal_line(&case.id)));
    for failure in case.candidate.iter().flat_map(|answer| &answer.failures) {
        page.item(&format!("{}: {}", failure.check, failure.reason));
    }
    let text = |answer: &Option<AnswerView>| answer.as_ref().map(|a| a.text.clone());
    let shown = [
        ("input", Some(case.input.clone())),
        ("expected", case.expected.clone()),
        ("baseline", text(&case.baseline)),
        ("candidate", text(&case.candidate)),
    ];
    for (label, text) in shown {
        if let Some(text) = text {
            page.labelled(label, &super::untrusted::shortened(&terminal(&text), ANSWER_CHARS));
        }
    }
    page.blank();
}

/// A case on one line.
fn quiet(case: &CaseFinding) -> String {
    match wording::reruns(case) {
        Some(reruns) => format!("{} ({}; {reruns})", case.id, case.status),
        None if case.status == CaseStatus::Fixed => case.id.clone(),
        None => format!("{} ({})", case.id, case.status),
    }
}

fn foot(page: &mut Page, report: &Report) {
    for (role, models) in numbers::models(report) {
        page.line(&format!("{role}: {}", terminal_line(&models.join(", "))));
    }
    if let Some(line) = sentence::judges(report) {
        page.line(&line);
    }
    page.paragraph(&format!(
        "{} compared with {} on the {} tier; seed {}, provider {}; {} affected, {} unaffected.",
        wording::revision(&report.head),
        wording::revision(&report.base),
        report.tier.as_str(),
        report.seed,
        report.provider,
        count(report.prompts.len(), "prompt"),
        report.unaffected
    ));
}

/// Sign and text of the lines of a diff, cut to `most`.
fn diff_lines(diff: &[DiffLine], most: usize) -> Vec<(char, String)> {
    let mut lines: Vec<(char, String)> = super::answers::signed(&diff[..diff.len().min(most)]).collect();
    if diff.len() > most {
        lines.push(('@', format!("@ {} not shown @@", count(diff.len() - most, "more line"))));
    }
    lines
}

#[cfg(test)]
mod tests;
