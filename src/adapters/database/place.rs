//! Where the database stands, for as long as a run uses it. SQLite goes on writing to a file that was deleted or moved,
//! and what a run buys after that would be gone with its end.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::failure::in_words;
use super::{connect, make_file, prepare};
use crate::adapters::files;

/// Files that SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path, and the file that was opened there.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    opened: Option<(u64, u64)>,
}

impl Place {
    /// The place of a database that was just opened.
    pub(super) fn of(path: PathBuf) -> Self {
        let opened = file(&path);
        Self { path, opened }
    }

    /// Makes sure that the database is at its place: if nothing is there any more, it is put back with everything the
    /// connection has, which is then a connection to the new file.
    ///
    /// # Errors
    /// What completes "the database `PATH` ...": another file is there, or nothing can be written.
    pub(super) fn hold(&mut self, connection: &mut Connection) -> Result<(), String> {
        match file(&self.path) {
            found if found == self.opened => Ok(()),
            Some(_) => Err("was replaced by another file while this run used it, so the run ended; the answers it \
                 bought before are not in the new file; run again, and let nothing write there at the same time"
                .to_owned()),
            None => self.put_back(connection).map_err(|why| {
                format!("was deleted while this run used it, and cannot be put back: {why}; run again")
            }),
        }
    }

    fn put_back(&mut self, connection: &mut Connection) -> Result<(), String> {
        let path = make_file(&self.path).map_err(|error| error.to_string())?;
        let saved = connection.execute("VACUUM INTO ?1", params![path.to_string_lossy()]);
        saved.map_err(|error| in_words(&error))?;
        // The old connection ends before the new one begins: it removes the files beside the path when it ends, and
        // those of another database would be read as a part of this one.
        *connection = Connection::open_in_memory().map_err(|error| in_words(&error))?;
        let directory = files::directory_of(&path).map_err(|error| error.to_string())?.0;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for ending in BESIDE {
            directory.remove(&format!("{name}{ending}")).map_err(|error| error.to_string())?;
        }
        let opened = connect(&path).map_err(|error| in_words(&error))?;
        *connection = prepare(opened).map_err(|unusable| unusable.to_string())?;
        tracing::debug!("the database was deleted and is at its place again");
        self.opened = file(&path);
        Ok(())
    }
}

/// Which file is at a path: its device and its number there.
fn file(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}
