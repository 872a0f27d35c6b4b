//! How calls to the stores are made: at a limited rate, and repeated if that is safe. `once` repeats
//! after throttling, because then nothing happened; `again` also if the effect is not known. Clock
//! and sleep are parameters, so that tests take no time.

use std::cell::Cell;
use std::time::Duration;

use super::ports::{Objects, Parameters};
use super::prompt_management::Managed;
use crate::cloud::{Failure, FailureClass, Patience};

/// The clock, from the outer layer.
pub trait Clock: Send + Sync {
    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> u64;

    /// Waits.
    fn sleep_ms(&self, ms: u64);
}

/// Milliseconds between two writes: SSM takes about three a second.
pub const WRITE_GAP_MS: u64 = 340;
/// The waits before another attempt.
const PATIENCE: Patience =
    Patience { first: Duration::from_millis(250), factor: 2, longest: Duration::from_secs(8) };
/// How long one call is tried again by a command that depends on it.
pub const PATIENCE_MS: u64 = 120_000;
/// How often a repeated call is reported.
const REMIND_MS: u64 = 30_000;

/// The progress of a release for one prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The live version was read.
    Looked,
    /// The value is there.
    Written,
    /// The label is on it.
    Live,
}

impl Stage {
    /// The word for a person.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Looked => "looked at",
            Stage::Written => "written",
            Stage::Live => "live",
        }
    }
}

/// The progress of a release: the number of prompts of all prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What they have come to.
    pub stage: Stage,
    /// How many have.
    pub done: usize,
    /// How many there are.
    pub of: usize,
}

/// What is reported during the calls to the stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// The progress.
    Progress(Progress),
    /// A call fails repeatedly, and is tried until this number of milliseconds has passed.
    Waiting(&'a Failure, u64),
}

/// Counters and progress of the calls to the stores.
#[derive(Default)]
pub struct Account<'a> {
    /// When the next write may be made.
    next_write: Cell<u64>,
    calls: Cell<u64>,
    tell: Option<&'a dyn Fn(Told<'_>)>,
}

impl<'a> Account<'a> {
    /// Counters that report progress, and what the release waits for.
    pub fn telling(tell: &'a dyn Fn(Told<'_>)) -> Self {
        Self { tell: Some(tell), ..Self::default() }
    }
}

/// The stores, and the settings of their calls.
pub struct StoreClient<'a> {
    /// SSM, or its replacement.
    pub parameters: &'a dyn Parameters,
    /// The bucket for what does not fit.
    pub objects: Option<&'a dyn Objects>,
    /// Prompt Management, where the contents are versions there.
    pub managed: Option<&'a Managed>,
    /// The prefix of the bucket's objects.
    pub prefix: &'a str,
    /// Time.
    pub clock: &'a dyn Clock,
    /// The label that makes a version live.
    pub label: &'a str,
    /// This run's name.
    pub run: &'a str,
    /// Whether advanced parameters may be used.
    pub advanced: bool,
    /// Whether tags are written beside the record.
    pub tags: bool,
    /// Milliseconds between two writes.
    pub gap_ms: u64,
    /// Milliseconds for which one call is tried again.
    pub patience_ms: u64,
    /// Counters and progress.
    pub account: Account<'a>,
}

impl StoreClient<'_> {
    /// The number of requests to the stores so far, with repetitions. A listing of many pages
    /// counts as one, and so does a reading of AppConfig, which takes several calls.
    pub fn calls(&self) -> u64 {
        self.account.calls.get()
    }

    /// Reports the progress.
    pub fn progress(&self, stage: Stage, done: usize, of: usize) {
        self.tell(Told::Progress(Progress { stage, done, of }));
    }

    fn tell(&self, told: Told<'_>) {
        if let Some(tell) = self.account.tell {
            tell(told);
        }
    }

    /// A call that changes nothing, or that may be made twice: it is repeated until the time limit.
    ///
    /// # Errors
    /// The last failure.
    pub fn again<T>(&self, mut call: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        self.persist(FailureClass::is_passing, &mut call)
    }

    /// A call that must not be made twice: it is repeated only if nothing happened.
    ///
    /// # Errors
    /// The failure; after [`FailureClass::Unclear`] the caller must check what happened.
    pub fn once<T>(&self, mut call: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        self.persist(|class| class == FailureClass::Throttled, &mut || {
            self.pace();
            call()
        })
    }

    /// Waits a little longer every round.
    pub fn rest(&self, round: u32) {
        self.clock.sleep_ms(PATIENCE.after(round).as_millis() as u64);
    }

    fn pace(&self) {
        let now = self.clock.now_ms();
        if let Some(wait) = self.account.next_write.get().checked_sub(now).filter(|wait| *wait > 0) {
            self.clock.sleep_ms(wait);
        }
        self.account.next_write.set(self.clock.now_ms() + self.gap_ms);
    }

    fn persist<T>(
        &self,
        is_harmless: fn(FailureClass) -> bool,
        call: &mut dyn FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let end = self.clock.now_ms() + self.patience_ms;
        let mut next_word = None;
        for round in 0.. {
            self.account.calls.set(self.account.calls.get() + 1);
            match call() {
                Err(failure) if is_harmless(failure.class) && self.clock.now_ms() < end => {
                    let now = self.clock.now_ms();
                    // One failure may be transient; a person must not wait for minutes without a
                    // reason.
                    if round > 0 && next_word.is_none_or(|next| now >= next) {
                        self.tell(Told::Waiting(&failure, end - now));
                        next_word = Some(now + REMIND_MS);
                    }
                    self.rest(round);
                }
                other => return other,
            }
        }
        unreachable!("the loop ends by returning")
    }
}
