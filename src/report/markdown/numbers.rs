//! The folded numbers: how sure the verdict is, and what the run cost.

use super::parts::{bullets, folded};
use crate::report::untrusted::inline_code;
use crate::report::wording::{capitalised, cost, count};
use crate::report::{Guarantee, PromptReport, Report, numbers};

/// How sure is this?
pub(super) fn certainty(p: &PromptReport, guarantee: Guarantee) -> String {
    let lines = numbers::certainty(p, guarantee);
    let link = format!("[How the verdict comes about]({})\n", numbers::EXPLAINED);
    folded("How sure is this?", &format!("{}\n{link}", bullets(&lines, lines.len())))
}

/// Cost, models and seed.
pub(super) fn run(report: &Report) -> String {
    let mut lines = bullets(&numbers::spend(report), usize::MAX);
    for (role, models) in numbers::models(report) {
        let models: Vec<String> = models.iter().map(|model| inline_code(model)).collect();
        lines.push_str(&format!("- {role}: {}\n", models.join(", ")));
    }
    lines.push_str(&format!("- Seed {}, provider {}\n", inline_code(&report.seed), report.provider));
    let summary = format!(
        "{} · {} · {:.1} s",
        capitalised(&cost(&report.cost)),
        count(report.spend.paid_calls as usize, "call"),
        report.wall_ms as f64 / 1000.0
    );
    folded(&summary, &lines)
}
