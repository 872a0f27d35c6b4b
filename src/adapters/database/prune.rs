//! Pruning. The answers of a recent comparison are kept with it. A comparison that may have lost
//! answers is marked, so that a new run says so instead of silently giving another verdict
//! (decisions.md#a-comparison-is-stored).

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::{Database, count, now};
use crate::fingerprint::Fingerprint;
use crate::store::StoreError;
use crate::store::stats::{Pruned, Pruning};

/// When an answer was last used.
const LAST_USE: &str = "max(created_at, coalesce(used_at, 0))";

/// Runs that are always kept: the newest, for `report`, and those that passed on the main
/// tier, which are the baselines of later runs there.
const NEEDED_RUNS: &str = "SELECT max(id) FROM runs UNION SELECT id FROM runs \
    WHERE json_valid(report) AND json_extract(report, '$.tier') = 'main' \
    AND json_extract(report, '$.verdict') IN ('OK', 'IMPROVED')";

impl Database {
    /// Removes entries that may be pruned and frees the disk space; `dry`: only reports them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prune(&self, pruning: &Pruning, dry: bool) -> Result<Pruned, StoreError> {
        let failure = |error: rusqlite::Error| self.failure(&error);
        let mut connection = self.connection();
        self.uses.write(&mut connection, now()).map_err(failure)?;
        let bytes_before = self.bytes();
        let mut pruned = remove(&mut connection, pruning, dry).map_err(failure)?;
        if !dry && pruned.answers + pruned.runs > 0 {
            connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").map_err(failure)?;
        }
        (pruned.bytes_before, pruned.bytes_after) = (bytes_before, self.bytes());
        Ok(pruned)
    }
}

fn remove(connection: &mut Connection, pruning: &Pruning, dry: bool) -> rusqlite::Result<Pruned> {
    let removal = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut pruned = Pruned::default();
    let by_age = pruning.unused_since.map(count);
    let by_size = match pruning.max_bytes {
        Some(most) => oldest_that_fits(&removal, most)?,
        None => None,
    };
    if let Some(since) = by_age.max(by_size) {
        pruned.answers +=
            remove_answers(&removal, &format!("{LAST_USE} < ?1"), since, since.saturating_add(GRAIN))?;
        pruned.runs += changed(removal.execute(
            &format!("DELETE FROM runs WHERE ended_at < ?1 AND id NOT IN ({NEEDED_RUNS})"),
            params![since],
        )?);
    }
    for model in &pruning.models {
        // Which comparisons used them is not known, so every one of them is marked.
        pruned.answers += remove_answers(&removal, "model = ?1", model, i64::MAX)?;
    }
    let marked = "SELECT count(*) FROM comparisons WHERE pruned_at IS NOT NULL";
    pruned.comparisons = removal.query_row(marked, [], |row| super::stats::whole(row, 0))?;
    if dry {
        removal.rollback()?
    } else {
        removal.commit()?
    }
    Ok(pruned)
}

/// Removes answers, and marks the comparisons last run before `marked_before`. An answer's use is
/// noted only if the last one is [`GRAIN`] ago, so comparisons are marked that much further.
fn remove_answers(
    removal: &Transaction<'_>,
    which: &str,
    parameter: impl rusqlite::ToSql,
    marked_before: i64,
) -> rusqlite::Result<u64> {
    let removed = removal.execute(&format!("DELETE FROM answers WHERE {which}"), params![parameter])?;
    if removed > 0 {
        removal.execute(
            "UPDATE comparisons SET pruned_at = ?1 WHERE max(begun_at, coalesce(used_at, 0)) < ?2",
            params![now(), marked_before],
        )?;
    }
    Ok(changed(removed))
}

/// The earliest time such that everything used since then fits into this number of bytes; `None`: everything fits.
fn oldest_that_fits(removal: &Transaction<'_>, most: u64) -> rusqlite::Result<Option<i64>> {
    let sizes = format!(
        "SELECT at, sum(size) FROM (\
           SELECT {LAST_USE} AS at, length(response) + length(model) + 200 AS size FROM answers \
           UNION ALL SELECT ended_at, length(report) + 50 FROM runs) GROUP BY at ORDER BY at DESC"
    );
    let mut sizes = removal.prepare(&sizes)?;
    let (mut rows, mut sum, mut oldest) = (sizes.query([])?, 0, i64::MAX);
    while let Some(row) = rows.next()? {
        let at: i64 = row.get(0)?;
        sum += super::stats::whole(row, 1)?;
        // Pages are not quite full.
        if sum + sum / 8 > most {
            return Ok(Some(oldest));
        }
        oldest = at;
    }
    Ok(None)
}

fn changed(rows: usize) -> u64 {
    rows as u64
}

/// Uses within this number of seconds count as one.
pub(super) const GRAIN: i64 = 24 * 60 * 60;

/// The number of uses that are written together.
const BATCH: usize = 512;

/// Uses that are not yet written.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    answers: Vec<Fingerprint>,
    comparisons: Vec<Fingerprint>,
}

impl Uses {
    /// Notes that an answer was used; true: it is time to write.
    pub(super) fn answer(&self, key: Fingerprint) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.answers.push(key);
        noted.answers.len() >= BATCH
    }

    /// Notes that a comparison was run again.
    pub(super) fn comparison(&self, key: Fingerprint) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).comparisons.push(key);
    }

    /// Writes what was noted, all or nothing: a comparison is never newer than its answers.
    pub(super) fn write(&self, connection: &mut Connection, now: i64) -> rusqlite::Result<()> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if noted.answers.is_empty() && noted.comparisons.is_empty() {
            return Ok(());
        }
        let writing = connection.transaction()?;
        for (sql, keys) in [
            ("UPDATE answers SET used_at = ?2 WHERE key = ?1", &noted.answers),
            ("UPDATE comparisons SET used_at = ?2 WHERE key = ?1", &noted.comparisons),
        ] {
            let mut update = writing.prepare(sql)?;
            for key in keys {
                update.execute(params![key.as_bytes(), now])?;
            }
        }
        writing.commit()
    }
}
