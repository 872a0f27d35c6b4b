//! The loop: ask the work for trials, answer from the store, make the other calls, store the
//! answers, pass the outcomes to the work.

use std::collections::{BTreeMap, BTreeSet, HashSet}; // order never leaves
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::allowance::{Allowance, Amount, Refusal};
use super::flights::Flights;
use super::ledger::{BoughtBefore, Ledger};
use super::lookups::Lookups;
use super::traffic::Traffic;
use super::{CacheMode, Counters, Event, GRACE, Interrupt, Runner, RunnerError, Spend};
use crate::model::ModelError;
use crate::store::{MemoryStore, Store};
use crate::trial::{AnswerKey, Lane, StopCause, TrialId, Window, Work};

/// Trials looked at, in multiples of the most that can be in flight for one model; and for how
/// many calls at least.
const WINDOWS: usize = 4;
const FEWEST: usize = 16;

/// Why the loop ended.
enum End {
    /// The work wants no more.
    Done,
    /// The work is to stop.
    Stopped(StopCause),
}

/// One call of [`Runner::run`].
pub(super) struct Run<'a> {
    pub(super) runner: &'a Runner,
    pub(super) events: &'a mut dyn FnMut(Event<'_>),
    pub(super) store: Arc<dyn Store>,
    pub(super) interrupt: watch::Receiver<Interrupt>,
    pub(super) flights: Flights,
    pub(super) lookups: Lookups,
    pub(super) traffic: Traffic<'a>,
    pub(super) allowance: Allowance,
    pub(super) ledger: Ledger<'a>,
    /// Keys that the store does not have, so that a trial that waits for a slot is looked up once.
    pub(super) missing: HashSet<AnswerKey>,
    /// Keys bought in this run, which [`CacheMode::Fresh`] may read.
    pub(super) bought: HashSet<AnswerKey>,
    pub(super) delivered: HashSet<TrialId>,
    pub(super) ready: BTreeSet<Lane>,
    pub(super) fatal: Option<ModelError>,
    pub(super) episode_ends: BTreeMap<Lane, Instant>,
    pub(super) counters: Counters,
    pub(super) repeats: u32,
    /// Set when nothing new is started and no attempt is repeated.
    pub(super) ending: bool,
    /// Cleared when the work is done and must receive nothing more.
    pub(super) listening: bool,
}

