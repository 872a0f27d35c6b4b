//! What the action leaves behind: outputs, the summary, result files below the workspace.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::action::outputs;

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

/// Appends a text to one of the runner's files; without a path there is nobody to read it.
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
    writeln!(file, "{}", text.trim_end()).with_context(|| format!("cannot write the runner's file `{path}`"))
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

/// A directory below the workspace for what outlives the run. A pull request can put a link where
/// the directory or a file should be, so both are checked before anything is written.
pub struct Kept {
    directory: PathBuf,
    name: String,
}

impl Kept {
    /// Makes the directory.
    ///
    /// # Errors
    /// When it cannot be made, or leads out of the workspace.
    pub fn open(workspace: &Path, name: &str) -> anyhow::Result<Self> {
        let name = crate::tree::resolve("", name)
            .with_context(|| format!("`cache: {name}` must be a directory below the workspace"))?;
        let directory = workspace.join(&name);
        std::fs::create_dir_all(&directory).with_context(|| format!("cannot make the directory `{name}`"))?;
        let inside = directory.canonicalize()?.starts_with(workspace.canonicalize()?);
        anyhow::ensure!(
            inside,
            "`{name}` leads out of the workspace; remove the link, or name another directory"
        );
        let kept = Self { directory, name };
        for file in ["assay.db", "report.json", "report.md"] {
            kept.refuse_link(file)?;
        }
        // A cache brings those of an earlier run; where this one leaves none, they must not pass for its own.
        for file in ["report.json", "report.md"] {
            match std::fs::remove_file(kept.directory.join(file)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error)
                        .with_context(|| format!("cannot remove the old `{}`", kept.path(file)));
                }
                _ => {}
            }
        }
        Ok(kept)
    }

    /// The path of a file in it, from the workspace.
    pub fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    /// Writes a file; returns its path from the workspace.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, file: &str, text: &str) -> anyhow::Result<String> {
        self.refuse_link(file)?;
        std::fs::write(self.directory.join(file), text)
            .with_context(|| format!("cannot write `{}`", self.path(file)))?;
        Ok(self.path(file))
    }

    fn refuse_link(&self, file: &str) -> anyhow::Result<()> {
        let is_link = self.directory.join(file).symlink_metadata().is_ok_and(|found| found.is_symlink());
        anyhow::ensure!(
            !is_link,
            "`{}` is a link; remove it, or set `cache` to another directory",
            self.path(file)
        );
        Ok(())
    }
}
