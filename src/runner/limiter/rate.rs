//! How fast calls of one model may start, learned from refusals.
//!
//! A quota is a bucket that fills at a steady rate. When a call is refused, the bucket is empty; so
//! the number of accepted calls between two refusals, divided by the time between them, *is* the
//! rate. New calls start just below this rate, and the rate rises slowly until the next refusal:
//! the tokens saved below the rate cover the time above it, so that almost the whole quota is used.
//!
//! If starting fewer calls does not reduce refusals, the quota is not the cause (but a fault, or
//! many users of one quota). Slowing down would only lose time: the rate is not limited until
//! refusals increase.

use std::time::Duration;

/// Evidence needed before the first rate is used.
const LEARN: Duration = Duration::from_millis(250);
const LEARN_ATTEMPTS: u64 = 8;
const LEARN_THROUGH: u64 = 3;
/// Time between two refusals that measures the rate well.
const LONG: Duration = Duration::from_secs(2);
/// New calls start this far below the measured rate ...
const BELOW: f64 = 0.94;
/// ... and after a short measurement within these bounds of the old one.
const LEAST: f64 = 0.3;
const MOST: f64 = 0.85;
/// The minimum rate, in starts per second and as a share of the best known rate: longer waits come
/// from the backoff.
const FLOOR: f64 = 0.05;
const FLOOR_OF_BEST: f64 = 0.25;
/// The factor for the best rate when a lower one is found.
const FORGET: f64 = 0.95;
/// Starts that may follow each other at once, because timers are not finer than this.
const AT_ONCE: Duration = Duration::from_millis(20);
/// At or below the measured rate there should be no refusal. After this many such refusals, slowing
/// down does not help.
const SURPRISES: u32 = 3;
/// How often a rate that has helped before may fail to help: the quota may have shrunk.
const STRIKES: u32 = 2;
/// How often in a row slowing down must have helped for that.
const PROVEN: u32 = 3;
/// The factor for a rate if too few calls are accepted to measure it.
const GUESS: f64 = 0.5;
/// The number of attempts over which the share of refusals is watched after the rate limit was
/// dropped.
const WATCHED: u64 = 12;
/// A share this much above the usual one is more than chance.
const MORE: f64 = 0.25;
/// This factor above the dropped rate shows whether more starts give more answers; and the factor
/// that is tried first.
const FASTER: f64 = 1.3;
const TRIED: f64 = 8.0;
/// A shorter time shows nothing.
const MOMENT: Duration = Duration::from_millis(200);
/// A share of refusals that counts as zero.
const FEW: f64 = 0.1;

/// What is known of the rate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Knowledge {
    /// Nothing was refused yet.
    None,
    /// A call was refused; the accepted calls are being counted.
    Learning,
    /// Starts are limited to `base`, grown by `tau`.
    Paced { base: f64, tau: f64 },
    /// Refusals do not depend on the rate; this share of attempts is refused. The limit `rate` was
    /// dropped, only a little until this is `sure`.
    Deaf { usual: f64, rate: f64, sure: bool },
}

/// Refusals at a rate that should not cause any; and when counting began, with the numbers of
/// starts and refusals at that time.
#[derive(Clone, Copy, Debug, Default)]
struct Surprises {
    count: u32,
    /// How often slowing down may still fail to help; how often in a row it has helped.
    strikes: u32,
    clean: u32,
    since: Duration,
    starts: u64,
    refusals: u64,
}

/// A start, as its end must name it: its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Departure(u64);

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It belongs to an episode that was already handled, or is not more than usual.
    Nothing,
    /// An episode begins, and the rate is not known yet.
    Episode,
    /// The rate is known, or known better.
    Paced,
}

/// The rate limit of one model.
#[derive(Clone, Debug)]
pub(super) struct RateLimit {
    knowledge: Knowledge,
    starts: u64,
    /// When the bucket was last found empty (at first: when it was first used), how many had been
    /// started by then, and how many of those started since were refused.
    mark: (Duration, u64),
    refused: u64,
    /// Refusals in all.
    refusals: u64,
    surprises: Surprises,
    /// The best rate found, forgotten slowly.
    best: f64,
    /// Refusals of attempts up to this one belong to an episode that was already handled.
    cut: u64,
    /// When the next start is due.
    next: Duration,
    /// When growth was last counted, and whether the rate has delayed any start since.
    counted: Duration,
    held_up: bool,
}

