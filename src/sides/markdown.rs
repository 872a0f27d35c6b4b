//! A comparison as Markdown, for a pull request or a page: what each side is against the first, the numbers, and the cases folded.

use super::{Comparison, Finding, words};
use crate::report::markdown::parts::{REASON_CHARS, bullets, folded};
use crate::report::untrusted::{html_line, inline_code, prose};
use crate::report::wording::{SCRIPTED_LABEL, count};
use crate::report::{CaseFinding, table};

/// Cases of a fold; the JSON has all of them.
const CASES: usize = 20;
/// Characters of an answer.
const ANSWER_CHARS: usize = 400;

/// Renders a comparison.
pub fn render(found: &Comparison) -> String {
    let mut out = String::from("## Comparison\n\n");
    for side in 1..found.sides.len() {
        if let Some((finding, text)) = words::headline(found, side) {
            out.push_str(&format!("**{} {}**\n\n", symbol(finding), prose(&text, REASON_CHARS)));
        }
    }
    if found.prompts.is_empty() {
        out.push_str(&format!("{}\n\n", words::nothing(found)));
    }
    let legend: Vec<String> = (0..found.sides.len()).map(|place| words::legend(found, place)).collect();
    out.push_str(&bullets(&legend, usize::MAX));
    out.push('\n');
    for prompt in &found.prompts {
        if found.prompts.len() > 1 {
            out.push_str(&format!("### {}\n\n", inline_code(&prompt.id)));
        }
        let cells = prompt.rows.iter().enumerate().map(|(side, row)| words::cells(row, side));
        let rows: Vec<Vec<String>> =
            [words::COLUMNS.map(str::to_owned).to_vec()].into_iter().chain(cells).collect();
        out.push_str(&table::markdown(&rows));
        out.push('\n');
        for (side, row) in prompt.rows.iter().enumerate() {
            let Some(against) = &row.against else { continue };
            let letter = Comparison::letter(side);
            let why = words::why(&against.pair, against.finding, letter);
            out.push_str(&bullets(&why, usize::MAX));
            out.push_str(&bullets(&against.pair.notes, CASES));
            let decisive = words::decisive(&against.pair);
            if !decisive.is_empty() {
                let summary = format!("{} of {letter} with both answers", count(decisive.len(), "case"));
                let shown: String =
                    decisive.iter().take(CASES).map(|(worse, case)| of_case(letter, *worse, case)).collect();
                out.push_str(&format!("\n{}", folded(&html_line(&summary), &shown)));
            }
        }
        out.push_str(&bullets(&words::only(&prompt.rows), usize::MAX));
        out.push('\n');
    }
    let mut rest = words::left_out(found);
    rest.extend(found.warnings.iter().cloned());
    rest.push(words::spent(found));
    out.push_str(&bullets(&rest, usize::MAX));
    if !found.provider.is_language_model() {
        out.push_str(&format!("\n**{SCRIPTED_LABEL}**\n"));
    }
    out
}

fn symbol(finding: Finding) -> &'static str {
    match finding {
        Finding::Worse => "❌",
        Finding::Better => "✅",
        Finding::NoDifference => "🟰",
        Finding::Mixed => "⚖️",
        Finding::Undecided => "❓",
        Finding::NotMeasured => "⚠️",
    }
}

fn of_case(letter: char, is_worse: bool, case: &CaseFinding) -> String {
    let sign = if is_worse { "✗" } else { "✓" };
    let answer = |name: char, answer: &Option<crate::report::AnswerView>| {
        answer.as_ref().map_or(String::new(), |answer| {
            let why: Vec<String> =
                answer.failures.iter().map(|failure| prose(&failure.reason, REASON_CHARS)).collect();
            let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join("; ")) };
            format!("  - {name}: {}{why}\n", prose(&answer.text, ANSWER_CHARS))
        })
    };
    format!(
        "- {sign} {}: {}\n{}{}",
        inline_code(&case.id),
        prose(&case.input, ANSWER_CHARS),
        answer('A', &case.baseline),
        answer(letter, &case.candidate)
    )
}
