//! Whether a call is tried again, and how long to wait before, by class of failure. `landing` adds
//! the trial's deadline and the budget, `limiter` the bound of the wait after throttling.

use std::iter::Take;
use std::time::Duration;

use crate::fingerprint::Fingerprint;
use crate::model::ErrorClass;

/// Upper bound of the first wait.
const FIRST: Duration = Duration::from_millis(500);
/// No wait is longer.
const LONGEST: Duration = Duration::from_secs(20);
/// How often a fault that is not throttling is tried again.
const FAULTS: usize = 6;

/// Waits that double from half a second to twenty, each drawn between nothing and that bound
/// ("full jitter"), so that calls that were refused together are not repeated together. The
/// sequence is endless; the same seed gives the same waits.
#[derive(Clone, Debug)]
pub struct Backoff {
    seed: Fingerprint,
    turn: u32,
}

impl Backoff {
    /// The waits of one seed.
    pub fn new(seed: Fingerprint) -> Self {
        Self { seed, turn: 0 }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let bound = FIRST.saturating_mul(2_u32.saturating_pow(self.turn)).min(LONGEST);
        let drawn = bound.mul_f64(share(self.seed, self.turn));
        self.turn += 1;
        Some(drawn)
    }
}

/// A number from 0 to 1, drawn from a seed and a turn.
fn share(seed: Fingerprint, turn: u32) -> f64 {
    let drawn = Fingerprint::of_bytes(format!("{seed}:{turn}").as_bytes());
    let [a, b, c, d, ..] = *drawn.as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

/// The remaining retries of one trial.
#[derive(Clone, Debug)]
pub struct Retries {
    seed: Fingerprint,
    turns: u32,
    starting: Backoff,
    faults: Take<Backoff>,
}

impl Retries {
    /// All retries; the seed decides the jitter.
    pub fn new(seed: Fingerprint) -> Self {
        let waits = Backoff::new(seed);
        Self { seed, turns: 0, starting: waits.clone(), faults: waits.take(FAULTS) }
    }

    /// How often in a row the call was throttled.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// The wait before the next attempt, `None` when there is none. Throttling and a model that
    /// starts have no last attempt here: the trial's deadline ends them. How long a throttled call
    /// waits at most depends on how the model's other calls fare: that is `bound`.
    pub fn after(&mut self, class: ErrorClass, bound: Duration) -> Option<Duration> {
        self.turns = if class == ErrorClass::Throttled { self.turns + 1 } else { 0 };
        match class {
            ErrorClass::Throttled => Some(bound.mul_f64(share(self.seed, self.turns))),
            ErrorClass::NotReady => self.starting.next(),
            ErrorClass::Transient | ErrorClass::TimedOut => self.faults.next(),
            ErrorClass::Invalid
            | ErrorClass::ContextOverflow
            | ErrorClass::AccessDenied
            | ErrorClass::NoCredentials
            | ErrorClass::NotFound
            | ErrorClass::QuotaExceeded
            | ErrorClass::Offline => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(name: &str) -> Fingerprint {
        Fingerprint::of_bytes(name.as_bytes())
    }

    #[test]
    fn waits_stay_below_a_bound_that_doubles_up_to_twenty_seconds() {
        let bounds = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000];
        for trial in 0..200 {
            for (wait, bound) in Backoff::new(seed(&trial.to_string())).zip(bounds) {
                assert!(wait <= Duration::from_millis(bound), "{wait:?} > {bound} ms");
            }
        }
        assert!(Backoff::new(seed("long")).nth(10_000).is_some_and(|wait| wait <= LONGEST));
    }

    #[test]
    fn waits_are_spread_over_the_whole_range_and_repeat_with_the_seed() {
        let firsts: Vec<f64> = (0..500)
            .filter_map(|trial| Backoff::new(seed(&trial.to_string())).next())
            .map(|wait| wait.as_secs_f64())
            .collect();
        let mean = firsts.iter().sum::<f64>() / 500.0;
        assert!((0.23..0.27).contains(&mean), "{mean}");
        assert!(firsts.iter().any(|w| *w < 0.02) && firsts.iter().any(|w| *w > 0.48));
        let again = || Backoff::new(seed("same")).take(9).collect::<Vec<_>>();
        assert_eq!(again(), again());
    }

    #[test]
    fn patience_depends_on_the_class() {
        let attempts = |class| {
            let mut retries = Retries::new(seed("x"));
            (0..100).take_while(|_| retries.after(class, LONGEST).is_some()).count()
        };
        assert_eq!(attempts(ErrorClass::Throttled), 100);
        assert_eq!(attempts(ErrorClass::NotReady), 100);
        assert_eq!(attempts(ErrorClass::Transient), 6);
        assert_eq!(attempts(ErrorClass::TimedOut), 6);
        for class in [
            ErrorClass::Invalid,
            ErrorClass::ContextOverflow,
            ErrorClass::AccessDenied,
            ErrorClass::NoCredentials,
            ErrorClass::NotFound,
            ErrorClass::QuotaExceeded,
            ErrorClass::Offline,
        ] {
            assert_eq!(attempts(class), 0, "{class:?}");
        }
    }

    #[test]
    fn waiting_for_quota_does_not_use_up_the_patience_with_faults() {
        let mut retries = Retries::new(seed("x"));
        for _ in 0..50 {
            retries.after(ErrorClass::Throttled, LONGEST);
        }
        assert!(retries.after(ErrorClass::Transient, LONGEST).is_some());
    }
}
