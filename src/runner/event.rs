//! What happens during a run, for progress displays. It never contains text of a prompt or a model.

use std::time::Duration;

use crate::model::ErrorClass;
use crate::price::Money;
use crate::trial::{Lane, Phase, Side, Trial};

/// Which trial an event is about: a [`Trial`] without the texts it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label<'a> {
    /// The prompt's id.
    pub prompt: &'a str,
    /// The case's id.
    pub case: &'a str,
    /// Which side.
    pub side: Side,
    /// Which quota.
    pub lane: Lane,
    /// Why it is run.
    pub phase: Phase,
}

impl<'a> From<&'a Trial> for Label<'a> {
    fn from(trial: &'a Trial) -> Self {
        Self {
            prompt: &trial.prompt,
            case: &trial.case,
            side: trial.side,
            lane: trial.lane,
            phase: trial.phase,
        }
    }
}

/// The progress of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Trials answered, from the store or bought.
    pub answered: u64,
    /// Of these, from the store.
    pub cached: u64,
    /// Trials that failed for good.
    pub failed: u64,
    /// Calls under way.
    pub in_flight: usize,
    /// Calls waiting for their next attempt.
    pub waiting: usize,
    /// Paid so far; models of known price only.
    pub spent: Money,
}

/// Something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A call is made.
    Started(Label<'a>),
    /// A trial has its answer.
    Answered {
        /// Which.
        trial: Label<'a>,
        /// Whether it came from the store.
        cached: bool,
    },
    /// An attempt failed and is made again after a wait.
    Retried {
        /// Which.
        trial: Label<'a>,
        /// Why.
        class: ErrorClass,
        /// How long it waits.
        wait: Duration,
    },
    /// A trial failed for good.
    Failed {
        /// Which.
        trial: Label<'a>,
        /// Why.
        class: ErrorClass,
    },
    /// A quota is exhausted; reported once per episode.
    Throttled(Lane),
    /// The counters changed.
    Progress(Counters),
}
