//! Evidence in the database.

use rusqlite::{Connection, Row, params, types};

use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;

/// Writes a record; the same one again becomes the newest.
///
/// # Panics
/// Never: evidence holds no maps with keys that are not strings.
pub(super) fn keep(connection: &Connection, evidence: &Evidence) -> rusqlite::Result<()> {
    let record = serde_json::to_string(evidence).expect("evidence serializes to JSON");
    let content = evidence.claim.content;
    connection
        .execute(
            "INSERT OR REPLACE INTO evidence (id, content, record) VALUES (?1, ?2, ?3)",
            params![evidence.id, content.as_bytes(), record],
        )
        .map(drop)
}

/// All records of a content, newest first. One that cannot be read fails: what says whether
/// something may go live is not skipped in silence.
pub(super) fn of_content(connection: &Connection, content: Fingerprint) -> rusqlite::Result<Vec<Evidence>> {
    let mut newest =
        connection.prepare("SELECT record FROM evidence WHERE content = ?1 ORDER BY number DESC")?;
    let record = |row: &Row<'_>| {
        let text: String = row.get(0)?;
        serde_json::from_str(&text)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, types::Type::Text, Box::new(error)))
    };
    newest.query_map(params![content.as_bytes()], record)?.collect()
}
