//! The folded numbers: what the evaluation could see, and what the run spent.

use super::parts::{bullets, folded, revision};
use crate::report::untrusted::inline_code;
use crate::report::{PromptReport, Report};
use crate::report::{numbers, sentence};

/// The statistics behind one prompt's verdict.
pub(super) fn statistics(p: &PromptReport) -> String {
    let lines = numbers::statistics(p);
    folded("What this evaluation could see", &bullets(&lines, lines.len()))
}

/// Spend, seed, models.
pub(super) fn run(report: &Report) -> String {
    let mut lines = bullets(&numbers::spend(report), usize::MAX);
    for (role, models) in numbers::models(report) {
        let models: Vec<String> = models.iter().map(|model| inline_code(model)).collect();
        lines.push_str(&format!("- {role}: {}\n", models.join(", ")));
    }
    lines.extend(sentence::judges(report).map(|line| format!("- {line}\n")));
    lines.push_str(&format!("- Seed {}, provider {}\n", inline_code(&report.seed), report.provider));
    lines.push_str(&format!("- Base {}, head {}\n", revision(&report.base), revision(&report.head)));
    folded("Spend, models and seed", &lines)
}
