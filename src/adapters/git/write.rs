//! Writing commits, for repositories that this program makes itself.

use std::path::Path;

use gix::objs::tree::EntryKind;

use super::GitError;

/// A commit to be written.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// Its branch; created if it does not exist.
    pub branch: &'a str,
    /// The commit's message.
    pub message: &'a str,
    /// Seconds since 1970-01-01 UTC; fixed by the caller, so that ids repeat.
    pub time: i64,
    /// All files, by path.
    pub files: &'a [(String, String)],
}

/// Writes a commit of exactly these files on top of `parent`, writes the files to disk, and checks
/// out its branch. The repository is created if there is none. Returns the commit's id.
///
/// # Errors
/// When Git or the disk refuses.
pub fn write_commit(root: &Path, parent: Option<&str>, commit: &Commit<'_>) -> Result<String, GitError> {
    write(root, parent, commit).map_err(|error| GitError {
        message: format!("cannot write a commit in `{}`: {error}", root.display()),
        help: "check that the directory is writable".to_owned(),
    })
}

fn write(
    root: &Path,
    parent: Option<&str>,
    commit: &Commit<'_>,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let repository = if parent.is_some() { gix::open(root)? } else { gix::init(root)? };
    let mut editor = repository.edit_tree(gix::ObjectId::empty_tree(repository.object_hash()))?;
    for (path, text) in commit.files {
        let file = root.join(path);
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(&file, text)?;
        let blob = repository.write_blob(text)?;
        editor.upsert(path.as_str(), EntryKind::Blob, blob)?;
    }
    let tree = editor.write()?;
    let time = format!("{} +0000", commit.time);
    let author = gix::actor::SignatureRef {
        name: "prompt-assay".into(),
        email: "demo@prompt-assay.invalid".into(),
        time: &time,
    };
    let parents = parent.map(|id| gix::ObjectId::from_hex(id.as_bytes())).transpose()?;
    let branch = format!("refs/heads/{}", commit.branch);
    let id = repository.commit_as(author, author, branch.as_str(), commit.message, tree, parents)?;
    std::fs::write(repository.git_dir().join("HEAD"), format!("ref: {branch}\n"))?;
    Ok(id.to_string())
}