pub(super) async fn run(
    runner: &Runner,
    bought: &[BoughtBefore],
    work: &mut dyn Work,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Spend, RunnerError> {
    let mut run = Run::new(runner, events);
    run.take_over(bought);
    let end = run.drive(work).await;
    // Work that is done must not change any more; stopped work still accepts late outcomes.
    run.listening = !matches!(end, Ok(End::Done));
    let drained = run.drain(work).await;
    if let End::Stopped(cause) = end? {
        work.stop(cause);
    }
    drained?;
    Ok(run.ledger.close())
}

impl<'a> Run<'a> {
    fn new(runner: &'a Runner, events: &'a mut dyn FnMut(Event<'_>)) -> Self {
        let store: Arc<dyn Store> = match runner.cache {
            // Trials of one run still share their answers.
            CacheMode::Off => Arc::new(MemoryStore::default()),
            CacheMode::ReadWrite | CacheMode::Fresh | CacheMode::Offline => runner.store.clone(),
        };
        let remote = match runner.cache {
            CacheMode::ReadWrite => store.remote_answers(),
            CacheMode::Fresh | CacheMode::Off | CacheMode::Offline => None,
        };
        Self {
            runner,
            events,
            store,
            lookups: Lookups::new(remote),
            interrupt: runner.interrupt.clone(),
            flights: Flights::new(Duration::from_secs(runner.policy.attempt_timeout_s)),
            traffic: Traffic::new(&runner.policy),
            allowance: Allowance::new(runner.budget),
            ledger: Ledger::new(&runner.prices),
            missing: HashSet::new(),
            bought: HashSet::new(),
            delivered: HashSet::new(),
            ready: BTreeSet::new(),
            fatal: None,
            episode_ends: BTreeMap::new(),
            counters: Counters::default(),
            repeats: 0,
            ending: false,
            listening: true,
        }
    }

    /// Records the answers that were bought before the run.
    fn take_over(&mut self, bought: &[BoughtBefore]) {
        for answer in bought {
            let charged = self.runner.prices.batch_charged(&answer.trial.request.model, answer.usage);
            let used = Amount { money: charged.unwrap_or_default(), calls: 1, tokens: answer.usage.all() };
            self.counters.spent += used.money;
            self.allowance.settle(Amount::default(), used);
            self.ledger.bought_before(answer);
        }
    }

    async fn drive(&mut self, work: &mut dyn Work) -> Result<End, RunnerError> {
        loop {
            let now = work.wanted(self.window()).now;
            if now.is_empty() {
                return Ok(End::Done);
            }
            if *self.interrupt.borrow() != Interrupt::None {
                return Ok(End::Stopped(StopCause::Interrupted));
            }
            if let Some(error) = self.fatal.take() {
                return Ok(End::Stopped(StopCause::Fatal(error)));
            }
            let (served, missed) = self.serve(now, work)?;
            if served {
                continue;
            }
            let missed = self.lookups.sift(missed);
            if !self.get_ready(&missed).await {
                continue;
            }
            self.resume(work);
            let refusal = self.launch_wanted(missed)?;
            if self.flights.is_empty() && self.lookups.is_empty() && !self.traffic.has_wake() {
                let Some(Refusal(text)) = refusal else { return Err(RunnerError::Stalled) };
                return Ok(End::Stopped(StopCause::Budget(text)));
            }
            self.report_progress();
            self.wait(work).await?;
        }
    }

    /// How many trials to request: those in flight come first, then those that fill the slots.
    fn window(&self) -> Window {
        let slots = WINDOWS * self.runner.policy.concurrency.max(FEWEST);
        Window { now: slots, soon: 0 }
    }

    /// Waits for the next event and processes it. One landing at a time, so that its slot is filled
    /// at once: answers that are taken together are followed by calls that start together, and then
    /// the processor and the model wait for each other in turn.
    async fn wait(&mut self, work: &mut dyn Work) -> Result<(), RunnerError> {
        let wake = self.traffic.take_wake().into_iter().chain(self.flights.next_due()).min();
        let first = tokio::select! {
            biased;
            () = interrupted(&mut self.interrupt) => return Ok(()),
            landing = self.flights.next() => landing,
            (key, found) = self.lookups.next() => {
                if found {
                    self.missing.remove(&key);
                }
                return Ok(());
            }
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => return Ok(()),
        };
        self.land(first, work)
    }

    fn report_progress(&mut self) {
        self.counters.in_flight = self.flights.flying();
        self.counters.waiting = self.flights.waiting();
        (self.events)(Event::Progress(self.counters));
    }

    /// Waits for the calls in flight, so that no paid answer is lost; starts none.
    async fn drain(&mut self, work: &mut dyn Work) -> Result<(), RunnerError> {
        self.ending = true;
        for flight in self.flights.end_parked() {
            self.allowance.release(flight.worst);
        }
        let mut outcome = Ok(());
        let mut grace_ends = None;
        while !self.flights.is_empty() {
            self.report_progress();
            match *self.interrupt.borrow_and_update() {
                Interrupt::None => {}
                Interrupt::Gentle => drop(grace_ends.get_or_insert_with(|| Instant::now() + GRACE)),
                Interrupt::AtOnce => break,
            }
            tokio::select! {
                biased;
                landing = self.flights.next() => {
                    // The first failure is the one to report; the others must still be stored.
                    let landed = self.land(landing, work);
                    outcome = outcome.and(landed);
                }
                Ok(()) = self.interrupt.changed() => {}
                () = sleep_until(grace_ends.unwrap_or_else(Instant::now)), if grace_ends.is_some() => break,
            }
        }
        for flight in self.flights.abort() {
            self.allowance.lose(flight.worst);
            self.ledger.lost(flight.worst);
        }
        self.report_progress();
        outcome
    }
}

/// Returns when the run is asked to end; never, if no sender is left.
pub(super) async fn interrupted(interrupt: &mut watch::Receiver<Interrupt>) {
    if interrupt.wait_for(|signal| *signal != Interrupt::None).await.is_err() {
        std::future::pending().await
    }
}
