//! What a configuration and its catalogs ask for: models by tier, and places.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::prompt::Prompt;
use crate::prompt::Tier;
use crate::release::environment::{Environment, PromptManagement};
use crate::release::settings::Settings;
use crate::s3_location::S3Location;
use crate::snapshot::{Choice, Snapshot};

/// Where the roles are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The region of the model calls, and of the release where the environment names none.
    pub region: String,
    /// Twelve digits, or what a template calls its own account.
    pub account: String,
    /// The id of AppConfig's application; `None`: all of the account's, since a configuration may give its name.
    pub application: Option<String>,
}

/// A word of the configuration that may stand in no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {value:?} would mean something else in a policy")]
pub struct NotPlain {
    /// What it is.
    pub what: &'static str,
    /// The word.
    pub value: String,
}

/// What the jobs need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Where the roles are.
    pub place: Place,
    /// Models that pull requests ask: the branch tier's and the judges'.
    pub on_branches: BTreeSet<String>,
    /// Models that the main line asks: both tiers', since it buys answers for pull requests, too.
    pub on_main: BTreeSet<String>,
    /// Where runs share what they paid for.
    pub shared: Option<S3Location>,
    /// Where batch jobs run: Bedrock's role, and the place of their files.
    pub batch: Option<(String, S3Location)>,
    /// Where prompts are released to.
    pub release: Option<Destinations>,
}

/// Where prompts are released to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destinations {
    /// The environment's region, else the place's.
    pub region: String,
    /// Parameters, `*` for a prompt's name; empty with AppConfig.
    pub parameters: BTreeSet<String>,
    /// Whether tags are written.
    pub tags: bool,
    /// The key of a `SecureString`.
    pub key: Option<String>,
    /// Bucket and prefix for what no parameter holds.
    pub bucket: Option<(String, String)>,
    /// Whether it is AppConfig in the place of SSM.
    pub is_appconfig: bool,
    /// Whether contents are versions in Prompt Management.
    pub prompt_management: Option<PromptManagement>,
}

impl Needs {
    /// Reads them; `of_checks`: models that checks of the golden sets ask by themselves.
    ///
    /// # Errors
    /// When a word of the configuration could widen a policy.
    pub fn of(
        snapshot: &Snapshot<'_>,
        settings: &Settings,
        environment: Option<&Environment>,
        of_checks: &BTreeSet<String>,
        place: Place,
    ) -> Result<Self, NotPlain> {
        let config = &snapshot.config;
        let [mut branch, mut main, mut judges] = [(); 3].map(|()| BTreeSet::new());
        if config.provider.capabilities().is_on_aws {
            judges.extend(of_checks.iter().cloned());
            for prompt in &snapshot.prompts {
                branch.extend(model(snapshot, prompt, Tier::Branch));
                main.extend(model(snapshot, prompt, Tier::Main));
                judges.extend(snapshot.judge_models(prompt).iter().cloned());
            }
        }
        for model in branch.iter().chain(&main).chain(&judges) {
            plain("the model", model)?;
        }
        let needs = Self {
            on_main: branch.iter().chain(&main).chain(&judges).cloned().collect(),
            on_branches: branch.into_iter().chain(judges).collect(),
            shared: config.shared_store.clone(),
            batch: batch(config)?,
            release: match environment.filter(|environment| environment.directory.is_none()) {
                Some(environment) => Some(destinations(snapshot, settings, environment, &place)?),
                None => None,
            },
            place,
        };
        Ok(needs)
    }
}

fn model(snapshot: &Snapshot<'_>, prompt: &Prompt, tier: Tier) -> Option<String> {
    snapshot.model(prompt, &Choice { tier, ..Choice::default() })
}

fn batch(config: &Config) -> Result<Option<(String, S3Location)>, NotPlain> {
    let Some(policy) = &config.calls.batch else { return Ok(None) };
    plain("the role", &policy.role_arn)?;
    Ok(Some((policy.role_arn.clone(), policy.s3.clone())))
}

fn destinations(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    environment: &Environment,
    place: &Place,
) -> Result<Destinations, NotPlain> {
    let is_appconfig = environment.appconfig.is_some();
    let mut parameters = BTreeSet::new();
    if !is_appconfig {
        let of_all = environment.pattern.iter().map(|pattern| pattern.replace("{name}", "*"));
        parameters.extend(of_all);
        for prompt in &snapshot.prompts {
            let own = settings.destination(environment, &prompt.id).filter(|destination| destination.is_own);
            parameters.extend(own.map(|destination| destination.name));
        }
    }
    for parameter in &parameters {
        plain("the parameter", &parameter.replace('*', "x"))?;
    }
    if let Some((bucket, prefix)) = &environment.bucket {
        plain("the bucket", bucket)?;
        plain("the prefix", prefix)?;
    }
    if let Some(key) = &environment.key {
        plain("the key", key)?;
    }
    let region = environment.region.clone().unwrap_or_else(|| place.region.clone());
    plain("the region", &region)?;
    Ok(Destinations {
        region,
        parameters,
        tags: environment.tags,
        key: environment.key.clone().filter(|_| environment.secure),
        bucket: environment.bucket.clone(),
        is_appconfig,
        prompt_management: environment.prompt_management,
    })
}

/// A star, a question mark or a variable in a policy stands for more than itself.
pub(super) fn plain(what: &'static str, value: &str) -> Result<(), NotPlain> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,".contains(c);
    match value.chars().all(is_plain) {
        true => Ok(()),
        false => Err(NotPlain { what, value: value.to_owned() }),
    }
}
