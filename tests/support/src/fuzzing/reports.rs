//! Reports: read from JSON, and written for every surface with the bytes as each text that comes from a pull request or a
//! model.

use std::sync::LazyLock;

use prompt_assay::report::format::Format;
use prompt_assay::report::{html, json, junit, markdown, terminal};
use serde_json::Value;

/// A report with cases of every kind, as JSON.
static REPORT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../../../fuzz/corpus/reports/every-kind.json");
    serde_json::from_str(text).expect("a report")
});

/// The keys of texts that others write.
const FOREIGN: &[&str] = &[
    "id",
    "input",
    "text",
    "reason",
    "check",
    "expected",
    "tags",
    "name",
    "catalog",
    "case",
    "prompt",
    "what",
    "notes",
    "warnings",
    "sentence",
    "unknown_models",
    "broken",
    "fixed",
    "lost",
    "compare",
    "added",
    "removed",
    "tag",
];

pub fn reports(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // A report that somebody made.
    if let Ok(report) = json::parse(&text) {
        for format in Format::ALL {
            format.report(&report, terminal::Style::default());
        }
    }
    let mut poisoned = REPORT.clone();
    poison(&mut poisoned, &text.chars().take(300).collect::<String>(), false);
    let report = json::parse(&poisoned.to_string()).unwrap_or_else(|error| panic!("no report: {error}"));
    assert_calm(&markdown::render(&report, markdown::Limits::default()));
    assert_shown(&terminal::render(&report, terminal::Style::default()));
    assert_inert(&html::render(&report));
    let junit = junit::render(&report);
    assert!(!junit.chars().any(|c| c.is_control() && !"\n\t".contains(c)), "XML has no such characters");
    assert_eq!(
        json::parse(&json::render(&report)).map(|again| json::render(&again)).ok(),
        Some(json::render(&report))
    );
}

/// Every text below these keys becomes the hostile one.
fn poison(value: &mut Value, text: &str, is_foreign: bool) {
    match value {
        Value::String(old) if is_foreign => *old = text.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, text, is_foreign)),
        Value::Object(object) => {
            // The reason of a verdict is a word of the program.
            let has_verdict = object.contains_key("verdict");
            for (key, value) in object {
                poison(value, text, FOREIGN.contains(&key.as_str()) && !(has_verdict && key == "reason"));
            }
        }
        _ => {}
    }
}

/// A comment that does nothing: no marker, no mention, no workflow command, every fold and fence closed.
fn assert_calm(comment: &str) {
    assert!(comment.chars().count() <= 65_536, "GitHub takes no longer comment");
    assert!(!comment.contains("<!--") && !comment.contains("##["), "{comment}");
    let (mut fence, mut folds) = (None::<&str>, 0_i32);
    for line in comment.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 4 => fence = Some(ticks),
            None => {
                folds += line.matches("<details>").count() as i32 - line.matches("</details>").count() as i32;
                assert!(folds >= 0, "a fold is closed that is not open: {line}");
                assert!(!line.contains('@') && !line.contains("::"), "{line}");
                assert!(!line.contains("<script") && !line.contains("<!"), "{line}");
            }
        }
        assert!(!line.trim_start().starts_with("::"), "{line}");
    }
    assert!(fence.is_none() && folds == 0, "a fence or a fold is left open");
    assert!(!comment.chars().any(|c| c != '\n' && c.is_control()));
}

fn assert_shown(shown: &str) {
    let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!shown.contains(acts), "{shown:?} would act on a terminal");
    assert!(!shown.lines().any(|line| line.trim_start().starts_with("::")), "a workflow command");
}

/// A page with as many scripts as the program writes, and nothing that loads or runs anything else.
fn assert_inert(page: &str) {
    static SCRIPTS: LazyLock<usize> = LazyLock::new(|| {
        let report = json::parse(&REPORT.to_string()).expect("a report");
        html::render(&report).matches("<script").count()
    });
    assert_eq!(page.matches("<script").count(), *SCRIPTS, "a script of somebody else");
    for foreign in ["<iframe", "<img", "<object", "<embed", "<base", "<form", "javascript:"] {
        assert!(!tags(page).any(|tag| tag.contains(foreign)), "{foreign}");
    }
    assert!(!tags(page).any(|tag| tag.contains(" onerror=") || tag.contains(" onload=")));
}

/// The tags of a page, each from `<` to the next `>`.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.match_indices('<').map(|(at, _)| {
        let rest = &page[at..];
        rest.split_once('>').map_or(rest, |(tag, _)| tag)
    })
}
