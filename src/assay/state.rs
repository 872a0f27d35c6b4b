//! The state of each call of a gate, and what is kept of it for the report.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{CaseScore, Inquiry, Reading};
use crate::gate::Observation;
use crate::model::ModelError;
use crate::trial::{Answer, AnswerKey, Trial};

/// The state of a call.
#[derive(Debug)]
pub(super) enum Stage {
    /// The model is asked.
    Asked(Arc<Trial>),
    /// The answer is there, the judge is asked.
    Judging(Box<Judging>),
    /// The meaning of the candidate's outcome depends on the baseline's, which has not arrived.
    AwaitsBaseline(Awaiting),
    /// The answer is there; it is compared with the baseline's screening answer, which has not arrived.
    AwaitsReference(Box<Judging>),
    /// The gate has the result.
    Settled,
}

/// An outcome that counts against the candidate only if the baseline did better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Awaiting {
    /// Its request was refused.
    Refused,
    /// Its answer is empty; this observation counts if the baseline's answer is empty, too.
    Silent(Observation),
}

/// An answer that waits for the judge.
#[derive(Debug)]
pub(super) struct Judging {
    pub answer: Answer,
    pub open: BTreeMap<AnswerKey, Asked>,
    /// What the judge has said, by the inquiry's key.
    pub read: BTreeMap<AnswerKey, Reading>,
}

/// An inquiry of the judge that is under way.
#[derive(Debug)]
pub(super) struct Asked {
    pub trial: Arc<Trial>,
    pub inquiry: Inquiry,
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
        /// The result of the base's scoring for the same answer, if the scoring differs and the
        /// result is known.
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
