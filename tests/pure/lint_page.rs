//! docs/lint.md describes every rule of `lint`, as the code has it.

use prompt_assay::lint::{Level, RULES};

#[test]
fn the_page_has_every_rule_with_its_severity_and_explanation() {
    let page = include_str!("../../docs/lint.md");
    let written: Vec<(&str, &str)> = page
        .split("\n### `")
        .skip(1)
        .map(|section| {
            let (name, rest) = section.split_once("`\n\n").expect("a heading, then the text");
            (name, rest.lines().next().unwrap_or_default())
        })
        .collect();
    let word = |level| match level {
        Level::Error => "Error",
        Level::Warning => "Warning",
        Level::Note => "Note",
    };
    let meant: Vec<(&str, String)> =
        RULES.iter().map(|rule| (rule.name, format!("**{}.** {}", word(rule.level), rule.about))).collect();
    let meant: Vec<(&str, &str)> = meant.iter().map(|(name, line)| (*name, line.as_str())).collect();
    assert_eq!(written, meant);
}

#[test]
fn names_of_rules_are_words_with_hyphens() {
    for rule in RULES {
        assert!(rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", rule.name);
        assert!(rule.about.ends_with('.'), "{}", rule.name);
    }
}
