//! The file's content as lines, out and in.

use std::io::{BufRead, Read, Write};

use rusqlite::{Connection, Row, TransactionBehavior, params};

use super::rows::{self, Clash, column, of_row};
use super::{Database, count};
use crate::fingerprint::Fingerprint;
use crate::model::Response;
use crate::store::StoreError;
use crate::store::entry::{AnswerEntry, Entry, EntryError};
use crate::store::stats::Imported;
use crate::trial::AnswerKey;

/// The longest line that is read: far longer than any answer or report.
const LONGEST: u64 = 64 << 20;

/// Why an export or an import failed.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The other side's.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line that is not an export of this program; nothing was imported.
    #[error("line {line} {error}; nothing was imported")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        error: EntryError,
    },
    /// The last part is missing.
    #[error("line {line} is not followed by its end: the file is truncated; nothing was imported")]
    Cut {
        /// The last line there is.
        line: u64,
    },
}

impl From<rusqlite::Error> for TransferError {
    fn from(error: rusqlite::Error) -> Self {
        let what = super::failure::in_words(&error);
        TransferError::Store(StoreError { path: String::new(), what })
    }
}

impl Database {
    /// Writes everything as lines, sorted by key; returns how many entries that is.
    ///
    /// # Errors
    /// When the file cannot be read, or `out` not written.
    pub fn export(&self, out: &mut dyn Write) -> Result<u64, TransferError> {
        self.named(export(&mut self.connection(), out))
    }

    /// Imports all lines or none, each with its own seal: an import makes no seals. Existing entries
    /// are not replaced.
    ///
    /// # Errors
    /// The first line that is damaged or foreign, by its number.
    pub fn import(&self, lines: &mut dyn BufRead) -> Result<Imported, TransferError> {
        self.named(import(&mut self.connection(), lines))
    }

    fn named<T>(&self, done: Result<T, TransferError>) -> Result<T, TransferError> {
        done.map_err(|error| match error {
            TransferError::Store(error) if error.path.is_empty() => {
                TransferError::Store(StoreError { path: self.path.clone(), ..error })
            }
            error => error,
        })
    }
}

fn export(connection: &mut Connection, out: &mut dyn Write) -> Result<u64, TransferError> {
    // One transaction, so that comparisons and answers are of the same time.
    let reading = connection.transaction()?;
    let mut entries = 0;
    writeln!(out, "{}", Entry::Begin.to_line())?;
    for (sql, entry) in [
        (
            "SELECT key, paid, begun_at, seal FROM comparisons WHERE pruned_at IS NULL ORDER BY key",
            comparison as fn(&Row<'_>) -> Result<Entry, TransferError>,
        ),
        (
            "SELECT key, request, model, bought_by, created_at, response, seal FROM answers ORDER BY key",
            answer,
        ),
        ("SELECT ended_at, report FROM runs ORDER BY id", run),
        ("SELECT record, seal FROM evidence ORDER BY number", evidence),
    ] {
        let mut statement = reading.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            writeln!(out, "{}", entry(row)?.to_line())?;
            entries += 1;
        }
    }
    writeln!(out, "{}", Entry::End { entries }.to_line())?;
    out.flush()?;
    Ok(entries)
}

fn comparison(row: &Row<'_>) -> Result<Entry, TransferError> {
    let key = Fingerprint::from_bytes(row.get(0)?);
    Ok(Entry::Comparison { key, paid: row.get(1)?, at: super::stats::whole(row, 2)?, seal: of_row(row, 3)? })
}

fn answer(row: &Row<'_>) -> Result<Entry, TransferError> {
    let text: String = row.get(5)?;
    let response = serde_json::from_str::<Response>(&text).map_err(|error| StoreError {
        path: String::new(),
        what: format!("holds an answer that cannot be read ({error}); it is damaged: delete the file"),
    })?;
    Ok(Entry::Answer(AnswerEntry {
        key: AnswerKey(Fingerprint::from_bytes(row.get(0)?)),
        request: Fingerprint::from_bytes(row.get(1)?),
        model: row.get(2)?,
        bought_by: Fingerprint::from_bytes(row.get(3)?),
        at: super::stats::whole(row, 4)?,
        response,
        seal: of_row(row, 6)?,
    }))
}

