//! The regex check: a pattern found anywhere in the answer, in time linear in its length.

use regex::{Regex, RegexBuilder};
use serde::Serialize;

use crate::lookalike::nfc;

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::quote::{passage, quoted};
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// The size limits of a compiled pattern, by steps, and how much each counts for the limit that all
/// patterns of a golden set share: large ones take long to compile, so each counts several times.
const SIZE_STEPS: [(usize, usize); 4] =
    [(1 << 12, 1 << 12), (1 << 15, 1 << 15), (1 << 18, 1 << 22), (1 << 20, 1 << 23)];
/// Bytes a pattern may have; parsing takes some hundred times as many.
const LONGEST: usize = 10_000;

/// A pattern and its compiled form.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Pattern {
    pattern: String,
    ignore_case: bool,
    #[serde(skip)]
    compiled: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.ignore_case == other.ignore_case
    }
}

/// Reads `regex`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Pattern> {
    let ignore_case = form.flag(reader, "ignore_case", false);
    let Some(node) = form.main("pattern") else {
        form.lacks(reader, "pattern", "regex: \"\\\\b30 days\\\\b\"");
        return None;
    };
    let pattern = nfc(&reader.text(node, "regex")?).into_owned();
    if pattern.is_empty() {
        reader.error(node.mark, "`regex` with an empty pattern holds for every answer", "write a pattern");
        return None;
    }
    if pattern.len() > LONGEST {
        let message =
            format!("the regular expression has {} bytes; at most {LONGEST} are compiled", pattern.len());
        reader.error(node.mark, message, "shorten it, or write `contains_any` with a list of texts");
        return None;
    }
    if reader.resources.are_exceeded() {
        return None;
    }
    let built = build(&pattern, ignore_case);
    match built {
        Ok((compiled, bytes)) => match reader.resources.take(bytes) {
            Ok(()) => Some(Pattern { pattern, ignore_case, compiled }),
            Err((message, help)) => {
                reader.error(node.mark, message, help);
                None
            }
        },
        Err(error) => {
            let (message, help) = explained(&error);
            reader.error(node.mark, message, help);
            None
        }
    }
}

/// The compiled pattern and the room it takes.
fn build(pattern: &str, ignore_case: bool) -> Result<(Regex, usize), regex::Error> {
    let of = |(bytes, room): (usize, usize)| {
        let built = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(bytes).build();
        built.map(|pattern| (pattern, room))
    };
    let [steps @ .., largest] = SIZE_STEPS;
    steps.into_iter().find_map(|step| of(step).ok()).map_or_else(|| of(largest), Ok)
}

/// The compiler's message on one line, and where in the pattern it points.
fn explained(error: &regex::Error) -> (String, String) {
    const SYNTAX: &str = "the syntax is that of https://docs.rs/regex: no look-around, no back-references";
    let text = match error {
        regex::Error::CompiledTooBig(limit) => {
            return (
                format!("the regular expression is too large: more than {limit} bytes compiled"),
                "lower its repetition counts".to_owned(),
            );
        }
        other => other.to_string(),
    };
    let said = text.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(text.trim());
    let message = format!("the regular expression does not compile: {said}");
    let lines: Vec<&str> = text.lines().collect();
    // A pattern of one line is drawn indented by four, with carets below it.
    let column = match lines.as_slice() {
        [_, _, carets, ..] => carets.find('^').map(|_| carets.chars().take_while(|c| *c != '^').count() - 3),
        _ => None,
    };
    match column {
        Some(column) => (message, format!("at character {column} of the pattern; {SYNTAX}")),
        None => (message, SYNTAX.to_owned()),
    }
}

impl Family for Pattern {
    fn label(&self) -> String {
        format!("regex {}", self.shown())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        match self.compiled.find(&nfc(input.text)) {
            Some(found) => Finding::passed(format!("{} matches {}", quoted(found.as_str()), self.shown())),
            None => Finding::failed(format!("nothing matches {} in {}", self.shown(), quoted(input.text))),
        }
    }
}

impl Pattern {
    fn shown(&self) -> String {
        format!("/{}/{}", passage(&self.pattern), if self.ignore_case { "i" } else { "" })
    }
}
