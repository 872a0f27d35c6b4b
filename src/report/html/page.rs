//! The page of a report: the verdict, every prompt, and the run.

use super::cases::Room;
use super::markup::{block, card, code, fold, line, list, prose, scrolled, table};
use super::{LONGEST, document, prompt};
use crate::report::sentence::{Place, headline, prompt_headline, what_to_do};
use crate::report::wording::{self, NOT_ENFORCED, SCRIPTED_LABEL, count, dollars, thousands};
use crate::report::{MovedBar, PromptReport, Report, Revision, SpendLine, numbers};
use crate::trial::{Lane, Phase, Side};
use crate::verdict::Verdict;

/// Moved bars and warnings that are shown at most.
const ROWS: usize = 200;
/// Prompts with sections of their own at most; the table has all.
const SECTIONS: usize = 200;
/// The longest title of the page, in characters.
const TITLE_CHARS: usize = 120;
/// The longest text of a moved bar, in characters.
const BAR_CHARS: usize = 500;

/// The whole page.
pub(super) fn page(report: &Report, room: Room, is_shortened: bool) -> String {
    let body = format!(
        "{}<main id=\"main\">\n{}{}{}{}{}</main>\n{}",
        header(report),
        moved_bars(&report.moved_bars),
        summary(report),
        prompts(report, room),
        card("Warnings", "", &list(report.warnings.iter().take(ROWS).map(|warning| prose(warning)))),
        run(report),
        footer(report, is_shortened)
    );
    let title = format!("{} – prompt-assay", line(&headline(report).replace('`', ""), TITLE_CHARS));
    document(&title, &body)
}

/// The verdict, why, and what was compared.
fn header(report: &Report) -> String {
    let scripted = match report.provider.is_language_model() {
        true => String::new(),
        false => format!("<p><b>{}</b></p>\n", prose(SCRIPTED_LABEL)),
    };
    let free = if report.enforced { String::new() } else { format!("<p>{}</p>\n", prose(NOT_ENFORCED)) };
    format!(
        "<header class=\"verdict {}\">\n<h1>{} {}</h1>\n{}{scripted}{free}<p class=\"dim\">{}</p>\n</header>\n",
        class(report.verdict),
        wording::symbol(report.verdict),
        prose(&headline(report)),
        match report.prompts.as_slice() {
            [only] => next(report, only),
            _ => format!("<p>{}</p>\n", prose(&report.sentence)),
        },
        about(report)
    )
}

/// Why, and what to do now.
fn next(report: &Report, p: &PromptReport) -> String {
    let place = if report.pull_request.is_some() { Place::PullRequest } else { Place::Keyboard };
    let next = what_to_do(report, p, place);
    let accept = next.accept.map_or(String::new(), |lines| {
        let summary = "Is a break intended? Lines for <code>prompt-assay.yaml</code>";
        fold(summary, &format!("<pre>{}</pre>\n", block(&lines, usize::MAX)))
    });
    format!("<p>{}</p>\n<p><b>What to do now:</b> {}</p>\n{accept}", prose(&p.sentence), prose(&next.text))
}

/// `9b70a0b compared with 87f80ec · branch models · 185 calls, cost 0.04 USD, 3.6 s`.
fn about(report: &Report) -> String {
    format!(
        "{} compared with {} · {} models · {}, {}, {:.1} s",
        revision(&report.head),
        revision(&report.base),
        report.tier.as_str(),
        count(report.spend.paid_calls as usize, "call"),
        wording::cost(&report.cost),
        report.wall_ms as f64 / 1000.0
    )
}

fn revision(found: &Revision) -> String {
    code(&wording::revision(found))
}

/// The class of a verdict's colour.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok | Verdict::Improved => "good",
        Verdict::Regression => "bad",
        Verdict::Inconclusive | Verdict::Mixed | Verdict::NotMeasured => "warn",
    }
}

/// What the change does to its own bar.
pub(super) fn moved_bars(bars: &[MovedBar]) -> String {
    let shown = bars.iter().take(ROWS).map(|bar| {
        let place = bar.prompt.as_deref().map_or("the configuration".to_owned(), code);
        let lowers = if bar.lowers { "<b>lowers its own bar:</b> " } else { "" };
        format!("{lowers}{place}: {}", line(&bar.what, BAR_CHARS))
    });
    let more = bars.len().saturating_sub(ROWS);
    let more = (more > 0).then(|| format!("and {}", count(more, "more")));
    card("This change moves its own bar", "", &list(shown.chain(more)))
}

/// A row for every prompt, if there are several.
fn summary(report: &Report) -> String {
    if report.prompts.len() < 2 {
        return String::new();
    }
    let rows = worst_first(report).into_iter().map(|(index, p)| {
        let link = match index < SECTIONS {
            true => format!("<a href=\"#p{index}\">{}</a>", code(&p.head.id)),
            false => code(&p.head.id),
        };
        vec![
            link,
            format!(
                "<span class=\"{}-ink\">{} {}</span>",
                class(p.verdict),
                wording::symbol(p.verdict),
                p.verdict.words()
            ),
            p.baseline.map_or("–".to_owned(), wording::times),
            p.candidate.map_or("–".to_owned(), wording::times),
            p.broken.len().to_string(),
            p.fixed.len().to_string(),
        ]
    });
    let heads = ["Prompt", "Verdict", "Old", "New", "Broken", "Fixed"];
    card("Prompts", "", &scrolled("Prompts", &table(&heads, &[4, 5], rows)))
}

