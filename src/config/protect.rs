//! The parts of the bar, and which of them a proposed change may not move (`protect`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::document::Fields;
use crate::problem::{Problems, nearest};

/// A part of the bar that a change can move: a key of the configuration with the prompts' overrides
/// of it, or the content of golden sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BarPart {
    /// Which files and prompts count at all.
    #[default]
    Catalogs,
    /// Golden cases.
    Golden,
    /// Golden cases that must pass.
    MustPass,
    /// Models, of prompts too.
    Models,
    /// Who answers.
    Provider,
    /// The gate's policy, with `min_score`, `budget_per_call` and `score` of prompts.
    Gate,
    /// Caps.
    Budget,
    /// The judge.
    Judge,
    /// Prices, by which caps count.
    Prices,
    /// Accepted breaks.
    AcceptedBreaks,
    /// What is kept out of reports.
    Redact,
    /// Where answers are kept.
    Database,
    /// Where answers are shared.
    SharedStore,
    /// Where prompts go live, of prompts too.
    Release,
    /// The list of protected parts.
    Protect,
}

const PARTS: [(&str, BarPart); 15] = [
    ("accepted_breaks", BarPart::AcceptedBreaks),
    ("budget", BarPart::Budget),
    ("catalogs", BarPart::Catalogs),
    ("database", BarPart::Database),
    ("gate", BarPart::Gate),
    ("golden", BarPart::Golden),
    ("judge", BarPart::Judge),
    ("models", BarPart::Models),
    ("must_pass", BarPart::MustPass),
    ("prices", BarPart::Prices),
    ("protect", BarPart::Protect),
    ("provider", BarPart::Provider),
    ("redact", BarPart::Redact),
    ("release", BarPart::Release),
    ("shared_store", BarPart::SharedStore),
];

impl BarPart {
    /// All parts.
    pub fn all() -> BTreeSet<Self> {
        PARTS.iter().map(|(_, part)| *part).collect()
    }

    /// The word that `protect` lists.
    pub fn as_str(self) -> &'static str {
        PARTS.iter().find(|(_, part)| *part == self).map_or("", |(word, _)| word)
    }

    /// Whether one of these parts contains it: all golden cases include the must-pass cases.
    pub fn is_among(self, protected: &BTreeSet<BarPart>) -> bool {
        protected.contains(&self) || (self == Self::MustPass && protected.contains(&Self::Golden))
    }
}

/// Reads `protect`: a misspelt name would protect nothing.
pub(super) fn protect(fields: &Fields<'_>, problems: &mut Problems) -> BTreeSet<BarPart> {
    let mut protected = BTreeSet::new();
    for written in fields.texts("protect", problems).unwrap_or_default() {
        match PARTS.iter().find(|(word, _)| *word == written) {
            Some((_, part)) => {
                protected.insert(*part);
            }
            None => {
                let words = PARTS.map(|(word, _)| word);
                let problem = fields.error("protect", format!("`protect` knows no part `{written}`"));
                problems.push(match nearest(&written, &words) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem.help(format!("it may list {}", words.join(", "))),
                });
            }
        }
    }
    protected
}
