//! The length check: bounds in words and in characters as a person counts them.

use serde::Serialize;
use similar::DiffableStr;

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// Bounds of the answer without the white space around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct LengthCheck {
    words: Bounds,
    chars: Bounds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Bounds {
    min: Option<u64>,
    max: Option<u64>,
}

/// Reads `length`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<LengthCheck> {
    let words = bounds(reader, form, "min_words", "max_words")?;
    let chars = bounds(reader, form, "min_chars", "max_chars")?;
    if words.is_none() && chars.is_none() {
        form.lacks(
            reader,
            "min_words`, `max_words`, `min_chars` or `max_chars",
            "length: {min_words: 5, max_words: 80}",
        );
        return None;
    }
    Some(LengthCheck { words, chars })
}

fn bounds(
    reader: &mut Reader<'_, '_>,
    form: &mut Form<'_>,
    min: &'static str,
    max: &'static str,
) -> Option<Bounds> {
    let (low, high) = (form.take(min), form.take(max));
    let bounds = Bounds {
        min: low.map(|node| reader.count(node, min).ok_or(())).transpose().ok()?,
        max: high.map(|node| reader.count(node, max).ok_or(())).transpose().ok()?,
    };
    if let (Some(node), Bounds { min: Some(least), max: Some(most) }) = (high, bounds)
        && least > most
    {
        reader.error(
            node.mark,
            format!("`{min}` {least} is more than `{max}` {most}"),
            "no answer can have such a length: exchange the two",
        );
        return None;
    }
    Some(bounds)
}

impl Bounds {
    fn is_none(self) -> bool {
        self.min.is_none() && self.max.is_none()
    }

    fn hold(self, count: u64) -> bool {
        self.min.is_none_or(|min| count >= min) && self.max.is_none_or(|max| count <= max)
    }

    fn words(self, unit: &str) -> Option<String> {
        Some(match (self.min, self.max) {
            (None, None) => return None,
            (Some(min), Some(max)) if min == max => counted(min, unit),
            (Some(min), Some(max)) => format!("{min} to {}", counted(max, unit)),
            (Some(min), None) => format!("at least {}", counted(min, unit)),
            (None, Some(max)) => format!("at most {}", counted(max, unit)),
        })
    }
}

fn counted(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl Family for LengthCheck {
    fn label(&self) -> String {
        format!("length {}", self.asked())
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let text = input.text.trim();
        let words = text.split_whitespace().count() as u64;
        let mut found = Vec::new();
        if !self.words.is_none() {
            found.push(counted(words, "word"));
        }
        let mut passed = self.words.hold(words);
        if !self.chars.is_none() {
            let chars = text.tokenize_graphemes().len() as u64;
            passed &= self.chars.hold(chars);
            found.push(counted(chars, "character"));
        }
        let found = found.join(", ");
        let reason =
            if passed { format!("has {found}") } else { format!("expected {}, found {found}", self.asked()) };
        Finding::of(passed, reason)
    }
}

impl LengthCheck {
    fn asked(&self) -> String {
        let parts = [self.words.words("word"), self.chars.words("character")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
