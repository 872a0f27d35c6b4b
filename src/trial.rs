//! Trials: which model call is wanted, for which case, on which side and why.

use serde::{Deserialize, Serialize};

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

    /// Whether the request carries a nonce, so that the answer is really drawn anew.
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
