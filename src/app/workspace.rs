//! Where a command works: the repository, its two trees, and their contents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::consent::Unknown;
use super::purpose::Purpose;
use super::rules::RulesFile;
use crate::adapters::git::{Repository, relative_directory};
use crate::catalog;
use crate::change::{self, ChangeSet};
use crate::cli::SideArgs;
use crate::compare::Redaction;
use crate::config::{self, BatchPolicy, Config, Provider};
use crate::evidence::{self, SubjectPair};
use crate::lint::note_without_main_model;
use crate::price::Price;
use crate::problem::{Problem, Problems};
use crate::prompt::{Prompt, TextSource, Tier};
use crate::release::settings;
use crate::remark::Remark;
use crate::report::Revision;
use crate::s3_location::S3Location;
use crate::sides::Settings;
use crate::snapshot::{Choice, Snapshot};
use crate::store::location::{Location, committed};
use crate::tree::Tree;

/// `--base none`: no baseline.
pub const NO_BASE: &str = "none";

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
    /// The scripted model's rules, where it is the provider.
    pub rules: Option<RulesFile>,
    /// Which model set applies, and the like.
    pub choice: Choice,
    /// What the change affects.
    pub changes: ChangeSet,
    /// What evidence of this head would be about: every prompt on the main tier, else nothing.
    pub subjects: Vec<SubjectPair>,
    /// The pull request the comparison is about, when one is known.
    pub pull_request: Option<u64>,
    /// Warnings of the head's files, and what could not be read in the base.
    pub warnings: Vec<Remark>,
    /// The settings that a proposed change may not choose; `None`: the head's own count.
    pub trusted: Option<Trusted>,
    /// A server that would get a key, and that only this branch names.
    pub unknown_server: Option<Unknown>,
    /// What a run of it is for.
    pub purpose: Purpose,
}

/// The settings that count from the configuration before a proposed change.
pub struct Trusted {
    /// Prices that caps from outside the change may rely on.
    pub prices: BTreeMap<String, Price>,
    /// Where answers are shared: the owner of that place controls them.
    shared_store: Option<S3Location>,
    /// Where batch jobs leave their answers.
    batch: Option<BatchPolicy>,
    /// Who answers: a server that a configuration names gets the key, and the texts.
    provider: Provider,
    /// The scripted model's rules, where it is the provider.
    rules: Option<RulesFile>,
}

impl Trusted {
    fn of(config: &Config, tree: &dyn Tree) -> Self {
        Self {
            prices: config.prices.clone(),
            shared_store: config.shared_store.clone(),
            batch: config.calls.batch.clone(),
            provider: config.provider.clone(),
            rules: config.provider.rules().map(|path| RulesFile::of(tree, path)),
        }
    }

    /// Takes answers from no place that only the change names, and adds a note if it names one. The first
    /// batch jobs of a repository need a workflow that requests them; a configuration alone starts none.
    pub fn keep_places(&self, workspace: &mut Workspace) {
        let config = &mut workspace.config;
        let batch = self.batch.clone().or_else(|| config.calls.batch.clone());
        let is_kept = (&config.shared_store, &config.calls.batch) == (&self.shared_store, &batch);
        config.shared_store.clone_from(&self.shared_store);
        config.calls.batch = batch;
        let places = (!is_kept).then(|| {
            Remark::new("`shared_store` and `calls.batch` come from the base: those of this change take effect when it is merged.")
        });
        workspace.warnings.extend(places);
        self.keep_provider(workspace);
    }

    /// Sends nothing to a server that only the change names, and no key to another server than before.
    fn keep_provider(&self, workspace: &mut Workspace) {
        let provider = &mut workspace.config.provider;
        if *provider == self.provider || !matches!(provider, Provider::OpenAi(_)) {
            return;
        }
        provider.clone_from(&self.provider);
        // Evidence names the server that answers.
        let server = self.provider.server().map(str::to_owned);
        workspace.subjects.iter_mut().for_each(|pair| pair.candidate.server.clone_from(&server));
        workspace.rules.clone_from(&self.rules);
        workspace.warnings.push(Remark::new(
            "`provider` comes from the base: the server of this change gets no call and no key before it is merged.",
        ));
    }
}

