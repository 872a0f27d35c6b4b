//! The stores behind an environment: SSM with S3 or Prompt Management, AppConfig, or a directory; and the time they take.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::context::ReleaseContext;
use crate::adapters::appconfig::AppConfig;
use crate::adapters::aws::{Connection, Options};
use crate::adapters::directory::Directory;
use crate::adapters::progress;
use crate::adapters::prompt_management::PromptManagement;
use crate::adapters::s3::S3Bucket;
use crate::adapters::ssm::Ssm;
use crate::release::appconfig::AppConfigStore;
use crate::release::appconfig::settings::Target;
use crate::release::client::{Account, Clock, PATIENCE_MS, StoreClient, Told, WRITE_GAP_MS};
use crate::release::ports::{ConfigurationPlace, Objects, Parameters};
use crate::release::prompt_management::Managed;
use crate::report::untrusted;

impl ReleaseContext {
    /// Opens the stores of the environment. Connects to nothing yet.
    ///
    /// # Errors
    /// Without a region.
    pub fn stores(&self) -> anyhow::Result<Stores> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        if let Some(directory) = &self.environment.directory {
            let author = self.origin.actor.clone().unwrap_or_else(|| "somebody".to_owned());
            let open = || Directory::new(self.root.clone(), directory, &author);
            open().check().with_context(|| format!("`directory: {directory}` of the release"))?;
            return Ok(Stores {
                parameters: Box::new(open()),
                objects: Some(Box::new(open())),
                managed: None,
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
            Some(target) => {
                Box::new(self.appconfig(target, AppConfig::connect(&connection, runtime.handle())))
            }
            None => Box::new(Ssm::connect(&connection, runtime.handle())),
        };
        let objects = self.environment.bucket.as_ref().map(|(bucket, _)| {
            let bucket = S3Bucket::connect(&connection, bucket).blocking(runtime.handle());
            Box::new(bucket) as Box<dyn Objects>
        });
        let managed = self.environment.prompt_management.map(|settings| Managed {
            service: Arc::new(PromptManagement::connect(&connection, runtime.handle())),
            keep: settings.keep,
            known: Mutex::default(),
        });
        Ok(Stores {
            parameters,
            objects,
            managed,
            region: Some(connection.region().to_owned()),
            _runtime: runtime,
            watch: Watch(Instant::now()),
        })
    }

    fn appconfig(&self, target: &Target, configurations: AppConfig) -> AppConfigStore {
        let names = self.prompts.iter().map(|ready| ready.destination.name.clone()).collect();
        AppConfigStore {
            configurations: Arc::new(configurations),
            clock: Arc::new(Watch(Instant::now())),
            say: Box::new(|word| progress::say(&untrusted::terminal_line(word))),
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
    managed: Option<Managed>,
    /// Where AWS's are.
    pub region: Option<String>,
    /// Makes the calls of AWS; ends after them.
    _runtime: tokio::runtime::Runtime,
    watch: Watch,
}

/// The time since a moment.
struct Watch(Instant);

impl Stores {
    /// Where they are, for a person.
    pub fn place(&self, context: &ReleaseContext) -> String {
        match (&context.environment.directory, &self.region) {
            (Some(directory), _) => format!("the directory `{directory}`"),
            (None, region) => format!("the region {}", region.as_deref().unwrap_or("of the process")),
        }
    }

    /// How they are spoken to.
    pub fn client<'a>(&'a self, context: &'a ReleaseContext) -> StoreClient<'a> {
        StoreClient {
            parameters: self.parameters.as_ref(),
            objects: self.objects.as_deref(),
            managed: self.managed.as_ref(),
            prefix: context.environment.bucket.as_ref().map_or("prompts/", |(_, prefix)| prefix),
            clock: &self.watch,
            label: &context.environment.label,
            run: &context.run,
            advanced: context.environment.advanced,
            tags: context.environment.tags,
            gap_ms: if context.environment.directory.is_some() { 0 } else { WRITE_GAP_MS },
            patience_ms: PATIENCE_MS,
            account: Account::telling(&say),
        }
    }
}

/// Reports what a command waits for, with or without progress messages.
pub fn say(told: Told<'_>) {
    if let Told::Waiting(failure, left_ms) = told {
        let failure = untrusted::terminal_line(&failure.to_string());
        progress::say(&format!(
            "the store does not answer, trying again for up to {} s: {failure}",
            left_ms / 1000
        ));
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
