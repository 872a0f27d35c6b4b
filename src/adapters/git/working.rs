//! The files of the working directory, uncommitted edits included.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Mode};

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
                return self.tracked_but_absent(&clean).map_or(Ok(None), Err);
            }
            Err(error) => return Err(unreadable(path, error)),
        };
        let inside = full
            .strip_prefix(self.real_root(path)?)
            .map_err(|_| TreeError::Outside(format!("{path} (a link)")))?;
        if inside.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
            return Err(outside());
        }
        if self.is_in_submodule(&inside.to_string_lossy()) {
            return Err(TreeError::InSubmodule(path.to_owned()));
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
        // Files that a sparse checkout leaves out are listed, so that reading them gives an error.
        let is_kept = |path: &&str| self.root.join(path).is_file() || self.tracked_but_absent(path).is_some();
        Ok(here.filter(is_kept).map(str::to_owned).collect())
    }

    /// Whether another repository begins at a directory above the path.
    fn is_in_submodule(&self, path: &str) -> bool {
        let mut above =
            path.match_indices('/').map(|(end, _)| &path[..end]).filter(|above| !above.is_empty());
        above.any(|directory| self.root.join(directory).join(".git").symlink_metadata().is_ok())
    }

    /// Why a path that is not on disk is tracked by Git all the same.
    fn tracked_but_absent(&self, path: &str) -> Option<TreeError> {
        let index = self.repository.index_or_empty().ok()?;
        let flags = |path: &str| index.entry_by_path(path.into()).map(|entry| (entry.mode, entry.flags));
        if flags(path).is_some_and(|(_, flags)| flags.contains(Flags::SKIP_WORKTREE)) {
            return Some(TreeError::NotCheckedOut(path.to_owned()));
        }
        path.match_indices('/').find_map(|(end, _)| {
            let is_submodule = flags(&path[..end]).is_some_and(|(mode, _)| mode.contains(Mode::COMMIT));
            let is_sparse = flags(&path[..=end]).is_some_and(|(mode, _)| mode.contains(Mode::DIR));
            match (is_submodule, is_sparse) {
                (true, _) => Some(TreeError::InSubmodule(path.to_owned())),
                (_, true) => Some(TreeError::NotCheckedOut(path.to_owned())),
                (false, false) => None,
            }
        })
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
        if self.is_in_submodule(&format!("{directory}/")) {
            return Err(TreeError::InSubmodule(directory.to_owned()));
        }
        if !start.is_dir() {
            return match self.tracked_but_absent(&format!("{directory}/")) {
                Some(error) => Err(error),
                None => Ok(self.tracked(directory)?.into_iter().collect()),
            };
        }
        let walk = ignore::WalkBuilder::new(&start)
            .hidden(false)
            .ignore(false)
            .require_git(false)
            .max_depth(Some(MAX_LISTED_DEPTH + 1))
            .filter_entry(|entry| entry.file_name() != ".git" && !begins_another(entry))
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

    fn is_untracked(&self, path: &str) -> bool {
        let Ok(Some(full)) = self.locate(path) else { return false };
        let real =
            self.real_root(path).ok().and_then(|root| full.strip_prefix(root).ok()).and_then(Path::to_str);
        let Ok(index) = self.repository.index_or_empty() else { return false };
        let is_kept = |path: &str| index.entry_by_path(path.into()).is_some();
        !is_kept(path) && !real.is_some_and(|real| is_kept(&real.replace('\\', "/")))
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
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

/// Whether a directory is a submodule or a separate clone.
fn begins_another(entry: &ignore::DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_some_and(|kind| kind.is_dir())
        && entry.path().join(".git").symlink_metadata().is_ok()
}
