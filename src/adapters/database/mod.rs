//! The database: paid answers, comparisons and runs in one SQLite file.

mod failure;
mod place;
mod prune;
mod rows;
mod schema;
mod stats;
#[cfg(test)]
mod tests;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use self::failure::in_words;
use self::place::Place;
use self::prune::{GRAIN, Uses};
use self::rows::{Clash, column, of_row};
use self::schema::Unusable;
pub use self::transfer::TransferError;
use crate::adapters::{clock, files};
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::model::{Request, Response};
use crate::seal::{Sealed, Seals};
use crate::store::entry::AnswerEntry;
use crate::store::pending::PendingJob;
use crate::store::{ComparisonStart, Note, RemoteAnswers, RunRecord, Store, StoreError, StoredAnswer};
use crate::trial::AnswerKey;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open database. Several processes may have the same file open.
#[derive(Debug)]
pub struct Database {
    path: String,
    connection: Mutex<Connection>,
    place: Option<Mutex<Place>>,
    uses: Uses,
    seals: Arc<Seals>,
}

impl Database {
    /// Opens the file, or makes it and its directory. A directory made here gets a `.gitignore`,
    /// so that answers are not committed by accident.
    ///
    /// # Errors
    /// When the file is no database of this program, is newer than it, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let name = path.display().to_string();
        let path = make_file(path).map_err(|error| StoreError {
            path: name.clone(),
            what: format!("cannot be made: {error}; let its directory be writable, or name another file with `database:` in prompt-assay.yaml"),
        })?;
        let mut database = Self::prepared(name, connect(&path))?;
        database.place = Some(Mutex::new(Place::of(path)));
        Ok(database)
    }

    /// The same database for a run with these seals: what it writes is sealed with them, and rows
    /// without a matching seal are treated as absent.
    pub fn sealed(mut self, seals: &Arc<Seals>) -> Self {
        self.seals = Arc::clone(seals);
        self
    }

    /// A database that is deleted when it is dropped.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepared(":memory:".to_owned(), Connection::open_in_memory())
    }

    fn prepared(path: String, opened: rusqlite::Result<Connection>) -> Result<Self, StoreError> {
        match opened.map_err(Unusable::from).and_then(prepare) {
            Ok(connection) => Ok(Self {
                path,
                connection: Mutex::new(connection),
                place: None,
                uses: Uses::default(),
                seals: Arc::default(),
            }),
            Err(unusable) => Err(StoreError { what: unusable.to_string(), path }),
        }
    }

    // A panic elsewhere cannot leave a statement incomplete: SQLite rolls it back.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection, to write something that must be found again: at the database's place.
    fn writing(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        let mut connection = self.connection();
        if let Some(place) = &self.place {
            let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
            place.hold(&mut connection).map_err(|what| StoreError { path: self.path.clone(), what })?;
        }
        Ok(connection)
    }

    fn failure(&self, error: &rusqlite::Error) -> StoreError {
        StoreError { path: self.path.clone(), what: in_words(error) }
    }

    fn write_start(&self, verb: &str, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        let sql =
            format!("INSERT OR {verb} INTO comparisons (key, paid, begun_at, seal) VALUES (?1, ?2, ?3, ?4)");
        let seal = self.seals.seal(&Sealed::Comparison { key, paid: start.paid });
        self.writing()?
            .execute(&sql, params![key.as_bytes(), start.paid, now(), column(seal)])
            .map(drop)
            .map_err(|error| self.failure(&error))
    }

    /// The answer in a row, and when it was last used; `None`: it does not count here. The seal of a row
    /// is checked before its other columns are read.
    fn read_answer(
        &self,
        key: AnswerKey,
        row: &Row<'_>,
    ) -> rusqlite::Result<Result<Option<(StoredAnswer, i64)>, StoreError>> {
        let response = row.get_ref(0)?.as_str()?;
        let (bought_by, request) =
            (Fingerprint::from_bytes(row.get(1)?), Fingerprint::from_bytes(row.get(3)?));
        let used_at = row.get(2)?;
        let content = Sealed::Answer { key: key.0, request, bought_by, response };
        if !self.seals.admit(&content, of_row(row, 4)?) {
            return Ok(Ok(None));
        }
        Ok(serde_json::from_str::<Response>(response)
            .map(|response| Some((StoredAnswer { response, bought_by }, used_at)))
            .map_err(|error| StoreError {
                path: self.path.clone(),
                what: format!(
                    "holds an answer that cannot be read ({error}); it is damaged: delete the file"
                ),
            }))
    }

    /// A failure to store uses is ignored: the worst result is that a needed answer is pruned and
    /// bought again.
    fn write_uses(&self) {
        if let Err(error) = self.uses.write(&mut self.connection(), now()) {
            tracing::debug!(%error, "the last use of stored answers was not noted");
        }
    }
}

