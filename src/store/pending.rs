//! Batch jobs whose answers are not stored yet: a killed run leaves them to the next one.

use crate::fingerprint::Fingerprint;
use crate::trial::AnswerKey;

/// A job that was submitted, or was about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingJob {
    /// Its name, which is derived from its requests.
    pub name: String,
    /// Its ARN; `None`: it is not known whether it was submitted.
    pub arn: Option<String>,
    /// The model it asks.
    pub model: String,
    /// Where its answers will be stored, `s3://bucket/prefix/`.
    pub output: String,
    /// What it asks.
    pub records: Vec<PendingRecord>,
}

/// A call in a job: the data that any run needs to store its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingRecord {
    /// Under which name the answer is stored.
    pub key: AnswerKey,
    /// Fingerprint of the request.
    pub request: Fingerprint,
    /// The comparison that buys it.
    pub comparison: Fingerprint,
}
