//! Trials: which model call is wanted, for which case, on which side and why.

mod unreadable;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::model::{ModelError, Operation, Request, Response};
use crate::variation::Variation;

pub use unreadable::{Attempt, Unreadable};

/// Which of the two prompts a trial belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The prompt as it is today (Git's base, or the last released content).
    Baseline,
    /// The prompt as the change would make it (Git's head).
    Candidate,
}

impl Side {
    /// The word used in reports, JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Baseline => "baseline",
            Side::Candidate => "candidate",
        }
    }
}

/// Why a trial is run; part of an answer's key for all but [`Phase::Screen`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The first look at a case: one answer, shared by every comparison of the same request.
    Screen,
    /// A fresh pair on a suspect.
    Confirm,
    /// A fresh pair of the escalation, betting on an overall drop.
    Fresh,
    /// A re-run of a must-pass case that failed at screening.
    Must,
}

impl Phase {
    /// The word used in reports, JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Screen => "screen",
            Phase::Confirm => "confirm",
            Phase::Fresh => "fresh",
            Phase::Must => "must",
        }
    }

    /// Whether the answer is bought for one comparison only.
    pub fn is_fresh(self) -> bool {
        self != Phase::Screen
    }
}

/// One model call the gate asks for. `case` indexes the gate's cases; `k` is 0 at
/// screening and counts from 1 in the other phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    /// Index into the gate's cases.
    pub case: usize,
    /// Which prompt is called.
    pub side: Side,
    /// Why.
    pub phase: Phase,
    /// The repeat within case and phase.
    pub k: u32,
}

/// The name under which an answer is stored: decisions.md#answer-keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AnswerKey(pub Fingerprint);

impl AnswerKey {
    /// The key of a screening answer: only the text that is sent, so that every comparison shares
    /// it.
    pub fn screening(request: &Request, variation: Variation) -> Self {
        Self(Fingerprint::of_json(&("screen", request, variation)))
    }

    /// The key of an answer that is bought for one comparison only: the text that is sent, and what
    /// distinguishes this call from all others.
    pub fn fresh(
        (request, variation): (&Request, Variation),
        comparison: Fingerprint,
        phase: Phase,
        k: u32,
    ) -> Self {
        Self(Fingerprint::of_json(&("fresh", request, variation, comparison, phase, k)))
    }

    /// The key of a judge's answer: only the judge's request, which contains the judged answer.
    pub fn judge(request: &Request) -> Self {
        Self(Fingerprint::of_json(&("judge", request)))
    }
}

/// Whose model a trial calls: each has a quota of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The prompt under test.
    Prompt,
    /// The judge.
    Judge,
    /// A model for embeddings, which a check asks about texts.
    Embedding,
}

impl Lane {
    /// Of what a check asks a model.
    pub fn of_inquiry(request: &Request) -> Self {
        match request.operation {
            Operation::Answer => Self::Judge,
            Operation::Embed => Self::Embedding,
        }
    }
}

/// Identifies a trial within one run; chosen by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrialId(pub u64);

/// One model call, ready to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Its name within the run.
    pub id: TrialId,
    /// Which quota it uses.
    pub lane: Lane,
    /// Under which name its answer is stored.
    pub key: AnswerKey,
    /// The comparison that pays for it, stored with the answer.
    pub comparison: Fingerprint,
    /// What is sent, variation included.
    pub request: Request,
    /// The prompt it belongs to, for events and spend.
    pub prompt: String,
    /// The case it belongs to.
    pub case: String,
    /// The side it belongs to; the judge of an answer belongs to the answer's side.
    pub side: Side,
    /// Why it is run.
    pub phase: Phase,
    /// Whether a stored answer is not acceptable: its whole pair was discarded, and the answer
    /// bought now replaces the stored one (decisions.md#lost-calls).
    pub replaces_stored: bool,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialOutcome {
    /// With an answer, from the store or bought now.
    Answered(Answer),
    /// Without one, after all retries.
    Failed(ModelError),
}

/// An answer and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the model said.
    pub response: Response,
    /// Whether it came from the store (then this run paid nothing for it).
    pub cached: bool,
    /// Whether it was bought for the trial's own comparison, by this run or an earlier one.
    pub fresh: bool,
}

/// Why a run is asked to stop before its work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// The budget does not allow another call; says which cap.
    Budget(String),
    /// The person or the runner's host interrupted it.
    Interrupted,
    /// No call can succeed (no access, no quota of the account).
    Fatal(ModelError),
}

/// How many trials to name at once: as many as can be under way, and a few more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Trials needed now.
    pub now: usize,
    /// Trials needed if nothing decides early.
    pub soon: usize,
}

impl Default for Window {
    /// Enough for a single look; no trials ahead of need.
    fn default() -> Self {
        Self { now: usize::MAX, soon: 0 }
    }
}

/// The trials wanted at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// Needed to go on; all may run in parallel, best first. Not necessarily all there are, but
    /// never none while the work is not done.
    pub now: Vec<Arc<Trial>>,
    /// The rest of what will be needed if nothing decides early.
    pub soon: Vec<Arc<Trial>>,
}

/// Work made of trials: a pure state machine that says what it needs and takes the outcomes, in any
/// order.
pub trait Work {
    /// The trials wanted now, those in flight included; empty `now` means the work is done. Asked
    /// after every completion, so it must not cost more than the window of trials.
    fn wanted(&mut self, window: Window) -> Wanted;

    /// Takes a trial's outcome. Outcomes of trials no longer needed are kept or ignored. After a
    /// failure that is fatal ([`crate::model::ErrorClass::is_fatal`]) a stop must follow.
    fn observe(&mut self, id: TrialId, outcome: TrialOutcome);

    /// Ends the work early: undecided prompts become NOT MEASURED or INCONCLUSIVE.
    fn stop(&mut self, cause: StopCause);
}
