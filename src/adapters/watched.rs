//! A tree of files on disk that remembers what was read of it, and can tell later whether that has changed. Only the
//! metadata of files is compared: a file is read again when it looks different.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use crate::tree::{EntryKind, Tree, TreeError};

/// How a file looks from outside; `None`: it is not there.
type Stamp = Option<(Option<SystemTime>, u64, u64)>;

fn stamp(path: &Path) -> Stamp {
    let found = path.metadata().ok()?;
    Some((found.modified().ok(), found.len(), found.ino()))
}

/// What was read, and how it looked just before.
#[derive(Clone, Debug)]
pub struct Seen(Rc<Record>);

#[derive(Debug)]
struct Record {
    root: PathBuf,
    files: RefCell<BTreeMap<PathBuf, Stamp>>,
    lists: RefCell<BTreeMap<String, Vec<String>>>,
}

impl Seen {
    /// Nothing yet, below a root.
    pub fn below(root: &Path) -> Self {
        Self(Rc::new(Record {
            root: root.to_path_buf(),
            files: RefCell::default(),
            lists: RefCell::default(),
        }))
    }

    /// Remembers a file that is read in another way; a relative path counts from the root.
    pub fn add(&self, path: impl AsRef<Path>) {
        let full = self.0.root.join(path);
        let now = stamp(&full);
        self.0.files.borrow_mut().entry(full).or_insert(now);
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.0.files.borrow().values().filter(|stamp| stamp.is_some()).count()
    }

    /// Takes what it looks like now as seen; whether a file looked different, was new or gone. `tree` lists the
    /// directories that were listed. What keeps changing is being written.
    pub fn settle(&self, tree: &dyn Tree) -> bool {
        let mut changed = false;
        for (path, before) in self.0.files.borrow_mut().iter_mut() {
            let now = stamp(path);
            changed |= now != *before;
            *before = now;
        }
        for (directory, before) in self.0.lists.borrow_mut().iter_mut() {
            let now = tree.list(directory).unwrap_or_default();
            changed |= now != *before;
            *before = now;
        }
        changed
    }
}

/// A tree whose reads are remembered.
pub struct Watched<T> {
    inner: T,
    seen: Seen,
}

impl<T: Tree> Watched<T> {
    /// A tree, and where it is remembered.
    pub fn new(inner: T, seen: Seen) -> Self {
        Self { inner, seen }
    }
}

impl<T: Tree> Tree for Watched<T> {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        self.seen.add(path);
        self.inner.read(path)
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        self.seen.add(path);
        self.inner.blob(path)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let listed = self.inner.list(directory);
        let found = listed.clone().unwrap_or_default();
        self.seen.0.lists.borrow_mut().entry(directory.to_owned()).or_insert(found);
        listed
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.inner.entries(directory)
    }

    fn is_untracked(&self, path: &str) -> bool {
        self.inner.is_untracked(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::MemoryTree;

    #[test]
    fn what_was_read_is_watched_with_what_was_missing_and_nothing_else() {
        let place = prompt_assay_test_support::temporary::directory();
        let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("a file");
        write("a", "1");
        write("other", "1");
        let seen = Seen::below(place.path());
        let files = MemoryTree::new([("a", "1")]);
        let tree = Watched::new(files.clone(), seen.clone());
        assert!(tree.read("a").is_ok() && tree.blob("missing").is_ok());
        write("other", "22");
        assert!(!seen.settle(&files), "nobody read it");
        assert_eq!(seen.files(), 1);
        write("missing", "1");
        assert!(seen.settle(&files) && !seen.settle(&files));
        // In place of the old one, with the same length, as editors write.
        write("a.new", "2");
        std::fs::rename(place.path().join("a.new"), place.path().join("a")).expect("a rename");
        // Reading it again does not hide that it changed since.
        assert!(tree.read("a").is_ok() && seen.settle(&files));
    }

    #[test]
    fn a_listed_directory_is_watched_for_new_files() {
        let seen = Seen::below(Path::new("/nowhere"));
        let before = MemoryTree::new([("prompts/a.yaml", "")]);
        assert_eq!(Watched::new(before.clone(), seen.clone()).list("prompts").expect("a list").len(), 1);
        assert!(!seen.settle(&before));
        let now = MemoryTree::new([("prompts/a.yaml", ""), ("prompts/b.yaml", "")]);
        assert!(seen.settle(&now) && !seen.settle(&now));
    }
}
