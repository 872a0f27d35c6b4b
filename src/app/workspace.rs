//! Where a command works: the repository, its two trees, and what they hold.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::adapters::git::{Repository, RevisionTree, WorkingTree, relative_directory};
use crate::change::{self, ChangeSet};
use crate::cli::{SideArgs, TierArg};
use crate::compare::Redaction;
use crate::config::{self, Config};
use crate::evidence::{self, SubjectPair};
use crate::problem::{Problem, Problems};
use crate::prompt::Tier;
use crate::release::settings;
use crate::report::Revision;
use crate::snapshot::{Choice, Snapshot};
use crate::store::location::{Location, committed};
use crate::tree::{MemoryTree, Tree};

/// `--base none`: no baseline.
const NO_BASE: &str = "none";

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
    /// What evidence of this head would be about: every prompt on the main tier, else nothing.
    pub subjects: Vec<SubjectPair>,
    /// Warnings of the head's files, and what could not be read in the base.
    pub warnings: Vec<String>,
}

/// The trees of a comparison, wherever they come from.
pub struct Trees<'t> {
    /// The repository's root on disk: database and rules files lie below it.
    pub root: PathBuf,
    /// The directory the command runs in, from the root.
    pub here: String,
    /// The baseline's tree, and its commit.
    pub base: (&'t dyn Tree, Option<String>),
    /// The candidate's tree, and its commit.
    pub head: (&'t dyn Tree, Option<String>),
    /// Where configuration, golden sets and policy come from when the head is data only.
    pub trusted: Option<&'t dyn Tree>,
}

/// Reads both sides and compares them.
///
/// # Errors
/// A [`Problems`] with everything wrong in the head's files, or what Git could not find.
pub fn open(start: &Path, args: &SideArgs) -> anyhow::Result<Workspace> {
    let repository = Repository::discover(start)?;
    let base = match args.base.as_deref() {
        Some(NO_BASE) => None,
        Some(revision) => Some(repository.revision(revision)?),
        None => Some(repository.default_base(args.head.as_deref())?),
    };
    let nothing = MemoryTree::default();
    let head = match &args.head {
        Some(revision) => Head::Revision(repository.revision(revision)?),
        None => Head::Working(repository.working_directory()),
    };
    let commit = match &head {
        Head::Revision(tree) => Some(tree.commit()),
        Head::Working(_) => None,
    };
    let trees = Trees {
        root: repository.root().to_path_buf(),
        here: relative_directory(repository.root(), start),
        base: match &base {
            Some(base) => (base, Some(base.commit())),
            None => (&nothing, None),
        },
        head: (head.tree(), commit),
        trusted: None,
    };
    let mut workspace = compare(trees, args)?;
    let is_default = args.base.is_none() && args.head.is_none();
    if let (true, Some(base)) = (is_default, &base)
        && workspace.changes.prompts.is_empty()
        && repository.revision("HEAD")?.commit() == base.commit()
    {
        workspace.warnings.push(format!(
            "Nothing differs from the last commit, {}. To evaluate that commit itself, pass `--base HEAD~1`.",
            base.name()
        ));
    }
    Ok(workspace)
}

/// Compares two trees.
///
/// # Errors
/// A [`Problems`] with everything wrong in the head's files.
pub fn compare(trees: Trees<'_>, args: &SideArgs) -> anyhow::Result<Workspace> {
    let (base_tree, head_tree) = (trees.base.0, trees.head.0);
    let config_path = config_path(&trees.here, args.config.as_deref(), trees.trusted.unwrap_or(head_tree))?;
    let mut problems = Problems::new();
    let mut head = match trees.trusted {
        None => Snapshot::read(head_tree, config_path.as_deref(), &mut problems),
        Some(trusted) => {
            let bar = Snapshot::read(trusted, config_path.as_deref(), &mut problems);
            Snapshot::read_as_data(head_tree, bar, &mut problems)
        }
    };
    refuse_committed(head_tree, &head.config, &mut problems)?;
    if trees.trusted.is_none() {
        // A release would find them only after the merge.
        settings::read(head_tree, &head.config, &head.prompts, &mut problems);
    }
    let mut of_base = Problems::new();
    let base = match trees.base.1 {
        Some(_) => Snapshot::read(base_tree, config_path.as_deref(), &mut of_base),
        None => Snapshot::empty(base_tree),
    };
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
        head.assume_models();
        change::compare(&Snapshot::empty(base_tree), &head, &choice, &mut problems)
    } else {
        change::compare(&base, &head, &choice, &mut problems)
    };
    if problems.has_errors() {
        return Err(problems.into());
    }
    let mut warnings: Vec<String> = problems.sorted().into_iter().map(ToString::to_string).collect();
    warnings.extend(problems.unlisted());
    let broken = of_base.sorted().into_iter().find(|problem| problem.is_error() && problem.path.is_some());
    if let Some(problem) = broken {
        warnings.push(format!(
            "The base {} cannot be read in full ({} errors); its prompts may have no baseline. First: {}",
            base_tree.name(),
            of_base.errors(),
            problem.message
        ));
    }
    let subjects = match choice.tier {
        Tier::Main if !head.is_data() => evidence::pairs(&base, &head, &choice, &mut problems),
        _ => Vec::new(),
    };
    if problems.has_errors() {
        return Err(problems.into());
    }
    // Warnings show lines of golden sets, and go to logs.
    let redaction = Redaction::new(&head.config.redact);
    let warnings = redaction.all(&warnings);
    Ok(Workspace {
        root: trees.root,
        base: Revision {
            name: if trees.base.1.is_some() { base_tree.name() } else { NO_BASE.to_owned() },
            commit: trees.base.1,
        },
        head: Revision { name: head_tree.name(), commit: trees.head.1 },
        config: head.config.clone(),
        choice,
        changes,
        subjects,
        warnings,
    })
}

/// Finds a store that the tree keeps where the configuration has the database.
///
/// # Errors
/// When the tree cannot be read.
pub fn refuse_committed(tree: &dyn Tree, config: &Config, problems: &mut Problems) -> anyhow::Result<()> {
    let reserved = Location::of_database(&config.database).reserved();
    if let Some(found) = committed(tree, &reserved)? {
        problems.push(Problem::error(found.to_string()).help(found.help()));
    }
    Ok(())
}

/// The configuration's path inside the repository: as given, else `prompt-assay.yaml` in the
/// directory the command runs in or at the root; `None` leaves the default places to the reader.
pub fn config_path(here: &str, given: Option<&Path>, head: &dyn Tree) -> anyhow::Result<Option<String>> {
    if let Some(path) = given {
        let path = path.to_str().context("`--config` is not UTF-8")?;
        return Ok(Some(crate::tree::resolve(here, path)?));
    }
    for name in ["prompt-assay.yaml", "prompt-assay.yml"] {
        let path = crate::tree::resolve(here, name)?;
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
            None => problem.help(format!("the catalogs have {}", some_of(&known))),
        });
    }
}

/// The first few names.
fn some_of(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.sort();
    names.dedup();
    let rest = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let shown = names.join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

/// The working directory's configuration.
///
/// # Errors
/// When it cannot be read.
pub fn config(repository: &Repository, start: &Path, args: &SideArgs) -> anyhow::Result<Config> {
    let tree = repository.working_directory();
    let path = config_path(&relative_directory(repository.root(), start), args.config.as_deref(), &tree)?;
    Ok(config::read(&tree, path.as_deref())?)
}
