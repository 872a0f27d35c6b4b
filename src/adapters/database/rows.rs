//! What the database stores, as rows and back: answers, evidence, batch jobs, and the seals of all of them.

use rusqlite::{Connection, Row, params, types};

use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::seal::{Seal, Sealed, Seals};
use crate::store::entry::{AnswerEntry, response_text};
use crate::store::pending::{PendingJob, PendingRecord};
use crate::trial::AnswerKey;

use super::count;

/// Writes a record with its seal; the same one again becomes the newest.
pub(super) fn keep_evidence(
    connection: &Connection,
    evidence: &Evidence,
    seal: Option<Seal>,
) -> rusqlite::Result<()> {
    let content = evidence.claim.content;
    connection
        .execute(
            "INSERT OR REPLACE INTO evidence (id, content, record, seal) VALUES (?1, ?2, ?3, ?4)",
            params![evidence.id, content.as_bytes(), evidence.text(), column(seal)],
        )
        .map(drop)
}

/// All records of a content that count, newest first. A record that cannot be read is an error:
/// evidence for a release is never skipped silently. A record of another content does not count for
/// this one.
pub(super) fn evidence(
    connection: &Connection,
    content: Fingerprint,
    seals: &Seals,
) -> rusqlite::Result<Vec<Evidence>> {
    let mut newest =
        connection.prepare("SELECT record, seal FROM evidence WHERE content = ?1 ORDER BY number DESC")?;
    let mut rows = newest.query(params![content.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        if !seals.admit(&Sealed::Evidence(&text), of_row(row, 1)?) {
            continue;
        }
        let unreadable =
            |error| rusqlite::Error::FromSqlConversionFailure(0, types::Type::Text, Box::new(error));
        let evidence: Evidence = serde_json::from_str(&text).map_err(unreadable)?;
        if evidence.claim.content == content {
            found.push(evidence);
        }
    }
    Ok(found)
}

/// A seal as it is written.
pub(super) fn column(seal: Option<Seal>) -> Option<[u8; 32]> {
    seal.map(|seal| *seal.as_bytes())
}

/// The seal in a column. Any other value counts as no seal.
pub(super) fn of_row(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Seal>> {
    Ok(row.get_ref(column)?.as_blob().ok().and_then(Seal::from_bytes))
}

/// What happens to an answer that already exists.
#[derive(Clone, Copy)]
pub(super) enum Clash {
    /// The new one replaces it.
    Replaced,
    /// It stays.
    Stays,
}

/// Writes an answer with the seal it has; returns how many rows that is.
pub(super) fn insert_answer(
    connection: &Connection,
    row: &AnswerEntry,
    clash: Clash,
) -> rusqlite::Result<usize> {
    let verb = match clash {
        Clash::Replaced => "REPLACE",
        Clash::Stays => "IGNORE",
    };
    let sql = format!(
        "INSERT OR {verb} INTO answers (key, model, request, response, input_tokens, output_tokens, \
         cache_read_tokens, cache_write_tokens, bought_by, created_at, seal) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    );
    let usage = row.response.usage;
    connection.prepare_cached(&sql)?.execute(params![
        row.key.0.as_bytes(),
        row.model,
        row.request.as_bytes(),
        response_text(&row.response),
        count(usage.input),
        count(usage.output),
        count(usage.cache_read),
        count(usage.cache_write),
        row.bought_by.as_bytes(),
        count(row.at),
        column(row.seal),
    ])
}

const DIGEST: usize = 32;

/// Stores a job, with a seal if seals are made; a later record replaces an earlier one.
pub(super) fn keep_job(connection: &Connection, job: &PendingJob, seals: &Seals) -> rusqlite::Result<()> {
    let digests = job.records.iter().flat_map(|record| [record.key.0, record.request, record.comparison]);
    let records: Vec<u8> = digests.flat_map(|digest| *digest.as_bytes()).collect();
    let seal = seals.seal(&content(job, &records));
    connection
        .execute(
            "INSERT OR REPLACE INTO jobs (name, arn, model, output, records, seal) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![job.name, job.arn, job.model, job.output, records, column(seal)],
        )
        .map(drop)
}

fn content<'a>(job: &'a PendingJob, records: &'a [u8]) -> Sealed<'a> {
    Sealed::Job { name: &job.name, arn: job.arn.as_deref(), model: &job.model, output: &job.output, records }
}

/// Removes a job.
pub(super) fn forget_job(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM jobs WHERE name = ?1", params![name]).map(drop)
}

/// All jobs that count, by name.
pub(super) fn jobs(connection: &Connection, seals: &Seals) -> rusqlite::Result<Vec<PendingJob>> {
    let mut jobs =
        connection.prepare("SELECT name, arn, model, output, records, seal FROM jobs ORDER BY name")?;
    let mut rows = jobs.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let records: Vec<u8> = row.get(4)?;
        let job = PendingJob {
            name: row.get(0)?,
            arn: row.get(1)?,
            model: row.get(2)?,
            output: row.get(3)?,
            records: read(&records),
        };
        if seals.admit(&content(&job, &records), of_row(row, 5)?) {
            found.push(job);
        }
    }
    Ok(found)
}

fn read(records: &[u8]) -> Vec<PendingRecord> {
    let (digests, _) = records.as_chunks::<DIGEST>();
    let (records, _) = digests.as_chunks::<3>();
    let record = |[key, request, comparison]: &[[u8; DIGEST]; 3]| PendingRecord {
        key: AnswerKey(Fingerprint::from_bytes(*key)),
        request: Fingerprint::from_bytes(*request),
        comparison: Fingerprint::from_bytes(*comparison),
    };
    records.iter().map(record).collect()
}
