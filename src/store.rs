//! What is remembered between runs: paid answers, comparisons and runs. The trait only; the
//! database is an adapter.

use crate::fingerprint::Fingerprint;
use crate::model::{Request, Response};
use crate::trial::AnswerKey;

/// The store could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database `{path}` {what}")]
pub struct StoreError {
    /// The database's path.
    pub path: String,
    /// What went wrong, and what to do about it.
    pub what: String,
}

/// An answer as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAnswer {
    /// What the model said.
    pub response: Response,
    /// The comparison that bought it.
    pub bought_by: Fingerprint,
}

/// What a comparison fixed when it began, so that running it again replays it (design.md 10.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparisonStart {
    /// Whether every baseline screening answer was to be bought in this comparison.
    pub paid: bool,
}

/// One finished run, for history and `report`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// When it ended, seconds since 1970-01-01 UTC.
    pub ended_at: u64,
    /// The public JSON report.
    pub report: String,
}

/// Paid answers, comparisons and runs.
pub trait Store: Send + Sync {
    /// A stored answer.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError>;

    /// Stores an answer before anyone uses it, so that it is never paid twice.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_answer(&self, key: AnswerKey, request: &Request, answer: &StoredAnswer)
    -> Result<(), StoreError>;

    /// How a comparison began, if it ever did.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError>;

    /// Remembers how a comparison began; the first word stands.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError>;

    /// Remembers a finished run.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError>;

    /// The newest runs, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn runs(&self, limit: usize) -> Result<Vec<RunRecord>, StoreError>;
}
