//! Redaction: text that matches a pattern of the configuration never reaches a report.

use regex::Regex;

use crate::change::{DiffLine, MovedBar};
use crate::config::RedactPattern;
use crate::model::ModelError;
use crate::remark::Remark;
use crate::trial::StopCause;

/// What is written in place of text that a pattern matches.
const REDACTED: &str = "[redacted]";

/// The mark where a reason was cut short.
const CUT: char = '…';

/// Shortest remainder of a cut match that is hidden, in characters.
const SHORTEST: usize = 3;

/// Patterns whose matches never reach a report (`redact:` in the configuration).
#[derive(Clone, Debug, Default)]
pub struct Redaction(Vec<RedactPattern>);

impl Redaction {
    /// Hides what these match.
    pub fn new(patterns: &[RedactPattern]) -> Self {
        Self(patterns.to_vec())
    }

    fn patterns(&self) -> impl Iterator<Item = &Regex> {
        self.0.iter().map(RedactPattern::regex)
    }

    /// A foreign text with every match replaced.
    pub fn apply(&self, text: &str) -> String {
        self.patterns()
            .fold(text.to_owned(), |text, pattern| pattern.replace_all(&text, REDACTED).into_owned())
    }

    /// A text that quotes others and may cut them in the middle of a match, so that the pattern does
    /// not find it: beginnings and ends of matches in `sources` are hidden, too.
    pub fn apply_to_quotes(&self, text: &str, sources: &[&str]) -> String {
        let mut text = self.apply(text);
        for secret in self.patterns().flat_map(|p| sources.iter().flat_map(|s| p.find_iter(s))) {
            let secret = secret.as_str();
            text = without_remains(&text, secret);
        }
        text
    }

    /// A prompt's diff.
    pub fn diff(&self, lines: &[DiffLine]) -> Vec<DiffLine> {
        let redacted = |line: &DiffLine| match line {
            DiffLine::Same(text) => DiffLine::Same(self.apply(text)),
            DiffLine::Removed(text) => DiffLine::Removed(self.apply(text)),
            DiffLine::Added(text) => DiffLine::Added(self.apply(text)),
            DiffLine::Skipped(count) => DiffLine::Skipped(*count),
        };
        lines.iter().map(redacted).collect()
    }

    /// Moved bars, which quote the configuration.
    pub fn bars(&self, bars: &[MovedBar]) -> Vec<MovedBar> {
        let redacted = |bar: &MovedBar| MovedBar { what: self.remark(&bar.what), ..bar.clone() };
        bars.iter().map(redacted).collect()
    }

    /// The quoted words of a remark; the program's own words are kept, whatever a pattern matches.
    pub fn remark(&self, remark: &Remark) -> Remark {
        remark.with_quotes(|foreign| self.apply(foreign))
    }

    /// Several remarks, for a reader.
    pub fn all(&self, remarks: &[Remark]) -> Vec<String> {
        remarks.iter().map(|remark| self.remark(remark).to_string()).collect()
    }

    /// The provider's message about why a run stopped.
    pub fn stop(&self, cause: &StopCause) -> StopCause {
        match cause {
            StopCause::Fatal(error) => StopCause::Fatal(ModelError {
                message: self.apply(&error.message),
                help: error.help.as_deref().map(|help| self.apply(help)),
                ..error.clone()
            }),
            StopCause::Budget(cap) => StopCause::Budget(cap.clone()),
            StopCause::Interrupted => StopCause::Interrupted,
        }
    }
}

/// The text without the beginnings of `secret` before a cut and its ends after one.
fn without_remains(text: &str, secret: &str) -> String {
    let lengths = || (SHORTEST..secret.chars().count()).rev();
    let beginning = |piece: &str| {
        lengths()
            .map(|n| secret.chars().take(n).collect::<String>())
            .find(|part| piece.ends_with(part.as_str()))
    };
    let end = |piece: &str| {
        let skipped = |n| secret.chars().count() - n;
        lengths()
            .map(|n| secret.chars().skip(skipped(n)).collect::<String>())
            .find(|part| piece.starts_with(part.as_str()))
    };
    let pieces: Vec<&str> = text.split(CUT).collect();
    let last = pieces.len() - 1;
    let mut clean = String::with_capacity(text.len());
    for (i, piece) in pieces.iter().enumerate() {
        let mut piece = (*piece).to_owned();
        if let Some(part) = end(&piece).filter(|_| i > 0) {
            piece.replace_range(..part.len(), REDACTED);
        }
        if let Some(part) = beginning(&piece).filter(|_| i < last) {
            piece.replace_range(piece.len() - part.len().., REDACTED);
        }
        clean.push_str(&piece);
        if i < last {
            clean.push(CUT);
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards() -> Redaction {
        Redaction::new(&[r"\b\d{16}\b", "sk-[a-z]+"].map(|text| RedactPattern::new(text).unwrap()))
    }

    #[test]
    fn every_match_of_every_pattern_is_replaced() {
        assert_eq!(
            cards().apply("card 4111111111111111, key sk-abc, 12"),
            "card [redacted], key [redacted], 12"
        );
    }

    #[test]
    fn a_match_that_a_reason_cut_short_is_hidden_too() {
        let answer = "my card is 4111111111111234 thanks";
        let hidden = |reason: &str| cards().apply_to_quotes(reason, &[answer]);
        assert_eq!(hidden("found \"my card is 4111111111…\""), "found \"my card is [redacted]…\"");
        assert_eq!(hidden("ends with \"…1234 thanks\""), "ends with \"…[redacted] thanks\"");
        assert_eq!(hidden("found \"my card…\" in 41111"), "found \"my card…\" in 41111");
    }

    #[test]
    fn diffs_bars_and_the_providers_words_are_redacted() {
        let lines = [DiffLine::Added("key sk-abc".into()), DiffLine::Skipped(3)];
        assert_eq!(cards().diff(&lines), [DiffLine::Added("key [redacted]".into()), DiffLine::Skipped(3)]);
        let what = Remark::new("accepted: ").quote("sk-abc");
        let bar = MovedBar { what, lowers: true, ..Default::default() };
        assert_eq!(cards().bars(std::slice::from_ref(&bar))[0].what, "accepted: [redacted]");
        let everything = Redaction::new(&[RedactPattern::new("(?s).+").unwrap()]);
        assert_eq!(everything.bars(&[bar])[0].what, "accepted: [redacted]", "our own words stay");
        let error = ModelError {
            class: crate::model::ErrorClass::AccessDenied,
            code: None,
            message: "no access with sk-abc".into(),
            help: None,
        };
        let StopCause::Fatal(error) = cards().stop(&StopCause::Fatal(error)) else { panic!("still fatal") };
        assert_eq!(error.message, "no access with [redacted]");
    }
}
