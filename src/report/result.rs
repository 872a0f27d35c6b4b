//! Every case of an evaluation, listed as a finding or not: its state, what was measured on both sides and,
//! where the report is made for a page that shows them, the texts.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::check::Outcome;
use crate::trial::{Phase, Side};

/// What became of a case, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// A must-pass case that fails, or is not known to pass.
    MustPass,
    /// Broken by the change.
    Broken,
    /// Worse at screening, neither confirmed nor cleared.
    Unresolved,
    /// Fails, with no baseline to compare with.
    Failing,
    /// A call failed, or its answer could not be scored.
    Lost,
    /// Worse at screening, but the baseline fails on re-run, too.
    Drifting,
    /// Worse at screening, not on re-run.
    Flaky,
    /// Better with the change, at screening.
    Fixed,
    /// A break that the team has accepted.
    Accepted,
    /// Fails on both sides.
    FailingBoth,
    /// Passes.
    Passing,
    /// The run ended before it.
    NotRun,
}

impl CaseState {
    /// Every state, in order.
    pub const ALL: [Self; 12] = [
        Self::MustPass,
        Self::Broken,
        Self::Unresolved,
        Self::Failing,
        Self::Lost,
        Self::Drifting,
        Self::Flaky,
        Self::Fixed,
        Self::Accepted,
        Self::FailingBoth,
        Self::Passing,
        Self::NotRun,
    ];

    /// Whether a reviewer should look at the case: it is no matter of course.
    pub fn is_remarkable(self) -> bool {
        !matches!(self, Self::Accepted | Self::FailingBoth | Self::Passing | Self::NotRun)
    }

    /// Whether the change made it fail.
    pub fn is_break(self) -> bool {
        matches!(self, Self::MustPass | Self::Broken)
    }
}

impl fmt::Display for CaseState {
    /// The words for a person.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::MustPass => "must pass",
            Self::Broken => "broken",
            Self::Unresolved => "undecided",
            Self::Failing => "fails",
            Self::Lost => "no result",
            Self::Drifting => "old fails too",
            Self::Flaky => "flaky",
            Self::Fixed => "fixed",
            Self::Accepted => "accepted",
            Self::FailingBoth => "fails with both",
            Self::Passing => "passes",
            Self::NotRun => "not run",
        })
    }
}

/// One case of the evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// The case's id.
    pub id: String,
    /// What became of it.
    pub state: CaseState,
    /// Its tags.
    pub tags: Vec<String>,
    /// The baseline at screening; `None`: there is none, or it was not asked.
    pub baseline: Option<Measured>,
    /// The candidate at screening; `None`: it was not asked.
    pub candidate: Option<Measured>,
    /// Its texts; `None`: the report was not made to show all of them.
    #[serde(default, with = "shared", skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<CaseDetail>>,
}

impl CaseResult {
    /// Both sides, if both were measured and scored.
    pub fn pair(&self) -> Option<(Measured, Measured)> {
        let scored = |side: Option<Measured>| side.filter(|found| found.score.is_some());
        Some((scored(self.baseline)?, scored(self.candidate)?))
    }
}

/// A call's result as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// Whether all checks passed.
    pub passed: bool,
    /// Score, 0 to 1; `None`: unscored.
    pub score: Option<f64>,
    /// Milliseconds until the answer; `None`: the call failed.
    pub latency_ms: Option<u64>,
    /// Price of the answer in US dollars, judge left out; `None`: the call failed, or the model has no price.
    pub cost_usd: Option<f64>,
}

/// The texts of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDetail {
    /// The input as sent: the last user message.
    pub input: String,
    /// What was expected, as written in the golden set.
    pub expected: Option<String>,
    /// The baseline's screening answer.
    pub baseline: Option<AnswerDetail>,
    /// The candidate's screening answer.
    pub candidate: Option<AnswerDetail>,
    /// Fresh answers, by side and phase.
    pub reruns: Vec<Rerun>,
}

/// An answer with the result of every check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerDetail {
    /// The answer's text; tool calls written as JSON lines.
    pub text: String,
    /// Every check, in the golden set's order.
    pub checks: Vec<CheckDetail>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckDetail {
    /// Which check.
    pub check: String,
    /// How it came out.
    pub outcome: Outcome,
    /// Why, for a person; of a judge, its reasoning.
    pub reason: String,
}

/// A fresh answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rerun {
    /// The side.
    pub side: Side,
    /// Why it was asked for.
    pub phase: Phase,
    /// Which one, from 1.
    pub k: u32,
    /// Its numbers.
    pub measured: Measured,
    /// The answer.
    pub answer: AnswerDetail,
}

/// The capital after so many calls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapitalPoint {
    /// Calls that the gate had used.
    pub calls: usize,
    /// The capital then.
    pub capital: f64,
}

/// Details are large and never change: a copy of a report shares them.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::CaseDetail;

    pub fn serialize<S: Serializer>(
        detail: &Option<Arc<CaseDetail>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        detail.as_deref().serialize(serializer)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(
        deserializer: D,
    ) -> Result<Option<Arc<CaseDetail>>, D::Error> {
        Ok(Option::<CaseDetail>::deserialize(deserializer)?.map(Arc::new))
    }
}
