//! The trees of this clone: revisions and the working directory, opened as a person names them, and compared.

use std::path::Path;

use super::consent::Unknown;
use super::workspace::{self, NO_BASE, Trees, Workspace, config_path};
use crate::adapters::git::{GitError, Repository, RevisionTree, WorkingTree, relative_directory};
use crate::adapters::watched::{Seen, Watched};
use crate::cli::SideArgs;
use crate::config;
use crate::remark::Remark;
use crate::sides::{Settings, Side};
use crate::tree::{MemoryTree, Tree, TreeError};

/// A tree of this clone.
enum OnDisk {
    Revision(RevisionTree),
    Working(WorkingTree),
    /// A working directory of which is remembered what was read.
    Watched(Watched<WorkingTree>),
}

impl OnDisk {
    /// A revision, or without one the working directory.
    fn of(repository: &Repository, revision: Option<&str>) -> Result<Self, GitError> {
        match revision {
            Some(revision) => repository.revision(revision).map(Self::Revision),
            None => Ok(Self::Working(repository.working_directory())),
        }
    }

    fn tree(&self) -> &dyn Tree {
        match self {
            Self::Revision(tree) => tree,
            Self::Working(tree) => tree,
            Self::Watched(tree) => tree,
        }
    }

    fn commit(&self) -> Option<String> {
        match self {
            Self::Revision(tree) => Some(tree.commit()),
            Self::Working(_) | Self::Watched(_) => None,
        }
    }

    fn failure(&self) -> Option<TreeError> {
        match self {
            Self::Revision(tree) => tree.failure(),
            Self::Working(_) | Self::Watched(_) => None,
        }
    }
}

/// Reads both sides and compares them.
///
/// # Errors
/// A [`Problems`] with everything wrong in the head's files, or what Git could not find.
pub fn open(start: &Path, args: &SideArgs) -> anyhow::Result<Workspace> {
    let repository = Repository::discover(start)?;
    let head = OnDisk::of(&repository, args.head.as_deref())?;
    opened(&repository, start, args, &head)
}

/// The same of the working directory; `seen` knows afterwards what was read of it, also if that fails.
///
/// # Errors
/// As for [`open`].
pub fn open_watched(start: &Path, args: &SideArgs, seen: &Seen) -> anyhow::Result<Workspace> {
    let repository = Repository::discover(start)?;
    let head = OnDisk::Watched(Watched::new(repository.working_directory(), seen.clone()));
    opened(&repository, start, args, &head)
}

fn opened(
    repository: &Repository,
    start: &Path,
    args: &SideArgs,
    head: &OnDisk,
) -> anyhow::Result<Workspace> {
    let base = match args.base.as_deref() {
        Some(NO_BASE) => None,
        Some(revision) => Some(repository.revision(revision)?),
        None => Some(repository.default_base(args.head.as_deref())?),
    };
    let base = base.map(OnDisk::Revision);
    let mut workspace = read(repository, start, args, (base.as_ref(), head), None)?;
    let is_default = args.base.is_none() && args.head.is_none();
    if let (true, Some(OnDisk::Revision(base))) = (is_default, &base)
        && workspace.changes.prompts.is_empty()
        && repository.revision("HEAD")?.commit() == base.commit()
    {
        workspace.warnings.push(Remark::new(format!(
            "Nothing differs from the last commit, {}. To evaluate that commit itself, pass `--base HEAD~1`.",
            base.name()
        )));
    }
    Ok(workspace)
}

/// Reads two sides that a person names and compares them: the first is the base, the second the head.
///
/// # Errors
/// As for [`open`].
pub fn open_pair(start: &Path, args: &SideArgs, [first, second]: [&Side; 2]) -> anyhow::Result<Workspace> {
    let repository = Repository::discover(start)?;
    let on_disk = |side: &Side| {
        OnDisk::of(&repository, side.place.revision()).map_err(|error| GitError {
            help: format!("{}; a model is written `model=ID`", error.help),
            ..error
        })
    };
    let (base, head) = (on_disk(first)?, on_disk(second)?);
    let args = SideArgs { head: second.place.revision().map(str::to_owned), ..args.clone() };
    read(&repository, start, &args, (Some(&base), &head), Some([&first.settings, &second.settings]))
}

fn read(
    repository: &Repository,
    start: &Path,
    args: &SideArgs,
    (base, head): (Option<&OnDisk>, &OnDisk),
    settings: Option<[&Settings; 2]>,
) -> anyhow::Result<Workspace> {
    let nothing = MemoryTree::default();
    let here = relative_directory(repository.root(), start);
    let trees = Trees {
        root: repository.root().to_path_buf(),
        here: here.clone(),
        base: base.map_or((&nothing, None), |base| (base.tree(), base.commit())),
        head: (head.tree(), head.commit()),
        trusted: None,
        // A file that a person names on the command line may lie anywhere.
        scripted: None,
        tip: None,
        settings,
    };
    let compared = workspace::compare(trees, args);
    // An object that a partial clone lacks is not a missing baseline.
    if let Some(lacking) = base.and_then(OnDisk::failure).or(head.failure()) {
        return Err(lacking.into());
    }
    let mut workspace = compared?;
    // The person who runs this wrote the configuration, or can read it.
    workspace.trusted = None;
    let provider_of = |tree: &dyn Tree| {
        let path = config_path(&here, args.config.as_deref(), tree).ok()?;
        Some(config::read(tree, path.as_deref()).ok()?.provider)
    };
    workspace.unknown_server =
        Unknown::of(repository, args.head.as_deref(), &workspace.config.provider, &provider_of);
    Ok(workspace)
}
