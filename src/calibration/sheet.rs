//! The labelling sheet of a report: answers for people to judge, as CSV. The informative ones come first: those the
//! judge failed, then those it passed where the other prompt's answer failed, then the rest. The judge's verdict is not in
//! it, because people who see it agree with it.

use std::collections::BTreeSet;

use crate::report::{AnswerView, Report};

/// The first characters of a cell that a spreadsheet takes for a formula.
pub const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The sheet: one row for each answer of the report, each answer once, at most so many.
pub fn sheet(report: &Report, most: usize) -> String {
    let mut rows: Vec<(u8, [&str; 3])> = Vec::new();
    let mut seen = BTreeSet::new();
    for prompt in &report.prompts {
        let listed = [
            &prompt.broken,
            &prompt.unresolved,
            &prompt.flaky,
            &prompt.drifting,
            &prompt.must_pass,
            &prompt.failing,
            &prompt.fixed,
        ];
        for case in listed.into_iter().flatten() {
            let sides = [(&case.candidate, &case.baseline), (&case.baseline, &case.candidate)];
            for (answer, other) in sides {
                let Some(answer) = answer else { continue };
                if answer.score.is_some() && seen.insert((&prompt.head.id, &case.id, &answer.text)) {
                    rows.push((rank(answer, other.as_ref()), [&prompt.head.id, &case.id, &answer.text]));
                }
            }
        }
    }
    rows.sort_by_key(|(rank, _)| *rank);
    let mut text = String::from("prompt,case,answer,verdict,note\n");
    for (_, row) in rows.into_iter().take(most) {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&format!("{},,\n", cells.join(",")));
    }
    text
}

fn rank(answer: &AnswerView, other: Option<&AnswerView>) -> u8 {
    match (answer.passed, other.is_some_and(|other| !other.passed)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => 2,
    }
}

/// A cell that no spreadsheet computes.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}
