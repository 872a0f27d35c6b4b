//! Seals as a column.

use rusqlite::Row;

use crate::seal::Seal;

/// A seal as it is written.
pub(super) fn column(seal: Option<Seal>) -> Option<[u8; 32]> {
    seal.map(|seal| *seal.as_bytes())
}

/// The seal in a column. Any other value counts as no seal.
pub(super) fn of_row(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Seal>> {
    Ok(row.get_ref(column)?.as_blob().ok().and_then(Seal::from_bytes))
}