impl RateLimit {
    pub fn new() -> Self {
        Self {
            knowledge: Knowledge::None,
            starts: 0,
            mark: (Duration::ZERO, 0),
            refused: 0,
            refusals: 0,
            surprises: Surprises::default(),
            best: 0.0,
            cut: 0,
            next: Duration::ZERO,
            counted: Duration::ZERO,
            held_up: false,
        }
    }

    /// Starts per second, if they are limited.
    pub fn rate(&self) -> Option<f64> {
        match self.knowledge {
            Knowledge::Paced { base, tau, .. } => Some(base * growth(tau)),
            Knowledge::Deaf { rate, sure: false, .. } => Some(TRIED * rate),
            Knowledge::None | Knowledge::Learning | Knowledge::Deaf { .. } => None,
        }
    }

    /// Whether waiting would not help.
    pub fn is_deaf(&self) -> bool {
        matches!(self.knowledge, Knowledge::Deaf { .. })
    }

    /// When the next call may start.
    pub fn due(&mut self, now: Duration) -> Duration {
        if self.rate().is_none() {
            return now;
        }
        let due = self.next.saturating_sub(AT_ONCE);
        self.held_up |= due > now;
        due.max(now)
    }

    pub fn started(&mut self, now: Duration) -> Departure {
        self.starts += 1;
        self.grow(now);
        if let Some(rate) = self.rate() {
            self.next = self.next.max(now) + Duration::from_secs_f64(1.0 / rate);
        }
        Departure(self.starts)
    }

    /// An attempt was refused.
    pub fn refused(&mut self, now: Duration, departure: Departure) -> Meaning {
        if departure.0 <= self.mark.1 {
            return Meaning::Nothing;
        }
        self.refused += 1;
        self.refusals += 1;
        match self.knowledge {
            // Earlier calls used a full bucket and show nothing.
            Knowledge::None => {
                self.know(now, Knowledge::Learning);
                Meaning::Episode
            }
            Knowledge::Learning => self.learn(now, departure),
            Knowledge::Paced { tau, .. } if is_safe(tau) => self.be_surprised(now),
            Knowledge::Paced { .. } => self.correct(now),
            Knowledge::Deaf { usual, rate, .. } => self.listen(now, usual, rate),
        }
    }

    /// The first rate, when there is evidence enough.
    fn learn(&mut self, now: Duration, departure: Departure) -> Meaning {
        let enough = self.elapsed(now) >= LEARN && self.attempts() >= LEARN_ATTEMPTS;
        if !enough || self.through() < LEARN_THROUGH {
            if departure.0 <= self.cut {
                return Meaning::Nothing;
            }
            self.cut = self.starts;
            return Meaning::Episode;
        }
        // With fewer accepted calls, less is known.
        let cautious = 1.0 - 1.0 / (self.through() as f64 + 2.0);
        self.slow_down(now, cautious * self.measured(now))
    }

    /// A refusal at a rate that should not cause one: the quota has shrunk, or it is not a quota.
    fn be_surprised(&mut self, now: Duration) -> Meaning {
        self.surprises.count += 1;
        self.surprises.clean = 0;
        if self.surprises.count >= SURPRISES {
            let Surprises { starts, refusals, .. } = self.surprises;
            let usual = (self.refusals - refusals) as f64 / (self.starts - starts).max(1) as f64;
            let rate = self.rate().unwrap_or(FLOOR);
            self.surprises.count = 0;
            if self.surprises.strikes > 0 {
                self.surprises.strikes -= 1;
                return self.slow_down(now, self.rate_through(now, rate));
            }
            self.know(now, Knowledge::Deaf { usual: usual.min(1.0 - FEW), rate, sure: false });
        }
        Meaning::Nothing
    }

    /// A refusal although starts are limited, because the rate has grown.
    fn correct(&mut self, now: Duration) -> Meaning {
        let rate = self.rate().unwrap_or(FLOOR);
        if self.through() < LEARN_THROUGH {
            if self.attempts() < LEARN_ATTEMPTS {
                return Meaning::Nothing;
            }
            return self.slow_down(now, GUESS * rate);
        }
        let most = if self.elapsed(now) >= LONG { 1.0 } else { MOST };
        self.slow_down(now, self.measured(now).clamp(LEAST * rate, most * rate))
    }

