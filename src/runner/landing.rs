//! What a run does when an attempt ends: store the answer and pass it on, try again, or give up.

use std::time::Duration;

use tokio::time::Instant;

use super::Event;
use super::RunnerError;
use super::allowance::Amount;
use super::drive::Run;
use super::flights::{Flight, Landing};
use super::limiter::End;
use crate::model::{ErrorClass, ModelError, Response};
use crate::store::StoredAnswer;
use crate::trial::{Answer, AnswerKey, Lane, Trial, TrialOutcome, Work};

/// Throttling that occurs again within this time belongs to the same episode; longer than the
/// longest wait between two attempts.
const EPISODE: Duration = Duration::from_secs(30);

impl Run<'_> {
    /// Takes the end of an attempt.
    pub(super) fn land(&mut self, (key, result): Landing, work: &mut dyn Work) -> Result<(), RunnerError> {
        if let Some(flight) = self.flights.get_mut(key)
            && let Some(passage) = flight.take_passage()
        {
            let end = match &result {
                Ok(response) => End::Answered(response.usage),
                Err(error) => End::Failed(error.class),
            };
            self.traffic.ended(flight.model_id(), passage, end);
        }
        match result {
            Ok(response) => self.keep(key, response, work),
            Err(error) => {
                self.fail(key, error, work);
                Ok(())
            }
        }
    }

    /// Stores an answer, then passes it to the waiting trials.
    fn keep(&mut self, key: AnswerKey, response: Response, work: &mut dyn Work) -> Result<(), RunnerError> {
        let Some(flight) = self.flights.end(key) else { return Ok(()) };
        let payer = flight.payer().clone();
        let usage = response.usage;
        let answer = StoredAnswer { response, bought_by: payer.comparison };
        let kept = self.store.keep_answer(key, &payer.request, &answer);
        let money = self.runner.prices.charged(&payer.request.model, usage).unwrap_or_default();
        self.allowance.settle(flight.worst, Amount { money, calls: 1, tokens: usage.all() });
        self.counters.spent += money;
        self.ledger.paid(&payer, usage);
        self.ledger.asked(&flight.waiters, usage);
        kept?;
        self.missing.remove(&key);
        self.bought.insert(key);
        for (i, waiter) in flight.waiters.iter().enumerate() {
            let fresh = waiter.comparison == payer.comparison;
            let answer = Answer { response: answer.response.clone(), cached: i > 0, fresh };
            self.deliver(waiter, TrialOutcome::Answered(answer), work);
        }
        Ok(())
    }

    /// Tries again, or reports to the waiting trials that there is no answer.
    fn fail(&mut self, key: AnswerKey, error: ModelError, work: &mut dyn Work) {
        let (class, ending) = (error.class, self.ending);
        let Some(flight) = self.flights.get_mut(key) else { return };
        let (payer, worst) = (flight.payer().clone(), flight.worst);
        let bound = self.traffic.bound(flight.model_id(), flight.retries.turns());
        let wait = if ending { None } else { flight.retries.after(class, bound) };
        flight.failed = Some(error.clone());
        let in_time = wait.filter(|wait| Instant::now() + *wait < flight.deadline);
        if class == ErrorClass::Throttled {
            self.note_throttling(payer.lane);
        }
        let paid_again = self.settle_failure(class, worst, in_time.is_some());
        if let (Some(wait), true) = (in_time, paid_again) {
            self.ledger.retried(class);
            (self.events)(Event::Retried { trial: (&*payer).into(), class, wait });
            self.flights.park(key, wait);
            return;
        }
        let Some(flight) = self.flights.end(key) else { return };
        if class.is_fatal() {
            self.fatal.get_or_insert_with(|| error.clone());
        }
        // A call without another attempt because of the budget or the end of the run has not
        // failed: it was not made.
        let cut_off = class.is_retryable() && (ending || in_time.is_some());
        if !cut_off {
            self.give_up(&flight, &exhausted(error, wait.is_some()), work);
        }
    }

    /// Settles the reservation of an attempt without an answer; returns whether the next attempt
    /// has one.
    fn settle_failure(&mut self, class: ErrorClass, worst: Amount, again: bool) -> bool {
        let on_the_bill = matches!(class, ErrorClass::TimedOut | ErrorClass::Transient);
        if on_the_bill {
            self.allowance.lose(worst);
            self.ledger.lost(worst);
            return again && self.allowance.reserve(worst).is_ok();
        }
        if !again {
            self.allowance.release(worst);
        }
        again
    }

    /// A call whose time is over while it waited for its next attempt.
    pub(super) fn run_out(&mut self, key: AnswerKey, work: &mut dyn Work) {
        let Some(mut flight) = self.flights.end(key) else { return };
        self.allowance.release(flight.worst);
        if let Some(error) = flight.failed.take() {
            self.give_up(&flight, &exhausted(error, true), work);
        }
    }

    fn give_up(&mut self, flight: &Flight, error: &ModelError, work: &mut dyn Work) {
        for waiter in &flight.waiters {
            self.ledger.failed(waiter);
            self.deliver(waiter, TrialOutcome::Failed(error.clone()), work);
        }
    }

    fn note_throttling(&mut self, lane: Lane) {
        let now = Instant::now();
        let before = self.episode_ends.insert(lane, now + EPISODE);
        if before.is_none_or(|ends| ends < now) {
            (self.events)(Event::Throttled(lane));
        }
    }

    /// Passes a trial's outcome to the work.
    pub(super) fn deliver(&mut self, trial: &Trial, outcome: TrialOutcome, work: &mut dyn Work) {
        self.delivered.insert(trial.id);
        match &outcome {
            TrialOutcome::Answered(answer) => {
                self.counters.answered += 1;
                self.counters.cached += u64::from(answer.cached);
                (self.events)(Event::Answered { trial: trial.into(), cached: answer.cached });
            }
            TrialOutcome::Failed(error) => {
                self.counters.failed += 1;
                (self.events)(Event::Failed { trial: trial.into(), class: error.class });
            }
        }
        if self.listening {
            work.observe(trial.id, outcome);
        }
    }
}

/// Says what to do when a trial ran out of time while its quota was exhausted.
fn exhausted(error: ModelError, out_of_time: bool) -> ModelError {
    if !out_of_time || error.help.is_some() || error.class != ErrorClass::Throttled {
        return error;
    }
    let help = "the quota did not allow this call in time: lower `concurrency`, raise `trial_timeout_s`, \
                or ask the provider for more quota";
    ModelError { help: Some(help.to_owned()), ..error }
}
