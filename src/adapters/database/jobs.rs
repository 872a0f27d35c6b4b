//! Batch jobs in the database: those whose answers are not stored yet.

use rusqlite::{Connection, params};

use super::seals::{column, of_row};
use crate::fingerprint::Fingerprint;
use crate::seal::{Sealed, Seals};
use crate::store::pending::{PendingJob, PendingRecord};
use crate::trial::AnswerKey;

const DIGEST: usize = 32;

/// Stores a job, with a seal if seals are made; a later record replaces an earlier one.
pub(super) fn keep(connection: &Connection, job: &PendingJob, seals: &Seals) -> rusqlite::Result<()> {
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
pub(super) fn forget(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM jobs WHERE name = ?1", params![name]).map(drop)
}

/// All jobs that count, by name.
pub(super) fn all(connection: &Connection, seals: &Seals) -> rusqlite::Result<Vec<PendingJob>> {
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
