//! A tree with changes on top: how a repository would be read afterwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::fingerprint::Fingerprint;
use crate::tree::{EntryKind, Tree, TreeError};

/// A tree, and the files that are new or other in it.
pub(super) struct Overlay<'t> {
    pub(super) below: &'t dyn Tree,
    pub(super) files: BTreeMap<String, String>,
}

impl Tree for Overlay<'_> {
    fn name(&self) -> String {
        self.below.name()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        match self.files.get(path) {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => self.below.read(path),
        }
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        match self.files.get(path) {
            Some(text) => Ok(Some(Fingerprint::of_bytes(text.as_bytes()).to_hex())),
            None => self.below.blob(path),
        }
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let mut paths: BTreeSet<String> = self.below.list(directory)?.into_iter().collect();
        paths.extend(self.files.keys().filter(|path| path.starts_with(&prefix)).cloned());
        Ok(paths.into_iter().collect())
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.below.entries(directory)
    }
}
