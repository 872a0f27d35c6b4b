//! The options of `eval` and `plan`: what is compared, and how calls are made; and of `report` and `merge`, which take
//! the results of `eval`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::OutputArgs;
use crate::prompt::Tier;
use crate::s3_location::S3Location;
use crate::shard::Shard;
use crate::store::remote::Area;

/// What is compared.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is compared")]
pub struct SideArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Compare with this revision, or with `none`: every prompt is judged by its floor alone; default: the
    /// merge base with the default branch, and on that branch with `--tier main` what last passed there.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_BASE")]
    pub base: Option<String>,
    /// Evaluate this revision; default: the working directory, uncommitted edits included.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_HEAD")]
    pub head: Option<String>,
    /// Which model set applies.
    #[arg(long, value_enum, default_value_t = Tier::Branch, env = "PROMPT_ASSAY_TIER")]
    pub tier: Tier,
    /// Use this model on both sides, whatever the catalogs say.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_MODEL")]
    pub model: Option<String>,
    /// Only this prompt; may be repeated.
    #[arg(long = "prompt", value_name = "NAME", env = "PROMPT_ASSAY_PROMPT", value_delimiter = ',')]
    pub prompts: Vec<String>,
}

/// `eval`.
#[derive(Clone, Debug, Default, Args)]
pub struct EvalArgs {
    /// What is compared.
    #[command(flatten)]
    pub sides: SideArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How calls are made.
    #[command(flatten)]
    pub calls: CallArgs,
    /// Write the report as a page for a browser to this file, too, whatever `--format` says.
    #[arg(long, value_name = "FILE", help_heading = "Output", env = "PROMPT_ASSAY_HTML")]
    pub html: Option<PathBuf>,
    /// Evaluate one part of the affected prompts, such as 2/8; `merge` combines the reports.
    #[arg(long, value_name = "N/OF", help_heading = "What is compared", env = "PROMPT_ASSAY_SHARD")]
    pub shard: Option<Shard>,
    /// Write the evidence that a release requires to this file, for a job with another role; needs `--tier
    /// main`.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_EVIDENCE")]
    pub evidence: Option<PathBuf>,
}

/// How calls are made.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Calls and budget")]
pub struct CallArgs {
    /// US dollars this run may spend, judge and retries included.
    #[arg(long, value_name = "USD", allow_negative_numbers = true, env = "PROMPT_ASSAY_MAX_COST")]
    pub max_cost: Option<f64>,
    /// Model calls this run may make.
    #[arg(long, value_name = "N", env = "PROMPT_ASSAY_MAX_CALLS")]
    pub max_calls: Option<u64>,
    /// Input and output tokens this run may use.
    #[arg(long, value_name = "N", env = "PROMPT_ASSAY_MAX_TOKENS")]
    pub max_tokens: Option<u64>,
    /// Maximum number of calls in flight, for each model.
    #[arg(long, value_name = "N", env = "PROMPT_ASSAY_CONCURRENCY")]
    pub concurrency: Option<usize>,
    /// Fixes the order of cases and the fresh variations; another text can change the verdict.
    #[arg(long, value_name = "TEXT", env = "PROMPT_ASSAY_SEED")]
    pub seed: Option<String>,
    /// Use only stored answers; a missing answer is a failure.
    #[arg(long, conflicts_with_all = ["fresh", "no_cache"], env = "PROMPT_ASSAY_OFFLINE")]
    pub offline: bool,
    /// Buy every answer again. This can change the verdict, and the report says so.
    #[arg(long, conflicts_with = "no_cache", env = "PROMPT_ASSAY_FRESH")]
    pub fresh: bool,
    /// Neither read nor write the store.
    #[arg(long, env = "PROMPT_ASSAY_NO_CACHE")]
    pub no_cache: bool,
    /// Buy the screening answers in batch jobs, at half the price and within hours: for nightly runs
    /// and large ones on main. Needs `calls.batch` in the configuration.
    #[arg(long, conflicts_with_all = ["offline", "fresh", "no_cache"], env = "PROMPT_ASSAY_BATCH")]
    pub batch: bool,
    /// Share paid answers with other machines; overrides `shared_store` in the configuration.
    #[arg(long, value_name = "s3://BUCKET/PREFIX", env = "PROMPT_ASSAY_SHARED_STORE")]
    pub shared_store: Option<S3Location>,
    /// Which part of the shared store is used.
    #[arg(long, value_enum, default_value_t = Area::Read, env = "PROMPT_ASSAY_SHARED_AREA")]
    pub shared_area: Area,
    /// Use the rules of this file instead of a model, for tests and trials.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_SCRIPTED")]
    pub scripted: Option<PathBuf>,
}

/// `plan`.
#[derive(Clone, Debug, Default, Args)]
pub struct PlanArgs {
    /// What is compared.
    #[command(flatten)]
    pub sides: SideArgs,
    /// Where the plan goes.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Let Bedrock count the input tokens of some requests (`CountTokens`, at no cost), for a better
    /// estimate; needs credentials.
    #[arg(long, env = "PROMPT_ASSAY_COUNT_TOKENS")]
    pub count_tokens: bool,
}

impl ValueEnum for Area {
    fn value_variants<'a>() -> &'a [Self] {
        &[Area::Main, Area::Branch, Area::Read]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Area::Main => PossibleValue::new("main").help("Read and write `main/`: for trusted commits only"),
            Area::Branch => PossibleValue::new("branch").help("Read `main/` and `branch/`, write `branch/`"),
            Area::Read => PossibleValue::new("read").help("Read `main/`, write nothing"),
        })
    }
}

impl ValueEnum for Tier {
    fn value_variants<'a>() -> &'a [Self] {
        &[Tier::Branch, Tier::Main]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Tier::Branch => "The cheap model, for branches",
            Tier::Main => "The full model, for main",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// `report`.
#[derive(Clone, Debug, Default, Args)]
pub struct ReportArgs {
    /// A JSON result of `eval`; default: the newest run in the store.
    pub file: Option<PathBuf>,
    /// Where the report goes.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `merge`.
#[derive(Clone, Debug, Default, Args)]
pub struct MergeArgs {
    /// JSON reports of `eval --shard`, one per shard, or directories that hold them. With
    /// PROMPT_ASSAY_STORE_KEY in the environment, one that this key did not seal counts as missing.
    #[arg(required = true, value_name = "FILE")]
    pub reports: Vec<PathBuf>,
    /// Where the report goes.
    #[command(flatten)]
    pub output: OutputArgs,
}
