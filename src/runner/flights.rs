//! Calls under way: one per answer key, however many trials want it; each is an attempt in flight
//! or a pause before the next attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout};

use super::allowance::Amount;
use super::backoff::Retries;
use super::limiter::{Passage, Tokens};
use crate::model::{ErrorClass, Model, ModelError, Response};
use crate::trial::{AnswerKey, Trial};

/// How one attempt ended.
pub(super) type Landing = (AnswerKey, Result<Response, ModelError>);

/// A call, over all its attempts.
pub(super) struct Flight {
    /// The trials that want the answer; the first one pays.
    pub(super) waiters: Vec<Arc<Trial>>,
    /// What is reserved for it in the budget.
    pub(super) worst: Amount,
    /// What it takes from the model's quota.
    pub(super) tokens: Tokens,
    pub(super) retries: Retries,
    pub(super) deadline: Instant,
    /// Why the last attempt failed.
    pub(super) failed: Option<ModelError>,
    passage: Option<Passage>,
    model: Arc<dyn Model>,
}

impl Flight {
    pub(super) fn payer(&self) -> &Arc<Trial> {
        &self.waiters[0]
    }

    /// The id of the model that is asked: whose quota it is.
    pub(super) fn model_id(&self) -> &str {
        &self.payer().request.model
    }

    /// What the attempt in flight must return to the limiter.
    pub(super) fn take_passage(&mut self) -> Option<Passage> {
        self.passage.take()
    }
}

/// How a call is to be made.
pub(super) struct Ticket {
    pub(super) model: Arc<dyn Model>,
    pub(super) worst: Amount,
    pub(super) tokens: Tokens,
    /// Time for all attempts together.
    pub(super) patience: Duration,
}

/// All calls under way.
pub(super) struct Flights {
    attempt_limit: Duration,
    table: BTreeMap<AnswerKey, Flight>,
    attempts: JoinSet<Landing>,
    parked: BTreeSet<(Instant, AnswerKey)>,
    /// Parked calls by model.
    waiting: BTreeMap<String, usize>,
}

impl Flights {
    pub(super) fn new(attempt_limit: Duration) -> Self {
        Self {
            attempt_limit,
            table: BTreeMap::new(),
            attempts: JoinSet::new(),
            parked: BTreeSet::new(),
            waiting: BTreeMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn has(&self, key: AnswerKey) -> bool {
        self.table.contains_key(&key)
    }

    /// Calls between two attempts.
    pub(super) fn waiting(&self) -> usize {
        self.parked.len()
    }

    /// Calls of a model between two attempts. They keep their place, so that a throttled model
    /// does not gather ever more of them.
    pub(super) fn waiting_for(&self, model: &str) -> usize {
        self.waiting.get(model).copied().unwrap_or(0)
    }

    /// Attempts in flight.
    pub(super) fn flying(&self) -> usize {
        self.attempts.len()
    }

    /// Makes a trial wait for the flight of its key, which must exist.
    pub(super) fn join(&mut self, trial: Arc<Trial>) {
        let Some(flight) = self.table.get_mut(&trial.key) else { return };
        if !flight.waiters.iter().any(|waiter| waiter.id == trial.id) {
            flight.waiters.push(trial);
        }
    }

    /// Begins the call of a trial whose key has no flight yet; [`Flights::attempt`] must follow.
    pub(super) fn begin(&mut self, trial: Arc<Trial>, ticket: Ticket) {
        let key = trial.key;
        let flight = Flight {
            retries: Retries::new(key.0),
            deadline: Instant::now() + ticket.patience,
            waiters: vec![trial],
            worst: ticket.worst,
            tokens: ticket.tokens,
            failed: None,
            passage: None,
            model: ticket.model,
        };
        self.table.insert(key, flight);
    }

    pub(super) fn get(&self, key: AnswerKey) -> Option<&Flight> {
        self.table.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: AnswerKey) -> Option<&mut Flight> {
        self.table.get_mut(&key)
    }

    /// Pauses a call before its next attempt.
    pub(super) fn park(&mut self, key: AnswerKey, wait: Duration) {
        let Some(flight) = self.table.get(&key) else { return };
        *self.waiting.entry(flight.model_id().to_owned()).or_default() += 1;
        self.parked.insert((Instant::now() + wait, key));
    }

    /// The calls whose pause is over, the longest over first.
    pub(super) fn due(&self) -> Vec<(Instant, AnswerKey)> {
        let now = Instant::now();
        self.parked.iter().take_while(|(due, _)| *due <= now).copied().collect()
    }

    /// When the next pause ends that has not ended yet.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let now = Instant::now();
        self.parked.iter().map(|(due, _)| *due).find(|due| *due > now)
    }

    /// Ends a pause.
    pub(super) fn unpark(&mut self, pause: (Instant, AnswerKey)) {
        if !self.parked.remove(&pause) {
            return;
        }
        let model = self.table.get(&pause.1).map(Flight::model_id);
        if let Some(waiting) = model.and_then(|model| self.waiting.get_mut(model)) {
            *waiting -= 1;
        }
    }

    /// Ends a call.
    pub(super) fn end(&mut self, key: AnswerKey) -> Option<Flight> {
        self.table.remove(&key)
    }

    /// Ends all calls that are between two attempts.
    pub(super) fn end_parked(&mut self) -> Vec<Flight> {
        self.waiting.clear();
        let parked = std::mem::take(&mut self.parked);
        parked.into_iter().filter_map(|(_, key)| self.end(key)).collect()
    }

    /// Aborts all attempts.
    pub(super) fn abort(&mut self) -> Vec<Flight> {
        self.attempts.abort_all();
        self.parked.clear();
        self.waiting.clear();
        std::mem::take(&mut self.table).into_values().collect()
    }

    /// The next attempt to end. Never returns while none is in flight; may be dropped and called
    /// again without loss.
    pub(super) async fn next(&mut self) -> Landing {
        match self.attempts.join_next().await {
            Some(joined) => landing(joined),
            None => std::future::pending().await,
        }
    }

    /// Starts an attempt.
    pub(super) fn attempt(&mut self, key: AnswerKey, passage: Passage) {
        let Some(flight) = self.table.get_mut(&key) else { return };
        flight.passage = Some(passage);
        let (model, trial) = (flight.model.clone(), flight.payer().clone());
        let limit = self.attempt_limit.min(flight.deadline.saturating_duration_since(Instant::now()));
        self.attempts.spawn(async move {
            let started = Instant::now();
            let answered = timeout(limit, model.answer_for(&trial.request, &trial.prompt)).await;
            let answered = answered.unwrap_or_else(|_| Err(timed_out(limit)));
            log(&trial, started.elapsed(), &answered);
            (key, answered)
        });
    }
}

/// What `-v` shows of a call to any provider: only names, no text of requests or answers.
fn log(trial: &Trial, took: Duration, answered: &Result<Response, ModelError>) {
    let (prompt, case, model) = (&trial.prompt, &trial.case, &trial.request.model);
    match answered {
        Ok(Response { stop, usage, .. }) => {
            tracing::debug!(prompt, case, side = ?trial.side, phase = ?trial.phase, lane = ?trial.lane, model, ?took, ?stop, ?usage, "answered");
        }
        Err(ModelError { class, code, .. }) => {
            tracing::debug!(prompt, case, side = ?trial.side, phase = ?trial.phase, lane = ?trial.lane, model, ?took, ?class, code, "failed");
        }
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
        help: None,
    }
}
