//! Two answers as one text: the words that were removed and those that were added.

use similar::{ChangeTag, TextDiff};

use crate::report::untrusted::terminal_line;

/// A stretch of a text, neutralised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// In both.
    Same(String),
    /// Only in the old one.
    Removed(String),
    /// Only in the new one.
    Added(String),
}

impl Piece {
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Removed(text) | Self::Added(text) => text,
        }
    }
}

/// Least share of letters, in whole words, that two texts have in common if one text is to show both.
const ALIKE: f32 = 0.4;

/// What differs, by word, on one line; `None` if the texts have too little in common to be read as one.
pub(super) fn differing(old: &str, new: &str) -> Option<Vec<Piece>> {
    let (old, new) = (terminal_line(old), terminal_line(new));
    let diff = TextDiff::from_words(&old, &new);
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let same = diff.iter_all_changes().filter(|change| change.tag() == ChangeTag::Equal);
    let common: usize = same.map(|change| letters(change.value())).sum();
    if (2 * common) as f32 <= ALIKE * (letters(&old) + letters(&new)) as f32 {
        return None;
    }
    let mut pieces: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match pieces.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => pieces.push((change.tag(), change.value().to_owned())),
        }
    }
    let piece = |(tag, text)| match tag {
        ChangeTag::Equal => Piece::Same(text),
        ChangeTag::Delete => Piece::Removed(text),
        ChangeTag::Insert => Piece::Added(text),
    };
    Some(pieces.into_iter().map(piece).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(old: &str, new: &str) -> Option<String> {
        let text = |piece: &Piece| match piece {
            Piece::Same(text) => text.clone(),
            Piece::Removed(text) => format!("[-{text}-]"),
            Piece::Added(text) => format!("{{+{text}+}}"),
        };
        differing(old, new).map(|pieces| pieces.iter().map(text).collect())
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let said = said("I am sorry about the long wait.", "I am very sorry about the wait.");
        assert_eq!(said.as_deref(), Some("I am {+very +}sorry about the[- long-] wait."));
    }

    #[test]
    fn texts_without_much_in_common_stay_apart() {
        assert_eq!(said("Yes, within thirty days.", "Niemals! Nicht einmal heute."), None);
    }

    #[test]
    fn nothing_in_an_answer_acts_on_the_terminal() {
        let said = said("a\u{1b}[31mb c d e f", "a\u{1b}[31mb c d e g");
        assert_eq!(said.as_deref(), Some("a␛[31mb c d e [-f-]{+g+}"));
    }
}
