//! The files of a commit, read from Git's object database.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

use super::unreadable;
use crate::tree::{self, MAX_FILE_BYTES, Tree, TreeError, resolve};

/// How many links a path may pass through.
const MAX_LINKS: usize = 8;

/// The files of a commit.
pub struct RevisionTree {
    repository: gix::Repository,
    commit: gix::ObjectId,
    tree: gix::ObjectId,
    directories: RefCell<BTreeMap<gix::ObjectId, Rc<Directory>>>,
}

/// A directory's entries by name; names that are no UTF-8 are left out, for no catalog can write
/// them either.
type Directory = BTreeMap<String, (EntryKind, gix::ObjectId)>;

enum Found {
    Entry(EntryKind, gix::ObjectId),
    Link(String),
    Nothing,
}

impl RevisionTree {
    pub(super) fn new(repository: gix::Repository, commit: gix::ObjectId, tree: gix::ObjectId) -> Self {
        Self { repository, commit, tree, directories: RefCell::default() }
    }

    pub(super) fn id(&self) -> gix::ObjectId {
        self.commit
    }

    /// The full commit id.
    pub fn commit(&self) -> String {
        self.commit.to_string()
    }

    /// The commit's message (untrusted text); `None`: it cannot be read.
    pub fn message(&self) -> Option<String> {
        let commit = self.repository.find_commit(self.commit).ok()?;
        Some(commit.message_raw().ok()?.to_str_lossy().into_owned())
    }

    /// The entries of a directory, decoded once: a catalog of a thousand prompts asks a thousand
    /// times for the same one.
    fn directory(&self, id: gix::ObjectId, path: &str) -> Result<Rc<Directory>, TreeError> {
        if let Some(known) = self.directories.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        let tree = self.repository.find_tree(id).map_err(|error| unreadable(path, error))?;
        let mut entries = Directory::new();
        for entry in tree.iter() {
            let entry = entry.map_err(|error| unreadable(path, error))?;
            if let Ok(name) = entry.filename().to_str() {
                entries.insert(name.to_owned(), (entry.mode().kind(), entry.object_id()));
            }
        }
        let entries = Rc::new(entries);
        self.directories.borrow_mut().insert(id, Rc::clone(&entries));
        Ok(entries)
    }

    /// The entry at a path, links followed; `None` when there is none.
    fn entry(&self, path: &str) -> Result<Option<(EntryKind, gix::ObjectId)>, TreeError> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            match self.follow(&path)? {
                Found::Entry(kind, id) => return Ok(Some((kind, id))),
                Found::Nothing => return Ok(None),
                Found::Link(target) => path = target,
            }
        }
        Err(TreeError::Unreadable { path, reason: "too many links".to_owned() })
    }

    fn follow(&self, path: &str) -> Result<Found, TreeError> {
        let mut directory = self.directory(self.tree, path)?;
        let parts: Vec<&str> = path.split('/').collect();
        for (i, part) in parts.iter().enumerate() {
            let Some(&(kind, id)) = directory.get(*part) else { return Ok(Found::Nothing) };
            if kind == EntryKind::Link {
                return self.link(path, &parts, i, id).map(Found::Link);
            }
            if i + 1 == parts.len() {
                return Ok(Found::Entry(kind, id));
            }
            if kind != EntryKind::Tree {
                return Ok(Found::Nothing);
            }
            directory = self.directory(id, path)?;
        }
        Ok(Found::Nothing)
    }

    /// Where a path leads whose `i`-th part is a link.
    fn link(&self, path: &str, parts: &[&str], i: usize, id: gix::ObjectId) -> Result<String, TreeError> {
        let blob = self.repository.find_blob(id).map_err(|error| unreadable(path, error))?;
        let written = blob.data.to_str_lossy().into_owned();
        let target = resolve(&parts[..i].join("/"), &written)
            .map_err(|_| TreeError::Outside(format!("{path} (a link to {written})")))?;
        let rest = parts[i + 1..].join("/");
        Ok(if rest.is_empty() { target } else { format!("{target}/{rest}") })
    }

    fn file(&self, path: &str) -> Result<Option<gix::ObjectId>, TreeError> {
        match self.entry(path)? {
            None => Ok(None),
            Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) => Ok(Some(id)),
            Some(_) => Err(TreeError::NotAFile(path.to_owned())),
        }
    }

    fn collect(&self, id: gix::ObjectId, prefix: &str, files: &mut Vec<String>) -> Result<(), TreeError> {
        for (name, (kind, id)) in self.directory(id, prefix)?.iter() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            match kind {
                EntryKind::Tree => self.collect(*id, &path, files)?,
                EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Link => files.push(path),
                EntryKind::Commit => {}
            }
        }
        Ok(())
    }
}

impl Tree for RevisionTree {
    fn name(&self) -> String {
        self.commit.to_hex_with_len(7).to_string()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(id) = self.file(path)? else { return Ok(None) };
        let header = self.repository.find_header(id).map_err(|error| unreadable(path, error))?;
        if header.size() > MAX_FILE_BYTES {
            return Err(TreeError::TooLarge { path: path.to_owned(), bytes: header.size() });
        }
        let mut blob = self.repository.find_blob(id).map_err(|error| unreadable(path, error))?;
        Ok(Some(blob.take_data()))
    }

    fn blob(&self, path: &str) -> Result<Option<String>, TreeError> {
        Ok(self.file(path)?.map(|id| id.to_string()))
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, TreeError> {
        let mut files = Vec::new();
        if directory.is_empty() {
            self.collect(self.tree, "", &mut files)?;
        } else if let Some((EntryKind::Tree, id)) = self.entry(directory)? {
            self.collect(id, directory, &mut files)?;
        }
        files.sort();
        Ok(files)
    }

    fn entries(&self, directory: &str) -> Result<Vec<(String, tree::EntryKind)>, TreeError> {
        let mut here = self.directory(self.tree, directory)?;
        for part in directory.split('/').filter(|part| !part.is_empty()) {
            match here.get(part) {
                Some(&(EntryKind::Tree, id)) => here = self.directory(id, directory)?,
                _ => return Ok(Vec::new()),
            }
        }
        let kind = |kind: EntryKind| match kind {
            EntryKind::Tree => tree::EntryKind::Directory,
            EntryKind::Blob | EntryKind::BlobExecutable => tree::EntryKind::File,
            EntryKind::Link => tree::EntryKind::Link,
            EntryKind::Commit => tree::EntryKind::Submodule,
        };
        Ok(here.iter().map(|(name, (found, _))| (name.clone(), kind(*found))).collect())
    }
}