fn run(row: &Row<'_>) -> Result<Entry, TransferError> {
    Ok(Entry::Run { at: super::stats::whole(row, 0)?, report: row.get(1)? })
}

fn evidence(row: &Row<'_>) -> Result<Entry, TransferError> {
    let text: String = row.get(0)?;
    let record = serde_json::from_str(&text).map_err(|error| StoreError {
        path: String::new(),
        what: format!("holds evidence that cannot be read ({error})"),
    })?;
    Ok(Entry::Evidence { record: Box::new(record), at: 0, seal: of_row(row, 1)? })
}

fn import(connection: &mut Connection, lines: &mut dyn BufRead) -> Result<Imported, TransferError> {
    let writing = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut imported = Imported::default();
    let mut reader = Lines { lines, line: 0 };
    // Since the file began; no line may be outside, and several files may follow each other.
    let mut since = None;
    while let Some(entry) = reader.next()? {
        let line = reader.line;
        match (entry, since) {
            (Entry::Begin, None) => since = Some(0),
            (Entry::End { entries }, Some(seen)) if entries == seen => since = None,
            (Entry::Begin | Entry::End { .. }, Some(_)) => return Err(TransferError::Cut { line }),
            (_, None) => return Err(TransferError::Line { line, error: EntryError::Foreign }),
            (entry, Some(seen)) => {
                insert(&writing, &entry, &mut imported)?;
                since = Some(seen + 1);
            }
        }
    }
    if since.is_some() || reader.line == 0 {
        return Err(TransferError::Cut { line: reader.line });
    }
    writing.commit()?;
    Ok(imported)
}

struct Lines<'a> {
    lines: &'a mut dyn BufRead,
    line: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Entry>, TransferError> {
        let mut bytes = Vec::new();
        let read = Read::take(&mut *self.lines, LONGEST).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        let text = std::str::from_utf8(&bytes).map_err(|_| EntryError::Foreign);
        let entry = text.and_then(|text| Entry::of_line(text.trim_end_matches(['\n', '\r'])));
        entry.map(Some).map_err(|error| TransferError::Line { line: self.line, error })
    }
}

fn insert(connection: &Connection, entry: &Entry, imported: &mut Imported) -> rusqlite::Result<()> {
    let (new, counter) = match entry {
        Entry::Answer(answer) => {
            (rows::insert_answer(connection, answer, Clash::Stays)?, &mut imported.answers)
        }
        Entry::Comparison { key, paid, at, seal } => (
            connection.execute(
                "INSERT OR IGNORE INTO comparisons (key, paid, begun_at, seal) VALUES (?1, ?2, ?3, ?4)",
                params![key.as_bytes(), paid, count(*at), column(*seal)],
            )?,
            &mut imported.comparisons,
        ),
        Entry::Run { at, report } => (
            connection.execute(
                "INSERT INTO runs (ended_at, report) SELECT ?1, ?2 WHERE NOT EXISTS \
                 (SELECT 1 FROM runs WHERE ended_at = ?1 AND report = ?2)",
                params![count(*at), report],
            )?,
            &mut imported.runs,
        ),
        Entry::Evidence { record, seal, .. } => {
            let known = "SELECT count(*) FROM evidence WHERE id = ?1";
            let known: i64 = connection.query_row(known, params![record.id], |row| row.get(0))?;
            if known == 0 {
                rows::keep_evidence(connection, record, *seal)?;
            }
            (usize::from(known == 0), &mut imported.evidence)
        }
        Entry::Evaluated { .. } | Entry::Begin | Entry::End { .. } => return Ok(()),
    };
    *if new > 0 { counter } else { &mut imported.known } += 1;
    Ok(())
}
