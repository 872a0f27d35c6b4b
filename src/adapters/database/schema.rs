//! The tables, their version, and how a file is made safe to use.

use std::fmt;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::failure::in_words;

/// Marks a file as ours: "assy" in ASCII.
const APPLICATION: i64 = 0x6173_7379;
/// The version of the tables below, SQLite's `user_version`.
pub(super) const VERSION: i64 = 1 + UPGRADES.len() as i64;

/// The log is merged into the database when it has this number of 4 kB pages: about forty answers.
const MERGED_AFTER: i64 = 100;

/// Version 1. The answers are an ordinary table with an index on the key, not `WITHOUT ROWID`: an answer is
/// about a thousand bytes, and clustering such rows by a random key makes every insert split
/// pages (measured: three times the time per insert at 300,000 answers, no faster look-ups).
/// Usage is a separate column, although the response also contains it, so that statistics need not parse.
const TABLES: &str = "
    CREATE TABLE answers (
        key BLOB NOT NULL PRIMARY KEY,
        model TEXT NOT NULL,
        request BLOB NOT NULL,
        response TEXT NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cache_read_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        bought_by BLOB NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE comparisons (
        key BLOB NOT NULL PRIMARY KEY,
        paid INTEGER NOT NULL,
        begun_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        ended_at INTEGER NOT NULL,
        report TEXT NOT NULL
    ) STRICT;
";

/// From each version to the next, in order; a new file takes them all. One that was released
/// never changes.
const UPGRADES: [&str; 5] = [
    // Evidence: the record is the JSON whose digest is its id.
    "CREATE TABLE evidence (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        content BLOB NOT NULL,
        record TEXT NOT NULL
     ) STRICT;
     CREATE INDEX evidence_of_content ON evidence (content);",
    // When things were last used, and which comparisons may have lost answers.
    "ALTER TABLE answers ADD COLUMN used_at INTEGER;
     ALTER TABLE comparisons ADD COLUMN used_at INTEGER;
     ALTER TABLE comparisons ADD COLUMN pruned_at INTEGER;",
    // Batch jobs whose answers are not stored yet; a record is the 32 bytes each of its answer key, its
    // request and its comparison.
    "CREATE TABLE jobs (
        name TEXT NOT NULL PRIMARY KEY,
        arn TEXT,
        model TEXT NOT NULL,
        output TEXT NOT NULL,
        records BLOB NOT NULL
     ) STRICT;",
    // The 32 bytes with which a trusted run sealed a row; nothing where the run had no key.
    "ALTER TABLE answers ADD COLUMN seal BLOB;
     ALTER TABLE comparisons ADD COLUMN seal BLOB;
     ALTER TABLE evidence ADD COLUMN seal BLOB;
     ALTER TABLE jobs ADD COLUMN seal BLOB;",
    // What was learnt and is of use in later runs; no verdict depends on it.
    "CREATE TABLE notes (
        kind TEXT NOT NULL,
        key BLOB NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (kind, key)
     ) STRICT, WITHOUT ROWID;",
];

/// Why a file cannot be used.
#[derive(Debug)]
pub(super) enum Unusable {
    Sqlite(rusqlite::Error),
    Foreign,
    Rigged,
    Newer(i64),
    ReadOnly,
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        Unusable::Sqlite(error)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::Sqlite(error) => f.write_str(&in_words(error)),
            Unusable::Foreign => f.write_str(
                "belongs to another program; name another file with `database:` in prompt-assay.yaml",
            ),
            Unusable::Rigged => f.write_str(
                "has triggers or views, which prompt-assay never makes: somebody else has written to it; delete it, \
                 here and in the cache it came from",
            ),
            Unusable::Newer(version) => write!(
                f,
                "was made by a newer prompt-assay (its tables have version {version}, this program knows {VERSION}); \
                 update prompt-assay, or name another file with `database:` in prompt-assay.yaml"
            ),
            Unusable::ReadOnly => f.write_str(super::failure::READ_ONLY),
        }
    }
}

/// Checks whose file it is and makes the tables if it is new. Takes the same time however many
/// answers there are.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), Unusable> {
    distrust(connection)?;
    // One transaction: another process may be making the tables just now.
    let look = connection.transaction()?;
    let version = whose(&look)?;
    drop(look);
    if connection.is_readonly("main")? {
        return Err(Unusable::ReadOnly);
    }
    use_write_ahead_log(connection)?;
    // What is committed is in the log file, which outlives the process however it ends: a killed
    // run loses nothing it was told is stored. NORMAL leaves out the disk flush per answer, so a
    // power cut may cost the last answers (never the file): they would be paid again, which is
    // cheaper than milliseconds of flushing for each of thousands of answers.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The log is merged often: if it cannot be trusted because the file was restored, it is lost.
    connection.pragma_update(None, "wal_autocheckpoint", MERGED_AFTER)?;
    if version < VERSION {
        upgrade(connection)?;
    }
    Ok(())
}

/// The file may come from an attacker: nothing in its tables can write or read elsewhere.
fn distrust(connection: &Connection) -> rusqlite::Result<()> {
    for (setting, is_on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(setting, is_on)?;
    }
    Ok(())
}

/// The version of the tables, 0 for a new file.
fn whose(connection: &Connection) -> Result<i64, Unusable> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let new = tables == 0 && version == 0 && application == 0;
        return if new { Ok(0) } else { Err(Unusable::Foreign) };
    }
    if version > VERSION {
        return Err(Unusable::Newer(version));
    }
    let count = "SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')";
    let programs: i64 = connection.query_row(count, [], |row| row.get(0))?;
    if programs > 0 { Err(Unusable::Rigged) } else { Ok(version) }
}

/// Allows readers and one writer in parallel. Only the first process to open a file switches the
/// mode; SQLite does not wait for others then, so this function waits.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        let switched = connection.pragma_update(None, "journal_mode", "WAL");
        let busy =
            matches!(&switched, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
        if !busy || tries == 100 {
            return switched;
        }
        tries += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn upgrade(connection: &mut Connection) -> Result<(), Unusable> {
    let upgrade = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it since we looked.
    let version = whose(&upgrade)?;
    if version == 0 {
        upgrade.execute_batch(TABLES)?;
        upgrade.pragma_update(None, "application_id", APPLICATION)?;
    }
    let done = usize::try_from(version.max(1) - 1).unwrap_or(usize::MAX);
    for step in UPGRADES.iter().skip(done) {
        upgrade.execute_batch(step)?;
    }
    upgrade.pragma_update(None, "user_version", VERSION)?;
    Ok(upgrade.commit()?)
}
