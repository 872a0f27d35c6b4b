//! Failed calls to the services of a cloud, by what they mean for the next attempt, and in words.

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
