//! Patterns whose matches are kept out of reports.

use regex::{Regex, RegexBuilder};
use serde::{Serialize, Serializer};

use crate::document::Fields;
use crate::problem::Problems;

/// A compiled pattern; equal where it is written alike.
#[derive(Clone, Debug)]
pub struct RedactPattern(Regex);

impl RedactPattern {
    /// Compiles a regular expression.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub fn new(expression: &str) -> Result<Self, String> {
        Regex::new(expression).map(Self).map_err(|error| {
            let reason = error.to_string();
            reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
    }

    /// Exactly this text.
    pub fn literal(text: &str) -> Self {
        let pattern = RegexBuilder::new(&regex::escape(text)).size_limit(usize::MAX).build();
        Self(pattern.expect("an escaped text is a pattern"))
    }

    /// The pattern.
    pub fn regex(&self) -> &Regex {
        &self.0
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl PartialEq for RedactPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Serialize for RedactPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Reads `redact`.
pub(super) fn redact(fields: &Fields<'_>, problems: &mut Problems) -> Vec<RedactPattern> {
    let mut patterns = Vec::new();
    for expression in fields.texts("redact", problems).unwrap_or_default() {
        match RedactPattern::new(&expression) {
            Ok(pattern) => patterns.push(pattern),
            Err(reason) => {
                let message = format!("the regular expression `{expression}` does not compile: {reason}");
                problems.push(fields.error("redact", message));
            }
        }
    }
    patterns
}
