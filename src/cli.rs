//! The command line: its structures, and the environment variables for its options.

mod aws;
mod bring;
mod calibrate;
mod output;
mod saved;
mod selftest;
mod shell;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, PossibleValue};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::prompt::Tier;
use crate::report::format::Format;
use crate::s3_location::S3Location;
use crate::shard::Shard;
use crate::store::remote::Area;

pub use output::OutputArgs;

pub use aws::{DoctorArgs, IamArgs, IamFormat, IamPlaceArgs, JobArg, TakerArg, TrustArgs};
pub use bring::{EvalClass, ImportArgs, ImportFrom, InitArgs};
pub use calibrate::CalibrateArgs;
pub use saved::{MergeArgs, ReportArgs};
pub use selftest::SelftestArgs;
pub use shell::{CompletionsArgs, ManArgs, Shell};

/// CI for LLM prompts: evaluate the prompts a change affects, and gate the regression.
#[derive(Debug, Parser)]
#[command(name = "prompt-assay", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Show everything that a report holds; twice: log every model call on standard error, too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

impl Cli {
    /// The command line of this process. If it is wrong or asks for help, the process ends here.
    pub fn of_process() -> Self {
        let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
        let mut command = command(&is_empty);
        let matches = command.get_matches_mut();
        let mut cli =
            Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
        if let Some(output) = cli.command.output() {
            output.verbose = cli.verbose > 0;
        }
        cli
    }
}

/// The command line's description. An environment variable for which `is_empty` holds counts as absent
/// (CI systems also pass inputs without a value), and `1`, `true` or `yes` sets a switch.
pub fn command(is_empty: &dyn Fn(&OsStr) -> bool) -> clap::Command {
    fn prepared(command: clap::Command, is_empty: &dyn Fn(&OsStr) -> bool) -> clap::Command {
        let command = command.mut_args(|arg| {
            let arg = arg.hide_env_values(true);
            let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
            let arg = if is_switch { arg.value_parser(FalseyValueParser::new()) } else { arg };
            if arg.get_env().is_some_and(is_empty) { arg.env(None::<&str>) } else { arg }
        });
        command.mut_subcommands(|command| prepared(command, is_empty))
    }
    prepared(Cli::command(), is_empty)
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluate what changed between base and head, and gate it.
    ///
    /// Exit status: 0 pass, 1 the gate failed, 2 usage or configuration, 3 could not measure.
    Eval(Box<EvalArgs>),
    /// Show what `eval` would run and why, with estimated calls, tokens and cost. Calls no model.
    Plan(Box<PlanArgs>),
    /// Render a saved result again.
    ///
    /// The exit status is the one of the saved result.
    Report(ReportArgs),
    /// Merge the reports of all shards of an evaluation (`eval --shard`) into one report.
    ///
    /// The exit status is that of the merged report; 3 if a shard is missing.
    Merge(MergeArgs),
    /// Show the whole path on an example repository, with a scripted model; no account needed.
    ///
    /// Ends with exit status 1, because the edit it shows breaks cases.
    Demo(DemoArgs),
    /// Maintain the store: count, prune, export and import its entries.
    Cache(CacheArgs),
    /// Measure how well the judge agrees with people, on answers that people have labelled.
    ///
    /// Exit status: 0 measured, 2 usage or configuration, 3 the judge could not be measured.
    Calibrate(Box<CalibrateArgs>),
    /// Measure the gate on your own prompts: how often it blocks edits without meaning, and finds planted breaks.
    ///
    /// Says what it costs and asks first. Exit status: 0 measured, 2 usage or configuration, 3 not all could be measured.
    Selftest(Box<SelftestArgs>),
    /// Make the commit's prompts live if they passed with the full model.
    ///
    /// Exit status: 0 done, nothing to do, or held as somebody decided; 1 refused or left alone; 2 usage or
    /// configuration; 3 stopped by a store or by another release, and running it again completes it.
    Release(Box<ReleaseArgs>),
    /// Restore an earlier version; the content that was live is held until it changes.
    Rollback(Box<RollbackArgs>),
    /// List what was live when, by whom, with which score.
    History(HistoryArgs),
    /// Say which version was live at a time.
    Blame(BlameArgs),
    /// Print the live version, or another version.
    Show(ShowArgs),
    /// Compare two versions.
    Diff(DiffArgs),
    /// Compare the store with the commit; exit status 1 if they differ, other than by a recorded rollback.
    Drift(DriftArgs),
    /// Look at what a first run needs, and say how to fix what it would trip over. Spends and writes nothing.
    ///
    /// Exit status: 0 a run can begin, 2 there is something to fix.
    Doctor(DoctorArgs),
    /// Print the least policies that this configuration needs in AWS. Asks nobody.
    Iam(Box<IamArgs>),
    /// Look at the repository, and propose its first files: catalog, starter cases, configuration, workflow.
    ///
    /// Shows them as a diff and asks before it writes. Running it again adds only what is new.
    Init(InitArgs),
    /// Bring what you have: configurations of promptfoo, lines of logs, samples of OpenAI's evals.
    Import(ImportArgs),
    /// Print completions for a shell: commands, options and their values.
    Completions(CompletionsArgs),
    /// Print the manual page of the program, or of one command.
    Man(ManArgs),
    /// Run as a GitHub Action, or in AWS CodeBuild: inputs, event and commit come from the environment.
    Action,
}

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

/// `demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// Where to make the repository; default: a new temporary directory, which is kept.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// `cache`.
#[derive(Clone, Debug, Args)]
pub struct CacheArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: CacheCommand,
    /// The database; default: the configuration's.
    #[arg(long, value_name = "PATH", global = true, env = "PROMPT_ASSAY_DATABASE")]
    pub database: Option<PathBuf>,
}

