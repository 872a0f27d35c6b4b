//! Trees from Git: a revision through `gix` (no `git` binary), or the working directory with its
//! uncommitted edits.

mod discover;
mod history;
mod revision;
mod stored;
mod working;
mod write;

use std::path::{Path, PathBuf};

use crate::tree::{MAX_FILE_BYTES, TreeError};

pub use history::Authored;
pub use revision::RevisionTree;
pub use working::WorkingTree;
pub use write::{Commit, write_commit};

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
#[derive(Clone)]
pub struct Repository {
    inner: gix::Repository,
    root: PathBuf,
}

impl Repository {
    /// Finds the repository that holds `start`: the nearest `.git`, in whose directory the files are.
    ///
    /// # Errors
    /// When there is none, it has no working directory, or names another one.
    pub fn discover(start: &Path) -> Result<Self, GitError> {
        let (inner, root) = discover::discover(start)?;
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
        let shallow = self.inner.is_shallow().unwrap_or(false);
        let help = if shallow {
            "the clone is shallow: check out with `fetch-depth: 0`, or name the base with `--base REV`"
        } else {
            "name the base with `--base REV`"
        };
        if head.is_none() && self.is_empty() {
            return Err(no_commit());
        }
        let default = self
            .default_branch()
            .ok_or_else(|| GitError::new("cannot tell which branch is the default one", help))?;
        let head = self.revision(head.unwrap_or("HEAD"))?;
        let base = self.revision(&default)?;
        let none = || GitError::new(format!("`{default}` and the head have no common ancestor here"), help);
        let found = self.inner.merge_base(head.id(), base.id()).map_err(|_| none())?;
        self.revision(&found.ok_or_else(none)?.to_string())
    }

    /// Whether the head (a revision, or `HEAD`) is a commit of the default branch.
    pub fn is_on_default_branch(&self, head: Option<&str>) -> bool {
        let (base, tip) = (self.default_base(head), self.revision(head.unwrap_or("HEAD")));
        matches!((base, tip), (Ok(base), Ok(tip)) if base.id() == tip.id())
    }

    /// The working directory, uncommitted edits included.
    pub fn working_directory(&self) -> WorkingTree {
        WorkingTree::new(self.inner.clone(), self.root.clone())
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

    /// Whether nothing was committed yet.
    fn is_empty(&self) -> bool {
        self.inner.head().is_ok_and(|head| head.is_unborn())
    }

    fn unknown_revision(&self, spec: &str, error: &str) -> GitError {
        if self.is_empty() && spec.starts_with("HEAD") {
            return no_commit();
        }
        let why =
            if error.contains("ambiguous") { format!(": {}", first_line(error)) } else { String::new() };
        let message = format!("the revision `{spec}` is not in this clone{why}");
        if self.inner.is_shallow().unwrap_or(false) {
            return GitError::new(
                message,
                "the clone is shallow: check out with `fetch-depth: 2` for the parent of a pull request's \
                 merge commit, or `fetch-depth: 0` for any revision",
            );
        }
        GitError::new(message, "see `git branch -a` and `git log` for the existing revisions")
    }
}

fn no_commit() -> GitError {
    GitError::new(
        "the repository has no commit yet",
        "commit the prompts and run again; `eval --base none` evaluates the working directory without one",
    )
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or(text)
}

fn unreadable(path: &str, error: impl std::fmt::Display) -> TreeError {
    TreeError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

/// The directory part of a path inside the repository, for callers that start in a subdirectory.
pub fn relative_directory(root: &Path, start: &Path) -> String {
    let (Ok(root), Ok(start)) = (root.canonicalize(), start.canonicalize()) else { return String::new() };
    start.strip_prefix(&root).ok().and_then(Path::to_str).map(|p| p.replace('\\', "/")).unwrap_or_default()
}

impl Repository {
    /// The checked-out commit and its parents' ids; a shallow clone knows them, too.
    ///
    /// # Errors
    /// When nothing is checked out.
    pub fn checked_out(&self) -> Result<(String, Vec<String>), GitError> {
        let help = "check out a commit: add a step `uses: actions/checkout`";
        let unborn = |error: String| GitError::new(format!("nothing is checked out: {error}"), help);
        let commit = self.inner.head_commit().map_err(|error| unborn(error.to_string()))?;
        let decoded = commit.decode().map_err(|error| unborn(error.to_string()))?;
        Ok((commit.id.to_string(), decoded.parents().map(|id| id.to_string()).collect()))
    }

    /// Whether a commit and its tree are in this clone.
    pub fn holds(&self, commit: &str) -> bool {
        let Ok(id) = gix::ObjectId::from_hex(commit.as_bytes()) else { return false };
        let tree = self.inner.find_commit(id).ok().and_then(|commit| commit.tree_id().ok());
        tree.is_some_and(|tree| self.inner.has_object(tree))
    }

    /// Whether the clone was made with a filter, so that objects of its commits may be missing.
    pub fn is_partial(&self) -> bool {
        let config = self.inner.config_snapshot();
        let mut remotes = config.plumbing().sections_by_name("remote").into_iter().flatten();
        let is_promised =
            remotes.any(|remote| remote.value("promisor").is_some_and(|value| value != "false"));
        is_promised || config.string("extensions.partialClone").is_some()
    }

    /// A blob's bytes by its id, when this clone holds it.
    pub fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let id = gix::ObjectId::from_hex(id.as_bytes()).ok()?;
        let is_read = self.inner.find_header(id).ok()?.size() <= MAX_FILE_BYTES;
        is_read.then(|| self.inner.find_blob(id).ok().map(|mut blob| blob.take_data())).flatten()
    }
}