/// At the end everything is in one file, so that it can be copied, restored and uploaded. If
/// another process uses it, the last one does this.
impl Drop for Database {
    fn drop(&mut self) {
        self.write_uses();
        let connection = self.connection();
        let merged = connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        if let Err(error) = merged {
            tracing::debug!(%error, "the log stays beside the database");
        }
    }
}

impl Store for Database {
    fn answer(&self, key: AnswerKey) -> Result<Option<StoredAnswer>, StoreError> {
        let sql = "SELECT response, bought_by, max(created_at, coalesce(used_at, 0)), request, seal \
                   FROM answers WHERE key = ?1";
        let found = self
            .connection()
            .prepare_cached(sql)
            .and_then(|mut select| {
                select.query_row(params![key.0.as_bytes()], |row| self.read_answer(key, row)).optional()
            })
            .map_err(|error| self.failure(&error))?
            .transpose()?;
        let Some((answer, used_at)) = found.flatten() else { return Ok(None) };
        if used_at < now() - GRAIN && self.uses.answer(key.0) {
            self.write_uses();
        }
        Ok(Some(answer))
    }

    fn keep_answer(
        &self,
        key: AnswerKey,
        request: &Request,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        let row = AnswerEntry {
            key,
            model: request.model.clone(),
            request: request.fingerprint(),
            response: answer.response.clone(),
            bought_by: answer.bought_by,
            at: now().unsigned_abs(),
            seal: None,
        };
        let kept = rows::insert_answer(&*self.writing()?, &row.sealed(&self.seals), Clash::Replaced);
        kept.map(drop).map_err(|error| self.failure(&error))
    }

    fn keep_foreign(&self, answer: &AnswerEntry) -> Result<(), StoreError> {
        // An entry that does not count is replaced; so is a missing one, and then nothing is lost.
        let clash = match self.seals.are_demanded() && self.answer(answer.key)?.is_none() {
            true => Clash::Replaced,
            false => Clash::Stays,
        };
        let row = match answer.seal {
            Some(_) => answer.clone(),
            None => answer.clone().sealed(&self.seals),
        };
        let kept = rows::insert_answer(&*self.writing()?, &row, clash);
        kept.map(drop).map_err(|error| self.failure(&error))
    }

    fn comparison(&self, key: Fingerprint) -> Result<Option<ComparisonStart>, StoreError> {
        let found = self
            .connection()
            .query_row("SELECT paid, seal FROM comparisons WHERE key = ?1", params![key.as_bytes()], |row| {
                let start = ComparisonStart { paid: row.get(0)? };
                let content = Sealed::Comparison { key, paid: start.paid };
                Ok(self.seals.admit(&content, of_row(row, 1)?).then_some(start))
            })
            .optional()
            .map_err(|error| self.failure(&error))?
            .flatten();
        if found.is_some() {
            self.uses.comparison(key);
        }
        Ok(found)
    }

    fn is_pruned(&self, comparison: Fingerprint) -> Result<bool, StoreError> {
        let mark = "SELECT 1 FROM comparisons WHERE key = ?1 AND pruned_at IS NOT NULL";
        self.connection()
            .query_row(mark, params![comparison.as_bytes()], |_| Ok(()))
            .optional()
            .map(|found| found.is_some())
            .map_err(|error| self.failure(&error))
    }

