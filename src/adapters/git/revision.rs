//! The files of a commit, read from Git's object database.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

use super::unreadable;
use crate::tree::{self, Listing, MAX_FILE_BYTES, MAX_LISTED_DEPTH, Tree, TreeError, resolve};

/// How many links a path may pass through.
const MAX_LINKS: usize = 8;

/// Bytes of a link's target.
const MAX_LINK_BYTES: u64 = 4_096;

/// Bytes of a directory as Git stores it: some hundred thousand entries.
const MAX_TREE_BYTES: u64 = 16 * 1024 * 1024;

/// The files of a commit.
pub struct RevisionTree {
    repository: gix::Repository,
    commit: gix::ObjectId,
    tree: gix::ObjectId,
    directories: RefCell<BTreeMap<gix::ObjectId, Rc<Directory>>>,
    /// The first object that a partial clone lacks.
    lacking: RefCell<Option<TreeError>>,
}

/// A directory's entries by name; names that are not UTF-8 are left out, because no catalog can
/// write them either.
type Directory = BTreeMap<String, (EntryKind, gix::ObjectId)>;

enum Found {
    Entry(EntryKind, gix::ObjectId),
    Link(String),
    Nothing,
}

impl RevisionTree {
    pub(super) fn new(repository: gix::Repository, commit: gix::ObjectId, tree: gix::ObjectId) -> Self {
        Self { repository, commit, tree, directories: RefCell::default(), lacking: RefCell::default() }
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

    /// The first object that could not be read because a partial clone lacks it. If there is one, the
    /// data is not a basis for a verdict.
    pub fn failure(&self) -> Option<TreeError> {
        self.lacking.borrow().clone()
    }

    /// Refuses an object that is not in this clone.
    fn held(&self, id: gix::ObjectId, path: &str) -> Result<(), TreeError> {
        if self.repository.has_object(id) {
            return Ok(());
        }
        let error = TreeError::NotInClone(if path.is_empty() { "/".to_owned() } else { path.to_owned() });
        Err(self.lacking.borrow_mut().get_or_insert(error).clone())
    }

    /// The entries of a directory, decoded once: a catalog of a thousand prompts asks a thousand
    /// times for the same one.
    fn directory(&self, id: gix::ObjectId, path: &str) -> Result<Rc<Directory>, TreeError> {
        if let Some(known) = self.directories.borrow().get(&id) {
            return Ok(Rc::clone(known));
        }
        self.within(id, MAX_TREE_BYTES, path)?;
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
            match kind {
                EntryKind::Tree => {}
                EntryKind::Commit => return Err(TreeError::InSubmodule(path.to_owned())),
                _ => return Ok(Found::Nothing),
            }
            directory = self.directory(id, path)?;
        }
        Ok(Found::Nothing)
    }

    /// The target of a path whose `i`-th part is a link.
    fn link(&self, path: &str, parts: &[&str], i: usize, id: gix::ObjectId) -> Result<String, TreeError> {
        self.within(id, MAX_LINK_BYTES, path)?;
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

    /// Adds the files below a directory. Every directory counts for the
    /// limit, because a tree may consist of empty ones only.
    fn collect(
        &self,
        id: gix::ObjectId,
        prefix: &str,
        walk: Walk<'_>,
        files: &mut Listing,
    ) -> Result<(), TreeError> {
        let Walk { start, depth } = walk;
        if depth > MAX_LISTED_DEPTH {
            return Err(TreeError::TooManyFiles(start.to_owned()));
        }
        for (name, (kind, id)) in self.directory(id, prefix)?.iter() {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            match kind {
                EntryKind::Tree => {
                    files.pass(&path, start)?;
                    self.collect(*id, &path, Walk { start, depth: depth + 1 }, files)?;
                }
                EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Link => files.add(path, start)?,
                EntryKind::Commit => {}
            }
        }
        Ok(())
    }

    /// Refuses an object that is larger, before it is read.
    fn within(&self, id: gix::ObjectId, most: u64, path: &str) -> Result<(), TreeError> {
        self.held(id, path)?;
        let header = self.repository.find_header(id).map_err(|error| unreadable(path, error))?;
        match header.size() > most {
            true => Err(unreadable(
                path,
                format!("it has {} bytes in Git; at most {most} are read", header.size()),
            )),
            false => Ok(()),
        }
    }
}

/// How far a listing has come.
#[derive(Clone, Copy)]
struct Walk<'a> {
    /// The directory that is listed.
    start: &'a str,
    /// Levels below it.
    depth: usize,
}

impl Tree for RevisionTree {
    fn name(&self) -> String {
        self.commit.to_hex_with_len(7).to_string()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(id) = self.file(path)? else { return Ok(None) };
        self.held(id, path)?;
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
        let mut files = Listing::default();
        if directory.is_empty() {
            self.collect(self.tree, "", Walk { start: "", depth: 0 }, &mut files)?;
        } else {
            match self.entry(directory)? {
                Some((EntryKind::Tree, id)) => {
                    self.collect(id, directory, Walk { start: directory, depth: 0 }, &mut files)?
                }
                Some((EntryKind::Commit, _)) => return Err(TreeError::InSubmodule(directory.to_owned())),
                _ => {}
            }
        }
        Ok(files.sorted())
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
