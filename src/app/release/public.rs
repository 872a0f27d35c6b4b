//! The JSON of `history`, `blame` and `drift`: separate types, tested against
//! `schemas/*.schema.json`, so that records may change their short names.

use serde::Serialize;

use super::shown::Report;
use crate::release::trail::Row;

/// What `history` writes.
#[derive(Debug, Serialize)]
pub struct History<'a> {
    /// 1.
    pub schema_version: u32,
    /// The prompt.
    pub prompt: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// All versions, oldest first.
    pub versions: Vec<Version>,
}

/// What `blame` writes.
#[derive(Debug, Serialize)]
pub struct Blame<'a> {
    /// 1.
    pub schema_version: u32,
    /// The prompt.
    pub prompt: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The moment asked about, seconds since 1970-01-01 UTC.
    pub at: i64,
    /// What was live then, as far as records tell.
    pub version: Version,
    /// What may have been live in its place: somebody else made it live, and the store does not record when.
    pub or_version: Option<Version>,
}

/// What `drift` writes.
#[derive(Debug, Serialize)]
pub struct Drift<'a> {
    /// 1.
    pub schema_version: u32,
    /// The environment.
    pub environment: &'a str,
    /// The commit.
    pub commit: Option<&'a str>,
    /// What differs.
    pub findings: &'a [Finding],
    /// What `--heal` did; null: nothing was to be done.
    pub healed: Option<&'a Report>,
}

/// The kind of a finding that a recorded rollback explains.
pub const HELD: &str = "held";

/// One difference.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// The prompt; null: the parameter belongs to no prompt.
    pub prompt: Option<String>,
    /// The parameter.
    pub parameter: String,
    /// A stable word.
    pub kind: &'static str,
    /// For a person.
    pub what: String,
}

impl Finding {
    /// Whether it is an external change: only a person replaces it.
    pub fn is_outside(&self) -> bool {
        matches!(self.kind, "edited" | "rolled_back" | "label_moved")
    }

    /// Whether a recorded rollback holds the commit's content: this is a person's decision.
    pub fn is_held(&self) -> bool {
        self.kind == HELD
    }
}

/// One version.
#[derive(Debug, Serialize)]
pub struct Version {
    version: u64,
    at: i64,
    written_by: String,
    live: bool,
    kept: bool,
    rolled_back_by: Option<u64>,
    raced: bool,
    taken_off: Option<Off>,
    record: Option<Record>,
}

/// How somebody else removed its label.
#[derive(Debug, Serialize)]
struct Off {
    to_version: Option<u64>,
    at: Option<i64>,
    by: Option<String>,
    until_version: Option<u64>,
}

/// What was written beside it.
#[derive(Debug, Serialize)]
struct Record {
    action: &'static str,
    run: String,
    after_version: u64,
    replaced_runs: Vec<String>,
    sha256: String,
    fingerprint: Option<String>,
    evidence: Option<String>,
    verdict: Option<String>,
    score: Option<String>,
    baseline_score: Option<String>,
    commit: Option<String>,
    pull_request: Option<u64>,
    actor: Option<String>,
    run_url: Option<String>,
    reason: Option<String>,
    previous_version: Option<u64>,
    content_of_version: Option<u64>,
    held: Vec<String>,
}

impl From<&Row> for Version {
    fn from(row: &Row) -> Self {
        let record = row.record.clone().map(|audit| Record {
            action: audit.action.word(),
            run: audit.run,
            after_version: audit.after,
            replaced_runs: audit.over,
            sha256: audit.sha.to_string(),
            fingerprint: audit.content.map(|content| content.to_string()),
            evidence: audit.evidence,
            verdict: audit.verdict,
            score: audit.score,
            baseline_score: audit.base,
            commit: audit.commit,
            pull_request: audit.pr,
            actor: audit.by,
            run_url: audit.url,
            reason: audit.why,
            previous_version: audit.was,
            content_of_version: audit.of,
            held: audit.held,
        });
        Self {
            version: row.version,
            at: row.at,
            written_by: row.written_by.clone(),
            live: row.live,
            kept: row.kept,
            rolled_back_by: row.rolled_back_by,
            raced: row.raced,
            taken_off: row.taken_off.as_ref().map(|taken| Off {
                to_version: taken.to,
                at: Some(taken.at).filter(|at| *at > 0),
                by: Some(taken.by.clone()).filter(|by| !by.is_empty()),
                until_version: taken.until,
            }),
            record,
        }
    }
}
