//! What each finding says, and that nothing from outside acts on a terminal or a page.

use proptest::prelude::*;

use super::*;
use crate::report::examples::{assert_calm, every_reason, hostile, poisoned};
use crate::report::terminal::Style;
use crate::report::{Report, Revision};

/// Two sides, of which `report` is the comparison.
fn pair(report: Report, written: &str) -> Comparison {
    let head = |settings: Settings| SideHead {
        written: written.to_owned(),
        revision: Revision { name: written.to_owned(), commit: None },
        settings,
    };
    let other = Settings { model: Some(written.to_owned()), ..Settings::default() };
    Comparison::of(vec![head(Settings::default()), head(other)], vec![report], Vec::new())
}

#[test]
fn every_reason_has_words_that_name_the_sides_and_no_change() {
    let mut said = Vec::new();
    for (name, report) in every_reason() {
        let found = pair(report, "side");
        let Some((_, text)) = words::headline(&found, 1) else { continue };
        let against = found.prompts[0].rows[1].against.as_ref().expect("a pair");
        let why = words::why(&against.pair, against.finding, 'B').join(" ");
        for wrong in ["old prompt", "new prompt", "merge", "edit"] {
            assert!(!format!("{text} {why}").contains(wrong), "{name}: {text} {why}");
        }
        said.push(format!("{name}\n  {text}\n  {why}"));
    }
    insta::assert_snapshot!(said.join("\n"), @"");
}

#[test]
fn a_side_that_is_worse_fails_only_where_that_was_asked_for() {
    for (name, report) in every_reason() {
        let found = pair(report, "side");
        let finding =
            found.prompts.first().and_then(|prompt| prompt.rows[1].against.as_ref()).map(|one| one.finding);
        let (plain, strict) = match finding {
            Some(Finding::Worse) => (0, 1),
            Some(Finding::NotMeasured) => (3, 3),
            _ => (0, 0),
        };
        assert_eq!((found.exit_code(false), found.exit_code(true)), (plain, strict), "{name}");
    }
    let nothing = Report { prompts: Vec::new(), ..every_reason().remove(0).1 };
    let left_out = vec![LeftOut { prompt: "p".to_owned(), why: Why::NoGoldenSet }];
    let blind = Comparison { left_out, ..pair(nothing, "side") };
    assert_eq!(blind.exit_code(false), 3, "nothing could be measured");
}

#[test]
fn a_prompt_that_asks_the_same_on_a_later_side_has_the_first_sides_numbers() {
    let (_, report) =
        every_reason().into_iter().find(|(name, _)| *name == "confirmed_breaks, one case").expect("it");
    let none = Report { prompts: Vec::new(), ..report.clone() };
    let two = pair(report.clone(), "side");
    let sides = [two.sides.as_slice(), &two.sides[1..]].concat();
    let three = Comparison::of(sides, vec![report, none], Vec::new());
    let rows = &three.prompts[0].rows;
    assert!(rows[2].against.is_none() && rows[1].against.is_some());
    let score = |row: &Row| row.figures.as_ref().map(|figures| (figures.passed, figures.of));
    assert_eq!(
        (score(&rows[2]), words::cells(&rows[2], 2).pop()),
        (score(&rows[0]), Some("asks the same".to_owned()))
    );
}

proptest! {
    #[test]
    fn nothing_from_outside_acts(text in hostile()) {
        let found = pair(poisoned(&text), &text);
        assert_calm(&render_markdown(&found), usize::MAX);
        let shown = render_terminal(&found, Style { verbose: true, ..Style::default() });
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert!(shown.lines().all(|line| !line.trim_start().starts_with("::")) && !shown.contains("##["));
        prop_assert!(!render_json(&found, 0).contains("##["));
    }
}