    fn begin_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        // A first entry that does not count is ignored.
        let is_first = self.seals.are_demanded() && self.comparison(key)?.is_none();
        self.write_start(if is_first { "REPLACE" } else { "IGNORE" }, key, start)
    }

    fn restart_comparison(&self, key: Fingerprint, start: ComparisonStart) -> Result<(), StoreError> {
        self.write_start("REPLACE", key, start)
    }

    fn keep_run(&self, run: &RunRecord) -> Result<(), StoreError> {
        self.writing()?
            .execute(
                "INSERT INTO runs (ended_at, report) VALUES (?1, ?2)",
                params![count(run.ended_at), run.report],
            )
            .map(drop)
            .map_err(|error| self.failure(&error))
    }

    fn look_at_runs(&self, limit: usize, look: &mut dyn FnMut(RunRecord)) -> Result<(), StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        newest(&self.connection(), limit, look).map_err(|error| self.failure(&error))
    }

    fn pending_jobs(&self) -> Result<Vec<PendingJob>, StoreError> {
        rows::jobs(&self.connection(), &self.seals).map_err(|error| self.failure(&error))
    }

    fn keep_job(&self, job: &PendingJob) -> Result<(), StoreError> {
        rows::keep_job(&*self.writing()?, job, &self.seals).map_err(|error| self.failure(&error))
    }

    fn remote_answers(&self) -> Option<Arc<dyn RemoteAnswers>> {
        None
    }

    fn forget_job(&self, name: &str) -> Result<(), StoreError> {
        rows::forget_job(&self.connection(), name).map_err(|error| self.failure(&error))
    }

    fn note(&self, kind: Note, key: Fingerprint) -> Result<Option<String>, StoreError> {
        let sql = "SELECT text FROM notes WHERE kind = ?1 AND key = ?2";
        self.connection()
            .query_row(sql, params![kind.as_str(), key.as_bytes()], |row| row.get(0))
            .optional()
            .map_err(|error| self.failure(&error))
    }

    fn keep_note(&self, kind: Note, key: Fingerprint, text: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO notes (kind, key, text) VALUES (?1, ?2, ?3)";
        self.writing()?
            .execute(sql, params![kind.as_str(), key.as_bytes(), text])
            .map(drop)
            .map_err(|error| self.failure(&error))
    }

    fn keep_evidence(&self, evidence: &Evidence) -> Result<(), StoreError> {
        let seal = self.seals.seal(&Sealed::Evidence(&evidence.text()));
        rows::keep_evidence(&*self.writing()?, evidence, seal).map_err(|error| self.failure(&error))
    }

    fn evidence(&self, content: Fingerprint) -> Result<Vec<Evidence>, StoreError> {
        rows::evidence(&self.connection(), content, &self.seals).map_err(|error| self.failure(&error))
    }
}

fn newest(connection: &Connection, limit: i64, look: &mut dyn FnMut(RunRecord)) -> rusqlite::Result<()> {
    let mut newest = connection.prepare("SELECT ended_at, report FROM runs ORDER BY id DESC LIMIT ?1")?;
    let mut rows = newest.query(params![limit])?;
    while let Some(row) = rows.next()? {
        let ended_at: i64 = row.get(0)?;
        look(RunRecord { ended_at: ended_at.unsigned_abs(), report: row.get(1)? });
    }
    Ok(())
}

/// Creates the missing directories and the file, which then belongs to the directory's owner: SQLite gives its log
/// the owner of the database. Returns the path without links in it.
fn make_file(path: &Path) -> std::io::Result<PathBuf> {
    let (directory, is_new) = files::directory_of(path)?;
    if is_new {
        directory.write(".gitignore", b"*\n")?;
    }
    let file = path.file_name().unwrap_or_default();
    if let Some(name) = file.to_str().filter(|_| !path.exists()) {
        directory.create(name, b"")?;
    }
    Ok(directory.path().join(file))
}

/// A link in the file's place could lead to a file that an attacker chose.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW)
}

/// Makes a connection fit for use: patient, and with the tables of this version.
fn prepare(mut connection: Connection) -> Result<Connection, Unusable> {
    connection.busy_timeout(PATIENCE)?;
    schema::prepare(&mut connection)?;
    Ok(connection)
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Seconds since 1970-01-01 UTC.
fn now() -> i64 {
    count(clock::now())
}
