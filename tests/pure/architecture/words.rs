//! The words of verdicts, reasons, statuses and outcomes: code compares the values, never the words.

use std::collections::BTreeSet;

use super::source::{Source, strip, texts, without_tests};

/// The places of the enums. Only their own files say which word is which value.
const ENUMS: &[(&str, &str)] = &[
    ("src/verdict.rs", "Verdict"),
    ("src/verdict.rs", "Reason"),
    ("src/report/case.rs", "CaseStatus"),
    ("src/release/outcome.rs", "Outcome"),
];

/// A column that is called like one of those values.
const NAMESAKES: &[(&str, &str)] = &[("src/golden/csv_rows.rs", "must_pass")];

/// A text that is compared or matched with, and its place.
#[derive(Debug, PartialEq, Eq)]
pub struct Compared {
    /// Path of the file.
    pub path: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// The text, without its quotes.
    pub text: String,
}

/// The enums' words that code compares texts with.
pub fn compared_words(sources: &[Source]) -> Vec<Compared> {
    let words: BTreeSet<String> = ENUMS
        .iter()
        .flat_map(|(path, name)| {
            let source = sources.iter().find(|source| source.path == *path);
            words_of(&source.unwrap_or_else(|| panic!("{path} holds {name}")).text, name)
        })
        .collect();
    let readers = sources.iter().filter(|source| source.room().is_some() && !source.is_tests());
    let elsewhere = readers.filter(|source| ENUMS.iter().all(|(path, _)| *path != source.path));
    let compared = elsewhere.flat_map(compared_texts).filter(|compared| words.contains(&compared.text));
    let found: Vec<Compared> = compared.collect();
    let is = |found: &Compared, (path, text): &(&str, &str)| found.path == *path && found.text == *text;
    for namesake in NAMESAKES {
        assert!(found.iter().any(|found| is(found, namesake)), "{namesake:?} is no longer needed");
    }
    found.into_iter().filter(|found| !NAMESAKES.iter().any(|namesake| is(found, namesake))).collect()
}

/// Every way to write a variant, and the words its file writes for one.
fn words_of(text: &str, name: &str) -> BTreeSet<String> {
    let body = text.split(&format!("pub enum {name} {{")).nth(1).unwrap_or_else(|| panic!("no enum {name}"));
    let lines = body.lines().take_while(|line| *line != "}").map(str::trim);
    let variants = lines.filter_map(|line| line.strip_suffix(',')).filter(|line| !line.contains(' '));
    let written = variants.flat_map(|variant| {
        let snake = snake_case(variant);
        let spaced = snake.replace('_', " ");
        [snake.to_uppercase(), spaced.to_uppercase(), snake, spaced]
    });
    let shown = text.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    written.chain(shown.map(str::to_owned)).collect()
}

fn snake_case(variant: &str) -> String {
    let mut snake = String::new();
    for c in variant.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

/// The texts beside `==` or `!=`, and those that are patterns.
fn compared_texts(source: &Source) -> Vec<Compared> {
    let code: Vec<char> = without_tests(&strip(&source.text)).chars().collect();
    let two = |chars: &mut dyn Iterator<Item = &char>| -> String {
        chars.skip_while(|c| c.is_whitespace()).take(2).collect()
    };
    let mut found = Vec::new();
    for (start, piece) in texts(&source.text) {
        let end = start + piece.chars().count();
        let before: String = two(&mut code[..start].iter().rev()).chars().rev().collect();
        let after = two(&mut code[end..].iter());
        let is_alternative = |beside: &str, bar: bool| bar && beside != "||";
        let is_compared = ["==", "!="].contains(&before.as_str())
            || ["==", "!=", "=>"].contains(&after.as_str())
            || is_alternative(&before, before.ends_with('|'))
            || is_alternative(&after, after.starts_with('|'));
        if is_compared {
            let line = 1 + source.text.chars().take(start).filter(|c| *c == '\n').count();
            let text = piece.trim_matches('"').to_owned();
            found.push(Compared { path: source.path.clone(), line, text });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts_of(code: &str) -> Vec<String> {
        let source = Source { path: "src/a.rs".to_owned(), text: code.to_owned() };
        compared_texts(&source).into_iter().map(|compared| compared.text).collect()
    }

    #[test]
    fn a_text_that_is_compared_is_found() {
        assert_eq!(texts_of("fn f() { a.reason == \"budget\" }"), ["budget"]);
        assert_eq!(texts_of("fn f() { \"é\"; \"held\" != outcome }"), ["held"]);
        assert_eq!(texts_of("match word {\n    \"a\" | \"b\" => 1,\n    _ => 2,\n}"), ["a", "b"]);
    }

    #[test]
    fn a_text_that_is_only_said_is_none() {
        for code in [
            "fn f() { say(\"budget\"); }",
            "// reason == \"budget\"",
            "const A: &str = \"a == b\";",
            "fn f() { g(\"a\") || h }",
            "#[cfg(test)]\nmod tests { fn f() { a == \"budget\" } }",
        ] {
            assert!(texts_of(code).is_empty(), "{code}: {:?}", texts_of(code));
        }
    }

    #[test]
    fn an_enum_is_known_by_every_word_it_is_written_with() {
        let text = "/// It.\npub enum It {\n    /// Was.\n    NotMeasured,\n    Kept,\n}\nmatch x { Kept => \"left alone\" }";
        let words = words_of(text, "It");
        for word in ["not_measured", "NOT_MEASURED", "NOT MEASURED", "not measured", "kept", "left alone"] {
            assert!(words.contains(word), "{word}: {words:?}");
        }
    }
}
