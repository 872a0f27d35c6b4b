//! Batch jobs in the database: those whose answers are not stored yet.

use rusqlite::{Connection, Row, params};

use crate::fingerprint::Fingerprint;
use crate::store::pending::{PendingJob, PendingRecord};
use crate::trial::AnswerKey;

const DIGEST: usize = 32;

/// Remembers a job; the last word stands.
pub(super) fn keep(connection: &Connection, job: &PendingJob) -> rusqlite::Result<()> {
    let digests = job.records.iter().flat_map(|record| [record.key.0, record.request, record.comparison]);
    let records: Vec<u8> = digests.flat_map(|digest| *digest.as_bytes()).collect();
    connection
        .execute(
            "INSERT OR REPLACE INTO jobs (name, arn, model, output, records) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![job.name, job.arn, job.model, job.output, records],
        )
        .map(drop)
}

/// Forgets a job.
pub(super) fn forget(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM jobs WHERE name = ?1", params![name]).map(drop)
}

/// All jobs, by name.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<PendingJob>> {
    let mut jobs = connection.prepare("SELECT name, arn, model, output, records FROM jobs ORDER BY name")?;
    let job = |row: &Row<'_>| {
        let records: Vec<u8> = row.get(4)?;
        Ok(PendingJob {
            name: row.get(0)?,
            arn: row.get(1)?,
            model: row.get(2)?,
            output: row.get(3)?,
            records: read(&records),
        })
    };
    jobs.query_map([], job)?.collect()
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
