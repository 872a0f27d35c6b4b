//! A directory that `prompt-assay release` writes: for trying out, for tests, and as a packaged fallback.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Answer, Found, Key, Reading, Source, Which};
use crate::Error;
use crate::stored::{self, Held, Pointer};

/// Prompts below a directory.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
    pattern: String,
    label: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    value: String,
}

impl Directory {
    /// A directory, and the pattern of the release's environment, `/try/{name}`.
    pub fn new(root: impl Into<PathBuf>, pattern: impl Into<String>) -> Self {
        Self { root: root.into(), pattern: pattern.into(), label: Some("live".to_owned()) }
    }

    /// Another label than `live`; `None`: the newest version.
    #[must_use]
    pub fn label(mut self, label: Option<&str>) -> Self {
        self.label = label.map(str::to_owned);
        self
    }

    fn one(&self, key: &Key) -> Answer {
        let is_whole = key.name.starts_with('/');
        let name = if is_whole { key.name.clone() } else { self.pattern.replace("{name}", &key.name) };
        if !is_name(&name) {
            return Err(Error::NotFound(format!("`{name}` is no parameter's name")));
        }
        let folder = self.root.join("parameters").join(name.trim_start_matches('/')).join("@");
        let label = match &key.which {
            Which::Label(label) => Some(label),
            _ => self.label.as_ref(),
        };
        let version = match (&key.which, label) {
            (Which::Version(version), _) => *version,
            (_, Some(label)) => {
                let labels: BTreeMap<String, u64> = self.json(key, &folder.join("labels.json"))?;
                let below = self.root.display();
                let missing = || {
                    let message =
                        format!("the prompt {name} below {below} has no version with the label `{label}`");
                    Error::NotFound(message)
                };
                labels.get(label).copied().ok_or_else(missing)?
            }
            (_, None) => self.newest(key, &folder)?,
        };
        let found: Version = self.json(key, &folder.join(format!("{version}.json")))?;
        let content = match stored::open(&found.value)? {
            Held::Content(content) => content,
            Held::Pointer(pointer) => self.object(&pointer)?,
        };
        Ok(Found { content, version: Some(version) })
    }

    fn newest(&self, key: &Key, folder: &Path) -> Result<u64, Error> {
        let entries = std::fs::read_dir(folder).map_err(|error| self.failed(key, &error))?;
        let number = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".json")?.parse::<u64>().ok()
        };
        entries.filter_map(number).max().ok_or_else(|| self.failed(key, &ErrorKind::NotFound.into()))
    }

    fn json<T: serde::de::DeserializeOwned>(&self, key: &Key, path: &Path) -> Result<T, Error> {
        let bytes = std::fs::read(path).map_err(|error| self.failed(key, &error))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::Damaged(format!("{} is damaged: {error}", path.display())))
    }

    fn object(&self, pointer: &Pointer) -> Result<String, Error> {
        if pointer.key.split('/').any(|part| ["", ".", ".."].contains(&part)) {
            return Err(Error::Damaged(format!("{pointer} is no place below {}", self.root.display())));
        }
        let gone = |_| Error::Damaged(format!("{pointer}, where the prompt's content lies, does not exist"));
        pointer.check(std::fs::read(self.root.join("objects").join(&pointer.key)).map_err(gone)?)
    }

    fn failed(&self, key: &Key, error: &std::io::Error) -> Error {
        let root = self.root.display();
        match error.kind() {
            ErrorKind::NotFound => {
                Error::NotFound(format!("{root} has no prompt {key}: is it released there?"))
            }
            ErrorKind::PermissionDenied => {
                let message = format!("the files of {key} below {root} may not be read");
                Error::AccessDenied { message, action: "read".to_owned() }
            }
            _ => Error::Unavailable(format!("{root}: {error}")),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = part.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        is_plain && !["", ".", ".."].contains(&part)
    };
    name.strip_prefix('/').unwrap_or(name).split('/').all(is_part)
}

impl Source for Directory {
    fn kind(&self) -> &'static str {
        "directory"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        Box::pin(async move { keys.iter().map(|key| self.one(key)).collect() })
    }
}
