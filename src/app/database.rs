//! The only place where a database is opened. Before that it checks that no part of the database
//! came with a checkout: a person who commits a database, or only the log beside it, chooses the
//! answers that prompts are judged by. Git's index lists the files of the checkout, whichever
//! revision is evaluated; the evaluated tree is checked as well, because a checkout may have no
//! index.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::adapters::database::Database;
use crate::adapters::files::Root;
use crate::adapters::git::Repository;
use crate::store::location::{Committed, Location, committed};
use crate::tree::Tree;

/// Opens the database below a root, or makes it.
///
/// # Errors
/// When Git keeps something where it lies, a link is on the way, or it cannot be used.
pub fn open(root: &Path, location: &Location) -> anyhow::Result<Database> {
    check(root, location)?;
    Ok(Database::open(&root.join(location.database()))?)
}

/// The same; `None` where there is none yet.
///
/// # Errors
/// As for [`open`].
pub fn existing(root: &Path, location: &Location) -> anyhow::Result<Option<Database>> {
    check(root, location)?;
    let path = root.join(location.database());
    Ok(if path.exists() { Some(Database::open(&path)?) } else { None })
}

/// Opens a database that a person named: links in its path are allowed, files that Git tracks are
/// not.
///
/// # Errors
/// When Git keeps it, or it cannot be used.
pub fn named(path: &Path) -> anyhow::Result<Database> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    for path in [path, real.as_path()] {
        refuse_kept(path, |inside| Location::of_database(inside).reserved())?;
    }
    Ok(Database::open(&real)?)
}

/// Checks that no part of a database came with a checkout and no link leads to it. Changes nothing.
///
/// # Errors
/// The object that prevents it.
pub fn check(root: &Path, location: &Location) -> anyhow::Result<()> {
    let below = Root::open(root).with_context(|| format!("cannot open `{}`", root.display()))?;
    for file in location.siblings().chain([location.database().to_owned()]) {
        below.holds(&file).map_err(|error| match error.get_ref() {
            Some(_) => anyhow::Error::from(error),
            None => anyhow::Error::from(error).context(format!("cannot look at `{file}`")),
        })?;
    }
    let database = below.path().join(location.database());
    for repository in repositories(&database, Some(below.path()))? {
        let reserved: Vec<String> = location
            .reserved()
            .iter()
            .filter_map(|path| inside(&repository, &below.path().join(path)))
            .collect();
        refuse(&repository.working_directory(), &reserved)?;
    }
    Ok(())
}

/// Refuses a tree that has something at one of these paths, below it, or as a link above it.
///
/// # Errors
/// What it keeps there; what cannot be read.
pub fn refuse(tree: &dyn Tree, reserved: &[String]) -> anyhow::Result<()> {
    committed(tree, reserved)?.map_or(Ok(()), |found| Err(refusal(&found)))
}

/// Refuses a file that Git tracks if only an earlier run may write it: evidence, reports of shards,
/// exported answers.
///
/// # Errors
/// When Git keeps it, or what a link of its name leads to.
pub fn refuse_tracked(path: &Path) -> anyhow::Result<()> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    for path in [path, real.as_path()] {
        refuse_kept(path, |inside| vec![inside.to_owned()])?;
    }
    Ok(())
}

fn refuse_kept(path: &Path, reserved: impl Fn(&str) -> Vec<String>) -> anyhow::Result<()> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let Ok(directory) = directory.canonicalize() else { return Ok(()) };
    for lexical in [std::path::absolute(path)?, directory.join(name)] {
        for repository in repositories(&lexical, None)? {
            if let Some(inside) = inside(&repository, &lexical) {
                refuse(&repository.working_directory(), &reserved(&inside))?;
            }
        }
    }
    Ok(())
}

fn refusal(found: &Committed) -> anyhow::Error {
    anyhow::anyhow!("{found}\n   = {}", found.help())
}

/// The repositories that a file lies in: the innermost one, and those around it up to the one that
/// holds `top`.
fn repositories(file: &Path, top: Option<&Path>) -> anyhow::Result<Vec<Repository>> {
    let mut found = Vec::new();
    for directory in file.ancestors().skip(1) {
        if directory.join(".git").symlink_metadata().is_ok() {
            found.push(Repository::discover(directory)?);
            if top.is_none_or(|top| top.starts_with(directory)) {
                break;
            }
        }
    }
    Ok(found)
}

/// A path inside a repository's working directory.
fn inside(repository: &Repository, path: &Path) -> Option<String> {
    let root: PathBuf = repository.root().canonicalize().ok()?;
    let inside = path.strip_prefix(&root).or_else(|_| path.strip_prefix(repository.root())).ok()?;
    inside.to_str().map(str::to_owned)
}
