//! What a run does with the trials wanted: answer them from the store, or call.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::allowance::{Amount, Refusal};
use super::drive::{Run, interrupted};
use super::flights::Ticket;
use super::valve::{Opening, Tokens};
use super::{CacheMode, Event, RunnerError};
use crate::model::{ErrorClass, ModelError};
use crate::price;
use crate::store::{StoreError, StoredAnswer};
use crate::trial::{Answer, AnswerKey, Lane, Trial, TrialOutcome, Work};

/// So many rounds may pass in which the work only asks for what it has.
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
                self.flights.join(trial, true);
                continue;
            }
            let stored = if trial.anew { None } else { self.stored(trial.key)? };
            let outcome = match stored {
                Some(stored) => {
                    self.ledger.cached(&trial, stored.response.usage);
                    TrialOutcome::Answered(Answer { response: stored.response, cached: true })
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
        for lane in [Lane::Prompt, Lane::Judge] {
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
            self.ready.insert(lane);
            if Arc::ptr_eq(&self.runner.prompt, &self.runner.judge) {
                self.ready.extend([Lane::Prompt, Lane::Judge]);
            }
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

    /// Starts calls while slots, quota and budget last. A model that is `closed` stays so, and the
    /// budget's first refusal ends it: a cheaper call must not overtake a better one.
    pub(super) fn launch_now(
        &mut self,
        missed: Vec<Arc<Trial>>,
        closed: &mut BTreeSet<String>,
    ) -> Result<Option<Refusal>, RunnerError> {
        self.runner.require_prices(missed.iter().map(|trial| trial.request.model.as_str()))?;
        for trial in missed {
            if self.flights.has(trial.key) {
                self.flights.join(trial, true);
                continue;
            }
            if closed.contains(&trial.request.model) {
                continue;
            }
            if !self.is_open(&trial, true) {
                closed.insert(trial.request.model.clone());
                continue;
            }
            let worst = self.worst(&trial);
            if let Err(refusal) = self.allowance.reserve(worst) {
                return Ok(Some(refusal));
            }
            self.launch(trial, worst, true);
        }
        Ok(None)
    }

    /// Starts calls that are probably needed next, in slots that nothing else fills.
    pub(super) fn launch_soon(
        &mut self,
        soon: Vec<Arc<Trial>>,
        closed: &BTreeSet<String>,
    ) -> Result<(), RunnerError> {
        for trial in soon {
            if self.flights.has(trial.key) {
                self.flights.join(trial, false);
                continue;
            }
            let idle = !closed.contains(&trial.request.model) && self.ready.contains(&trial.lane);
            let priced = self.runner.require_prices([trial.request.model.as_str()]).is_ok();
            if !idle || !priced || self.runner.cache == CacheMode::Offline {
                continue;
            }
            let settled = self.bought.contains(&trial.key) || self.spoiled.contains(&trial.key);
            if settled || self.stored(trial.key)?.is_some() || !self.lookups.is_nowhere(&trial) {
                continue;
            }
            if !self.is_open(&trial, false) {
                return Ok(());
            }
            let worst = self.worst(&trial);
            if self.allowance.reserve_ahead(worst).is_err() {
                return Ok(());
            }
            self.launch(trial, worst, false);
        }
        Ok(())
    }

    /// Whether a call of this trial's model may start now. One that is `asked` for takes the place
    /// of one that waits and is not.
    fn is_open(&mut self, trial: &Trial, asked: bool) -> bool {
        let (model, tokens) = (&trial.request.model, tokens(trial));
        loop {
            let waiting = self.flights.waiting_for(model);
            match self.traffic.may_start(model, waiting, tokens) {
                Opening::Now => return true,
                Opening::At(_) => return false,
                Opening::Full => {
                    let evicted = if asked { self.flights.evict(model) } else { None };
                    let Some(evicted) = evicted else { return false };
                    self.allowance.release(evicted.worst);
                }
            }
        }
    }

    fn worst(&self, trial: &Trial) -> Amount {
        let most = price::most(&trial.request);
        let money = self.runner.prices.worst(&trial.request).unwrap_or_default();
        Amount { money, calls: 1, tokens: most.input + most.output }
    }

    fn launch(&mut self, trial: Arc<Trial>, worst: Amount, asked: bool) {
        (self.events)(Event::Started((&*trial).into()));
        let ticket = Ticket {
            model: self.runner.model(trial.lane).clone(),
            worst,
            tokens: tokens(&trial),
            patience: Duration::from_secs(self.runner.policy.trial_timeout_s),
            asked,
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
        cure: Some("run once without `--offline`".to_owned()),
    }
}
