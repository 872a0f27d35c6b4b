//! When stored objects were last used, so that pruning removes those that are not needed. The times
//! are written together, now and then, because a lookup must not cost a write.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, params};

use crate::fingerprint::Fingerprint;

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
