//! The configuration: `prompt-assay.yaml` as validated values, with a default for everything.

mod acceptance;
mod judge;
mod policy;
mod protect;
mod provider;
mod read;
mod records;
mod redact;
mod server;
#[cfg(test)]
mod tests;

pub use acceptance::Acceptance;
pub use judge::{JudgeKind, JudgePanel, JudgePolicy};
pub use protect::BarPart;
pub use provider::{Capabilities, Provider, ProviderKind};
pub use read::{DEFAULT_PATHS, find, read, read_into};
pub use redact::RedactPattern;
pub use server::Server;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::Kept;
use crate::model::ServiceTier;
use crate::per_call::BudgetPerCall;
use crate::price::Price;
use crate::prompt::{Engine, Models, ParameterOverrides, Tier};
use crate::s3_location::S3Location;

/// What a verdict that is neither a pass nor a regression does to the exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictEffect {
    /// Exit 0: it does not block.
    #[default]
    Neutral,
    /// Exit 1.
    Fail,
}

/// Which cases no fix of another case can pay for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtectedCases {
    /// Every case: one confirmed break blocks at once.
    All,
    /// Cases with one of these tags.
    Tagged(BTreeSet<String>),
}

impl Default for ProtectedCases {
    fn default() -> Self {
        Self::Tagged(BTreeSet::new())
    }
}

impl ProtectedCases {
    /// Whether a case with these tags is protected.
    pub fn covers(&self, tags: &[String]) -> bool {
        match self {
            Self::All => true,
            Self::Tagged(protected) => tags.iter().any(|tag| protected.contains(tag)),
        }
    }

    /// Whether everything that `other` protects is protected here, too.
    pub fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Tagged(_), Self::All) => false,
            (Self::Tagged(own), Self::Tagged(other)) => other.is_subset(own),
        }
    }
}

impl fmt::Display for ProtectedCases {
    /// As the configuration writes it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Tagged(tags) if tags.is_empty() => out.write_str("none"),
            Self::Tagged(tags) => out.write_str(&Vec::from_iter(tags.iter().map(String::as_str)).join(", ")),
        }
    }
}

/// What happens to a prompt without a golden set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUncovered {
    /// Listed, and passes.
    #[default]
    Pass,
    /// Fails the gate.
    Fail,
}

/// How repeated calls are kept independent (docs/statistics.md).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// White space where a reader sees none, the same on both sides; see [`crate::variation`].
    #[default]
    Whitespace,
    /// Nothing; byte-identical answers are not counted again.
    None,
}

/// The gate's policy: the numbers that a team may change, and switches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GatePolicy {
    /// False-block budget of an evaluation, over all its prompts.
    pub alpha: f64,
    /// Graded drop that makes a suspect.
    pub delta: f64,
    /// Most fresh pairs of the escalation, times n; 0 switches it off.
    pub drop_pairs: f64,
    /// Screening p-value at which the escalation starts.
    pub trigger: f64,
    /// The same for graded scores.
    pub trigger_graded: f64,
    /// Confirm as soon as suspects exist.
    pub fail_fast: bool,
    /// Floor of a prompt's mean score that declares none itself; `None`: no floor for prompts
    /// that have a baseline, 0.8 for new ones.
    pub min_score: Option<f64>,
    /// Limits of single calls, of prompts that declare none themselves.
    pub budget_per_call: BudgetPerCall,
    /// What INCONCLUSIVE does.
    pub on_inconclusive: VerdictEffect,
    /// What MIXED does.
    pub on_mixed: VerdictEffect,
    /// How many more confirmed fixes than confirmed breaks make a trade; below 0, so many breaks need no fix.
    pub net: i64,
    /// Cases that are never traded, in addition to must-pass cases.
    pub protect: ProtectedCases,
    /// What a prompt without a golden set does.
    pub uncovered: OnUncovered,
    /// False: report without blocking.
    pub enforce: bool,
    /// How repeated calls are kept independent.
    pub jitter: Jitter,
    /// Order of cases and fresh variations.
    pub seed: String,
}

impl Default for GatePolicy {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            delta: 0.2,
            drop_pairs: 3.0,
            trigger: 0.40,
            trigger_graded: 0.20,
            fail_fast: true,
            min_score: None,
            budget_per_call: BudgetPerCall::default(),
            on_inconclusive: VerdictEffect::default(),
            on_mixed: VerdictEffect::default(),
            net: 0,
            protect: ProtectedCases::default(),
            uncovered: OnUncovered::default(),
            enforce: true,
            jitter: Jitter::default(),
            seed: "0".to_owned(),
        }
    }
}

/// Caps of one run; absent means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Budget {
    /// US dollars, judge and retries included.
    pub max_cost: Option<f64>,
    /// Model calls that are not answered from the store.
    pub max_calls: Option<u64>,
    /// Input and output tokens.
    pub max_tokens: Option<u64>,
}