/// By verdict, worst first, with their place in the page.
fn worst_first(report: &Report) -> Vec<(usize, &PromptReport)> {
    let mut prompts: Vec<&PromptReport> = report.prompts.iter().collect();
    prompts.sort_by_key(|p| std::cmp::Reverse(p.verdict));
    prompts.into_iter().enumerate().collect()
}

fn prompts(report: &Report, room: Room) -> String {
    let several = report.prompts.len() > 1;
    let mut sections = String::new();
    let mut left = report.prompts.len();
    for (index, p) in worst_first(report).into_iter().take(SECTIONS) {
        if sections.len() > LONGEST {
            break;
        }
        let sentence = if several { next(report, p) } else { String::new() };
        sections.push_str(&format!(
            "<h2 id=\"p{index}\"{}>{} {}</h2>\n{sentence}{}",
            // Of a single prompt the page's own heading says it.
            if several { "" } else { " class=\"said\"" },
            wording::symbol(p.verdict),
            prose(&prompt_headline(p)),
            prompt::sections(index, p, report.guarantee, room)
        ));
        left -= 1;
    }
    let more = match left {
        0 => String::new(),
        n => format!(
            "<p class=\"dim\">{} with a verdict no worse; the JSON report has them.</p>\n",
            count(n, "more prompt")
        ),
    };
    sections + &more
}

/// What was planned, and what was spent, by model and phase.
fn run(report: &Report) -> String {
    if report.prompts.is_empty() {
        return String::new();
    }
    let planned = report
        .prompts
        .iter()
        .take(ROWS)
        .map(|p| format!("{}: {}", code(&p.head.id), wording::case_counts(&p.head.cases)));
    let spent = list(numbers::spend(report).iter().map(|line| prose(line)));
    let heads = ["Model", "For", "Bought", "Stored", "Failed", "Input tokens", "Output tokens", "USD"];
    let lines = spend_rows(report);
    format!(
        "<h2>The run</h2>\n{}{}",
        card("Plan", "", &list(planned)),
        card(
            "Spend",
            "",
            &format!(
                "{spent}{}",
                fold("By model and phase", &scrolled("Spend", &table(&heads, &[2, 3, 4, 5, 6, 7], lines)))
            )
        )
    )
}

/// Spend by model, side and phase, over all prompts.
fn spend_rows(report: &Report) -> Vec<Vec<String>> {
    let mut sums: Vec<((&str, String), SpendLine)> = Vec::new();
    for spent in &report.spend.lines {
        let key = (spent.model.as_str(), purpose(spent));
        match sums.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => add(sum, spent),
            None => sums.push((key, spent.clone())),
        }
    }
    sums.sort_by(|(a, _), (b, _)| a.cmp(b));
    let row = |((model, purpose), sum): ((&str, String), SpendLine)| {
        vec![
            code(model),
            purpose,
            thousands(sum.bought),
            thousands(sum.cached),
            thousands(sum.failed),
            thousands(sum.input_tokens),
            thousands(sum.output_tokens),
            dollars(sum.spent_usd),
        ]
    };
    sums.into_iter().map(row).collect()
}

fn purpose(spent: &SpendLine) -> String {
    let side = match spent.side {
        Side::Baseline => "old prompt",
        Side::Candidate => "new prompt",
    };
    let phase = match spent.phase {
        Phase::Screen => "first look",
        Phase::Confirm => "asked again",
        Phase::Fresh => "fresh pairs",
        Phase::Must => "must-pass re-runs",
    };
    match spent.lane {
        Lane::Prompt => format!("{side}, {phase}"),
        Lane::Judge => format!("judge of the {side}, {phase}"),
        Lane::Embedding => format!("embeddings for the {side}, {phase}"),
    }
}

fn add(sum: &mut SpendLine, more: &SpendLine) {
    sum.bought += more.bought;
    sum.cached += more.cached;
    sum.failed += more.failed;
    sum.input_tokens += more.input_tokens;
    sum.output_tokens += more.output_tokens;
    sum.spent_usd = sum.spent_usd.zip(more.spent_usd).map(|(a, b)| a + b);
}

fn footer(report: &Report, is_shortened: bool) -> String {
    let shortened = match is_shortened {
        true => {
            "<p class=\"dim\">Long texts were cut so that this page stays small; the JSON report has them whole.</p>\n"
        }
        false => "",
    };
    format!(
        "<footer>\n{shortened}<p class=\"dim\">{} affected, {} unaffected. prompt-assay {}</p>\n</footer>\n",
        count(report.prompts.len(), "prompt"),
        report.unaffected,
        env!("CARGO_PKG_VERSION")
    )
}
