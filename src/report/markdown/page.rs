//! The whole comment at one level of detail.

use super::detail::Detail;
use super::parts::{REASON_CHARS, bullets, folded, moved_bars, revision, row};
use super::section;
use crate::report::sentence::{headline, in_short, prompt_headline};
use crate::report::untrusted::{inline_code, prose};
use crate::report::wording::{self, NOT_ENFORCED, SCRIPTED_LABEL, capitalised, cost, count};
use crate::report::{PromptReport, Report, numbers};
use crate::verdict::Verdict;

/// Longest headline shown, in characters.
const HEADLINE_CHARS: usize = 400;

/// Renders everything.
pub(super) fn page(report: &Report, detail: &Detail) -> String {
    let mut out = format!("{}\n", heading(report));
    if !report.provider.is_language_model() {
        out.push_str(&format!("**{SCRIPTED_LABEL}**\n\n"));
    }
    if !report.enforced {
        out.push_str(&format!("{}\n\n", prose(NOT_ENFORCED, REASON_CHARS)));
    }
    let bars = moved_bars(&report.moved_bars, detail.moved_bars);
    match report.prompts.as_slice() {
        [] => out.push_str(&format!("{}\n\n{bars}", prose(&report.sentence, section::SENTENCE_CHARS))),
        [only] => {
            out.push_str(&format!(
                "{}{bars}{}",
                section::summary(report, only, detail),
                section::depth(report, only, detail)
            ));
        }
        several => {
            out.push_str(&format!("{}{bars}{}", table(several, detail.rows), sections(report, detail)))
        }
    }
    if !report.warnings.is_empty() && detail.warnings > 0 {
        let summary = count(report.warnings.len(), "warning");
        out.push_str(&folded(&summary, &bullets(&report.warnings, detail.warnings)));
    }
    if detail.run && !report.prompts.is_empty() {
        out.push_str(&run(report));
    }
    out.push_str(&footer(report));
    out
}

/// The verdict as a heading.
pub(super) fn heading(report: &Report) -> String {
    format!("## {} {}\n", wording::symbol(report.verdict), prose(&headline(report), HEADLINE_CHARS))
}

fn footer(report: &Report) -> String {
    format!(
        "<sub>prompt-assay: {} compared with {}, {} models. {} affected, {} not.</sub>\n",
        revision(&report.head),
        revision(&report.base),
        report.tier.as_str(),
        count(report.prompts.len(), "prompt"),
        report.unaffected
    )
}

/// One row for each prompt, worst first: three columns, so that a phone shows them.
fn table(prompts: &[PromptReport], rows: usize) -> String {
    let mut out = String::from("| Prompt | Old → new | |\n|:--|:--|:--|\n");
    let shown = worst_first(prompts).into_iter().take(rows);
    out.extend(shown.map(|p| {
        row(&[
            format!("{} {}", mark(p), inline_code(&p.head.id)),
            passes(p),
            prose(&in_short(p), REASON_CHARS),
        ])
    }));
    if prompts.len() > rows {
        out.push_str(&format!(
            "\n… and {} with a verdict no worse\n",
            count(prompts.len() - rows, "more prompt")
        ));
    }
    out.push('\n');
    out
}

/// A prompt that nothing was checked of has no mark of success.
fn mark(p: &PromptReport) -> &'static str {
    if !p.head.covered && p.verdict == Verdict::Ok { "➖" } else { wording::symbol(p.verdict) }
}

/// `48 → 41 of 50`.
fn passes(p: &PromptReport) -> String {
    match (p.baseline, p.candidate) {
        (Some(old), Some(new)) if old.of == new.of => {
            format!("{} → {} of {}", old.passed, new.passed, new.of)
        }
        (Some(old), Some(new)) => format!("{} → {}", wording::times(old), wording::times(new)),
        (None, Some(new)) => wording::times(new),
        (Some(old), None) => format!("{} → –", wording::times(old)),
        (None, None) => "–".to_owned(),
    }
}

/// By verdict, worst first; otherwise in the order given.
fn worst_first(prompts: &[PromptReport]) -> Vec<&PromptReport> {
    let mut all: Vec<&PromptReport> = prompts.iter().collect();
    all.sort_by_key(|p| (std::cmp::Reverse(p.verdict), !p.head.covered));
    all
}

/// A section for each prompt, those that passed behind their number.
fn sections(report: &Report, detail: &Detail) -> String {
    let (passed, rest): (Vec<&PromptReport>, Vec<&PromptReport>) = worst_first(&report.prompts)
        .into_iter()
        .partition(|p| matches!(p.verdict, Verdict::Ok | Verdict::Improved));
    let mut out: String = rest.into_iter().take(detail.sections).map(|p| one(report, p, detail)).collect();
    if detail.passing_sections && !passed.is_empty() {
        let inside: String = passed.iter().take(detail.sections).map(|p| one(report, p, detail)).collect();
        out.push_str(&folded(&format!("{} without a break found", count(passed.len(), "prompt")), &inside));
    }
    out
}

fn one(report: &Report, p: &PromptReport, detail: &Detail) -> String {
    format!(
        "### {} {}\n\n{}{}",
        mark(p),
        prose(&prompt_headline(p), HEADLINE_CHARS),
        section::summary(report, p, detail),
        section::depth(report, p, detail)
    )
}

/// Cost, models and seed.
fn run(report: &Report) -> String {
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
