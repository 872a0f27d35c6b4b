//! The files that the action writes: outputs, the summary, result files below the workspace.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;

use crate::action::outputs;
use crate::adapters::files::Root;
use crate::app::database;
use crate::app::output::Unwritten;
use crate::store::location::Location;

/// 128 bits of the system's randomness, as a word.
///
/// # Errors
/// When there is none.
pub fn random_word() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    let mut source =
        std::fs::File::open("/dev/urandom").context("no randomness: cannot open /dev/urandom")?;
    source.read_exact(&mut bytes).context("no randomness: cannot read /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Bytes of an event; GitHub sends at most 25 MB.
const EVENT_BYTES: u64 = 32 << 20;

/// The text of the event file.
///
/// # Errors
/// When it cannot be read or is larger than any event.
pub fn read_event(path: &str) -> anyhow::Result<String> {
    let opened = std::fs::File::open(path).with_context(|| format!("cannot read the event file `{path}`"))?;
    let mut text = String::new();
    let read = opened.take(EVENT_BYTES + 1).read_to_string(&mut text);
    read.with_context(|| format!("cannot read the event file `{path}`"))?;
    anyhow::ensure!(
        text.len() as u64 <= EVENT_BYTES,
        "the event file `{path}` has more than {} MiB; GitHub sends no such event",
        EVENT_BYTES >> 20
    );
    Ok(text)
}

/// Appends a text to one of the runner's files; without a path it is not written.
///
/// # Errors
/// When the file cannot be written.
pub fn append(path: Option<&String>, text: &str) -> anyhow::Result<()> {
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot open the runner's file `{path}`"))?;
    writeln!(file, "{}", text.trim_end())
        .map_err(|error| Unwritten { place: format!("the runner's file `{path}`"), error }.into())
}

/// Writes the outputs.
///
/// # Errors
/// When the file cannot be written.
pub fn outputs(path: Option<&String>, values: &[(&'static str, String)]) -> anyhow::Result<()> {
    let mut words = Vec::new();
    for _ in values {
        words.push(random_word()?);
    }
    let text = outputs::render(values, || words.pop().unwrap_or_default()).map_err(anyhow::Error::msg)?;
    append(path, &text)
}

/// A directory below the workspace for files that are kept after the run. A pull request can
/// contain files and links with its name, so this is checked before anything is created or written.
pub struct Kept {
    directory: Root,
    location: Location,
    name: String,
}

impl Kept {
    /// Makes the directory.
    ///
    /// Files that SQLite left beside the database are removed. Every run, also a cancelled one, ends by
    /// merging the log into the database. So a log at the start is from a killed run, or from another
    /// database that a cache restore has replaced: SQLite's log does not name its database and would be
    /// replayed into any. The two cannot be distinguished here; on a laptop the log stays with its
    /// database and is replayed. A killed run loses what it had not merged yet, which [`Database`]
    /// keeps small.
    ///
    /// [`Database`]: crate::adapters::database::Database
    ///
    /// # Errors
    /// When it cannot be made, a link leads to it, or Git keeps something there.
    pub fn open(workspace: &Path, name: &str) -> anyhow::Result<Self> {
        let name = crate::tree::resolve("", name)
            .with_context(|| format!("`cache: {name}` must be a directory below the workspace"))?;
        anyhow::ensure!(!name.is_empty(), "`cache` must name a separate directory, such as .prompt-assay");
        let location = Location::in_directory(&name);
        database::check(workspace, &location)?;
        let root = Root::open(workspace)?;
        let directory = root.make(&name).with_context(|| format!("cannot make the directory `{name}`"))?;
        for file in location.siblings() {
            root.remove(&file).with_context(|| format!("cannot remove the stray `{file}`"))?;
        }
        let kept = Self { directory, location, name };
        // A cache restores those of an earlier run; if this run writes none, they must not look like its own.
        for file in ["report.json", "report.md", "report.html"] {
            kept.directory
                .remove(file)
                .with_context(|| format!("cannot remove the old `{}`", kept.path(file)))?;
        }
        Ok(kept)
    }

    /// Where the database lies.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The path of a file in it, from the workspace.
    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    /// Writes a file; returns its path from the workspace.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, file: &str, text: &str) -> anyhow::Result<String> {
        let path = self.path(file);
        self.directory.write(file, text.as_bytes()).with_context(|| format!("cannot write `{path}`"))?;
        Ok(path)
    }
}
