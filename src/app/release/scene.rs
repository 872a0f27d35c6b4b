//! Where a release happens: the commit that is released, the environment, the stores behind it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;

use crate::adapters::appconfig::AppConfig;
use crate::adapters::aws::{Connection, Options};
use crate::adapters::directory::Directory;
use crate::adapters::git::Repository;
use crate::adapters::s3::S3Bucket;
use crate::adapters::ssm::Ssm;
use crate::app::failure::Unread;
use crate::app::{origin, workspace};
use crate::change::Judges;
use crate::cli::EnvironmentArgs;
use crate::config::{Config, Provider};
use crate::evidence::{self, Origin, Subject};
use crate::fingerprint::Fingerprint;
use crate::problem::{Problem, Problems};
use crate::prompt::Tier;
use crate::release::content::content;
use crate::release::hands::{Account, Clock, Hands};
use crate::release::hosted::Hosted;
use crate::release::hosted::settings::Target;
use crate::release::outside::{ConfigurationPlace, Objects, Parameters};
use crate::release::settings::{self, Destination, Environment, Settings};
use crate::report::untrusted;
use crate::snapshot::{Choice, Resolved, Snapshot};
use crate::tree::Tree;

/// A prompt of the commit, ready to be released.
pub struct Ready {
    /// Where it goes.
    pub destination: Destination,
    /// What evidence must be about.
    pub subject: Subject,
    /// What readers shall get.
    pub content: String,
}

/// The commit that is released, and where to.
pub struct Scene {
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
pub fn open(start: &Path, args: &EnvironmentArgs) -> anyhow::Result<Scene> {
    let repository = Repository::discover(start)?;
    let tree = repository.revision(args.head.as_deref().unwrap_or("HEAD"))?;
    let here = crate::adapters::git::relative_directory(repository.root(), start);
    let mut scene = of_tree((&tree, tree.commit()), (repository.root(), &here), args)?;
    scene.origin.pull_request = tree.message().and_then(|message| origin::merged(&message));
    Ok(scene)
}

/// The same, to look at what the store holds.
///
/// # Errors
/// As for [`open`].
pub fn look(start: &Path, args: &EnvironmentArgs) -> anyhow::Result<Scene> {
    open(start, args).map_err(|error| match error.downcast::<Unread>() {
        Ok(unread) => Unread { undone: "read", ..unread }.into(),
        Err(other) => other,
    })
}

/// The same of a commit whose files come from anywhere; the root is on disk, the directory counts
/// from there.
///
/// # Errors
/// An [`Unread`] with everything wrong in its files.
pub fn of_tree(
    (tree, commit): (&dyn Tree, String),
    (root, here): (&Path, &str),
    args: &EnvironmentArgs,
) -> anyhow::Result<Scene> {
    let path = workspace::config_path(here, args.config.as_deref(), tree)?;
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(tree, path.as_deref(), &mut problems);
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
    let origin = Origin { commit: Some(commit), ..origin::of_process() };
    Ok(Scene {
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
        match content(prompt, &resolved) {
            Ok(content) => prompts.push(Ready { destination, subject, content }),
            Err(error) => problems.push(
                Problem::error(format!("the prompt `{}` cannot be released: {error}", prompt.id))
                    .path(error.path.as_deref().unwrap_or(&prompt.catalog))
                    .help("write its parts into the text, or set release: false"),
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

impl Scene {
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

    /// Who must have answered.
    pub fn provider(&self) -> &'static str {
        match self.config.provider {
            Provider::Bedrock => "bedrock",
            Provider::Scripted(_) => "scripted",
        }
    }

    /// Where its stores are, for a person.
    pub fn place(&self, stores: &Stores) -> String {
        match (&self.environment.directory, &stores.region) {
            (Some(directory), _) => format!("the directory `{directory}`"),
            (None, region) => format!("the region {}", region.as_deref().unwrap_or("of the process")),
        }
    }

    /// Opens the stores of the environment. Connects to nothing yet.
    ///
    /// # Errors
    /// Without a region.
    pub fn stores(&self) -> anyhow::Result<Stores> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        if let Some(directory) = &self.environment.directory {
            let author = self.origin.actor.clone().unwrap_or_else(|| "somebody".to_owned());
            let open = || Directory::new(self.root.join(directory), &author);
            return Ok(Stores {
                parameters: Box::new(open()),
                objects: Some(Box::new(open())),
                region: None,
                _runtime: runtime,
                watch: Watch(Instant::now()),
            });
        }
        let options = Options {
            region: self.environment.region.clone(),
            attempt_timeout: Duration::from_secs(20),
            ..Options::default()
        };
        let connection =
            runtime.block_on(Connection::open(options)).map_err(|error| anyhow::anyhow!("{error}"))?;
        let parameters: Box<dyn Parameters> = match &self.environment.appconfig {
            Some(target) => Box::new(self.hosted(target, AppConfig::connect(&connection, runtime.handle()))),
            None => Box::new(Ssm::connect(&connection, runtime.handle())),
        };
        let objects = self.environment.bucket.as_ref().map(|(bucket, _)| {
            let bucket = S3Bucket::connect(&connection, bucket).blocking(runtime.handle());
            Box::new(bucket) as Box<dyn Objects>
        });
        Ok(Stores {
            parameters,
            objects,
            region: Some(connection.region().to_owned()),
            _runtime: runtime,
            watch: Watch(Instant::now()),
        })
    }

    fn hosted(&self, target: &Target, configurations: AppConfig) -> Hosted {
        let names = self.prompts.iter().map(|ready| ready.destination.name.clone()).collect();
        Hosted {
            configurations: Arc::new(configurations),
            clock: Arc::new(Watch(Instant::now())),
            say: Box::new(|word| eprintln!("{}", untrusted::terminal_line(word))),
            place: ConfigurationPlace {
                application: target.application.clone(),
                environment: target.environment.clone(),
                profile: String::new(),
                strategy: target.strategy.clone(),
            },
            names,
            label: self.environment.label.clone(),
            patience_ms: target.patience * 60_000,
            known: Mutex::default(),
        }
    }
}

/// The stores of an environment.
pub struct Stores {
    parameters: Box<dyn Parameters>,
    objects: Option<Box<dyn Objects>>,
    region: Option<String>,
    /// Makes the calls of AWS; ends after them.
    _runtime: tokio::runtime::Runtime,
    watch: Watch,
}

/// The time since a moment.
struct Watch(Instant);

impl Stores {
    /// How they are spoken to.
    pub fn hands<'a>(&'a self, scene: &'a Scene) -> Hands<'a> {
        Hands {
            parameters: self.parameters.as_ref(),
            objects: self.objects.as_deref(),
            prefix: scene.environment.bucket.as_ref().map_or("prompts/", |(_, prefix)| prefix),
            clock: &self.watch,
            label: &scene.environment.label,
            run: &scene.run,
            advanced: scene.environment.advanced,
            tags: scene.environment.tags,
            gap_ms: if scene.environment.directory.is_some() {
                0
            } else {
                crate::release::hands::WRITE_GAP_MS
            },
            account: Account::default(),
        }
    }
}

impl Clock for Watch {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep_ms(&self, ms: u64) {
        std::thread::sleep(Duration::from_millis(ms));
    }
}

/// The current directory.
///
/// # Errors
/// When it is gone.
pub fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("the current directory is gone")
}
