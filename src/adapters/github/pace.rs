//! Time and patience: how long an attempt may take, whether there is another, and when it begins.

use std::time::Duration;

use super::answer::Answer;
use crate::adapters::clock;
use crate::cloud::Patience;

/// Limits of one request and of all its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// To connect.
    pub connect: Duration,
    /// Between two bytes.
    pub silence: Duration,
    /// One attempt in total.
    pub attempt: Duration,
    /// Attempts in all.
    pub attempts: u32,
    /// Before the second attempt; doubles after each.
    pub first_wait: Duration,
    /// The wait when a limit is reached and GitHub does not say for how long.
    pub unnamed_limit: Duration,
    /// With a longer wait, the request fails instead.
    pub longest_wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(20),
            attempt: Duration::from_secs(60),
            attempts: 4,
            first_wait: Duration::from_secs(1),
            unnamed_limit: Duration::from_secs(60),
            longest_wait: Duration::from_secs(90),
        }
    }
}

/// What a failed attempt means for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// GitHub did nothing; it will after this time.
    Limited(Duration),
    /// GitHub may have executed it all the same.
    Unclear(Duration),
    /// It would fail again.
    Never,
}

impl Pace {
    /// What follows from a response, or from a missing one.
    pub(super) fn next(&self, answer: Option<&Answer>, attempt: u32) -> Next {
        if attempt >= self.attempts {
            return Next::Never;
        }
        let patience = Patience { first: self.first_wait, factor: 2, longest: self.longest_wait };
        let backoff = patience.after(attempt - 1);
        let Some(answer) = answer else { return Next::Unclear(backoff) };
        match answer.status {
            403 | 429 => match self.limit(answer) {
                Some(wait) if wait <= self.longest_wait => Next::Limited(wait),
                _ => Next::Never,
            },
            408 | 500.. => {
                Next::Unclear(answer.retry_after.map_or(backoff, |wait| wait.min(self.longest_wait)))
            }
            _ => Next::Never,
        }
    }

    /// How long a limit lasts; `None` if the response is a refusal and not a limit.
    fn limit(&self, answer: &Answer) -> Option<Duration> {
        if let Some(wait) = answer.retry_after {
            return Some(wait);
        }
        if answer.remaining == Some(0) {
            let now = clock::now();
            return Some(Duration::from_secs(answer.reset.unwrap_or(now).saturating_sub(now) + 1));
        }
        let is_limit = answer.status == 429 || answer.message().to_lowercase().contains("rate limit");
        is_limit.then_some(self.unnamed_limit)
    }
}
