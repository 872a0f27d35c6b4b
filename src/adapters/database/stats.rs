//! What the file holds, counted.

use rusqlite::{Connection, Row};

use super::Database;
use crate::model::Usage;
use crate::store::StoreError;
use crate::store::stats::{ModelShare, StoreStats};

impl Database {
    /// Counts what it holds; reads every answer's row once.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stats(&self) -> Result<StoreStats, StoreError> {
        let counted = counted(&self.connection()).map_err(|error| self.failure(&error))?;
        Ok(StoreStats { bytes: self.bytes(), ..counted })
    }

    /// Bytes on disk; 0 for a database in memory.
    pub(super) fn bytes(&self) -> u64 {
        let size = |path: String| std::fs::metadata(path).map_or(0, |file| file.len());
        size(self.path.clone()) + size(format!("{}-wal", self.path))
    }
}

fn counted(connection: &Connection) -> rusqlite::Result<StoreStats> {
    let mut stats = StoreStats::default();
    let mut by_model = connection.prepare(
        "SELECT model, count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), \
         sum(cache_write_tokens), min(created_at), max(created_at) FROM answers GROUP BY model ORDER BY model",
    )?;
    let mut rows = by_model.query([])?;
    while let Some(row) = rows.next()? {
        let share = share(row)?;
        stats.answers += share.answers;
        let (oldest, newest) = (whole(row, 6)?, whole(row, 7)?);
        stats.oldest = Some(stats.oldest.map_or(oldest, |before| before.min(oldest)));
        stats.newest = stats.newest.max(Some(newest));
        stats.models.push(share);
    }
    let count = |sql| connection.query_row(sql, [], |row| whole(row, 0));
    stats.comparisons = count("SELECT count(*) FROM comparisons")?;
    stats.evidence = count("SELECT count(*) FROM evidence")?;
    stats.runs = count("SELECT count(*) FROM runs")?;
    Ok(stats)
}

fn share(row: &Row<'_>) -> rusqlite::Result<ModelShare> {
    Ok(ModelShare {
        model: row.get(0)?,
        answers: whole(row, 1)?,
        usage: Usage {
            input: whole(row, 2)?,
            output: whole(row, 3)?,
            cache_read: whole(row, 4)?,
            cache_write: whole(row, 5)?,
        },
    })
}

/// A whole number that is never negative.
pub(super) fn whole(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.max(0).unsigned_abs())
}
