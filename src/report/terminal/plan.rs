//! A plan for a terminal.

use std::collections::BTreeSet;

use super::layout::{Align, Page, Style, Table};
use crate::report::plan::{estimate, headline, place};
use crate::report::untrusted::terminal_line;
use crate::report::wording::{count, dollars, revision, thousands};
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
        page.table(&table(&plan.prompts));
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

fn table(prompts: &[PlannedPrompt]) -> Table {
    let mut table = Table::new(&[
        ("prompt", Align::Left),
        ("why", Align::Left),
        ("compare", Align::Right),
        ("score", Align::Right),
        ("calls", Align::Right),
        ("at most", Align::Right),
        ("USD", Align::Right),
    ]);
    for p in prompts {
        let covered = if p.head.covered { "" } else { ", not covered" };
        table.row([
            terminal_line(&p.head.id),
            terminal_line(&format!(
                "{}{covered}",
                crate::report::wording::change(&p.head.change, &p.head.causes)
            )),
            p.head.cases.compare.len().to_string(),
            p.head.cases.score.len().to_string(),
            thousands(p.estimate.calls_typical),
            thousands(p.estimate.calls_max),
            dollars(p.estimate.usd_typical_max),
        ]);
    }
    table
}
