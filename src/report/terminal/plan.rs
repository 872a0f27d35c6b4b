//! A plan for a terminal.

use std::collections::BTreeSet;

use super::layout::{Align, Page, Style, Table};
use crate::report::plan::{HEADS, Row, estimate, headline, place};
use crate::report::untrusted::terminal_line;
use crate::report::wording::{count, revision};
use crate::report::{PlanReport, PlannedPrompt};

/// Lines of a prompt's diff.
const DIFF_LINES: usize = 40;

/// Renders what would run.
pub fn render_plan(plan: &PlanReport, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph(&headline(plan));
    page.blank();
    page.moved_bars(&plan.moved_bars);
    if !plan.prompts.is_empty() {
        prompts(&mut page, &plan.prompts);
    }
    for prompt in &plan.prompts {
        if !prompt.diff.is_empty() {
            page.diff(&place(prompt), super::diff_lines(&prompt.diff, DIFF_LINES).into_iter());
        }
        page.list(&format!("Notes on {}", terminal_line(&prompt.head.id)), &prompt.notes);
    }
    if !plan.prompts.is_empty() {
        page.list("Estimate over all prompts", &estimate(&plan.estimate));
    }
    page.list("Warnings", &plan.warnings);
    let models: BTreeSet<&str> = plan.prompts.iter().map(|p| p.head.models.candidate.as_str()).collect();
    for model in models.into_iter().filter(|model| !model.is_empty()) {
        page.line(&terminal_line(&format!("New prompt's model: {model}")));
    }
    page.paragraph(&format!(
        "{} compared with {}, {} models. {} affected, {} not. Nothing was run.",
        revision(&plan.head),
        revision(&plan.base),
        plan.tier.as_str(),
        count(plan.prompts.len(), "prompt"),
        plan.unaffected
    ));
    page.finish()
}

/// All but the model, which is the same for many; in words where the table is wider than the terminal.
fn prompts(page: &mut Page, prompts: &[PlannedPrompt]) {
    let heads = HEADS.map(str::to_lowercase);
    let [prompt, why, _, numbers @ ..] = &heads;
    let left = [prompt, why].map(|head| (head.as_str(), Align::Left));
    let right = numbers.iter().map(|head| (head.as_str(), Align::Right));
    let mut table = Table::new(&left.into_iter().chain(right).collect::<Vec<_>>());
    let rows: Vec<Row> = prompts.iter().map(Row::of).collect();
    for Row { prompt, why, numbers, .. } in &rows {
        table.row([terminal_line(prompt), terminal_line(why)].into_iter().chain(numbers.iter().cloned()));
    }
    if page.has_room_for(&table) {
        page.table(&table);
        return;
    }
    for row in &rows {
        page.paragraph(&row.prompt);
        page.led("  ", &row.in_words());
    }
    page.blank();
}
