//! Where a command works: the repository, its two trees, and what they hold.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::adapters::git::{Repository, RevisionTree, WorkingTree, relative_directory};
use crate::change::{self, ChangeSet};
use crate::cli::{SideArgs, TierArg};
use crate::compare::Redaction;
use crate::config::{self, Config};
use crate::problem::Problems;
use crate::prompt::Tier;
use crate::report::Revision;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::Tree;

/// The head's tree.
enum Head {
    Revision(RevisionTree),
    Working(WorkingTree),
}

impl Head {
    fn tree(&self) -> &dyn Tree {
        match self {
            Head::Revision(tree) => tree,
            Head::Working(tree) => tree,
        }
    }
}

/// Both sides, compared.
pub struct Workspace {
    /// The repository's root on disk.
    pub root: PathBuf,
    /// What the candidate is compared with.
    pub base: Revision,
    /// What is evaluated.
    pub head: Revision,
    /// The head's configuration.
    pub config: Config,
    /// Which model set applies, and the like.
    pub choice: Choice,
    /// What the change affects.
    pub changes: ChangeSet,
    /// Warnings of the head's files, and what could not be read in the base.
    pub warnings: Vec<String>,
}

/// Reads both sides and compares them.
///
/// # Errors
/// A [`Problems`] with everything wrong in the head's files, or what Git could not find.
pub fn open(start: &Path, args: &SideArgs) -> anyhow::Result<Workspace> {
    let repository = Repository::discover(start)?;
    let base_tree = match &args.base {
        Some(revision) => repository.revision(revision)?,
        None => repository.default_base(args.head.as_deref())?,
    };
    let head_tree = match &args.head {
        Some(revision) => Head::Revision(repository.revision(revision)?),
        None => Head::Working(repository.working_directory()),
    };
    let config_path = config_path(&repository, start, args, head_tree.tree())?;
    let mut problems = Problems::new();
    let head = Snapshot::read(head_tree.tree(), config_path.as_deref(), &mut problems);
    let mut of_base = Problems::new();
    let base = Snapshot::read(&base_tree, config_path.as_deref(), &mut of_base);
    let choice = Choice {
        tier: match args.tier {
            TierArg::Branch => Tier::Branch,
            TierArg::Main => Tier::Main,
        },
        model: args.model.clone(),
        prompts: args.prompts.clone(),
    };
    unknown_prompts(&choice, &base, &head, &mut problems);
    let changes = if problems.has_errors() {
        // Everything else that is wrong with the head is said at once, too.
        change::compare(&Snapshot::empty(&base_tree), &head, &choice, &mut problems)
    } else {
        change::compare(&base, &head, &choice, &mut problems)
    };
    if problems.has_errors() {
        return Err(problems.into());
    }
    let mut warnings: Vec<String> = problems.sorted().into_iter().map(ToString::to_string).collect();
    let broken = of_base.sorted().into_iter().find(|problem| problem.is_error() && problem.path.is_some());
    if let Some(problem) = broken {
        warnings.push(format!(
            "The base {} cannot be read in full ({} errors); its prompts may have no baseline. First: {}",
            base_tree.name(),
            of_base.errors(),
            problem.message
        ));
    }
    let commit = match &head_tree {
        Head::Revision(tree) => Some(tree.commit()),
        Head::Working(_) => None,
    };
    // Warnings show lines of golden sets, and go to logs.
    let redaction = Redaction::new(&head.config.redact);
    let warnings = redaction.all(&warnings);
    Ok(Workspace {
        root: repository.root().to_path_buf(),
        base: Revision { name: base_tree.name(), commit: Some(base_tree.commit()) },
        head: Revision { name: head_tree.tree().name(), commit },
        config: head.config.clone(),
        choice,
        changes,
        warnings,
    })
}

/// The configuration's path inside the repository: as given, else `prompt-assay.yaml` in the
/// directory the command runs in or at the root; `None` leaves the default places to the reader.
fn config_path(
    repository: &Repository,
    start: &Path,
    args: &SideArgs,
    head: &dyn Tree,
) -> anyhow::Result<Option<String>> {
    let here = relative_directory(repository.root(), start);
    if let Some(path) = &args.config {
        let path = path.to_str().context("`--config` is not UTF-8")?;
        return Ok(Some(crate::tree::resolve(&here, path)?));
    }
    for name in ["prompt-assay.yaml", "prompt-assay.yml"] {
        let path = crate::tree::resolve(&here, name)?;
        if !here.is_empty() && head.blob(&path)?.is_some() {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn unknown_prompts(choice: &Choice, base: &Snapshot<'_>, head: &Snapshot<'_>, problems: &mut Problems) {
    let known: Vec<&str> =
        head.prompts.iter().chain(&base.prompts).map(|prompt| prompt.id.as_str()).collect();
    for wanted in choice.prompts.iter().filter(|wanted| !known.contains(&wanted.as_str())) {
        let problem =
            crate::problem::Problem::error(format!("no catalog has a prompt `{wanted}` (`--prompt`)"));
        problems.push(match crate::problem::nearest(wanted, &known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("see `prompt-assay plan` for the names there are"),
        });
    }
}

/// The database's path inside the repository, as the working directory's configuration has it.
///
/// # Errors
/// When the configuration cannot be read.
pub fn database(repository: &Repository, start: &Path) -> anyhow::Result<String> {
    let tree = repository.working_directory();
    let path = config_path(repository, start, &SideArgs::default(), &tree)?;
    Ok(config::read(&tree, path.as_deref())?.database)
}
