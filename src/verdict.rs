//! Verdicts: the five words, and the exit status that follows from them.

use serde::{Deserialize, Serialize};

/// What an evaluation concluded about a prompt, or about all prompts together: the greatest of
/// theirs. A regression is the greatest, for it is a definite finding: what could not be measured
/// beside it cannot take it back, and is named beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// No regression found; never "proved equal".
    Ok,
    /// Significantly better, and nothing suspicious left.
    Improved,
    /// Suspects neither confirmed nor cleared, or a drop neither confirmed nor dismissed.
    Inconclusive,
    /// The calls failed, the budget was too small or the judge unreadable: never a pass.
    NotMeasured,
    /// Worse beyond reasonable doubt, or a must-pass case or the floor failed.
    Regression,
}

impl Verdict {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Ok => "OK",
            Verdict::Improved => "IMPROVED",
            Verdict::Inconclusive => "INCONCLUSIVE",
            Verdict::Regression => "REGRESSION",
            Verdict::NotMeasured => "NOT MEASURED",
        }
    }
}
