//! Finds the repository of the user, and never one that a commit or an archive has put in its
//! place.
//!
//! Only a `.git` is used, never a directory that only looks like a bare repository: those are plain
//! files, and a commit can contain them. The working directory is the directory that contains
//! `.git`, whatever a configuration says. Nothing here starts a program.

use std::path::{Path, PathBuf};

use gix::config::source::Kind;
use gix::discover::upwards;
use gix::open::{Options, Permissions, permissions};

use super::GitError;

/// The repository at or above `start`, and its working directory.
pub(super) fn discover(start: &Path) -> Result<(gix::Repository, PathBuf), GitError> {
    let options = upwards::Options { dot_git_only: true, ..upwards::Options::default() };
    let (found, _) =
        gix::discover::upwards_opts(start, options).map_err(|error| undiscovered(start, &error))?;
    let (git_directory, checkout) = found.into_repository_and_work_tree_directories();
    let checkout = checkout.ok_or_else(bare)?;
    let cannot = |error: std::io::Error| unopened(start, &error);
    let real_checkout = checkout.canonicalize().map_err(cannot)?;
    let real_git_directory = git_directory.canonicalize().map_err(cannot)?;
    if real_git_directory.starts_with(&real_checkout) && real_git_directory != real_checkout.join(".git") {
        return Err(carried(&checkout, &real_git_directory));
    }
    let repository = open(&checkout).map_err(|error| undiscovered(start, &error))?;
    refuse_reftable(&repository)?;
    let root = repository.workdir().ok_or_else(bare)?.to_path_buf();
    if root.canonicalize().ok() != Some(real_checkout) {
        return Err(other_working_directory(&checkout, &root));
    }
    Ok((repository, root))
}

/// Opens it with the configuration of the person and of the system, includes followed, and with its
/// own. Its own may name no further files: then no include is followed at all.
fn open(checkout: &Path) -> Result<gix::Repository, gix::Error> {
    let dot_git = checkout.join(".git");
    let opened = gix::open_opts(&dot_git, options(false))?;
    let includes = |of: &[Kind]| {
        let config = opened.config_snapshot();
        ["include", "includeIf"].iter().any(|name| {
            let mut sections = config.plumbing().sections_by_name(name).into_iter().flatten();
            sections.any(|section| of.contains(&section.meta().source.kind()))
        })
    };
    match includes(&[Kind::System, Kind::Global]) && !includes(&[Kind::Repository]) {
        true => gix::open_opts(&dot_git, options(true)),
        false => Ok(opened),
    }
}

/// A repository with branches in an unsupported format would look like one without any commit.
fn refuse_reftable(repository: &gix::Repository) -> Result<(), GitError> {
    let format = repository.config_snapshot().string("extensions.refStorage").map(|name| name.to_string());
    match format {
        Some(format) if !format.eq_ignore_ascii_case("files") => Err(GitError::new(
            format!("the repository keeps its branches as `{format}`, which cannot be read here"),
            "convert it: `git refs migrate --ref-format=files`",
        )),
        _ => Ok(()),
    }
}

fn options(includes: bool) -> Options {
    let config = permissions::Config { includes, ..permissions::Config::all() };
    Options::default().permissions(Permissions { config, ..Permissions::default() })
}

fn bare() -> GitError {
    GitError::new("the repository is bare: it has no working directory", "run inside a clone")
}

fn carried(checkout: &Path, git_directory: &Path) -> GitError {
    GitError::new(
        format!(
            "`.git` in `{}` leads to `{}`, among the files of its own working directory, where a commit or an \
             archive can have put it",
            checkout.display(),
            git_directory.display()
        ),
        "if this repository is yours, move that directory out of the working directory (`git init \
         --separate-git-dir`); if it came from elsewhere, clone it again",
    )
}

fn other_working_directory(checkout: &Path, root: &Path) -> GitError {
    GitError::new(
        format!(
            "the repository in `{}` says that its working directory is `{}`",
            checkout.display(),
            root.display()
        ),
        "the working directory is the one that contains `.git`: remove `core.worktree` from its configuration, or unset \
         GIT_WORK_TREE",
    )
}

fn undiscovered(start: &Path, error: &gix::Error) -> GitError {
    if error.is_not_found() {
        return GitError::new(
            format!("no Git repository at or above `{}`", start.display()),
            "run inside the repository that holds the prompts, or `git init` one",
        );
    }
    unopened(start, error)
}

fn unopened(start: &Path, error: &dyn std::fmt::Display) -> GitError {
    GitError::new(
        format!("the Git repository at or above `{}` cannot be opened: {error}", start.display()),
        "check it with `git status`",
    )
}
