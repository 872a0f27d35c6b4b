//! The report for a person at a terminal: the depth first, and last, where the eye is, the verdict, the scores, what
//! broke and what to do now. Without `verbose` a report of any size is short.

mod layout;
mod plan;
mod prompt;
mod words;

use super::sentence::{Place, headline, in_short, prompt_headline, what_to_do};
use super::slices::explanation_sentence;
use super::untrusted::terminal_line;
use super::wording::{self, NOT_ENFORCED, SCRIPTED_LABEL, capitalised, count};
use super::{PromptReport, Rate, Report, numbers};
use crate::change::DiffLine;
use crate::verdict::Verdict;
pub(crate) use layout::{Align, Page, Table};
pub use layout::{Colour, Style};
pub use plan::render_plan;

/// Without `verbose`: prompts in the table, prompts with depth, warnings, and next steps.
const ROWS: usize = 10;
const DEEP: usize = 3;
const WARNINGS: usize = 3;
const STEPS: usize = 3;
/// Groups of cases that broke alike.
const CAUSES: usize = 5;

/// Renders the report.
pub fn render(report: &Report, style: Style) -> String {
    let mut page = Page::new(style);
    let prompts = worst_last(&report.prompts);
    prompts_in_depth(&mut page, report, &prompts);
    warnings(&mut page, report);
    page.moved_bars(&report.moved_bars);
    circumstances(&mut page, report);
    page.blank();
    verdict(&mut page, report, &prompts);
    page.finish()
}

/// Renders it for a screen that is read from the top: the verdict, then the depth.
pub fn render_verdict_first(report: &Report, style: Style) -> String {
    let mut page = Page::new(style);
    let prompts = worst_last(&report.prompts);
    verdict(&mut page, report, &prompts);
    page.blank();
    page.moved_bars(&report.moved_bars);
    prompts_in_depth(&mut page, report, &prompts);
    warnings(&mut page, report);
    if !report.provider.is_language_model() {
        page.paragraph(SCRIPTED_LABEL);
    }
    page.finish()
}

/// Paragraphs of our own, wrapped as a report is.
pub fn paragraphs(texts: &[&str], style: Style) -> String {
    let mut page = Page::new(style);
    for text in texts {
        page.paragraph(text);
        page.blank();
    }
    page.finish()
}

/// By verdict, the worst last; otherwise in the order given.
fn worst_last(prompts: &[PromptReport]) -> Vec<&PromptReport> {
    let mut all: Vec<&PromptReport> = prompts.iter().collect();
    all.sort_by_key(|p| (p.verdict, p.head.covered));
    all
}

fn passes(p: &PromptReport) -> bool {
    matches!(p.verdict, Verdict::Ok | Verdict::Improved)
}

fn prompts_in_depth(page: &mut Page, report: &Report, prompts: &[&PromptReport]) {
    let verbose = page.style().verbose;
    let concerned: Vec<&&PromptReport> = prompts.iter().filter(|p| verbose || !passes(p)).collect();
    let skipped = if verbose { 0 } else { concerned.len().saturating_sub(DEEP) };
    let shown = &concerned[skipped..];
    // Few answers of many prompts, so that all fit.
    let answers = match (verbose, shown.len()) {
        (true, _) => usize::MAX,
        (false, 0 | 1) => page.style().answers,
        (false, _) => 1,
    };
    for p in shown {
        if report.prompts.len() > 1 {
            page.painted(colour(p.verdict), &format!("{} {}", sign_of(p), prompt_headline(p)));
            page.blank();
        }
        prompt::render(page, p, report.guarantee, answers);
    }
}

fn warnings(page: &mut Page, report: &Report) {
    let most = if page.style().verbose { usize::MAX } else { WARNINGS };
    let verbose = page.style().verbose;
    // Prompts that pass have no depth to say it in.
    let noted = report.prompts.iter().filter(|p| passes(p) && !verbose);
    let notes = noted
        .flat_map(|p| p.notes.iter().map(|note| format!("{}: {note}", super::untrusted::quoted(&p.head.id))));
    let all: Vec<String> = report.warnings.iter().cloned().chain(notes).collect();
    let mut shown: Vec<String> = all.iter().take(most).cloned().collect();
    if all.len() > shown.len() {
        shown.push(format!("and {} more: `--verbose` lists them", all.len() - shown.len()));
    }
    page.list("To know", &shown);
}

/// What was compared, with which models, at which cost.
fn circumstances(page: &mut Page, report: &Report) {
    if page.style().verbose && !report.prompts.is_empty() {
        page.list("Cost", &numbers::spend(report));
        for (role, models) in numbers::models(report) {
            page.paragraph(&format!("{role}: {}", models.join(", ")));
        }
        page.paragraph(&format!("Seed {}, provider {}", report.seed, report.provider));
    }
    page.paragraph(&format!(
        "{} compared with {}, {} models. {} affected, {} not.",
        wording::revision(&report.head),
        wording::revision(&report.base),
        report.tier.as_str(),
        count(report.prompts.len(), "prompt"),
        report.unaffected
    ));
    if !report.prompts.is_empty() {
        page.paragraph(&format!(
            "{} in {:.1} s; {}.",
            count(report.spend.paid_calls as usize, "call"),
            report.wall_ms as f64 / 1000.0,
            wording::cost(&report.cost)
        ));
    }
    if !report.provider.is_language_model() {
        page.paragraph(SCRIPTED_LABEL);
    }
}

