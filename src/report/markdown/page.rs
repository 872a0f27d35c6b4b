//! The whole comment at one level of detail.

use super::cases::{self, Group};
use super::detail::Detail;
use super::numbers;
use super::parts::{REASON_CHARS, bullets, diff, folded, moved_bars, row};
use crate::report::untrusted::{inline_code, prose};
use crate::report::wording::{self, NOT_ENFORCED, SCRIPTED_LABEL, count};
use crate::report::{PromptReport, Report};
use crate::verdict::Verdict;

/// Longest sentence shown, in characters.
const SENTENCE_CHARS: usize = 2_000;

/// Renders everything.
pub(super) fn page(report: &Report, detail: &Detail) -> String {
    let mut out = format!("{}\n{}\n\n", heading(report), prose(&report.sentence, SENTENCE_CHARS));
    if !report.provider.is_language_model() {
        out.push_str(&format!("**{SCRIPTED_LABEL}**\n\n"));
    }
    out.push_str(&moved_bars(&report.moved_bars, detail.moved_bars));
    if !report.enforced {
        out.push_str(&format!("{}\n\n", prose(NOT_ENFORCED, REASON_CHARS)));
    }
    out.push_str(&table(&report.prompts, detail.rows));
    out.push_str(&sections(report, detail));
    if !report.warnings.is_empty() && detail.warnings > 0 {
        let summary = count(report.warnings.len(), "warning");
        out.push_str(&folded(&summary, &bullets(&report.warnings, detail.warnings)));
    }
    if detail.run && !report.prompts.is_empty() {
        out.push_str(&numbers::run(report));
    }
    out.push_str(&footer(report));
    out
}

/// The verdict as a heading.
pub(super) fn heading(report: &Report) -> String {
    let tally = wording::tally(&report.prompts);
    let tally = if tally.is_empty() { tally } else { format!(" – {tally}") };
    format!("## {} prompt-assay: {}{tally}\n", wording::symbol(report.verdict), report.verdict.words())
}

fn footer(report: &Report) -> String {
    format!(
        "<sub>{} compared with {} on the {} tier; {} affected, {} unaffected.</sub>\n",
        super::parts::revision(&report.head),
        super::parts::revision(&report.base),
        report.tier.as_str(),
        count(report.prompts.len(), "prompt"),
        report.unaffected
    )
}

fn table(prompts: &[PromptReport], rows: usize) -> String {
    if prompts.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "| Prompt | Verdict | Model | Baseline | Candidate | Change [95 % CI] | Broken / fixed | Paid |\n\
         |---|---|---|--:|--:|---|--:|--:|\n",
    );
    let mut shown: Vec<&PromptReport> = prompts.iter().collect();
    if shown.len() > rows {
        shown = worst_first(prompts);
        shown.truncate(rows);
    }
    out.extend(shown.into_iter().map(|p| row(&cells(p))));
    if prompts.len() > rows {
        out.push_str(&format!(
            "\n… and {} with a verdict no worse\n",
            count(prompts.len() - rows, "more prompt")
        ));
    }
    out.push('\n');
    out
}

fn cells(p: &PromptReport) -> [String; 8] {
    let verdict = if p.head.covered {
        p.verdict.words().to_owned()
    } else {
        format!("{}, not covered", p.verdict.words())
    };
    let models: Vec<String> = wording::models(p).into_iter().map(inline_code).collect();
    [
        inline_code(&p.head.id),
        verdict,
        if p.head.models.candidate.is_empty() { "-".to_owned() } else { models.join(" → ") },
        wording::side_cell(p, p.baseline),
        wording::side_cell(p, p.candidate),
        wording::change_cell(p),
        format!("{} / {}", p.broken.len(), p.fixed.len()),
        wording::money(p.cost.spent_usd),
    ]
}

/// By verdict, worst first; otherwise in the order given.
fn worst_first(prompts: &[PromptReport]) -> Vec<&PromptReport> {
    let mut all: Vec<&PromptReport> = prompts.iter().collect();
    all.sort_by_key(|p| std::cmp::Reverse(p.verdict));
    all
}

fn sections(report: &Report, detail: &Detail) -> String {
    let several = report.prompts.len() > 1;
    let passed = |p: &PromptReport| matches!(p.verdict, Verdict::Ok | Verdict::Improved);
    worst_first(&report.prompts)
        .into_iter()
        .filter(|p| !several || detail.passing_sections || !passed(p))
        .take(if several { detail.sections } else { 1 })
        .map(|p| match several {
            true => format!(
                "### {} {}: {}\n\n{}\n\n{}",
                wording::symbol(p.verdict),
                inline_code(&p.head.id),
                p.verdict.words(),
                prose(&p.sentence, SENTENCE_CHARS),
                section(p, detail)
            ),
            false => section(p, detail),
        })
        .collect()
}

fn section(p: &PromptReport, detail: &Detail) -> String {
    let groups = [
        Group { title: "Must-pass cases that fail", cases: &p.must_pass, depth: detail.broken, open: true },
        Group { title: "Broken by this change", cases: &p.broken, depth: detail.broken, open: true },
        Group {
            title: "Failing, no baseline to compare with",
            cases: &p.failing,
            depth: detail.broken,
            open: true,
        },
        Group {
            title: "Neither confirmed nor cleared",
            cases: &p.unresolved,
            depth: detail.unresolved,
            open: true,
        },
    ];
    let mut out: String = groups.iter().map(|group| cases::group(group, detail)).collect();
    if detail.warnings > 0 && !p.notes.is_empty() {
        out.push_str(&format!("{}\n", bullets(&p.notes, detail.warnings)));
    }
    out.push_str(&prompt_diff(p, detail));
    let groups = [
        Group { title: "fixed at screening, not re-run", cases: &p.fixed, depth: detail.fixed, open: false },
        Group { title: "flaky: worse once, not again", cases: &p.flaky, depth: detail.flaky, open: false },
        Group {
            title: "drifting: the baseline fails too, not this change",
            cases: &p.drifting,
            depth: detail.flaky,
            open: false,
        },
    ];
    out.extend(groups.iter().map(|group| cases::group(group, detail)));
    out.push_str(&cases::reasons("lost to failed calls", &p.lost, detail.names));
    out.push_str(&cases::reasons("accepted as broken", &p.accepted, detail.names));
    if detail.numbers && p.head.cases.total > 0 {
        out.push_str(&numbers::statistics(p));
    }
    out
}

fn prompt_diff(p: &PromptReport, detail: &Detail) -> String {
    let place = inline_code(&format!("{}:{}", p.head.catalog, p.head.line));
    let what = prose(&wording::change(&p.head.change, &p.head.causes), REASON_CHARS);
    if p.diff.is_empty() || detail.diff_lines == 0 {
        return format!("Prompt {what} ({place}).\n\n");
    }
    let summary = format!("<b>Prompt diff</b> {} ({what}; {place})", wording::diff_size(&p.diff));
    folded(&summary, &diff(&p.diff, detail.diff_lines))
}