    /// A refusal among the usual ones.
    fn listen(&mut self, now: Duration, usual: f64, rate: f64) -> Meaning {
        if self.attempts() < WATCHED || self.elapsed(now) < MOMENT {
            return Meaning::Nothing;
        }
        let share = self.refused as f64 / self.attempts() as f64;
        let seconds = self.elapsed(now).as_secs_f64().max(1e-3);
        let faster = self.attempts() as f64 / seconds / rate;
        let gain = self.through() as f64 / seconds / (rate * (1.0 - usual));
        let is_quota = if faster >= FASTER {
            gain < faster.sqrt().max(faster / 2.0)
        } else {
            share >= (usual + MORE).min(1.0 - FEW)
        };
        if is_quota {
            // If it is a quota, it was one while its refusals surprised.
            let Surprises { since, starts, refusals, .. } = self.surprises;
            let through = (self.starts - starts).saturating_sub(self.refusals - refusals) as f64;
            let measured = BELOW * through / now.saturating_sub(since).as_secs_f64().max(1e-3);
            let bounded = measured.max(LEAST * rate).min(self.rate_through(now, rate));
            return self.slow_down(now, bounded);
        }
        let usual = usual.min(share + MORE / 2.0);
        self.know(
            now,
            if share < FEW { Knowledge::Learning } else { Knowledge::Deaf { usual, rate, sure: true } },
        );
        Meaning::Nothing
    }

    fn slow_down(&mut self, now: Duration, rate: f64) -> Meaning {
        let base = rate.max(FLOOR).max(FLOOR_OF_BEST * self.best);
        self.best = base.max(FORGET * self.best);
        self.know(now, Knowledge::Paced { base, tau: 0.0 });
        if self.surprises.count == 0 {
            let (starts, refusals) = (self.starts, self.refusals);
            self.surprises = Surprises { since: now, starts, refusals, ..self.surprises };
        }
        self.next = now + Duration::from_secs_f64(1.0 / base);
        Meaning::Paced
    }

    /// Starts counting again here: the bucket is empty.
    fn know(&mut self, now: Duration, knowledge: Knowledge) {
        self.knowledge = knowledge;
        self.mark = (now, self.starts);
        self.cut = self.starts;
        self.refused = 0;
        (self.counted, self.held_up) = (now, false);
    }

    fn attempts(&self) -> u64 {
        self.starts - self.mark.1
    }

    /// Refusals arrive at once, answers take long: a call that was not refused was accepted.
    fn through(&self) -> u64 {
        self.attempts().saturating_sub(self.refused)
    }

    fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.mark.0)
    }

    /// The accepted calls since the bucket was empty, per second, slightly reduced.
    fn measured(&self, now: Duration) -> f64 {
        BELOW * self.through() as f64 / self.elapsed(now).as_secs_f64().max(1e-3)
    }

    /// The accepted calls in a short time, if they are enough to measure; else an estimate.
    fn rate_through(&self, now: Duration, rate: f64) -> f64 {
        let measured = if self.through() >= LEARN_THROUGH { self.measured(now) } else { GUESS * rate };
        measured.min(MOST * rate)
    }

    /// Counts time towards growth: only while the rate delays starts, and no faster than attempts
    /// show whether the last growth was right.
    fn grow(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.counted).as_secs_f64();
        self.counted = now;
        let held_up = std::mem::take(&mut self.held_up);
        let is_low = self.rate().is_some_and(|rate| rate < self.best / 2.0);
        if let (Knowledge::Paced { tau, .. }, true) = (&mut self.knowledge, held_up) {
            let was_safe = is_safe(*tau);
            *tau += if is_low { passed.min(0.6) } else { passed.min(0.15 + passed / 20.0) };
            if was_safe && !is_safe(*tau) && self.refused == 0 {
                self.surprises.count = 0;
                self.surprises.clean += 1;
                if self.surprises.clean >= PROVEN {
                    self.surprises.strikes = STRIKES;
                }
            }
        }
    }
}

/// Whether a rate is still below the rate that was measured.
fn is_safe(tau: f64) -> bool {
    BELOW * growth(tau) < 1.0
}

/// Slow near the rate that was refused last, fast when that was long ago.
fn growth(tau: f64) -> f64 {
    1.0 + 0.02 * tau + 0.0015 * tau.powi(3)
}
