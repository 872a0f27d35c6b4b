//! A sentence of the program that quotes foreign text: it knows which of its words are foreign, so
//! that only those are redacted. If a pattern applied to the other words, a change could hide
//! remarks about itself.

use std::fmt;
use std::ops::{Deref, Range};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A sentence whose foreign words are known. Two are equal if their texts are equal.
#[derive(Clone, Debug, Default)]
pub struct Remark {
    text: String,
    /// Where others are quoted, in order and apart.
    quotes: Vec<Range<usize>>,
}

impl Remark {
    /// Begins with words of the program.
    pub fn new(own: impl AsRef<str>) -> Self {
        Self { text: own.as_ref().to_owned(), quotes: Vec::new() }
    }

    /// Begins with foreign words.
    pub fn quoting(foreign: impl AsRef<str>) -> Self {
        Self::default().quote(foreign)
    }

    /// Goes on with words of the program.
    #[must_use]
    pub fn and(mut self, own: impl AsRef<str>) -> Self {
        self.text.push_str(own.as_ref());
        self
    }

    /// Goes on with foreign words.
    #[must_use]
    pub fn quote(mut self, foreign: impl AsRef<str>) -> Self {
        let start = self.text.len();
        self.text.push_str(foreign.as_ref());
        self.quotes.push(start..self.text.len());
        self
    }

    /// Goes on with a foreign name, between backticks.
    #[must_use]
    pub fn name(self, foreign: impl AsRef<str>) -> Self {
        self.and("`").quote(foreign).and("`")
    }

    /// Goes on with another remark.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.quotes.extend(other.quotes.iter().map(|quote| start + quote.start..start + quote.end));
        self
    }

    /// The sentence with other words for every quotation.
    pub fn with_quotes(&self, other: impl Fn(&str) -> String) -> Self {
        let (mut remark, mut end) = (Self::default(), 0);
        for quote in &self.quotes {
            remark = remark.and(&self.text[end..quote.start]).quote(other(&self.text[quote.clone()]));
            end = quote.end;
        }
        remark.and(&self.text[end..])
    }
}

impl Deref for Remark {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Remark {
    /// A saved text is already redacted, and nothing is redacted twice: all words count as the program's own.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Remark {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Remark {}

impl PartialEq<&str> for Remark {
    fn eq(&self, other: &&str) -> bool {
        self.text == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_quoted_is_replaced() {
        let list = Remark::default().name("a").and(" and ").name("b");
        let remark = Remark::new("2 cases removed: ").then(&list).and("; model ").quote("");
        assert_eq!(remark, "2 cases removed: `a` and `b`; model ");
        let hidden = remark.with_quotes(|_| "[redacted]".to_owned());
        assert_eq!(hidden, "2 cases removed: `[redacted]` and `[redacted]`; model [redacted]");
        assert_eq!(hidden.with_quotes(|_| "x".to_owned()), "2 cases removed: `x` and `x`; model x");
    }
}
