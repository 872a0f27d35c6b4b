//! Trees from Git: a revision through `gix` (no `git` binary), or the working directory with its
//! uncommitted edits.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

use crate::tree::{MAX_FILE_BYTES, Tree, TreeError, resolve};

/// How many links a path may pass through.
const MAX_LINKS: usize = 8;

/// The repository or a revision could not be opened; `help` says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n   = {help}")]
pub struct GitError {
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl GitError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A Git repository on disk.
pub struct Repository {
    inner: gix::Repository,
    root: PathBuf,
}

impl Repository {
    /// Finds the repository that holds `start`.
    ///
    /// # Errors
    /// When there is none, or it has no working directory.
    pub fn discover(start: &Path) -> Result<Self, GitError> {
        let inner = gix::discover(start).map_err(|error| {
            GitError::new(
                format!("no Git repository at or above `{}`: {error}", start.display()),
                "run inside the repository that holds the prompts, or `git init` one",
            )
        })?;
        let root = inner.workdir().map(Path::to_path_buf).ok_or_else(|| {
            GitError::new("the repository is bare: it has no working directory", "run inside a clone")
        })?;
        Ok(Self { inner, root })
    }

    /// The working directory's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tree of a revision (`main`, `HEAD~1`, a commit id …).
    ///
    /// # Errors
    /// When the revision is unknown; in a shallow clone, says which `fetch-depth` to set.
    pub fn revision(&self, spec: &str) -> Result<RevisionTree, GitError> {
        let commit = self
            .inner
            .rev_parse_single(spec)
            .map_err(|error| error.to_string())
            .and_then(|id| id.object().map_err(|error| error.to_string()))
            .and_then(|object| object.peel_to_commit().map_err(|error| error.to_string()))
            .map_err(|error| self.unknown_revision(spec, &error))?;
        let tree = commit.tree_id().map_err(|error| self.unknown_revision(spec, &error.to_string()))?;
        Ok(RevisionTree::new(self.inner.clone(), commit.id, tree.detach()))
    }

    /// The tree of the merge base of the head (a revision, or the working directory's `HEAD`)
    /// with the default branch.
    ///
    /// # Errors
    /// When no default branch or no merge base is found.
    pub fn default_base(&self, head: Option<&str>) -> Result<RevisionTree, GitError> {
        let help = "name the base with `--base REV`";
        let default = self
            .default_branch()
            .ok_or_else(|| GitError::new("cannot tell which branch is the default one", help))?;
        let head = self.revision(head.unwrap_or("HEAD"))?;
        let base = self.revision(&default)?;
        let none = || {
            let shallow = self.inner.is_shallow().unwrap_or(false);
            let help = if shallow {
                "the clone is shallow: check out with `fetch-depth: 0`, or name the base with `--base REV`"
            } else {
                help
            };
            GitError::new(format!("`{default}` and the head have no common ancestor here"), help)
        };
        let found = self.inner.merge_base(head.commit, base.commit).map_err(|_| none())?;
        self.revision(&found.ok_or_else(none)?.to_string())
    }

    /// The working directory, uncommitted edits included.
    pub fn working_directory(&self) -> WorkingTree {
        WorkingTree { repository: self.inner.clone(), root: self.root.clone(), real_root: OnceCell::new() }
    }

    fn default_branch(&self) -> Option<String> {
        let remote_head = self.inner.find_reference("refs/remotes/origin/HEAD").ok();
        let pointed = remote_head
            .and_then(|reference| reference.target().try_name().map(|name| name.as_bstr().to_string()));
        let known = [
            "refs/remotes/origin/main",
            "refs/remotes/origin/master",
            "refs/heads/main",
            "refs/heads/master",
        ];
        pointed
            .into_iter()
            .chain(known.map(str::to_owned))
            .find(|name| self.inner.find_reference(name.as_str()).is_ok())
    }

    fn unknown_revision(&self, spec: &str, error: &str) -> GitError {
        let message = format!("the revision `{spec}` is not in this clone: {}", first_line(error));
        if self.inner.is_shallow().unwrap_or(false) {
            return GitError::new(
                message,
                "the clone is shallow: check out with `fetch-depth: 2` for the parent of a pull request's \
                 merge commit, or `fetch-depth: 0` for any revision",
            );
        }
        GitError::new(message, "see `git branch -a` and `git log` for the revisions there are")
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

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
    fn new(repository: gix::Repository, commit: gix::ObjectId, tree: gix::ObjectId) -> Self {
        Self { repository, commit, tree, directories: RefCell::default() }
    }

    /// The full commit id.
    pub fn commit(&self) -> String {
        self.commit.to_string()
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

fn unreadable(path: &str, error: impl std::fmt::Display) -> TreeError {
    TreeError::Unreadable { path: path.to_owned(), reason: error.to_string() }
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
}

/// The files of the working directory.
pub struct WorkingTree {
    repository: gix::Repository,
    root: PathBuf,
    real_root: OnceCell<PathBuf>,
}

impl WorkingTree {
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
        if full.is_dir() { Err(TreeError::NotAFile(path.to_owned())) } else { Ok(Some(full)) }
    }

    /// Line endings as Git would store them: `.gitattributes` and `core.autocrlf` decide.
    fn as_stored(&self, path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, TreeError> {
        if bytes.find_byte(b'\r').is_none() {
            return Ok(bytes);
        }
        let (mut pipeline, index) =
            self.repository.filter_pipeline(None).map_err(|error| unreadable(path, error))?;
        let mut stored = Vec::with_capacity(bytes.len());
        let mut outcome = pipeline
            .convert_to_git(bytes.as_slice(), Path::new(path), &index)
            .map_err(|error| unreadable(path, error))?;
        std::io::Read::read_to_end(&mut outcome, &mut stored).map_err(|error| unreadable(path, error))?;
        Ok(stored)
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
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        let mut files = Vec::new();
        for entry in walk {
            let entry = entry.map_err(|error| unreadable(directory, error))?;
            if entry.file_type().is_some_and(|kind| kind.is_dir()) {
                continue;
            }
            if let Some(path) = entry.path().strip_prefix(&self.root).ok().and_then(Path::to_str) {
                files.push(path.replace('\\', "/"));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The directory part of a path inside the repository, for callers that start in a subdirectory.
pub fn relative_directory(root: &Path, start: &Path) -> String {
    let (Ok(root), Ok(start)) = (root.canonicalize(), start.canonicalize()) else { return String::new() };
    start.strip_prefix(&root).ok().and_then(Path::to_str).map(|p| p.replace('\\', "/")).unwrap_or_default()
}
