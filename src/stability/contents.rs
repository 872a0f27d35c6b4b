//! What is remembered of the contents that stood on a base: how each case answered to each of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Passes;
use crate::fingerprint::Fingerprint;

/// Contents of a case that are remembered, the newest.
const MOST: usize = 40;

/// A case under a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The case's id.
    pub id: &'a str,
    /// Its input and how it is scored; what was remembered under another one says nothing of it.
    pub case: Fingerprint,
    /// The request that is sent.
    pub content: Fingerprint,
}

/// How the cases of a prompt answered to the contents that stood on the base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Contents(BTreeMap<String, OfCase>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OfCase {
    case: Fingerprint,
    /// Oldest first.
    seen: Vec<Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    content: Fingerprint,
    at: u64,
    passes: Passes,
}

impl Contents {
    /// Remembers a content at a time, seconds since 1970. The first entry of a content stands, so that a comparison that
    /// is run again knows what it knew.
    pub fn add(&mut self, asked: Asked<'_>, at: u64, passes: Passes) {
        let new = || OfCase { case: asked.case, seen: Vec::new() };
        let of_case = self.0.entry(asked.id.to_owned()).or_insert_with(new);
        if of_case.case != asked.case {
            *of_case = new();
        }
        if of_case.seen.iter().all(|seen| seen.content != asked.content) {
            of_case.seen.push(Seen { content: asked.content, at, passes });
            let oldest = of_case.seen.len().saturating_sub(MOST);
            of_case.seen.drain(..oldest);
        }
    }

    /// Whether a content stood on the base.
    pub fn knows(&self, asked: Asked<'_>) -> bool {
        self.of(asked).any(|seen| seen.content == asked.content)
    }

    /// The answers to the other contents up to a time, oldest first.
    pub fn others(&self, asked: Asked<'_>, until: u64) -> Vec<Passes> {
        let others = self.of(asked).filter(|seen| seen.content != asked.content && seen.at <= until);
        others.map(|seen| seen.passes).collect()
    }

    /// The answers to all contents, oldest first.
    pub fn all(&self, asked: Asked<'_>) -> Vec<Passes> {
        self.of(asked).map(|seen| seen.passes).collect()
    }

    fn of(&self, asked: Asked<'_>) -> impl Iterator<Item = &Seen> {
        self.0
            .get(asked.id)
            .filter(|known| known.case == asked.case)
            .into_iter()
            .flat_map(|known| &known.seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(case: &str, content: &str) -> Asked<'static> {
        let name = |text: &str| Fingerprint::of_bytes(text.as_bytes());
        Asked { id: "a", case: name(case), content: name(content) }
    }

    #[test]
    fn the_first_entry_of_a_content_stands_and_later_ones_are_not_known_before() {
        let mut contents = Contents::default();
        let passes = |passed| Passes { passed, of: 1 };
        contents.add(asked("case", "one"), 10, passes(1));
        contents.add(asked("case", "one"), 20, passes(0));
        contents.add(asked("case", "two"), 30, passes(0));
        assert_eq!(contents.others(asked("case", "three"), u64::MAX), [passes(1), passes(0)]);
        assert_eq!(contents.others(asked("case", "three"), 29), [passes(1)]);
        assert_eq!(
            contents.others(asked("case", "one"), u64::MAX),
            [passes(0)],
            "its own answers are read elsewhere"
        );
        assert!(contents.knows(asked("case", "two")) && !contents.knows(asked("case", "three")));
    }

    #[test]
    fn a_case_that_changed_begins_again_and_old_contents_are_forgotten() {
        let mut contents = Contents::default();
        let passes = Passes { passed: 1, of: 1 };
        for n in 0..100 {
            contents.add(asked("case", &n.to_string()), n, passes);
        }
        assert_eq!(contents.others(asked("case", "x"), u64::MAX).len(), MOST);
        assert!(contents.knows(asked("case", "99")) && !contents.knows(asked("case", "0")));
        contents.add(asked("another input", "0"), 100, passes);
        assert_eq!(contents.others(asked("another input", "x"), u64::MAX).len(), 1);
    }
}
