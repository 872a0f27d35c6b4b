//! What a run does with the trials wanted: answer them from the store, or call.

use std::sync::Arc;
use std::time::Duration;

use super::allowance::{Amount, Refusal};
use super::drive::{Run, interrupted};
use super::flights::Ticket;
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

    /// Starts calls while slots and budget last. The first refusal ends it: a cheaper call must
    /// not overtake a better one.
    pub(super) fn launch_now(&mut self, missed: Vec<Arc<Trial>>) -> Result<Option<Refusal>, RunnerError> {
        self.runner.require_prices(missed.iter().map(|trial| trial.request.model.as_str()))?;
        for trial in missed {
            if self.flights.has(trial.key) {
                self.flights.join(trial, true);
                continue;
            }
            if self.is_full(trial.lane) {
                let Some(evicted) = self.flights.evict(trial.lane) else { continue };
                self.allowance.release(evicted.worst);
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
    pub(super) fn launch_soon(&mut self, soon: Vec<Arc<Trial>>) -> Result<(), RunnerError> {
        for trial in soon {
            if self.flights.has(trial.key) {
                self.flights.join(trial, false);
                continue;
            }
            let idle = !self.is_full(trial.lane) && self.ready.contains(&trial.lane);
            let priced = self.runner.require_prices([trial.request.model.as_str()]).is_ok();
            if !idle || !priced || self.runner.cache == CacheMode::Offline {
                continue;
            }
            let settled = self.bought.contains(&trial.key) || self.spoiled.contains(&trial.key);
            if settled || self.stored(trial.key)?.is_some() || !self.lookups.is_nowhere(&trial) {
                continue;
            }
            let worst = self.worst(&trial);
            if self.allowance.reserve_ahead(worst).is_err() {
                return Ok(());
            }
            self.launch(trial, worst, false);
        }
        Ok(())
    }

    fn is_full(&self, lane: Lane) -> bool {
        self.flights.load(lane) >= self.runner.policy.concurrency.max(1)
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
            patience: Duration::from_secs(self.runner.policy.trial_timeout_s),
            asked,
        };
        self.flights.launch(trial, ticket);
    }
}

fn offline() -> ModelError {
    ModelError {
        class: ErrorClass::Offline,
        code: None,
        message: "no stored answer, and the run is offline".to_owned(),
        cure: Some("run once without `--offline`".to_owned()),
    }
}
