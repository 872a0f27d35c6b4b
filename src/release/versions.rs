//! Versions of a prompt as a person or a program reads them. The JSON of `history` and `blame` are separate types,
//! tested against `schemas/*.schema.json`, so that records may change their short names.

use serde::Serialize;

use super::report::who;
use super::trail::{Row, TakenOff};
use crate::calendar;
use crate::report::format::TextFormat;
use crate::report::{table, untrusted};

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

/// A table of versions, the newest first.
pub fn table(rows: &[Row], format: TextFormat) -> String {
    let cells = cells(rows);
    match format {
        TextFormat::Markdown => {
            let escaped = |row: &Vec<String>| row.iter().map(|cell| untrusted::prose(cell, 300)).collect();
            table::markdown(&cells.iter().map(escaped).collect::<Vec<_>>())
        }
        _ => table::text(&cells, 0),
    }
}

fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    let header = ["version", "written", "what", "by", "commit", "pr", "score", "state"];
    let mut cells = vec![header.map(str::to_owned).to_vec()];
    for row in rows.iter().rev() {
        let record = row.record.as_ref();
        let text = |text: Option<&String>| untrusted::terminal_line(text.map_or("-", String::as_str));
        let state = match (row.live, &row.taken_off, row.rolled_back_by, row.raced) {
            (true, ..) => "live".to_owned(),
            (_, Some(taken), ..) => away(taken),
            (.., Some(by), _) => format!("rolled back by {by}"),
            (.., true) => "never live".to_owned(),
            _ => String::new(),
        };
        let why = record.and_then(|record| record.why.as_ref()).map(|why| untrusted::terminal_line(why));
        let state = match (state.is_empty(), why) {
            (_, None) => state,
            (true, Some(why)) => format!("\"{why}\""),
            (false, Some(why)) => format!("{state}, \"{why}\""),
        };
        cells.push(vec![
            row.version.to_string(),
            if row.at == 0 { "-".to_owned() } else { calendar::moment(row.at.unsigned_abs()) },
            record.map_or("outside", |record| record.action.word()).to_owned(),
            text(
                record
                    .and_then(|record| record.by.as_ref())
                    .or(Some(&row.written_by))
                    .filter(|by| !by.is_empty()),
            ),
            record
                .and_then(|record| record.commit.as_ref())
                .map_or("-".to_owned(), |c| c.chars().take(7).collect()),
            record.and_then(|record| record.pr).map_or("-".to_owned(), |pr| format!("#{pr}")),
            text(record.and_then(|record| record.score.as_ref())),
            state,
        ]);
    }
    cells
}

/// How long a version was not live after somebody else removed its label, as far as the store
/// knows.
fn away(taken: &TakenOff) -> String {
    let to = taken.to.map_or_else(|| "nothing".to_owned(), |to| to.to_string());
    let who = who(taken.at, &taken.by);
    match taken.until {
        None => format!("away: {to} was made live outside, {who}"),
        Some(until) => format!("away until {until}: {to} was made live outside, {who}"),
    }
}
