//! Evidence in the database.

use rusqlite::{Connection, params, types};

use super::seals::{column, of_row};
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::seal::{Seal, Sealed, Seals};

/// Writes a record with its seal; the same one again becomes the newest.
pub(super) fn keep(connection: &Connection, evidence: &Evidence, seal: Option<Seal>) -> rusqlite::Result<()> {
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
pub(super) fn of_content(
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
