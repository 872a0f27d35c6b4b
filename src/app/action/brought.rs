//! Files that an earlier job left in the workspace: the evidence of a release, the reports of
//! shards. They are believed, so none of them may be something that a commit brought.

use std::path::{Path, PathBuf};

use super::Scene;
use crate::tree::Tree;

/// The place that an input names, below the workspace.
///
/// # Errors
/// When it leads out of the workspace, through a link, or to files of the commit that is checked out.
pub(super) fn place(scene: Scene<'_>, input: &str, path: &str) -> anyhow::Result<PathBuf> {
    let run = scene.run;
    let path = run.inside(path)?;
    let root = Path::new(&run.job.workspace);
    let mut place = root.to_path_buf();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        place.push(part);
        let is_link = place.symlink_metadata().is_ok_and(|found| found.is_symlink());
        anyhow::ensure!(
            !is_link && !part.eq_ignore_ascii_case(".git"),
            "`{input}: {path}` goes through `{part}`, a link or a directory of Git's own; download the artifact to \
             a directory of its own"
        );
    }
    if let Some(clone) = scene.sources.clone_of() {
        let tree = clone.revision("HEAD")?;
        let is_committed =
            tree.blob(&path).map_or(true, |found| found.is_some()) || !tree.list(&path)?.is_empty();
        anyhow::ensure!(
            !is_committed,
            "`{input}: {path}` is part of the commit, and what a commit brings is not believed: remove it from the \
             repository, and download the artifact of the earlier job to a directory of its own"
        );
    }
    Ok(place)
}
