//! Which commit added something to a file: blame by meaning instead of by line.

use std::collections::{BTreeMap, BTreeSet};

use super::{GitError, Repository};
use crate::tree::MAX_FILE_BYTES;

/// The maximum number of commits that are searched.
const MOST_COMMITS: usize = 50_000;

/// A commit and its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// The commit's id.
    pub commit: String,
    /// The author's name (untrusted text).
    pub author: String,
    /// When it was written, seconds since 1970-01-01 UTC.
    pub at: i64,
}

impl Repository {
    /// The newest commit that both have among their ancestors.
    ///
    /// # Errors
    /// When one is not in this clone, or they have none in common here.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, GitError> {
        let (one_id, other_id) = (self.revision(one)?.id(), self.revision(other)?.id());
        match self.inner.merge_base(one_id, other_id) {
            Ok(Some(base)) => Ok(base.to_string()),
            _ => Err(GitError {
                message: format!("`{one}` and `{other}` have no common ancestor in this clone"),
                help: "clone the whole history".to_owned(),
            }),
        }
    }

    /// The commit, at or before `start`, since which a file satisfies `holds` without interruption;
    /// `None` if this clone's history ends earlier, or `start` does not satisfy it.
    pub fn brought_in(
        &self,
        start: &str,
        path: &str,
        holds: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Option<Authored> {
        let mut search = Search { repository: &self.inner, path, holds, known: BTreeMap::new() };
        let mut here = gix::ObjectId::from_hex(start.as_bytes()).ok()?;
        if !search.is_in(here)? {
            return None;
        }
        let mut seen = BTreeSet::new();
        while seen.insert(here) && seen.len() <= MOST_COMMITS {
            let commit = self.inner.find_commit(here).ok()?;
            let mut before = None;
            for parent in commit.parent_ids() {
                if before.is_none() && search.is_in(parent.detach())? {
                    before = Some(parent.detach());
                }
            }
            let Some(parent) = before else {
                let author = commit.author().ok()?;
                let at = author.seconds();
                return Some(Authored { commit: here.to_string(), author: author.name.to_string(), at });
            };
            here = parent;
        }
        None
    }
}

impl Repository {
    /// At most this many first parents of a commit, newest first, as far as this clone has them: the
    /// branch's own history.
    pub fn ancestors(&self, commit: &str, most: usize) -> Vec<String> {
        let mut here = gix::ObjectId::from_hex(commit.as_bytes()).ok();
        let mut found = Vec::new();
        while let Some(id) = here.take().filter(|_| found.len() < most) {
            let commit = self.inner.find_commit(id).ok();
            let parent = commit.and_then(|commit| commit.parent_ids().next().map(|id| id.detach()));
            if let Some(parent) = parent.filter(|parent| self.holds(&parent.to_string())) {
                found.push(parent.to_string());
                here = Some(parent);
            }
        }
        found
    }
}

struct Search<'a> {
    repository: &'a gix::Repository,
    path: &'a str,
    holds: &'a mut dyn FnMut(&[u8]) -> bool,
    /// By blob: most commits do not touch the file.
    known: BTreeMap<gix::ObjectId, bool>,
}

impl Search<'_> {
    /// Whether a commit's file satisfies it; `None`: the commit is not in this clone.
    fn is_in(&mut self, commit: gix::ObjectId) -> Option<bool> {
        let tree = self.repository.find_commit(commit).ok()?.tree().ok()?;
        let Some(entry) = tree.lookup_entry_by_path(self.path).ok()? else { return Some(false) };
        let blob = entry.object_id();
        if let Some(known) = self.known.get(&blob) {
            return Some(*known);
        }
        // An unreadable file satisfies nothing.
        let is_read = self.repository.find_header(blob).ok()?.size() <= MAX_FILE_BYTES;
        let found = is_read && (self.holds)(&self.repository.find_blob(blob).ok()?.take_data());
        self.known.insert(blob, found);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Commit, write_commit};
    use super::*;

    /// Commits whose file `f` has these texts, a day apart, oldest first.
    fn history(root: &std::path::Path, texts: &[&str]) -> Vec<String> {
        let mut commits: Vec<String> = Vec::new();
        for (day, text) in (1..).zip(texts) {
            let files = [("f".to_owned(), (*text).to_owned())];
            let commit = Commit { branch: "main", message: "edit", time: day * 86_400, files: &files };
            commits.push(write_commit(root, commits.last().map(String::as_str), &commit).unwrap());
        }
        commits
    }

    #[test]
    fn the_commit_is_found_since_which_it_holds_without_a_break() {
        let directory = prompt_assay_test_support::temporary::directory();
        let commits = history(directory.path(), &["a", "a b", "b", "a b", "a b c"]);
        let repository = Repository::discover(directory.path()).unwrap();
        let since = |word: &str, path: &str| {
            let mut holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(word);
            repository.brought_in(&commits[4], path, &mut holds)
        };
        let found = since("b", "f").unwrap();
        assert_eq!((found.commit.as_str(), found.at), (commits[1].as_str(), 2 * 86_400));
        assert_eq!(found.author, "prompt-assay");
        assert_eq!(since("a", "f").unwrap().commit, commits[3], "it was gone in between");
        assert_eq!(since("c", "f").unwrap().commit, commits[4]);
        assert_eq!(since("d", "f"), None);
        assert_eq!(since("a", "elsewhere"), None);
    }
}
