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

/// The exit status over several prompts: 0 pass, 1 the gate failed, 3 could not measure. A regression
/// that blocks comes first: it is a definite finding, and stays one whatever became of the others.
/// Without enforcement a failed gate passes, but what was not measured still is not a pass.
pub fn exit_status(verdicts: &[Verdict], enforced: bool, fails_undecided: bool) -> u8 {
    if enforced && verdicts.contains(&Verdict::Regression) {
        1
    } else if verdicts.contains(&Verdict::NotMeasured) {
        3
    } else {
        u8::from(enforced && fails_undecided && verdicts.contains(&Verdict::Inconclusive))
    }
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