/// The commands of `cache`.
#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// Count answers, comparisons, runs and evidence, with their tokens and cost.
    Stats {
        /// One JSON object instead of a table.
        #[arg(long, env = "PROMPT_ASSAY_CACHE_JSON")]
        json: bool,
    },
    /// Remove entries. Evidence, and the runs that are baselines on main, are always kept.
    ///
    /// A comparison that loses answers is marked: if it is run again and buys the missing answers, its
    /// report says so.
    Prune(PruneArgs),
    /// Write everything as JSON lines, which `import` reads; default: to standard output.
    Export {
        /// The file to write.
        file: Option<PathBuf>,
    },
    /// Add exported entries; `-` is standard input. A file with a damaged line is not imported at all.
    /// Existing entries are not replaced.
    Import {
        /// The files to read.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// `cache prune`.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["unused_for", "max_size", "of_models"])))]
pub struct PruneArgs {
    /// Answers and runs that were not used for this number of days.
    #[arg(long, value_name = "DAYS", env = "PROMPT_ASSAY_PRUNE_UNUSED_FOR")]
    pub unused_for: Option<u32>,
    /// The least recently used entries, until the rest fits into this number of megabytes.
    #[arg(long, value_name = "MB", env = "PROMPT_ASSAY_PRUNE_MAX_SIZE")]
    pub max_size: Option<u64>,
    /// All answers of this model; may be repeated.
    #[arg(long = "of-model", value_name = "ID", env = "PROMPT_ASSAY_PRUNE_OF_MODEL", value_delimiter = ',')]
    pub of_models: Vec<String>,
    /// Show what would be removed, and remove nothing.
    #[arg(long, env = "PROMPT_ASSAY_PRUNE_DRY_RUN")]
    pub dry_run: bool,
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

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = self.name_and_help();
        Some(PossibleValue::new(name).help(help))
    }
}

/// Which commit and which environment.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where")]
pub struct EnvironmentArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// The environment of `release:`; default: its `default`, or the only one.
    #[arg(long, value_name = "NAME", env = "PROMPT_ASSAY_ENV")]
    pub env: Option<String>,
    /// The commit; default: the one that is checked out, without uncommitted edits.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_HEAD")]
    pub head: Option<String>,
}

/// `release`.
#[derive(Clone, Debug, Default, Args)]
pub struct ReleaseArgs {
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Show what would be done, and write nothing.
    #[arg(long, env = "PROMPT_ASSAY_DRY_RUN")]
    pub dry_run: bool,
    /// Only this prompt; may be repeated.
    #[arg(long = "prompt", value_name = "NAME", env = "PROMPT_ASSAY_PROMPT", value_delimiter = ',')]
    pub prompts: Vec<String>,
    /// Evidence written by `eval --evidence FILE`; default: the evidence in the database.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_EVIDENCE")]
    pub evidence: Option<PathBuf>,
    /// Release without evidence; the reason is recorded.
    #[arg(long, value_name = "REASON", env = "PROMPT_ASSAY_WITHOUT_EVIDENCE")]
    pub without_evidence: Option<String>,
    /// Release a content that was rolled back; the reason is recorded.
    #[arg(long, value_name = "REASON", env = "PROMPT_ASSAY_LIFT_HOLD")]
    pub lift_hold: Option<String>,
    /// Replace an external change (a rollback in the console, a version of another program); the reason is
    /// recorded.
    #[arg(long, value_name = "REASON", env = "PROMPT_ASSAY_OVERWRITE")]
    pub overwrite: Option<String>,
}

/// `rollback`.
#[derive(Clone, Debug, Default, Args)]
pub struct RollbackArgs {
    /// The prompt.
    pub name: String,
    /// The version to restore; default: the previous good one.
    #[arg(long, value_name = "VERSION", env = "PROMPT_ASSAY_TO")]
    pub to: Option<u64>,
    /// The reason; it is recorded and shown in the history.
    #[arg(long, value_name = "TEXT", env = "PROMPT_ASSAY_REASON")]
    pub reason: String,
    /// Show what would be done, and write nothing.
    #[arg(long, env = "PROMPT_ASSAY_DRY_RUN")]
    pub dry_run: bool,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `history`.
#[derive(Clone, Debug, Default, Args)]
pub struct HistoryArgs {
    /// The prompt.
    pub name: String,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `blame`.
#[derive(Clone, Debug, Default, Args)]
pub struct BlameArgs {
    /// The prompt.
    pub name: String,
    /// The time, `YYYY-MM-DD HH:MM` in UTC.
    #[arg(long, value_name = "TIME", env = "PROMPT_ASSAY_AT")]
    pub at: String,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `show`.
#[derive(Clone, Debug, Default, Args)]
pub struct ShowArgs {
    /// The prompt, or NAME:VERSION, or NAME:LABEL.
    pub name: String,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
}

/// `diff`.
#[derive(Clone, Debug, Default, Args)]
pub struct DiffArgs {
    /// The prompt.
    pub name: String,
    /// A version or a label.
    pub old: String,
    /// A version or a label.
    pub new: String,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
}

/// `drift`.
#[derive(Clone, Debug, Default, Args)]
pub struct DriftArgs {
    /// Release the commit's contents that differ from the store, if they passed.
    #[arg(long, env = "PROMPT_ASSAY_HEAL")]
    pub heal: bool,
    /// With `--heal`: also replace external changes; the reason is recorded.
    #[arg(long, value_name = "REASON", env = "PROMPT_ASSAY_OVERWRITE", requires = "heal")]
    pub overwrite: Option<String>,
    /// Which commit and which environment.
    #[command(flatten)]
    pub place: EnvironmentArgs,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
}
