//! The page of a plan: what would run, and what it would cost.

use super::markup::{card, code, list, prose, scrolled, table};
use super::page::moved_bars;
use super::{document, prompt};
use crate::report::plan::{HEADS, NUMBERS, Row};
use crate::report::wording::{self, count};
use crate::report::{PlanReport, plan};

/// Prompts that are shown at most.
const ROWS: usize = 1_000;
/// Prompts whose diffs are shown at most.
const DIFFS: usize = 100;

pub(super) fn page(report: &PlanReport) -> String {
    let rows = report.prompts.iter().take(ROWS).map(|p| {
        let Row { prompt, why, model, numbers } = Row::of(p);
        [code(&prompt), prose(&why), code(&model)].into_iter().chain(numbers).collect()
    });
    let numeric: Vec<usize> = (HEADS.len() - NUMBERS..HEADS.len()).collect();
    let more = match report.prompts.len().saturating_sub(ROWS) {
        0 => String::new(),
        n => format!("<p class=\"dim\">and {}</p>\n", count(n, "more prompt")),
    };
    let edits = report.prompts.iter().take(DIFFS).filter(|p| !p.diff.is_empty()).map(|p| {
        let body = format!("<p class=\"dim\">{}</p>\n{}", prose(&plan::place(p)), prompt::diff(&p.diff));
        card(&format!("The edit of {}", code(&p.head.id)), "", &body)
    });
    let notes = report
        .prompts
        .iter()
        .flat_map(|p| p.notes.iter().map(|note| format!("{}: {}", code(&p.head.id), prose(note))));
    let notes = notes.chain(report.warnings.iter().map(|warning| prose(warning)));
    let body = format!(
        "<header class=\"verdict\">\n<h1>Plan</h1>\n<p>{}</p>\n<p class=\"dim\">{} compared with {} · {} models · nothing was run</p>\n</header>\n\
         <main id=\"main\">\n{}{}{}{}{}</main>\n",
        prose(&plan::headline(report)),
        code(&wording::revision(&report.head)),
        code(&wording::revision(&report.base)),
        report.tier.as_str(),
        moved_bars(&report.moved_bars),
        card("Prompts", "", &format!("{}{more}", scrolled("Prompts", &table(&HEADS, &numeric, rows)))),
        card(
            "Estimate over all prompts",
            "",
            &list(plan::estimate(&report.estimate).iter().map(|line| prose(line)))
        ),
        edits.collect::<String>(),
        card("Good to know", "", &list(notes)),
    );
    document("Plan – prompt-assay", &body)
}
