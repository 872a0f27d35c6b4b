//! How calls are made: paced, and tried again where that is harmless. Clock and sleep are passed
//! in, so that tests take no time.

use std::cell::Cell;

use super::ports::{Objects, Parameters};
use crate::cloud::{Failure, FailureClass};

/// Time, as the rim has it.
pub trait Clock: Send + Sync {
    /// Milliseconds since some fixed moment.
    fn now_ms(&self) -> u64;

    /// Waits.
    fn sleep_ms(&self, ms: u64);
}

/// Milliseconds between two writes: SSM takes about three a second.
pub const WRITE_GAP_MS: u64 = 340;
/// The first wait before another try, and the longest.
const BACKOFF_MS: (u64, u64) = (250, 8_000);
/// How long one call is tried again by a command that depends on it.
pub const PATIENCE_MS: u64 = 120_000;
/// How often it is said that a call is still tried again.
const REMIND_MS: u64 = 30_000;

/// What a release has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What is live was looked at.
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

/// How far a release is: so many of so many prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What they have come to.
    pub stage: Stage,
    /// How many have.
    pub done: usize,
    /// How many there are.
    pub of: usize,
}

/// What is told while the stores are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told<'a> {
    /// How far it is.
    Progress(Progress),
    /// A call fails again and again, and is tried until so many milliseconds have passed.
    Waiting(&'a Failure, u64),
}

/// What is counted, and told, while the stores are spoken to.
#[derive(Default)]
pub struct Account<'a> {
    /// When the next write may be made.
    next_write: Cell<u64>,
    calls: Cell<u64>,
    tell: Option<&'a dyn Fn(Told<'_>)>,
}

impl<'a> Account<'a> {
    /// One that tells how far it is, and what it waits for.
    pub fn telling(tell: &'a dyn Fn(Told<'_>)) -> Self {
        Self { tell: Some(tell), ..Self::default() }
    }
}

/// The stores, and how they are spoken to.
pub struct StoreClient<'a> {
    /// SSM, or what stands in for it.
    pub parameters: &'a dyn Parameters,
    /// The bucket for what does not fit.
    pub objects: Option<&'a dyn Objects>,
    /// Where objects lie in it.
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
    /// What is counted and told.
    pub account: Account<'a>,
}

impl StoreClient<'_> {
    /// How often the stores were asked so far, repetitions included. A listing of many pages is one
    /// question, and so is a look at AppConfig, which takes several calls.
    pub fn calls(&self) -> u64 {
        self.account.calls.get()
    }

    /// Tells whoever listens how far it is.
    pub fn progress(&self, stage: Stage, done: usize, of: usize) {
        self.tell(Told::Progress(Progress { stage, done, of }));
    }

    fn tell(&self, told: Told<'_>) {
        if let Some(tell) = self.account.tell {
            tell(told);
        }
    }

    /// A call that changes nothing, or that may be made twice: tried again until the patience ends.
    ///
    /// # Errors
    /// The last failure.
    pub fn again<T>(&self, mut call: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        self.persist(&[FailureClass::Throttled, FailureClass::Unclear], &mut call)
    }

    /// A call that must not be made twice: tried again only where nothing happened.
    ///
    /// # Errors
    /// The failure; after [`FailureClass::Unclear`] the caller has to look what happened.
    pub fn once<T>(&self, mut call: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        self.persist(&[FailureClass::Throttled], &mut || {
            self.pace();
            call()
        })
    }

    /// Waits a little longer every round.
    pub fn rest(&self, round: u32) {
        self.clock.sleep_ms((BACKOFF_MS.0 << round.min(10)).min(BACKOFF_MS.1));
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
        harmless: &[FailureClass],
        call: &mut dyn FnMut() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let end = self.clock.now_ms() + self.patience_ms;
        let mut next_word = None;
        for round in 0.. {
            self.account.calls.set(self.account.calls.get() + 1);
            match call() {
                Err(failure) if harmless.contains(&failure.class) && self.clock.now_ms() < end => {
                    let now = self.clock.now_ms();
                    // One failure may be a hiccup; a person must not wait for minutes and not know why.
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
