//! Counts of a store's entries; what may be pruned, and what was pruned.

use crate::model::Usage;

/// What a store holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Paid answers.
    pub answers: u64,
    /// Comparisons that began.
    pub comparisons: u64,
    /// Finished runs.
    pub runs: u64,
    /// Records that a content passed.
    pub evidence: u64,
    /// Bytes on disk, including the log that is not yet merged into the file.
    pub bytes: u64,
    /// When the oldest answer was bought, seconds since 1970-01-01 UTC.
    pub oldest: Option<u64>,
    /// When the newest answer was bought.
    pub newest: Option<u64>,
    /// Answers by model, sorted by id.
    pub models: Vec<ModelShare>,
}

/// What a model's answers used when they were bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelShare {
    /// The model.
    pub model: String,
    /// Its answers.
    pub answers: u64,
    /// Their tokens.
    pub usage: Usage,
}

/// What may be pruned. Each rule selects entries; all others are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruning {
    /// Answers that no run has used since, and runs that ended before: seconds since 1970-01-01 UTC.
    pub unused_since: Option<u64>,
    /// The least recently used entries are removed until the rest fits into this number of bytes.
    pub max_bytes: Option<u64>,
    /// All answers of these models.
    pub models: Vec<String>,
}

/// What was pruned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Removed answers.
    pub answers: u64,
    /// Removed runs.
    pub runs: u64,
    /// Comparisons that are kept, and lack answers if they are run again.
    pub comparisons: u64,
    /// Bytes on disk before.
    pub bytes_before: u64,
    /// Bytes on disk after.
    pub bytes_after: u64,
}

/// The result of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Answers that were new here.
    pub answers: u64,
    /// Comparisons that were new here.
    pub comparisons: u64,
    /// Runs that were new here.
    pub runs: u64,
    /// Evidence that was new here.
    pub evidence: u64,
    /// What was here already; it stays as it was.
    pub known: u64,
}
