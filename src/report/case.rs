//! Single cases: why each is listed, both answers, and the results of the checks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Passed.
    pub passed: usize,
    /// Of.
    pub of: usize,
}

/// The status of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Broken by the change, beyond reasonable doubt.
    Broken,
    /// Worse again on re-run, without sufficient evidence of its own.
    Reproduced,
    /// Worse at screening, neither confirmed nor cleared.
    Live,
    /// The baseline fails on re-run as well.
    BaseFailsToo,
    /// Worse at screening, passed on re-run.
    PassedOnRerun,
    /// The re-runs contradict each other.
    Unstable,
    /// Better with the change, at screening.
    Fixed,
    /// Better with the change, and again in fresh pairs, beyond reasonable doubt.
    FixConfirmed,
    /// Fails, with no baseline to compare with or as a must-pass case.
    Failing,
    /// A must-pass case whose re-runs have not decided.
    Open,
    /// A must-pass case that passed its re-runs.
    Cleared,
    /// A must-pass case that the baseline fails too.
    AlreadyFailing,
    /// A must-pass case of which too many calls failed.
    Unmeasured,
}

impl fmt::Display for CaseStatus {
    /// The words for a person.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            CaseStatus::Broken => "broken",
            CaseStatus::Reproduced => "worse again",
            CaseStatus::Live => "not decided",
            CaseStatus::BaseFailsToo => "the old prompt fails, too",
            CaseStatus::PassedOnRerun => "passed when asked again",
            CaseStatus::Unstable => "sometimes passes",
            CaseStatus::Fixed => "better",
            CaseStatus::FixConfirmed => "better, and again when asked again",
            CaseStatus::Failing => "fails",
            CaseStatus::Open => "not decided",
            CaseStatus::Cleared => "passed when asked again",
            CaseStatus::AlreadyFailing => "failed before",
            CaseStatus::Unmeasured => "not measured",
        })
    }
}

/// One case that is listed for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseFinding {
    /// The case's id.
    pub id: String,
    /// What became of it.
    pub status: CaseStatus,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is a must-pass case.
    pub must_pass: bool,
    /// The input as sent: the last user message.
    pub input: String,
    /// What was expected, as written in the golden set.
    pub expected: Option<String>,
    /// The baseline's screening answer.
    pub baseline: Option<AnswerView>,
    /// The candidate's screening answer.
    pub candidate: Option<AnswerView>,
    /// Passed of fresh re-runs, baseline.
    pub baseline_reruns: Option<Rate>,
    /// Passed of fresh re-runs, candidate.
    pub candidate_reruns: Option<Rate>,
    /// How the case behaved before this comparison; left out when nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stability: Option<CaseStability>,
}

/// How a case behaved before this comparison, over all stored answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseStability {
    /// Answers that passed.
    pub passed: usize,
    /// Answers that were scored.
    pub of: usize,
    /// Contents of the prompt that they come from.
    pub contents: usize,
    /// Whether the case changes with any edit.
    pub marginal: bool,
}

impl CaseFinding {
    /// Whether the new prompt passed each time it was asked again. Only such a case may be called a flaky one.
    pub fn passed_every_rerun(&self) -> bool {
        self.candidate_reruns.is_some_and(|rate| rate.of > 0 && rate.passed == rate.of)
    }
}

/// An answer and the results of its checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerView {
    /// The answer's text; tool calls written as JSON lines.
    pub text: String,
    /// Score, 0 to 1; `None`: unscored.
    pub score: Option<f64>,
    /// Whether all checks passed.
    pub passed: bool,
    /// The checks that did not pass, each with its reason.
    pub failures: Vec<CheckFailure>,
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFailure {
    /// Which check.
    pub check: String,
    /// Why, for a person.
    pub reason: String,
}

/// A case and why it is lost or accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReason {
    /// The case's id.
    pub case: String,
    /// Why, for a person.
    pub reason: String,
}
