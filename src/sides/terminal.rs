//! A comparison on a terminal: first what each side is against the first, then the numbers, then the cases.

use super::{Comparison, Finding, words};
use crate::report::terminal::{Align, Colour, Page, Style, Table};
use crate::report::untrusted::{quoted, shortened, terminal_line};
use crate::report::wording::{SCRIPTED_LABEL, both_reruns_of, capitalised, count};
use crate::report::{AnswerView, CaseFinding};

/// Characters of an input or an answer.
const ANSWER_CHARS: usize = 160;
const VERBOSE_CHARS: usize = 4_000;

/// Renders a comparison.
pub fn render(found: &Comparison, style: Style) -> String {
    let mut page = Page::new(style);
    for side in 1..found.sides.len() {
        let said = words::headline(found, side);
        let said = said.or_else(|| {
            let letter = Comparison::letter(side);
            (!found.prompts.is_empty())
                .then(|| (Finding::NoDifference, format!("{letter} asks the same as A")))
        });
        if let Some((finding, text)) = said {
            page.painted(colour(finding), &format!("{} {text}", finding.sign()));
        }
    }
    if found.prompts.is_empty() {
        page.paragraph(words::nothing(found));
    }
    for place in 0..found.sides.len() {
        page.led("  ", &words::legend(found, place));
    }
    page.blank();
    for prompt in 0..found.prompts.len() {
        of_prompt(&mut page, found, prompt);
    }
    for line in words::left_out(found) {
        page.paragraph(&line);
    }
    page.list("To know", &found.warnings);
    page.paragraph(&words::spent(found));
    if !found.provider.is_language_model() {
        page.paragraph(SCRIPTED_LABEL);
    }
    page.finish()
}

fn colour(finding: Finding) -> Colour {
    match finding {
        Finding::Worse => Colour::Red,
        Finding::Better | Finding::NoDifference => Colour::Green,
        Finding::Mixed | Finding::Undecided | Finding::NotMeasured => Colour::Yellow,
    }
}

fn of_prompt(page: &mut Page, found: &Comparison, place: usize) {
    let prompt = &found.prompts[place];
    if found.prompts.len() > 1 {
        page.line(&quoted(&prompt.id));
    }
    let columns = words::COLUMNS
        .map(|name| (name, if name.is_empty() || name == "against A" { Align::Left } else { Align::Right }));
    let mut table = Table::new(&columns);
    for (side, row) in prompt.rows.iter().enumerate() {
        table.row(words::cells(row, side));
    }
    page.table(&table);
    for (side, row) in prompt.rows.iter().enumerate() {
        let Some(against) = &row.against else { continue };
        let why = words::why(&against.pair, against.finding, Comparison::letter(side));
        if !why.is_empty() {
            page.paragraph(&why.join(" "));
        }
        against.pair.notes.iter().for_each(|note| page.item(note));
    }
    for line in words::only(&prompt.rows) {
        page.led("  ", &line);
    }
    page.blank();
    cases(page, found, place);
}

/// Cases with the answers of both sides: of two sides the first few, otherwise only if everything is wanted.
fn cases(page: &mut Page, found: &Comparison, place: usize) {
    let style = page.style();
    let most = match (style.verbose, found.sides.len()) {
        (true, _) => usize::MAX,
        (false, 2) if found.prompts.len() == 1 => style.answers,
        (false, _) => 0,
    };
    let mut hidden = 0;
    for (side, row) in found.prompts[place].rows.iter().enumerate() {
        let Some(against) = &row.against else { continue };
        let decisive = words::decisive(&against.pair);
        hidden += decisive.len().saturating_sub(most);
        for (worse, case) in decisive.into_iter().take(most) {
            one_case(page, Comparison::letter(side), worse, case);
        }
    }
    if hidden > 0 {
        let more = if most == 0 { count(hidden, "case") } else { count(hidden, "more case") };
        page.paragraph(&format!("{} with both answers: `--verbose`", capitalised(&more)));
        page.blank();
    }
}

fn one_case(page: &mut Page, letter: char, is_worse: bool, case: &CaseFinding) {
    let verbose = page.style().verbose;
    let most = if verbose { VERBOSE_CHARS } else { ANSWER_CHARS };
    let (sign, colour) = if is_worse { ("✗", Colour::Red) } else { ("✓", Colour::Green) };
    let title = page.paint(colour, &format!("{sign} {}", terminal_line(&case.id)));
    page.line(&title);
    let shown = |text: &str| terminal_line(&shortened(text, most));
    let reruns = both_reruns_of(case, ["A", &letter.to_string()]);
    if !reruns.is_empty() {
        page.labelled("again", &reruns);
    }
    page.labelled("input", &shown(&case.input));
    if let Some(expected) = &case.expected {
        page.labelled("expected", &shown(expected));
    }
    for (name, answer) in [('A', &case.baseline), (letter, &case.candidate)] {
        let Some(AnswerView { text, failures, .. }) = answer else { continue };
        page.labelled(&name.to_string(), &shown(text));
        for failure in failures.iter().take(if verbose { usize::MAX } else { 2 }) {
            page.labelled("", &format!("because {}", shown(&failure.reason)));
        }
    }
    page.blank();
}
