//! The command line: structures, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// CI for LLM prompts: evaluate the prompts a change affects, and gate the regression.
#[derive(Debug, Parser)]
#[command(name = "prompt-assay", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Show what happens inside, on standard error; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate what changed between base and head, and gate it.
    ///
    /// Exit status: 0 pass, 1 the gate failed, 2 usage or configuration, 3 could not measure.
    Eval(Box<EvalArgs>),
    /// Say what would run and why, with estimated calls, tokens and cost. Runs nothing.
    Plan(Box<PlanArgs>),
    /// Render a saved result again.
    Report(ReportArgs),
    /// Show it all on a made-up repository, with a scripted model; no account needed.
    Demo(DemoArgs),
    /// Run as a GitHub Action: inputs, event and commit come from the environment.
    Action,
}

/// What is compared.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is compared")]
pub struct SideArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Compare with this revision; default: the merge base with the default branch.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_BASE")]
    pub base: Option<String>,
    /// Evaluate this revision; default: the working directory, uncommitted edits included.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_HEAD")]
    pub head: Option<String>,
    /// Which model set applies.
    #[arg(long, value_enum, default_value_t = TierArg::Branch, env = "PROMPT_ASSAY_TIER")]
    pub tier: TierArg,
    /// Answer with this model on both sides, whatever the catalogs say.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_MODEL")]
    pub model: Option<String>,
    /// Only this prompt; may be repeated.
    #[arg(long = "prompt", value_name = "NAME", env = "PROMPT_ASSAY_PROMPT", value_delimiter = ',')]
    pub prompts: Vec<String>,
}

/// Where the result goes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Terminal, env = "PROMPT_ASSAY_FORMAT")]
    pub format: Format,
    /// Write the result to this file instead of standard output.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
    /// No progress.
    #[arg(long, env = "PROMPT_ASSAY_QUIET")]
    pub quiet: bool,
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
}

/// How calls are made.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Calls and budget")]
pub struct CallArgs {
    /// US dollars this run may spend, judge and retries included.
    #[arg(long, value_name = "USD", env = "PROMPT_ASSAY_MAX_COST")]
    pub max_cost: Option<f64>,
    /// Model calls this run may make.
    #[arg(long, value_name = "N", env = "PROMPT_ASSAY_MAX_CALLS")]
    pub max_calls: Option<u64>,
    /// Calls in flight at most, for the prompt's model and for the judge's.
    #[arg(long, value_name = "N", env = "PROMPT_ASSAY_CONCURRENCY")]
    pub concurrency: Option<usize>,
    /// Order of cases and nonces.
    #[arg(long, value_name = "TEXT", env = "PROMPT_ASSAY_SEED")]
    pub seed: Option<String>,
    /// Answers come from the store only; a missing one is a failure.
    #[arg(long, conflicts_with_all = ["fresh", "no_cache"], env = "PROMPT_ASSAY_OFFLINE")]
    pub offline: bool,
    /// Buy every answer anew. This re-rolls the verdict, and the report says so.
    #[arg(long, conflicts_with = "no_cache", env = "PROMPT_ASSAY_FRESH")]
    pub fresh: bool,
    /// Neither read nor write the store.
    #[arg(long, env = "PROMPT_ASSAY_NO_CACHE")]
    pub no_cache: bool,
    /// Answer by the rules of this file instead of a model, for tests and trials.
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

/// `demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// Where to make the repository; default: a new temporary directory, which is kept.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// `--tier`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TierArg {
    /// The cheap model, for branches.
    #[default]
    Branch,
    /// The full model, for main.
    Main,
}

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person at a terminal.
    #[default]
    Terminal,
    /// The pull request's comment.
    Markdown,
    /// For programs; see schemas/report.schema.json.
    Json,
    /// For CI systems that read JUnit XML.
    Junit,
}
