//! The behaviour of a stand-in besides the script's answers: latency, quotas, random faults.

use std::time::Duration;

use crate::fault::Fault;
use crate::number::unit;

/// Settings of a stand-in. The default answers at once, without quotas and without faults.
#[derive(Clone, Debug)]
pub struct Config {
    /// Loopback port; 0 takes a free one.
    pub port: u16,
    /// Seed of random faults and latencies. They depend on the seed, the request's content and
    /// its attempt, not on the order of arrival.
    pub seed: u64,
    /// Time until an answer, unless the answer says otherwise.
    pub latency: Latency,
    /// Quotas, each model on its own.
    pub quota: Quota,
    /// Random faults; their rates add up to at most 1.
    pub faults: Vec<FaultRate>,
    /// Tokens before a cache point from which on they are cached; shorter prefixes pass uncached.
    pub cache_from: u64,
    /// What the account has not done yet, or does not allow.
    pub account: Account,
    /// Application inference profiles by ARN, with the ARNs of the models that they call.
    pub application_profiles: Vec<(String, Vec<String>)>,
    /// AWS's inference profiles of the region; `None`: the identity may not list them.
    pub profiles: Option<Vec<String>>,
    /// Versions that a prompt of Prompt Management may have.
    pub most_versions: usize,
    /// Whether requests are kept for [`Standin::requests`](crate::Standin::requests).
    pub record: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            latency: Latency::None,
            quota: Quota::default(),
            faults: Vec::new(),
            cache_from: 1024,
            account: Account::default(),
            application_profiles: Vec::new(),
            profiles: None,
            most_versions: 10,
            record: true,
        }
    }
}

/// An account that answers with refusals; the default has everything and allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// AWS has not opened Bedrock to it.
    pub is_closed: bool,
    /// The form for Claude was not submitted.
    pub lacks_use_case_details: bool,
    /// The identity may not subscribe to third-party models.
    pub lacks_marketplace_permission: bool,
    /// So many calls of third-party models are refused while the subscription is on its way.
    pub subscribing_for: u32,
    /// Claude's structured output is not there yet in its region.
    pub lacks_structured_output: bool,
    /// A policy denies calls without this guardrail.
    pub required_guardrail: Option<String>,
}

/// How long an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// No wait at all.
    None,
    /// Always the same.
    Fixed(Duration),
    /// Uniform between the two.
    Uniform(Duration, Duration),
}

impl Latency {
    pub(crate) fn draw(self, seed: u64, request: u64) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(latency) => latency,
            Self::Uniform(low, high) => {
                low + high.saturating_sub(low).mul_f64(unit(seed, request, "latency"))
            }
        }
    }
}

/// Quotas of one model; beyond them the answer is a `ThrottlingException`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quota {
    /// Requests.
    pub requests: Option<Rate>,
    /// Tokens: input plus `maxTokens` are reserved at the start and settled at the end.
    pub tokens: Option<Rate>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Refill.
    pub per_second: f64,
    /// Capacity; the bucket starts full.
    pub burst: f64,
}

impl Rate {
    /// `count` a second, and as many at once.
    pub fn per_second(count: f64) -> Self {
        Self { per_second: count, burst: count }
    }

    /// `count` a minute, and as many at once.
    pub fn per_minute(count: f64) -> Self {
        Self { per_second: count / 60.0, burst: count }
    }

    /// The same refill with another capacity.
    pub fn burst(self, burst: f64) -> Self {
        Self { burst, ..self }
    }
}

/// A fault and its frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultRate {
    /// The fault.
    pub fault: Fault,
    /// Share of the requests, 0 to 1.
    pub rate: f64,
}

impl Config {
    pub(crate) fn random_fault(&self, request: u64) -> Option<&Fault> {
        let mut rest = unit(self.seed, request, "fault");
        self.faults.iter().find_map(|entry| {
            rest -= entry.rate;
            (rest < 0.0).then_some(&entry.fault)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_faults_keep_their_rates() {
        let rate = |fault, rate| FaultRate { fault, rate };
        let faults = vec![rate(Fault::Throttling, 0.5), rate(Fault::Reset, 0.05)];
        let config = Config { faults, ..Config::default() };
        let drawn: Vec<_> = (0..10_000).map(|request| config.random_fault(request)).collect();
        let count = |fault| drawn.iter().filter(|draw| **draw == Some(fault)).count();
        assert!((4_700..5_300).contains(&count(&Fault::Throttling)));
        assert!((350..650).contains(&count(&Fault::Reset)));
    }

    #[test]
    fn uniform_latency_stays_between_its_bounds() {
        let (low, high) = (Duration::from_millis(10), Duration::from_millis(30));
        let draws: Vec<_> = (0..1_000).map(|request| Latency::Uniform(low, high).draw(3, request)).collect();
        assert!(draws.iter().all(|latency| (low..high).contains(latency)));
        assert!(draws.iter().any(|latency| *latency > Duration::from_millis(28)));
        assert!(draws.iter().any(|latency| *latency < Duration::from_millis(12)));
    }
}
