//! The public JSON shape of single cases: why each is listed, and both answers.

use serde::{Deserialize, Serialize};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateJson {
    /// Passed.
    pub passed: usize,
    /// Of.
    pub of: usize,
}

/// The list a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the lists")]
pub enum GroupJson {
    Broken,
    MustPass,
    Failing,
    Unresolved,
    Fixed,
    Flaky,
    Drifting,
}

/// A case with its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingJson {
    /// The list it belongs to.
    pub group: GroupJson,
    /// The case's id.
    pub id: String,
    /// `broken`, `reproduced`, `passed_on_rerun`, `base_fails_too`, `unstable`, `fixed`, `failing` …
    pub status: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it must pass.
    pub must_pass: bool,
    /// The last user message.
    pub input: String,
    /// What was expected.
    pub expected: Option<String>,
    /// The baseline's screening answer.
    pub baseline: Option<AnswerJson>,
    /// The candidate's screening answer.
    pub candidate: Option<AnswerJson>,
    /// Passed of fresh re-runs, baseline.
    pub baseline_reruns: Option<RateJson>,
    /// Passed of fresh re-runs, candidate.
    pub candidate_reruns: Option<RateJson>,
}

/// An answer and what the checks said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerJson {
    /// The text.
    pub text: String,
    /// 0 to 1; null: unscored.
    pub score: Option<f64>,
    /// Whether all checks passed.
    pub passed: bool,
    /// The checks that did not pass.
    pub failures: Vec<CheckFailureJson>,
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFailureJson {
    /// Which check.
    pub check: String,
    /// Why.
    pub reason: String,
}

/// A case and a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReasonJson {
    /// The case's id.
    pub case: String,
    /// Why.
    pub reason: String,
}
