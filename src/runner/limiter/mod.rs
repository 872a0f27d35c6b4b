//! The limiter: how many calls of one model may be in flight, and when the next one may start.
//! Pure: the caller passes the time and the events.
//!
//! ```text
//!            quota        configured requests and tokens a minute, kept as buckets
//! may_start  rate         starts per second, learned from refusals
//!            concurrency  calls in flight: slow start, one cut per episode, slow growth
//! ```

mod concurrency;
mod quota;
mod rate;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::concurrency::ConcurrencyLimit;
use self::quota::Quota;
pub(crate) use self::quota::{Tokens, output_factor};
use self::rate::{Departure, Meaning, RateLimit};
use crate::config::Limit;
use crate::model::{ErrorClass, Usage};

/// Upper bound of the wait after one refusal.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Refusals of one call in a row that may be chance.
const BAD_LUCK: u32 = 8;

/// Whether a call may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Now.
    Now,
    /// Not before this time; it must be asked again.
    At(Duration),
    /// When a call in flight has ended.
    Full,
}

/// A call in flight, as its end must name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    departure: Departure,
    tokens: Tokens,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// With an answer.
    Answered(Usage),
    /// Without one.
    Failed(ErrorClass),
}

/// The limiter of one model.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    concurrency: ConcurrencyLimit,
    rate: RateLimit,
    quota: Quota,
    /// Rounds of refusals without an answer in between.
    streak: u32,
    streak_counted: Duration,
}

impl Limiter {
    /// A limiter that allows at most `ceiling` calls in flight.
    pub fn new(ceiling: usize, limit: Limit, output_factor: u64) -> Self {
        Self {
            concurrency: ConcurrencyLimit::new(ceiling),
            rate: RateLimit::new(),
            quota: Quota::new(limit, output_factor),
            streak: 0,
            streak_counted: Duration::ZERO,
        }
    }

    /// Whether another call may start, with `waiting` calls that keep their slot although they are
    /// not in flight.
    pub fn may_start(&mut self, now: Duration, waiting: usize, tokens: Tokens) -> Opening {
        if self.concurrency.in_flight() + waiting >= self.concurrency.size() {
            match self.concurrency.turned_away(now) {
                Some(later) if later > now => return Opening::At(later),
                Some(_) if self.concurrency.in_flight() + waiting < self.concurrency.size() => {}
                Some(_) | None => return Opening::Full,
            }
        }
        let due = self.rate.due(now).max(self.quota.due(now, tokens));
        if due > now { Opening::At(due) } else { Opening::Now }
    }

    /// A call starts.
    pub fn started(&mut self, now: Duration, tokens: Tokens) -> Passage {
        self.concurrency.started(now);
        self.quota.started(now, tokens);
        Passage { departure: self.rate.started(now), tokens }
    }

    /// A call ended.
    pub fn ended(&mut self, now: Duration, passage: Passage, end: End) {
        match end {
            End::Answered(usage) => {
                self.quota.settled(now, passage.tokens, Some(usage));
                self.concurrency.answered(now);
                self.streak = self.streak.saturating_sub(2);
            }
            End::Failed(class) => {
                self.quota.settled(now, passage.tokens, None);
                match class {
                    ErrorClass::Throttled => self.refused(now, passage.departure),
                    class if class.is_retryable() => self.concurrency.pause(now),
                    _ => {}
                }
            }
        }
        self.concurrency.ended();
    }

    fn refused(&mut self, now: Duration, departure: Departure) {
        if now >= self.streak_counted + self.bound(0) / 2 {
            self.streak += 1;
            self.streak_counted = now;
        }
        match self.rate.refused(now, departure) {
            Meaning::Nothing => {}
            Meaning::Episode => self.concurrency.cut(),
            // The number in flight need not be estimated any more: the rate is more exact.
            Meaning::Paced => self.concurrency.reopen(),
        }
    }

    /// The bound below which a refused call draws its wait; `turns` is how often in a row it was.
    /// It depends on the model's other calls: the bad luck of one call is not a reason to wait
    /// long.
    pub fn bound(&self, turns: u32) -> Duration {
        let doublings = self.streak.saturating_sub(1).max(turns.saturating_sub(BAD_LUCK) / 3).min(16);
        let first = if self.rate.is_deaf() { FIRST_WAIT / 4 } else { FIRST_WAIT };
        first.saturating_mul(1 << doublings).min(LONGEST_WAIT)
    }
}
