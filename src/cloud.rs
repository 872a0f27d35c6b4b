//! Failed calls to cloud services: their class, which decides about the next attempt, and their
//! message; and the waits between attempts.

use std::error::Error;
use std::time::Duration;

/// Why a call to a service of a cloud failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// Too many requests (`ThrottlingException`, `TooManyUpdates`): nothing happened, try again later.
    Throttled,
    /// Refused before anything happened and for good: invalid name or value, a limit, a wrong type.
    Refused,
    /// The identity may not do this; nothing happened.
    Denied,
    /// No usable credentials, or no region; nothing was sent.
    NoCredentials,
    /// What the call is about does not exist (a version, a bucket, an application).
    Missing,
    /// Somebody else was there first: the name exists, the precondition does not hold, a deployment
    /// is in progress. Nothing happened.
    Conflict,
    /// A fault of the server or the connection, or a timeout: the effect may have happened.
    Unclear,
}

impl FailureClass {
    /// Whether the same call may succeed a little later. After [`FailureClass::Unclear`] it may have
    /// happened already: only what may be done twice is then done again.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Throttled | Self::Unclear)
    }
}

/// Waits between attempts: each longer than the last, up to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Before the second attempt.
    pub first: Duration,
    /// What each wait is multiplied by for the next.
    pub factor: u32,
    /// No wait is longer.
    pub longest: Duration,
}

impl Patience {
    /// The wait after a failed attempt; attempts count from 0.
    pub fn after(self, attempt: u32) -> Duration {
        self.first.saturating_mul(self.factor.saturating_pow(attempt)).min(self.longest)
    }
}

/// A failed call, in words for the person who reads them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action} on `{resource}`: {message}{}", .help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default())]
pub struct Failure {
    /// The kind.
    pub class: FailureClass,
    /// The IAM action, such as `ssm:PutParameter`.
    pub action: &'static str,
    /// What it was done to: a parameter's name, `s3://bucket/key`, an application.
    pub resource: String,
    /// The service's code, such as `ThrottlingException`.
    pub code: Option<String>,
    /// The service's message (untrusted text).
    pub message: String,
    /// What to do next.
    pub help: Option<String>,
}

/// An error and its causes, each listed once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !told.iter().any(|before| before.contains(&text)) {
            told.push(text);
        }
        next = error.source();
    }
    told.join(": ")
}

/// The help where a message of the connection blames the server's certificate.
pub fn untrusted_certificate(message: &str) -> Option<String> {
    let blamed = message.contains("certificate") || message.contains("UnknownIssuer");
    let help =
        "the server's certificate is not trusted: behind a company proxy, point SSL_CERT_FILE to its CA";
    blamed.then(|| help.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_never_overflow() {
        let patience =
            Patience { first: Duration::from_millis(250), factor: 2, longest: Duration::from_secs(8) };
        let waits = [0, 1, 4, 5, 6, u32::MAX].map(|attempt| patience.after(attempt).as_millis());
        assert_eq!(waits, [250, 500, 4_000, 8_000, 8_000, 8_000]);
    }
}
