//! What a check found in an answer, as a value for the score and as text for a person.

use serde::{Deserialize, Serialize};

use super::path::Path;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The answer meets the demand.
    Passed,
    /// It is not.
    Failed,
    /// There is no result (the judge was unreadable, `expected` is missing).
    Unscored,
    /// A judge's reading is missing.
    NotAsked,
    /// Only reported: the value is within the bound.
    AdvisoryMet,
    /// Only reported: the value exceeds the bound.
    AdvisoryMissed,
    /// Only reported, and not known (no price for the model).
    AdvisoryUnknown,
}

impl Outcome {
    /// Whether it counts only for the report.
    pub fn is_advisory(self) -> bool {
        matches!(self, Self::AdvisoryMet | Self::AdvisoryMissed | Self::AdvisoryUnknown)
    }
}

/// The result of one check on one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The check's name, else its kind with what it wants.
    pub label: String,
    /// How it came out.
    pub outcome: Outcome,
    /// 0 to 1; absent unless it passed or failed.
    pub score: Option<f64>,
    /// What was expected and what was found, shortened; untrusted text inside.
    pub reason: String,
}

/// A [`CheckResult`] that has no label yet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub outcome: Outcome,
    pub score: Option<f64>,
    pub reason: String,
    /// What a judge's verdict is made of: reported beside it.
    pub parts: Vec<CheckResult>,
}

impl Finding {
    pub fn graded(passed: bool, score: f64, reason: String) -> Self {
        let outcome = if passed { Outcome::Passed } else { Outcome::Failed };
        Self { outcome, score: Some(score), reason, parts: Vec::new() }
    }

    pub fn of(passed: bool, reason: String) -> Self {
        Self::graded(passed, if passed { 1.0 } else { 0.0 }, reason)
    }

    pub fn passed(reason: impl Into<String>) -> Self {
        Self::of(true, reason.into())
    }

    pub fn failed(reason: impl Into<String>) -> Self {
        Self::of(false, reason.into())
    }

    pub fn unscored(reason: impl Into<String>) -> Self {
        Self::without_score(Outcome::Unscored, reason)
    }

    pub fn without_score(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, score: None, reason: reason.into(), parts: Vec::new() }
    }

    pub fn missing_expected() -> Self {
        Self::unscored("the case has no `expected` to compare with")
    }

    pub fn is_passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    pub fn is_failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// The same, said of the value at a path.
    pub fn at(mut self, path: &Path) -> Self {
        self.reason = format!("at `{path}`: {}", self.reason);
        self
    }

    pub fn labelled(self, label: String) -> CheckResult {
        CheckResult { label, outcome: self.outcome, score: self.score, reason: self.reason }
    }
}
