//! Where each call of a gate stands, and what is kept of it for the report.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{CaseScore, JudgeReading};
use crate::gate::Observation;
use crate::model::ModelError;
use crate::trial::{Answer, AnswerKey, Trial};

/// Where a call stands.
#[derive(Debug)]
pub(super) enum Stage {
    /// The model is asked.
    Asked(Arc<Trial>),
    /// The answer is there, the judge is asked.
    Judging(Box<Judging>),
    /// What the candidate's outcome means shows when the baseline's is there.
    AwaitsBaseline(Awaiting),
    /// The gate knows.
    Settled,
}

/// An outcome of the candidate that is its own fault only where the baseline did better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Awaiting {
    /// Its request was refused.
    Refused,
    /// Its answer is empty; so it counts where the baseline's is empty, too.
    Silent(Observation),
}

/// An answer that waits for the judge.
#[derive(Debug)]
pub(super) struct Judging {
    pub answer: Answer,
    pub open: BTreeMap<AnswerKey, Arc<Trial>>,
    /// What the judge has said, by the question's key.
    pub read: BTreeMap<AnswerKey, JudgeReading>,
}

impl Judging {
    pub fn new(answer: Answer) -> Self {
        Self { answer, open: BTreeMap::new(), read: BTreeMap::new() }
    }
}

/// What is kept of a call: an answer with its score, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// The model answered.
    Answered {
        /// What it said, and whether that came from the store.
        answer: Answer,
        /// What the checks said.
        score: CaseScore,
        /// What the base's scoring says of the same answer, when it differs and can be told.
        score_before: Option<CaseScore>,
    },
    /// The call failed for good.
    Failed(ModelError),
}

impl Kept {
    /// Why the call yields no score; `None` when it does.
    pub fn lost_because(&self) -> Option<String> {
        match self {
            Kept::Failed(error) => Some(error.to_string()),
            Kept::Answered { score, .. } => match &score.score {
                crate::check::Score::Unscored { reason } => Some(reason.clone()),
                crate::check::Score::Scored { .. } => None,
            },
        }
    }
}
