//! A quota from the configuration: token buckets as in Bedrock, so that no call starts that would
//! be refused.

use std::time::Duration;

use crate::config::Limit;
use crate::model::Usage;

/// The minute's requests are spread evenly: this share may start at once.
const REQUESTS_AT_ONCE: Duration = Duration::from_secs(1);
/// The minute's tokens are available at once.
const MINUTE: f64 = 60.0;

/// What a call takes from the quota's tokens: input and `max_tokens` when it starts; input, what
/// it writes to the prompt cache, and what it wrote times the model's factor when it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Expected input.
    pub input: u64,
    /// Upper bound of the output.
    pub max_output: u64,
}

impl Tokens {
    fn reserved(self) -> f64 {
        (self.input + self.max_output) as f64
    }
}

/// How many tokens of the quota one output token takes: five for Claude 3.7 and everything
/// newer of that family, else one.
pub(crate) fn output_factor(model: &str) -> u64 {
    let Some((_, name)) = model.split_once("claude-") else { return 1 };
    let older = ["instant", "v2", "v1", "2", "3-haiku", "3-sonnet", "3-opus", "3-5"];
    if older.iter().any(|old| name.starts_with(old)) { 1 } else { 5 }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    per_second: f64,
    capacity: f64,
    level: f64,
    at: Duration,
}

impl Bucket {
    fn full(per_minute: u64, capacity: f64) -> Self {
        Self { per_second: per_minute as f64 / MINUTE, capacity, level: capacity, at: Duration::ZERO }
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.level = (self.level + passed * self.per_second).min(self.capacity);
        self.at = self.at.max(now);
    }

    /// When this many tokens will be available. A larger call may start when the bucket is full:
    /// waiting longer would not help.
    fn due(&mut self, now: Duration, amount: f64) -> Duration {
        self.fill(now);
        let lacking = amount.min(self.capacity) - self.level;
        if lacking <= 1e-6 { now } else { now + Duration::from_secs_f64(lacking / self.per_second) }
    }
}

/// The quota of one model.
#[derive(Clone, Debug)]
pub(super) struct Quota {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    output_factor: u64,
}

impl Quota {
    pub fn new(limit: Limit, output_factor: u64) -> Self {
        let requests = |per_minute: u64| {
            let at_once = per_minute as f64 / MINUTE * REQUESTS_AT_ONCE.as_secs_f64();
            Bucket::full(per_minute, at_once.max(1.0))
        };
        Self {
            requests: limit.requests_per_minute.map(requests),
            tokens: limit.tokens_per_minute.map(|n| Bucket::full(n, n as f64)),
            output_factor,
        }
    }

    /// When a call may start.
    pub fn due(&mut self, now: Duration, tokens: Tokens) -> Duration {
        let requests = self.requests.as_mut().map_or(now, |bucket| bucket.due(now, 1.0));
        let tokens = self.tokens.as_mut().map_or(now, |bucket| bucket.due(now, tokens.reserved()));
        requests.max(tokens)
    }

    pub fn started(&mut self, now: Duration, tokens: Tokens) {
        for (bucket, amount) in [(&mut self.requests, 1.0), (&mut self.tokens, tokens.reserved())] {
            if let Some(bucket) = bucket {
                bucket.fill(now);
                bucket.level -= amount;
            }
        }
    }

    /// A call used so many tokens; `None`: it was refused or failed, and used none.
    pub fn settled(&mut self, now: Duration, reserved: Tokens, used: Option<Usage>) {
        let used = used.map_or(0, |u| u.input + u.cache_write + self.output_factor * u.output);
        if let Some(bucket) = &mut self.tokens {
            bucket.fill(now);
            bucket.level = (bucket.level + reserved.reserved() - used as f64).min(bucket.capacity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn quota(requests: Option<u64>, tokens: Option<u64>) -> Quota {
        Quota::new(Limit { requests_per_minute: requests, tokens_per_minute: tokens }, 5)
    }

    fn tokens(input: u64, max_output: u64) -> Tokens {
        Tokens { input, max_output }
    }

    #[test]
    fn requests_start_evenly_after_a_second_s_worth() {
        let mut quota = quota(Some(120), None);
        let mut now = Duration::ZERO;
        for _ in 0..12 {
            now = quota.due(now, Tokens::default());
            quota.started(now, Tokens::default());
        }
        assert_eq!(now, SECOND * 5, "two at once, then two a second");
    }

    #[test]
    fn tokens_are_reserved_by_the_most_and_settled_by_the_truth_with_the_output_s_factor() {
        let mut quota = quota(None, Some(6_000));
        let call = tokens(1_000, 5_000);
        quota.started(Duration::ZERO, call);
        assert_eq!(quota.due(Duration::ZERO, tokens(100, 0)), SECOND);
        let used = Usage { input: 900, output: 100, cache_read: 4_000, cache_write: 100 };
        quota.settled(Duration::ZERO, call, Some(used));
        assert_eq!(quota.due(Duration::ZERO, tokens(4_500, 0)), Duration::ZERO);
        assert_eq!(quota.due(Duration::ZERO, tokens(4_600, 0)), SECOND);
    }

    #[test]
    fn a_refused_call_gives_its_tokens_back() {
        let mut quota = quota(None, Some(600));
        let call = tokens(300, 300);
        quota.started(Duration::ZERO, call);
        quota.settled(Duration::ZERO, call, None);
        assert_eq!(quota.due(Duration::ZERO, call), Duration::ZERO);
    }

    #[test]
    fn a_call_that_the_quota_can_never_hold_starts_when_the_bucket_is_full() {
        let mut quota = quota(None, Some(60));
        quota.started(Duration::ZERO, tokens(30, 0));
        assert_eq!(quota.due(Duration::ZERO, tokens(500, 500)), SECOND * 30);
    }

    #[test]
    fn the_output_factor_goes_by_the_family() {
        let factors = [
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", 1),
            ("us.anthropic.claude-3-haiku-20240307-v1:0", 1),
            ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", 5),
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 5),
            ("us.anthropic.claude-sonnet-4-6", 5),
            ("anthropic.claude-v2:1", 1),
            ("anthropic.claude-instant-v1", 1),
            ("amazon.nova-pro-v1:0", 1),
        ];
        for (model, factor) in factors {
            assert_eq!(output_factor(model), factor, "{model}");
        }
    }
}