/// A break that the team has accepted, reviewed like a snapshot update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptedBreak {
    /// The prompt's id.
    pub prompt: String,
    /// The case's id.
    pub case: String,
    /// Why it is accepted.
    pub reason: String,
    /// Last day it holds, `YYYY-MM-DD`; `None`: until it is removed.
    #[serde(default)]
    pub until: Option<String>,
    /// Who accepted it; `None`: not looked up.
    #[serde(skip)]
    pub acceptance: Option<Acceptance>,
}

/// How calls are made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallPolicy {
    /// Calls in flight at most.
    pub concurrency: usize,
    /// Seconds one attempt may take.
    pub attempt_timeout_s: u64,
    /// Seconds one trial may take, retries and waiting included.
    pub trial_timeout_s: u64,
    /// Quotas that are known, by model id.
    pub limits: BTreeMap<String, Limit>,
    /// Whether long requests that begin alike get cache points.
    pub prompt_caching: bool,
    /// Who is served first.
    pub service_tier: ServiceTiers,
    /// Whether calls name run, commit and prompt, for logs of invocations.
    pub request_metadata: bool,
    /// Where and how batch jobs run; `None`: nowhere.
    pub batch: Option<BatchPolicy>,
}

/// The service tier of each model set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ServiceTiers {
    /// On branches.
    pub branch: ServiceTier,
    /// On main.
    pub main: ServiceTier,
}

impl ServiceTiers {
    /// The one that applies.
    pub fn of(self, tier: Tier) -> ServiceTier {
        match tier {
            Tier::Branch => self.branch,
            Tier::Main => self.main,
        }
    }
}

/// Where and how batch jobs run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchPolicy {
    /// The role that Bedrock takes to read and write the files.
    pub role_arn: String,
    /// Where the files lie.
    pub s3: S3Location,
    /// Fewest records of a job; Bedrock has a quota for it, for each model.
    pub min_records: usize,
    /// Seconds between two looks at a job.
    pub poll_s: u64,
    /// Hours a job may take.
    pub timeout_hours: u32,
}

/// A model's quota; calls start so that it is not passed. What is absent is learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Requests a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute, counted as Bedrock counts them.
    pub tokens_per_minute: Option<u64>,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            concurrency: 16,
            attempt_timeout_s: 120,
            trial_timeout_s: 900,
            limits: BTreeMap::new(),
            prompt_caching: true,
            service_tier: ServiceTiers::default(),
            request_metadata: true,
            batch: None,
        }
    }
}

/// Everything that `prompt-assay.yaml` may contain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Config {
    /// Where it was read from; `None`: all defaults.
    pub path: Option<String>,
    /// Catalog globs, relative to the configuration's directory.
    pub catalogs: Vec<String>,
    /// Directory of golden sets found by prompt name.
    pub golden: String,
    /// Template language of prompts that name none.
    pub template: Engine,
    /// Model ids of prompts that name none.
    pub models: Models,
    /// Parameters of prompts that set none.
    pub parameters: ParameterOverrides,
    /// Who answers.
    pub provider: Provider,
    /// The gate.
    pub gate: GatePolicy,
    /// Caps.
    pub budget: Budget,
    /// Calls.
    pub calls: CallPolicy,
    /// The judge.
    pub judge: JudgePolicy,
    /// Prices that add to or replace the built-in table, by model id.
    pub prices: BTreeMap<String, Price>,
    /// Accepted breaks.
    pub accepted_breaks: Vec<AcceptedBreak>,
    /// What is kept out of reports.
    pub redact: Vec<RedactPattern>,
    /// Path of the database, relative to the repository's root.
    pub database: String,
    /// Where several machines share what they paid for.
    pub shared_store: Option<S3Location>,
    /// Release targets, as written; read by the release commands.
    pub release: Option<Kept>,
    /// Parts of the bar that a proposed change may never move and still pass; the base's list counts.
    pub protect: BTreeSet<BarPart>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            catalogs: ["prompts.yaml", "prompts.yml", "prompts.json"].map(str::to_owned).to_vec(),
            golden: "golden".to_owned(),
            template: Engine::default(),
            models: Models::default(),
            parameters: ParameterOverrides::default(),
            provider: Provider::default(),
            gate: GatePolicy::default(),
            budget: Budget::default(),
            calls: CallPolicy::default(),
            judge: JudgePolicy::default(),
            prices: BTreeMap::new(),
            accepted_breaks: Vec::new(),
            redact: Vec::new(),
            database: ".prompt-assay/assay.db".to_owned(),
            shared_store: None,
            release: None,
            protect: BTreeSet::new(),
        }
    }
}
