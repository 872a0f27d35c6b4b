//! Quotas as token buckets. Pure: the caller passes the time.

use std::time::Duration;

use crate::config::{Quota, Rate};

#[derive(Debug)]
struct Bucket {
    rate: Rate,
    level: f64,
    at: Duration,
}

impl Bucket {
    fn refill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + elapsed * self.rate.per_second).min(self.rate.burst);
        self.at = self.at.max(now);
    }
}

/// Which quota refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Requests,
    Tokens,
}

/// The buckets of one model.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl Lane {
    pub(crate) fn new(quota: Quota, now: Duration) -> Self {
        let full = |rate: Rate| Bucket { rate, level: rate.burst, at: now };
        Self { requests: quota.requests.map(full), tokens: quota.tokens.map(full) }
    }

    /// Changes the quota; what was already used stays used.
    pub(crate) fn set(&mut self, quota: Quota, now: Duration) {
        let change = |bucket: &mut Option<Bucket>, rate: Option<Rate>| {
            *bucket = rate.map(|rate| {
                let level = bucket.as_mut().map_or(rate.burst, |old| {
                    old.refill(now);
                    old.level.min(rate.burst)
                });
                Bucket { rate, level, at: now }
            });
        };
        change(&mut self.requests, quota.requests);
        change(&mut self.tokens, quota.tokens);
    }

    /// Takes one request and `tokens`, or nothing.
    pub(crate) fn admit(&mut self, now: Duration, tokens: f64) -> Result<(), Refusal> {
        let wanted =
            [(&mut self.requests, 1.0, Refusal::Requests), (&mut self.tokens, tokens, Refusal::Tokens)];
        let mut granted = Vec::with_capacity(2);
        for (bucket, amount, refusal) in wanted {
            if let Some(bucket) = bucket {
                bucket.refill(now);
                if bucket.level < amount {
                    return Err(refusal);
                }
                granted.push((bucket, amount));
            }
        }
        for (bucket, amount) in granted {
            bucket.level -= amount;
        }
        Ok(())
    }

    /// Returns reserved but unused tokens.
    pub(crate) fn settle(&mut self, unused: f64) {
        if let Some(bucket) = &mut self.tokens {
            bucket.level = (bucket.level + unused).min(bucket.rate.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn lane(requests: Option<Rate>, tokens: Option<Rate>) -> Lane {
        Lane::new(Quota { requests, tokens }, Duration::ZERO)
    }

    #[test]
    fn requests_refill_at_their_rate_and_never_above_the_burst() {
        let mut lane = lane(Some(Rate::per_second(2.0)), None);
        let admitted = |lane: &mut Lane, now| (0..10).filter(|_| lane.admit(now, 0.0).is_ok()).count();
        assert_eq!(admitted(&mut lane, Duration::ZERO), 2);
        assert_eq!(admitted(&mut lane, SECOND / 2), 1);
        assert_eq!(admitted(&mut lane, SECOND * 100), 2);
    }

    #[test]
    fn a_refused_reservation_takes_nothing() {
        let mut lane = lane(Some(Rate::per_second(1.0)), Some(Rate::per_minute(60.0)));
        assert_eq!(lane.admit(Duration::ZERO, 61.0), Err(Refusal::Tokens));
        assert_eq!(lane.admit(Duration::ZERO, 60.0), Ok(()));
        assert_eq!(lane.admit(Duration::ZERO, 0.0), Err(Refusal::Requests));
    }

    #[test]
    fn settling_gives_back_the_unused_tokens() {
        let mut lane = lane(None, Some(Rate::per_minute(100.0)));
        lane.admit(Duration::ZERO, 100.0).expect("a full bucket");
        assert_eq!(lane.admit(Duration::ZERO, 70.0), Err(Refusal::Tokens));
        lane.settle(70.0);
        assert_eq!(lane.admit(Duration::ZERO, 70.0), Ok(()));
    }

    #[test]
    fn a_changed_quota_does_not_refill_the_bucket() {
        let mut lane = lane(Some(Rate::per_second(10.0)), None);
        for _ in 0..10 {
            lane.admit(Duration::ZERO, 0.0).expect("within the burst");
        }
        lane.set(Quota { requests: Some(Rate::per_second(5.0)), tokens: None }, Duration::ZERO);
        assert_eq!(lane.admit(Duration::ZERO, 0.0), Err(Refusal::Requests));
        assert_eq!(lane.admit(SECOND / 5, 0.0), Ok(()));
    }
}
