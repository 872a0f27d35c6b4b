//! Comments as people see them, one per verdict; then size and hostile text.

mod circumstances;
mod small;
mod tops;
mod whole;

use proptest::prelude::*;

use super::*;
use crate::report::examples::{self, assert_calm, hostile};

fn shown(report: &Report) -> String {
    render(report, Limits::default())
}

/// A comment with every fold closed: a line for each. What is inside, blank lines and the foot are left out.
fn outline(report: &Report) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for line in shown(report).lines().filter(|line| !line.is_empty() && !line.starts_with("<sub>")) {
        match line.strip_prefix("<details><summary>") {
            Some(summary) => {
                if depth == 0 {
                    out.push_str(&format!("> {}\n", summary.trim_end_matches("</summary>")));
                }
                depth += 1;
            }
            None if line == "</details>" => depth -= 1,
            None if depth == 0 => out.push_str(&format!("{line}\n")),
            None => {}
        }
    }
    out
}

#[test]
fn what_matters_more_stays_longer() {
    let mut report = examples::confirmed_breaks();
    let p = &mut report.prompts[0];
    let filler = "The quick brown fox jumps over the lazy dog. ".repeat(40);
    p.broken = (0..40)
        .map(|i| {
            let mut case = examples::refund_late();
            case.id = format!("broken-{i:02}");
            case.baseline.as_mut().expect("an answer").text = filler.clone();
            case
        })
        .collect();
    p.fixed = (0..40)
        .map(|i| crate::report::CaseFinding {
            id: format!("fixed-{i:02}"),
            input: filler.clone(),
            ..examples::fixed()
        })
        .collect();
    let text = render(&report, Limits { bytes: 60_000 });
    assert!(text.len() <= 60_000);
    assert!(text.contains("fixed-39") && text.contains("broken-39"), "names stay");
    assert!(text.contains("left out: answers of fixed cases"));
    assert!(text.contains("The change</b>"), "the diff stays while answers can go");
}

#[test]
fn every_example_fits_every_limit_whole() {
    for (_, report) in examples::all() {
        for bytes in [2_000, 3_000, 5_000, 8_000, 60_000] {
            let text = render(&report, Limits { bytes });
            assert_calm(&text, bytes);
            assert!(text.starts_with(&page::heading(&report)));
        }
    }
}

#[test]
fn a_thousand_prompts_fit() {
    let mut report = examples::several();
    report.prompts = report.prompts.iter().cycle().take(1_000).cloned().collect();
    let text = render(&report, Limits::default());
    assert_calm(&text, 60_000);
    assert!(text.contains("refund-late"), "what broke is named");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn hostile_text_stays_text_at_every_size(text in hostile(), bytes in 2_000_usize..40_000) {
        let rendered = render(&examples::poisoned(&text), Limits { bytes });
        assert_calm(&rendered, bytes);
        prop_assert!(rendered.starts_with("## ❌ Do not merge"));
    }
}
