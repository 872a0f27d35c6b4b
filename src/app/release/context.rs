//! Where a release happens: the commit that is released, and the environment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::adapters::git::Repository;
use crate::app::evidence::{merged, origin};
use crate::app::failure::Unread;
use crate::app::workspace;
use crate::change::Judges;
use crate::cli::EnvironmentArgs;
use crate::config::{Config, ProviderKind};
use crate::evidence::{self, Origin, Subject};
use crate::fingerprint::Fingerprint;
use crate::problem::{Problem, Problems};
use crate::prompt::Tier;
use crate::release::content::content;
use crate::release::environment::Environment;
use crate::release::prompt_management::variant;
use crate::release::settings::{self, Destination, Settings};
use crate::snapshot::{Choice, Resolved, Snapshot};
use crate::tree::Tree;

/// A prompt of the commit, ready to be released.
pub struct Ready {
    /// Where it goes.
    pub destination: Destination,
    /// What evidence must be about.
    pub subject: Subject,
    /// The content for readers.
    pub content: String,
}

/// The commit that is released, and where to.
pub struct ReleaseContext {
    /// The repository's root on disk.
    pub root: PathBuf,
    /// Its configuration.
    pub config: Config,
    /// What `release:` says.
    pub settings: Settings,
    /// The environment.
    pub environment: Environment,
    /// All prompts that go there, in catalog order.
    pub prompts: Vec<Ready>,
    /// Who releases what.
    pub origin: Origin,
    /// This run's name.
    pub run: String,
}

/// Reads the commit, to release it. Uncommitted edits are never released.
///
/// # Errors
/// An [`Unread`] with everything wrong in its files.
pub fn open(start: &Path, args: &EnvironmentArgs) -> anyhow::Result<ReleaseContext> {
    let repository = Repository::discover(start)?;
    let tree = repository.revision(args.head.as_deref().unwrap_or("HEAD"))?;
    let here = crate::adapters::git::relative_directory(repository.root(), start);
    let mut context = of_tree(Commit { tree: &tree, id: tree.commit() }, repository.root(), &here, args)?;
    context.origin.pull_request = tree.message().and_then(|message| merged(&message));
    Ok(context)
}

/// The same, to read the contents of the store.
///
/// # Errors
/// As for [`open`].
pub fn look(start: &Path, args: &EnvironmentArgs) -> anyhow::Result<ReleaseContext> {
    open(start, args).map_err(|error| match error.downcast::<Unread>() {
        Ok(unread) => Unread { undone: "read", ..unread }.into(),
        Err(other) => other,
    })
}

/// A commit whose files come from any source.
pub struct Commit<'t> {
    /// Its files.
    pub tree: &'t dyn Tree,
    /// Its id.
    pub id: String,
}

/// The same for any commit; `root` is on disk, and `here` is the directory from there.
///
/// # Errors
/// An [`Unread`] with everything wrong in its files.
pub fn of_tree(
    Commit { tree, id }: Commit<'_>,
    root: &Path,
    here: &str,
    args: &EnvironmentArgs,
) -> anyhow::Result<ReleaseContext> {
    let path = workspace::config_path(here, args.config.as_deref(), tree)?;
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(tree, path.as_deref(), &mut problems);
    workspace::refuse_committed(tree, &snapshot.config, &mut problems)?;
    let settings = settings::read(tree, &snapshot.config, &snapshot.prompts, &mut problems);
    let environment = match settings.environment(args.env.as_deref()) {
        Ok(environment) => Some(environment.clone()),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let mut prompts = Vec::new();
    if let Some(environment) = &environment {
        prompts = ready(&snapshot, &settings, environment, &mut problems);
    }
    let Some(environment) = environment.filter(|_| !problems.has_errors()) else {
        return Err(Unread { problems, undone: "released" }.into());
    };
    let origin = Origin { commit: Some(id), ..origin() };
    Ok(ReleaseContext {
        root: root.to_path_buf(),
        run: run_name(&origin),
        config: snapshot.config.clone(),
        settings,
        environment,
        prompts,
        origin,
    })
}

fn ready(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    environment: &Environment,
    problems: &mut Problems,
) -> Vec<Ready> {
    let choice = Choice { tier: Tier::Main, ..Choice::default() };
    let judges = Judges::of(snapshot, problems);
    let mut prompts = Vec::new();
    for prompt in &snapshot.prompts {
        let Some(destination) = settings.destination(environment, &prompt.id) else { continue };
        let resolved = Resolved::read(snapshot, prompt, &choice, None, problems);
        let subject = evidence::subject(snapshot, &judges, prompt, &choice);
        let (Some(resolved), Some(subject)) = (resolved, subject) else {
            problems.push(
                Problem::error(format!("the prompt `{}` cannot be read", prompt.id)).path(&prompt.catalog),
            );
            continue;
        };
        let content = if environment.prompt_management.is_some() {
            variant::content(prompt, &resolved).map_err(|error| (error.to_string(), None, error.help))
        } else {
            content(prompt, &resolved).map_err(|error| {
                let help = "write its parts into the text, or set release: false";
                (error.to_string(), error.path, help)
            })
        };
        match content {
            Ok(content) => prompts.push(Ready { destination, subject, content }),
            Err((what, path, help)) => problems.push(
                Problem::error(format!("the prompt `{}` cannot be released: {what}", prompt.id))
                    .path(path.as_deref().unwrap_or(&prompt.catalog))
                    .help(help),
            ),
        }
    }
    prompts
}

/// A name that no other run has.
fn run_name(origin: &Origin) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let parts = (origin.run.clone(), now.to_string(), std::process::id());
    Fingerprint::of_json(&parts).short(12)
}

impl ReleaseContext {
    /// The prompts that are meant.
    ///
    /// # Errors
    /// When one is unknown, or goes nowhere.
    pub fn chosen(&self, names: &[String]) -> anyhow::Result<Vec<&Ready>> {
        let known: BTreeSet<&str> = self.prompts.iter().map(|ready| ready.subject.prompt.as_str()).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
            let known: Vec<&str> = known.into_iter().collect();
            let near = crate::problem::nearest(name, &known);
            let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            anyhow::bail!("no prompt `{name}` is released to `{}`{help}", self.environment.name);
        }
        let is_meant = |ready: &&Ready| names.is_empty() || names.contains(&ready.subject.prompt);
        Ok(self.prompts.iter().filter(is_meant).collect())
    }

    /// The provider that must have answered: a language model, unless a setting allows rules.
    pub fn provider(&self) -> ProviderKind {
        let kind = self.config.provider.kind();
        match kind.is_language_model() || self.settings.release_on_scripted {
            true => kind,
            false => ProviderKind::default(),
        }
    }
}
