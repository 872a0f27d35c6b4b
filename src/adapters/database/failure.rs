//! SQLite's errors in words: what is wrong with the file and what to do.

use rusqlite::{Error, ErrorCode, ffi};

pub(super) const READ_ONLY: &str =
    "is read-only; make the file and its directory writable (`eval` also runs without a store: `--no-cache`)";

const DAMAGED: &str = "is damaged; delete the file (answers will be bought again)";

/// Completes the sentence "the database `PATH` ...".
pub(super) fn in_words(error: &Error) -> String {
    let known = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            "is not a database; delete the file (answers will be bought again), or name another with `database:` in prompt-assay.yaml"
        }
        Some(ErrorCode::DatabaseCorrupt) => DAMAGED,
        // The file ends in the middle.
        _ if error
            .sqlite_error()
            .is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHORT_READ) =>
        {
            DAMAGED
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => READ_ONLY,
        Some(ErrorCode::CannotOpen) => {
            "cannot be opened; check that it is a file, and that it and its directory may be read and written"
        }
        Some(ErrorCode::DiskFull) => {
            "cannot grow: the disk is full; free some space and run again, stored answers are kept"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "stays locked by another process; end it, or wait, and run again"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "cannot be read or written: the disk reports an error; check it and its free space"
        }
        // The tables are strict: what is of another kind than was written was not written by a program.
        None if is_of_another_kind(error) => DAMAGED,
        _ => return format!("failed: {error}"),
    };
    known.to_owned()
}

fn is_of_another_kind(error: &Error) -> bool {
    use Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}
