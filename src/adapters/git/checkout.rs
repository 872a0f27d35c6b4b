//! What even a shallow clone knows: the commit that is checked out, and the objects it contains.

use super::{GitError, Repository};
use crate::tree::MAX_FILE_BYTES;

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
