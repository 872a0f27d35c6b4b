//! A tree of files of one revision: the small interface that Git, the working directory and tests
//! implement.

use std::collections::BTreeMap;

use crate::fingerprint::Fingerprint;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes that the paths below one listed directory may have together: some hundred thousand files. A
/// few objects of Git can stand for a billion of them.
pub const MAX_LISTED_BYTES: usize = 32 * 1024 * 1024;

/// Directories inside each other.
pub const MAX_LISTED_DEPTH: usize = 100;

/// Collects the paths of a listing, within its limits.
#[derive(Debug, Default)]
pub struct Listing {
    paths: Vec<String>,
    bytes: usize,
}

impl Listing {
    /// Adds a file; `directory` is what is listed.
    ///
    /// # Errors
    /// When there are too many.
    pub fn add(&mut self, path: String, directory: &str) -> Result<(), TreeError> {
        self.pass(&path, directory)?;
        self.paths.push(path);
        Ok(())
    }

    /// Counts a directory that is passed through.
    ///
    /// # Errors
    /// When there are too many.
    pub fn pass(&mut self, path: &str, directory: &str) -> Result<(), TreeError> {
        self.bytes += path.len();
        match self.bytes > MAX_LISTED_BYTES {
            true => Err(TreeError::TooManyFiles(directory.to_owned())),
            false => Ok(()),
        }
    }

    /// All, sorted.
    pub fn sorted(mut self) -> Vec<String> {
        self.paths.sort();
        self.paths.dedup();
        self.paths
    }
}

/// Why a file could not be read; absence is `Ok(None)`, not an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The path leaves the repository, by `..`, by being absolute or through a link.
    #[error("`{0}` is outside the repository")]
    Outside(String),
    /// The path leads into a submodule: its files belong to another repository.
    #[error(
        "`{0}` lies in a submodule, whose files are another repository's: this one only names a commit of it"
    )]
    InSubmodule(String),
    /// Git keeps the file and the sparse checkout leaves it out.
    #[error("`{0}` is in Git and not checked out: the sparse checkout leaves it out")]
    NotCheckedOut(String),
    /// The clone lacks the object: it was made with a filter.
    #[error("`{0}` is in Git and not in this clone, which is partial (`--filter`)")]
    NotInClone(String),
    /// The path is a directory, a submodule or another thing without text.
    #[error("`{0}` is not a regular file")]
    NotAFile(String),
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("`{path}` has {bytes} bytes; at most {MAX_FILE_BYTES} (16 MiB) are read")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// Git's stored form of the file is made by a program of the user, which is never started.
    #[error(
        "`{path}` goes through the Git filter `{filter}`, a program that is not run here, so that its stored form is not known"
    )]
    Filtered {
        /// The file.
        path: String,
        /// The filter's name, from `.gitattributes`.
        filter: String,
    },
    /// A directory has more or deeper files below it than are listed.
    #[error(
        "too many files below {}: at most {} MiB of paths are listed, at most {MAX_LISTED_DEPTH} directories deep",
        if .0.is_empty() { "the repository's root".to_owned() } else { format!("`{}`", .0) },
        MAX_LISTED_BYTES >> 20
    )]
    TooManyFiles(String),
    /// Any other error of the storage.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// The message of the storage.
        reason: String,
    },
}

impl TreeError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            TreeError::Outside(_) => {
                "name a file inside the repository; `..` and links may not lead out of it"
            }
            TreeError::InSubmodule(_) => {
                "keep prompts and golden sets in this repository, or run inside the submodule's own"
            }
            TreeError::NotCheckedOut(_) => {
                "check it out (`git sparse-checkout add DIRECTORY`), or compare commits: `--head HEAD`"
            }
            TreeError::NotInClone(_) => {
                "fetch what it lacks (`git fetch --refetch --no-filter origin`), or clone without `--filter`"
            }
            TreeError::NotAFile(_) => "name a file",
            TreeError::TooLarge { .. } => "split the file",
            TreeError::Filtered { .. } => {
                "take the file out of the filter in `.gitattributes` (`PATH -filter`), or compare commits: `--head HEAD`"
            }
            TreeError::TooManyFiles(_) => {
                "begin globs of `catalogs` with a directory, and keep golden sets in a separate one"
            }
            TreeError::Unreadable { .. } => "check that the file can be read",
        }
    }
}

/// What Git tracks under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// More names.
    Directory,
    /// A file's text.
    File,
    /// A symbolic link.
    Link,
    /// Another repository's commit.
    Submodule,
}

/// A revision's files. Paths are relative to the repository's root, with `/` separators.
pub trait Tree {
    /// What the revision is called in reports: a short commit id, or `working directory`.
    fn name(&self) -> String;

    /// The file's bytes, with line endings as Git stores them; `None` when there is no such file.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError>;

    /// A digest equal on two trees of the same kind of repository exactly when the content is;
    /// `None` when there is no such file.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn blob(&self, path: &str) -> Result<Option<String>, TreeError>;

    /// All file paths below a directory (`""`: the root), sorted.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError>;

    /// The names in a directory (`""`: the root) as Git tracks them, sorted: links and submodules
    /// are named and not followed, and of a working directory only what is in the index counts.
    ///
    /// # Errors
    /// See [`TreeError`].
    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError>;

    /// Whether the file is there and Git does not keep it: a commit would be without it.
    fn is_untracked(&self, _path: &str) -> bool {
        false
    }
}

/// The names of one directory among entries that lie anywhere; a deeper entry is a directory here.
pub fn names_below<'a>(
    directory: &str,
    entries: impl Iterator<Item = (&'a str, EntryKind)>,
) -> Vec<(String, EntryKind)> {
    let mut names = BTreeMap::new();
    for (path, kind) in entries {
        let inside = if directory.is_empty() {
            Some(path)
        } else {
            path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'))
        };
        match inside.map(|inside| {
            inside.split_once('/').map_or((inside, kind), |(name, _)| (name, EntryKind::Directory))
        }) {
            Some((name, kind)) if !name.is_empty() => drop(names.insert(name.to_owned(), kind)),
            _ => {}
        }
    }
    names.into_iter().collect()
}

/// A path made of `base`'s directory and `relative`, with `.` and `..` resolved; a `relative`
/// that starts with `/` counts from the repository's root.
///
/// # Errors
/// [`TreeError::Outside`] when the result would leave the repository.
pub fn resolve(base_directory: &str, relative: &str) -> Result<String, TreeError> {
    let outside = || TreeError::Outside(relative.to_owned());
    if relative.starts_with('/') || relative.contains('\\') || relative.contains(':') {
        return Err(outside());
    }
    let mut parts: Vec<&str> = base_directory.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

/// The directory of a path, `""` for the root.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// A tree in memory, for tests and for files that are not on a disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree(BTreeMap<String, Vec<u8>>);

impl MemoryTree {
    /// A tree of these files.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }

    /// Adds or replaces a file.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.0.insert(path.into(), text.into());
    }

    /// Removes a file.
    pub fn remove(&mut self, path: &str) {
        self.0.remove(path);
    }

    /// All files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}

impl Tree for MemoryTree {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() as u64 > MAX_FILE_BYTES => {
                Err(TreeError::TooLarge { path: path.to_owned(), bytes: bytes.len() as u64 })
            }
            found => Ok(found.cloned()),
        }
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        Ok(self.0.get(path).map(|bytes| Fingerprint::of_bytes(bytes).to_hex()))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        Ok(self.0.keys().filter(|path| path.starts_with(&prefix)).cloned().collect())
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        Ok(names_below(directory, self.0.keys().map(|path| (path.as_str(), EntryKind::File))))
    }
}
