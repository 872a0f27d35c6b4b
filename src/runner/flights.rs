//! Calls under way: one per answer key, however many trials want it; each is an attempt that
//! flies or a pause before the next attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

use super::allowance::Amount;
use super::backoff::Retries;
use crate::model::{ErrorClass, Model, ModelError, Response};
use crate::trial::{AnswerKey, Lane, Trial};

/// How one attempt ended.
pub(super) type Landing = (AnswerKey, Result<Response, ModelError>);

/// A trial that wants a flight's answer.
pub(super) struct Waiter {
    pub(super) trial: Arc<Trial>,
    /// Whether it was ever wanted now, not just soon.
    pub(super) asked: bool,
}

/// A call, over all its attempts.
pub(super) struct Flight {
    /// Whoever wants the answer; the first one pays.
    pub(super) waiters: Vec<Waiter>,
    /// What is reserved for it in the budget.
    pub(super) worst: Amount,
    pub(super) retries: Retries,
    pub(super) deadline: Instant,
    model: Arc<dyn Model>,
}

impl Flight {
    pub(super) fn payer(&self) -> &Arc<Trial> {
        &self.waiters[0].trial
    }

    pub(super) fn trials(&self) -> Vec<Arc<Trial>> {
        self.waiters.iter().map(|waiter| waiter.trial.clone()).collect()
    }

    pub(super) fn asked(&self) -> bool {
        self.waiters.iter().any(|waiter| waiter.asked)
    }
}

/// How a call is to be made.
pub(super) struct Ticket {
    pub(super) model: Arc<dyn Model>,
    pub(super) worst: Amount,
    /// Time for all attempts together.
    pub(super) patience: Duration,
    /// Wanted now, not just soon.
    pub(super) asked: bool,
}

/// All calls under way.
pub(super) struct Flights {
    attempt_limit: Duration,
    table: BTreeMap<AnswerKey, Flight>,
    attempts: JoinSet<Landing>,
    parked: BTreeSet<(Instant, AnswerKey)>,
    load: BTreeMap<Lane, usize>,
}

impl Flights {
    pub(super) fn new(attempt_limit: Duration) -> Self {
        Self {
            attempt_limit,
            table: BTreeMap::new(),
            attempts: JoinSet::new(),
            parked: BTreeSet::new(),
            load: BTreeMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn has(&self, key: AnswerKey) -> bool {
        self.table.contains_key(&key)
    }

    /// Calls of a lane, paused ones included: whoever waits for quota keeps its place, so that
    /// a throttled lane does not fill up with ever more waiting calls.
    pub(super) fn load(&self, lane: Lane) -> usize {
        self.load.get(&lane).copied().unwrap_or(0)
    }

    /// Calls between two attempts.
    pub(super) fn waiting(&self) -> usize {
        self.parked.len()
    }

    /// Attempts in the air.
    pub(super) fn flying(&self) -> usize {
        self.attempts.len()
    }

    /// Makes a trial wait for the flight of its key, which must exist.
    pub(super) fn join(&mut self, trial: Arc<Trial>, asked: bool) {
        let Some(flight) = self.table.get_mut(&trial.key) else { return };
        let same = |waiter: &&mut Waiter| waiter.trial.id == trial.id;
        match flight.waiters.iter_mut().find(same) {
            Some(waiter) => waiter.asked |= asked,
            None => flight.waiters.push(Waiter { trial, asked }),
        }
    }

    /// Starts the call of a trial whose key has no flight yet.
    pub(super) fn launch(&mut self, trial: Arc<Trial>, ticket: Ticket) {
        let key = trial.key;
        *self.load.entry(trial.lane).or_default() += 1;
        let flight = Flight {
            retries: Retries::new(key.0),
            deadline: Instant::now() + ticket.patience,
            waiters: vec![Waiter { trial, asked: ticket.asked }],
            worst: ticket.worst,
            model: ticket.model,
        };
        self.table.insert(key, flight);
        self.attempt(key);
    }

    pub(super) fn get_mut(&mut self, key: AnswerKey) -> Option<&mut Flight> {
        self.table.get_mut(&key)
    }

    /// Pauses a call before its next attempt.
    pub(super) fn park(&mut self, key: AnswerKey, wait: Duration) {
        self.parked.insert((Instant::now() + wait, key));
    }

    /// Ends a call.
    pub(super) fn end(&mut self, key: AnswerKey) -> Option<Flight> {
        let flight = self.table.remove(&key)?;
        if let Some(load) = self.load.get_mut(&flight.payer().lane) {
            *load -= 1;
        }
        Some(flight)
    }

    /// Ends all calls that are between two attempts.
    pub(super) fn end_parked(&mut self) -> Vec<Flight> {
        let parked = std::mem::take(&mut self.parked);
        parked.into_iter().filter_map(|(_, key)| self.end(key)).collect()
    }

    /// Ends a paused call of a lane that nobody has asked for, to make room for one that
    /// somebody has.
    pub(super) fn evict(&mut self, lane: Lane) -> Option<Flight> {
        let idle = |key: &AnswerKey| {
            self.table.get(key).is_some_and(|flight| !flight.asked() && flight.payer().lane == lane)
        };
        let pause = *self.parked.iter().find(|(_, key)| idle(key))?;
        self.parked.remove(&pause);
        self.end(pause.1)
    }

    /// Cuts off all attempts.
    pub(super) fn abort(&mut self) -> Vec<Flight> {
        self.attempts.abort_all();
        self.parked.clear();
        self.load.clear();
        std::mem::take(&mut self.table).into_values().collect()
    }

    /// The next attempt to end. Never returns while nothing is under way; may be dropped and
    /// called again without losing anything.
    pub(super) async fn next(&mut self) -> Landing {
        loop {
            self.unpark();
            let due = self.parked.first().map(|(due, _)| *due);
            tokio::select! {
                Some(joined) = self.attempts.join_next() => return landing(joined),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                else => std::future::pending().await,
            }
        }
    }

    /// An attempt that has ended already.
    pub(super) fn try_next(&mut self) -> Option<Landing> {
        self.attempts.try_join_next().map(landing)
    }

    fn unpark(&mut self) {
        let now = Instant::now();
        while let Some(&(due, key)) = self.parked.first().filter(|(due, _)| *due <= now) {
            self.parked.remove(&(due, key));
            self.attempt(key);
        }
    }

    fn attempt(&mut self, key: AnswerKey) {
        let Some(flight) = self.table.get(&key) else { return };
        let (model, trial) = (flight.model.clone(), flight.payer().clone());
        let limit = self.attempt_limit.min(flight.deadline.saturating_duration_since(Instant::now()));
        self.attempts.spawn(async move {
            let answered = timeout(limit, model.answer(&trial.request)).await;
            (key, answered.unwrap_or_else(|_| Err(timed_out(limit))))
        });
    }
}

fn landing(joined: Result<Landing, JoinError>) -> Landing {
    match joined {
        Ok(landing) => landing,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn timed_out(limit: Duration) -> ModelError {
    ModelError {
        class: ErrorClass::TimedOut,
        code: None,
        message: format!("no answer within {} s", limit.as_secs_f64()),
        cure: None,
    }
}
