//! What a run does with the trials wanted: answer them from the store, or call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::allowance::{Amount, Refusal};
use super::drive::{Run, interrupted};
use super::flights::Ticket;
use super::limiter::{Opening, Tokens};
use super::{CacheMode, Event, RunnerError};
use crate::model::{ErrorClass, ModelError};
use crate::price;
use crate::store::{StoreError, StoredAnswer};
use crate::trial::{Answer, AnswerKey, Lane, Trial, TrialOutcome, Work};

/// The number of rounds in which the work may only ask for answers that it has.
const REPEATS: u32 = 100;

impl Run<'_> {
    /// Answers from the store what can be answered; returns whether that was anything, and the
    /// trials that need a call.
    pub(super) fn serve(
        &mut self,
        now: Vec<Arc<Trial>>,
        work: &mut dyn Work,
    ) -> Result<(bool, Vec<Arc<Trial>>), RunnerError> {
        let (mut served, mut fresh, mut missed) = (false, false, Vec::new());
        for trial in now {
            if self.flights.has(trial.key) {
                self.flights.join(trial);
                continue;
            }
            let stored = if trial.replaces_stored { None } else { self.stored(trial.key)? };
            let outcome = match stored {
                Some(stored) => {
                    self.ledger.cached(&trial, stored.response.usage);
                    let fresh = stored.bought_by == trial.comparison;
                    TrialOutcome::Answered(Answer { response: stored.response, cached: true, fresh })
                }
                None if self.runner.cache == CacheMode::Offline => {
                    self.ledger.failed(&trial);
                    TrialOutcome::Failed(offline())
                }
                None => {
                    missed.push(trial);
                    continue;
                }
            };
            served = true;
            fresh |= !self.delivered.contains(&trial.id);
            self.deliver(&trial, outcome, work);
        }
        self.repeats = if fresh || !served { 0 } else { self.repeats + 1 };
        if self.repeats > REPEATS { Err(RunnerError::Stalled) } else { Ok((served, missed)) }
    }

    fn stored(&mut self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        if self.missing.contains(&key) {
            return Ok(None);
        }
        let readable = self.runner.cache != CacheMode::Fresh || self.bought.contains(&key);
        let stored = if readable { self.store.answer(key)? } else { None };
        if stored.is_none() {
            self.missing.insert(key);
        }
        Ok(stored)
    }

    /// Asks each model once, before its first call, whether calls can succeed at all. False:
    /// the run is to end.
    pub(super) async fn get_ready(&mut self, missed: &[Arc<Trial>]) -> bool {
        for lane in [Lane::Prompt, Lane::Judge, Lane::Embedding] {
            if self.ready.contains(&lane) || !missed.iter().any(|trial| trial.lane == lane) {
                continue;
            }
            let model = self.runner.model(lane);
            let answer = tokio::select! {
                answer = model.ready() => answer,
                () = interrupted(&mut self.interrupt) => return false,
            };
            if let Err(error) = answer {
                self.fatal = Some(error);
                return false;
            }
            let is_ready = |other: &Lane| Arc::ptr_eq(self.runner.model(*other), self.runner.model(lane));
            let also = [Lane::Prompt, Lane::Judge, Lane::Embedding].into_iter().filter(is_ready);
            self.ready.extend(also);
        }
        true
    }

    /// Makes the next attempt of calls whose pause is over, before anything new is started.
    pub(super) fn resume(&mut self, work: &mut dyn Work) {
        for pause in self.flights.due() {
            let Some(flight) = self.flights.get(pause.1) else { continue };
            let (model, tokens) = (flight.model_id().to_owned(), flight.tokens);
            if Instant::now() >= flight.deadline {
                self.flights.unpark(pause);
                self.run_out(pause.1, work);
            } else if self.traffic.may_start(&model, 0, tokens) == Opening::Now {
                self.flights.unpark(pause);
                let passage = self.traffic.started(&model, tokens);
                self.flights.attempt(pause.1, passage);
            }
        }
    }

    /// Starts calls while slots, quota and budget last. If a model has no slot for one call, its
    /// later calls do not start either, and the budget's first refusal ends the round: a cheaper
    /// call must not overtake a more important one.
    pub(super) fn launch_wanted(&mut self, missed: Vec<Arc<Trial>>) -> Result<Option<Refusal>, RunnerError> {
        let mut closed = BTreeSet::new();
        self.runner.require_prices(missed.iter().map(|trial| trial.request.model.as_str()))?;
        for trial in missed {
            if self.flights.has(trial.key) {
                self.flights.join(trial);
                continue;
            }
            if closed.contains(&trial.request.model) {
                continue;
            }
            if !self.is_open(&trial) {
                closed.insert(trial.request.model.clone());
                continue;
            }
            let worst = self.worst(&trial);
            if let Err(refusal) = self.allowance.reserve(worst) {
                return Ok(Some(refusal));
            }
            self.launch(trial, worst);
        }
        Ok(None)
    }

    /// Whether a call of this trial's model may start now.
    fn is_open(&mut self, trial: &Trial) -> bool {
        let model = &trial.request.model;
        let waiting = self.flights.waiting_for(model);
        self.traffic.may_start(model, waiting, tokens(trial)) == Opening::Now
    }

    fn worst(&self, trial: &Trial) -> Amount {
        let most = price::most(&trial.request);
        let money = self.runner.prices.worst(&trial.request).unwrap_or_default();
        Amount { money, calls: 1, tokens: most.input + most.output }
    }

    fn launch(&mut self, trial: Arc<Trial>, worst: Amount) {
        (self.events)(Event::Started((&*trial).into()));
        let ticket = Ticket {
            model: self.runner.model(trial.lane).clone(),
            worst,
            tokens: tokens(&trial),
            patience: Duration::from_secs(self.runner.policy.trial_timeout_s),
        };
        let key = trial.key;
        let passage = self.traffic.started(&trial.request.model, ticket.tokens);
        self.flights.begin(trial, ticket);
        self.flights.attempt(key, passage);
    }
}

/// What a call is expected to take from its model's quota.
fn tokens(trial: &Trial) -> Tokens {
    let estimate = price::expected(&trial.request);
    Tokens { input: estimate.input, max_output: estimate.output }
}

fn offline() -> ModelError {
    ModelError {
        class: ErrorClass::Offline,
        code: None,
        message: "no stored answer, and the run is offline".to_owned(),
        help: Some("run once without `--offline`".to_owned()),
    }
}