/// The end of the report: what a person reads first.
fn verdict(page: &mut Page, report: &Report, prompts: &[&PromptReport]) {
    page.painted(colour(report.verdict), &format!("{} {}", sign(report.verdict), headline(report)));
    if !report.enforced {
        page.paragraph(NOT_ENFORCED);
    }
    page.blank();
    match prompts {
        [] => page.paragraph(&report.sentence),
        [only] => {
            scores(page, only);
            page.paragraph(&only.sentence);
            what_broke(page, only);
            page.blank();
            let next = next_step(report, only, page.style());
            page.paragraph(&format!("What to do now: {next}"));
        }
        several => {
            table(page, several);
            next_steps(page, report, several);
        }
    }
}

fn next_step(report: &Report, p: &PromptReport, style: Style) -> String {
    let next = what_to_do(report, p, Place::Keyboard);
    match next.accept {
        Some(_) if style.verbose => {
            format!("{} Is a break intended? Accept it with the lines above.", next.text)
        }
        Some(_) => format!(
            "{} Is a break intended? Accept it in `accepted_breaks`; `--verbose` shows the lines.",
            next.text
        ),
        None => next.text,
    }
}

/// One for each prompt that does not pass, the worst last.
fn next_steps(page: &mut Page, report: &Report, prompts: &[&PromptReport]) {
    let concerned: Vec<&&PromptReport> = prompts.iter().filter(|p| !passes(p)).collect();
    if concerned.is_empty() {
        return page.paragraph(match prompts.iter().any(|p| !p.head.covered) {
            true => "What to do now: nothing; commit it. Prompts without a golden set are not checked: add cases for them.",
            false => "What to do now: nothing; commit it.",
        });
    }
    page.line("What to do now:");
    let most = if page.style().verbose { usize::MAX } else { STEPS };
    let skipped = concerned.len().saturating_sub(most);
    if skipped > 0 {
        page.item(&format!("{}: `--verbose` lists what to do", count(skipped, "other prompt")));
    }
    for p in &concerned[skipped..] {
        let next = next_step(report, p, page.style());
        page.item(&format!("{}: {next}", super::untrusted::quoted(&p.head.id)));
    }
}

/// Old and new, each with a bar.
fn scores(page: &mut Page, p: &PromptReport) {
    let sides = [("old", p.baseline, None), ("new", p.candidate, Some(colour(p.verdict)))];
    let mut is_any = false;
    for (side, rate, colour) in sides {
        let Some(rate) = rate.filter(|rate: &Rate| rate.of > 0) else { continue };
        let bar = wording::bar(rate);
        let bar = colour.map_or(bar.clone(), |colour| page.paint(colour, &bar));
        page.line(&format!("  {side}  {bar}  {}", wording::times(rate)));
        is_any = true;
    }
    if is_any {
        page.blank();
    }
}

fn what_broke(page: &mut Page, p: &PromptReport) {
    let causes = prompt::what_broke(p);
    if causes.is_empty() {
        return;
    }
    page.blank();
    for cause in causes.iter().take(CAUSES) {
        prompt::cause(page, cause);
    }
    let rest: usize = causes.iter().skip(CAUSES).map(|cause| cause.cases.len()).sum();
    if rest > 0 {
        page.led("  ", &format!("{rest} for other reasons"));
    }
    if let Some(sentence) = explanation_sentence(p) {
        page.led("  ", &sentence);
    }
    if !p.fixed.is_empty() {
        page.led("  ", &format!("{} got better.", count(p.fixed.len(), "other case")));
    }
}

fn table(page: &mut Page, prompts: &[&PromptReport]) {
    let most = if page.style().verbose { usize::MAX } else { ROWS };
    let skipped = prompts.len().saturating_sub(most);
    let mut table = Table::new(&[
        ("", Align::Left),
        ("prompt", Align::Left),
        ("old", Align::Right),
        ("new", Align::Right),
        ("", Align::Left),
    ]);
    for p in &prompts[skipped..] {
        let rate = |rate: Option<Rate>| rate.map_or(String::new(), wording::times);
        table.row([
            sign_of(p).to_owned(),
            terminal_line(&p.head.id),
            rate(p.baseline),
            rate(p.candidate),
            terminal_line(&in_short(p)),
        ]);
    }
    if skipped > 0 {
        page.paragraph(&format!(
            "{} with a verdict no worse: `--verbose` lists them",
            capitalised(&count(skipped, "other prompt"))
        ));
    }
    page.table(&table);
}

fn colour(verdict: Verdict) -> Colour {
    match verdict {
        Verdict::Ok | Verdict::Improved => Colour::Green,
        Verdict::Regression => Colour::Red,
        Verdict::Inconclusive | Verdict::Mixed | Verdict::NotMeasured => Colour::Yellow,
    }
}

/// A sign that any terminal has.
fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Improved => "✓",
        Verdict::Regression => "✗",
        Verdict::Mixed => "±",
        Verdict::Inconclusive => "?",
        Verdict::NotMeasured => "!",
    }
}

/// A prompt that nothing was checked of has no sign of success.
fn sign_of(p: &PromptReport) -> &'static str {
    if !p.head.covered && p.verdict == Verdict::Ok { "-" } else { sign(p.verdict) }
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
