//! The files of the working directory, uncommitted edits included.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;

use super::stored::Conversion;
use super::unreadable;
use crate::tree::{
    EntryKind, Listing, MAX_FILE_BYTES, MAX_LISTED_DEPTH, Tree, TreeError, names_below, resolve,
};

/// The files of the working directory.
pub struct WorkingTree {
    repository: gix::Repository,
    root: PathBuf,
    real_root: OnceCell<PathBuf>,
    conversion: RefCell<Option<Box<Conversion>>>,
}

impl WorkingTree {
    pub(super) fn new(repository: gix::Repository, root: PathBuf) -> Self {
        Self { repository, root, real_root: OnceCell::new(), conversion: RefCell::default() }
    }

    /// The root with its own links resolved.
    fn real_root(&self, path: &str) -> Result<&Path, TreeError> {
        if let Some(root) = self.real_root.get() {
            return Ok(root);
        }
        let root = self.root.canonicalize().map_err(|error| unreadable(path, error))?;
        Ok(self.real_root.get_or_init(|| root))
    }

    /// The file on disk, links followed, checked to be inside the repository.
    fn locate(&self, path: &str) -> Result<Option<PathBuf>, TreeError> {
        let outside = || TreeError::Outside(path.to_owned());
        let clean = resolve("", path)?;
        if clean.split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
            return Err(outside());
        }
        let full = match self.root.join(&clean).canonicalize() {
            Ok(full) => full,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unreadable(path, error)),
        };
        let inside = full
            .strip_prefix(self.real_root(path)?)
            .map_err(|_| TreeError::Outside(format!("{path} (a link)")))?;
        if inside.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
            return Err(outside());
        }
        // Reading a pipe or a device would not end.
        if full.is_file() { Ok(Some(full)) } else { Err(TreeError::NotAFile(path.to_owned())) }
    }

    /// The files that Git tracks in a directory, if they exist: an ignored file that was committed
    /// still counts, otherwise a line in `.gitignore` could hide a catalog.
    fn tracked(&self, directory: &str) -> Result<BTreeSet<String>, TreeError> {
        let index = self.repository.index_or_empty().map_err(|error| unreadable(directory, error))?;
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let paths = index.entries().iter().filter_map(|entry| entry.path(&index).to_str().ok());
        let here = paths.filter(|path| path.starts_with(&prefix));
        Ok(here.filter(|path| self.root.join(path).is_file()).map(str::to_owned).collect())
    }

    /// The bytes as Git would store them.
    fn as_stored(&self, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, TreeError> {
        let mut conversion = self.conversion.borrow_mut();
        let conversion = match conversion.as_mut() {
            Some(conversion) => conversion,
            None => {
                let fresh = Conversion::of(&self.repository).map_err(|error| unreadable(path, error))?;
                conversion.insert(Box::new(fresh))
            }
        };
        conversion.stored(&self.repository, path, bytes)
    }
}

impl Tree for WorkingTree {
    fn name(&self) -> String {
        "working directory".to_owned()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(full) = self.locate(path)? else { return Ok(None) };
        let size = full.metadata().map_err(|error| unreadable(path, error))?.len();
        if size > MAX_FILE_BYTES {
            return Err(TreeError::TooLarge { path: path.to_owned(), bytes: size });
        }
        let bytes = std::fs::read(full).map_err(|error| unreadable(path, error))?;
        self.as_stored(path, bytes).map(Some)
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        let Some(bytes) = self.read(path)? else { return Ok(None) };
        let id = gix::objs::compute_hash(self.repository.object_hash(), gix::objs::Kind::Blob, &bytes)
            .map_err(|error| unreadable(path, error))?;
        Ok(Some(id.to_string()))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let start = self.root.join(resolve("", directory)?);
        if !start.is_dir() {
            return Ok(Vec::new());
        }
        let walk = ignore::WalkBuilder::new(&start)
            .hidden(false)
            .ignore(false)
            .require_git(false)
            .max_depth(Some(MAX_LISTED_DEPTH + 1))
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        let mut files = Listing::default();
        for path in self.tracked(directory)? {
            files.add(path, directory)?;
        }
        for entry in walk {
            let entry = entry.map_err(|error| unreadable(directory, error))?;
            if entry.depth() > MAX_LISTED_DEPTH {
                return Err(TreeError::TooManyFiles(directory.to_owned()));
            }
            let Some(path) = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str) else {
                continue;
            };
            if entry.file_type().is_some_and(|kind| kind.is_dir()) {
                files.pass(path, directory)?;
            } else {
                files.add(path.replace('\\', "/"), directory)?;
            }
        }
        Ok(files.sorted())
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        use gix::index::entry::Mode;
        let index = self.repository.index_or_empty().map_err(|error| unreadable(directory, error))?;
        let kind = |mode: Mode| {
            if mode.contains(Mode::COMMIT) {
                EntryKind::Submodule
            } else if mode.contains(Mode::SYMLINK) {
                EntryKind::Link
            } else if mode.contains(Mode::DIR) {
                // In a sparse index: a directory that is not checked out.
                EntryKind::Directory
            } else {
                EntryKind::File
            }
        };
        let entries: Vec<_> = index
            .entries()
            .iter()
            .map(|entry| (entry.path(&index).to_str_lossy(), kind(entry.mode)))
            .collect();
        Ok(names_below(directory, entries.iter().map(|(path, kind)| (path.trim_end_matches('/'), *kind))))
    }
}