/// The trees of a comparison, from any source.
pub struct Trees<'t> {
    /// The repository's root on disk: the database lies below it.
    pub root: PathBuf,
    /// The directory the command runs in, from the root.
    pub here: String,
    /// The baseline's tree, and its commit.
    pub base: (&'t dyn Tree, Option<String>),
    /// The candidate's tree, and its commit.
    pub head: (&'t dyn Tree, Option<String>),
    /// Where configuration, golden sets and policy come from when the head is data only.
    pub trusted: Option<&'t dyn Tree>,
    /// A file of rules, from the directory the command runs in, that answers instead of the
    /// configuration's provider.
    pub scripted: Option<&'t str>,
    /// A newer tree than the base whose configuration protects parts of the bar, too: the tip of the
    /// branch that the head would be merged into.
    pub tip: Option<&'t dyn Tree>,
    /// What the prompts of base and head are asked with; both sides exist then, and neither is a change of the other.
    pub settings: Option<[&'t Settings; 2]>,
}

/// Compares two trees.
///
/// # Errors
/// A [`Problems`] with everything wrong in the head's files.
pub fn compare(trees: Trees<'_>, args: &SideArgs) -> anyhow::Result<Workspace> {
    let (base_tree, head_tree) = (trees.base.0, trees.head.0);
    let bar_tree = trees.trusted.unwrap_or(head_tree);
    let config_path = config_path(&trees.here, args.config.as_deref(), bar_tree)?;
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
        // Otherwise a release would find them only after the merge.
        settings::read(head_tree, &head.config, &head.prompts, &mut problems);
        catalog::orphans(head_tree, &head.config, &head.prompts, &mut problems);
    }
    let mut of_base = Problems::new();
    let has_base = trees.base.1.is_some() || trees.settings.is_some();
    let mut base = match has_base {
        true => earlier(base_tree, &trees.here, args.config.as_deref(), &mut of_base),
        false => Snapshot::empty(base_tree),
    };
    if let Some(tip) = trees.tip {
        let tip = earlier(tip, &trees.here, args.config.as_deref(), &mut Problems::new());
        base.protected.extend(tip.protected);
    }
    let choice = Choice { tier: args.tier, model: args.model.clone(), prompts: args.prompts.clone() };
    unknown_prompts(&choice, &base, &head, &mut problems);
    if let Some([of_base, of_head]) = trees.settings {
        of_base.apply(&mut base, &choice, &mut problems);
        of_head.apply(&mut head, &choice, &mut problems);
    }
    let changes = if problems.has_errors() {
        // All other problems of the head are reported together with this one.
        head.assume_models();
        change::compare(&Snapshot::empty(base_tree), &head, &choice, &mut problems)
    } else {
        change::compare(&base, &head, &choice, &mut problems)
    };
    if problems.has_errors() {
        return Err(problems.into());
    }
    // They show lines of golden sets.
    let shown = |problem: &Problem| Remark::quoting(problem.to_string());
    let mut warnings: Vec<Remark> = problems.sorted().into_iter().map(shown).collect();
    warnings.extend(problems.unlisted().map(Remark::new));
    warnings.extend(untracked(head_tree, &head));
    let broken = of_base.sorted().into_iter().find(|problem| problem.is_error() && problem.path.is_some());
    if let Some(problem) = broken {
        let lead = format!(
            "The base {} cannot be read in full ({} errors); its prompts may have no old version to compare with. First: ",
            base_tree.name(),
            of_base.errors(),
        );
        warnings.push(Remark::new(lead).quote(&problem.message));
    }
    if choice.tier == Tier::Branch && trees.settings.is_none() {
        warnings.extend(note_without_main_model(&head, bar_tree));
    }
    let trusted = trees.base.1.is_some().then(|| match trees.trusted {
        Some(trusted) => Trusted::of(&head.config, trusted),
        None => Trusted::of(&base.config, base_tree),
    });
    let subjects = match choice.tier {
        Tier::Main if !head.is_data() => evidence::pairs(&base, &head, &choice, &mut problems),
        _ => Vec::new(),
    };
    if problems.has_errors() {
        return Err(problems.into());
    }
    let mut config = head.config.clone();
    if let Some(path) = trees.scripted {
        config.provider = Provider::Scripted(crate::tree::resolve(&trees.here, path)?);
    }
    let rules = config.provider.rules();
    let rules = rules.map(|path| RulesFile::of(trees.trusted.unwrap_or(head_tree), path));
    // They go to logs, too.
    let redaction = Redaction::new(&head.config.redact);
    let warnings = warnings.iter().map(|warning| redaction.remark(warning)).collect();
    Ok(Workspace {
        root: trees.root,
        base: Revision {
            name: if has_base { base_tree.name() } else { NO_BASE.to_owned() },
            commit: trees.base.1,
        },
        head: Revision { name: head_tree.name(), commit: trees.head.1 },
        config,
        rules,
        choice,
        changes,
        subjects,
        pull_request: None,
        warnings,
        trusted,
        unknown_server: None,
        purpose: Purpose::default(),
    })
}

/// The note about files of the prompts that Git does not track yet.
fn untracked(tree: &dyn Tree, head: &Snapshot<'_>) -> Option<Remark> {
    let config = head.config.path.iter().cloned();
    let of_prompt = |prompt: &Prompt| {
        let texts = prompt.messages.iter().filter_map(|message| match &message.text {
            TextSource::File(path) => Some(path.clone()),
            TextSource::Inline(_) => None,
        });
        texts.chain([prompt.catalog.clone()]).chain(prompt.golden.clone()).collect::<Vec<_>>()
    };
    let used: BTreeSet<String> = config.chain(head.prompts.iter().flat_map(of_prompt)).collect();
    let missing: Vec<String> = used.into_iter().filter(|path| tree.is_untracked(path)).collect();
    let names: Vec<&str> = missing.iter().map(String::as_str).collect();
    let them = if names.len() == 1 { "it" } else { "them" };
    (!names.is_empty()).then(|| {
        Remark::new("warning: not in Git yet, so that a pull request would be without ")
            .and(them)
            .and(": ")
            .quote(some_of(&names))
            .and("\n   = add ")
            .and(them)
            .and(" with `git add`")
    })
}

/// Finds a store in the tree at the path of the configuration's database.
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

/// The configuration's path inside the repository: as given, else where the tree has one for the
/// directory the command runs in; `None` where it has none.
pub fn config_path(here: &str, given: Option<&Path>, tree: &dyn Tree) -> anyhow::Result<Option<String>> {
    match given {
        Some(path) => {
            let path = path.to_str().context("`--config` is not UTF-8")?;
            Ok(Some(crate::tree::resolve(here, path)?))
        }
        None => Ok(config::find(tree, here).map_err(Problems::from)?),
    }
}

/// An earlier tree, with its own configuration: a change must not choose the configuration of its base.
/// If the named file did not exist yet, the default one applies.
fn earlier<'t>(
    tree: &'t dyn Tree,
    here: &str,
    given: Option<&Path>,
    problems: &mut Problems,
) -> Snapshot<'t> {
    let named =
        config_path(here, given, tree).ok().flatten().filter(|path| !matches!(tree.blob(path), Ok(None)));
    let found = named.map_or_else(|| config::find(tree, here), |path| Ok(Some(path)));
    match found {
        Ok(path) => Snapshot::read(tree, path.as_deref(), problems),
        Err(problem) => {
            let first = problem.path.clone();
            let fault = Remark::quoting(&problem.message);
            problems.push(problem);
            let mut snapshot = Snapshot::read(tree, first.as_deref(), problems);
            snapshot.fault = Some(fault);
            snapshot.config_is_sound = false;
            snapshot
        }
    }
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
