//! The command line: its structures, and the environment variables for its options.

mod aws;
mod cache;
mod compare;
mod evaluate;
mod import;
mod lint;
mod measure;
mod output;
mod release;
mod shell;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use aws::{DoctorArgs, IamArgs, IamFormat, IamPlaceArgs, TakerArg, TrustArgs};
pub use cache::{CacheArgs, CacheCommand, PruneArgs};
pub use compare::{CompareArgs, WatchArgs};
pub use evaluate::{CallArgs, EvalArgs, MergeArgs, PlanArgs, ReportArgs, SideArgs};
pub use import::{EvalClass, ImportArgs, ImportBedrockPromptsArgs, ImportFrom, InitArgs};
pub use lint::LintArgs;
pub use measure::{CalibrateArgs, SelftestArgs};
pub use output::{FiguresArgs, OutputArgs};
pub use release::{
    BlameArgs, DiffArgs, DriftArgs, EnvironmentArgs, HistoryArgs, ReleaseArgs, RollbackArgs, ShowArgs,
};
pub use shell::{CompletionsArgs, ManArgs, Shell};

/// CI for LLM prompts: evaluate the prompts a change affects, and gate the regression.
#[derive(Debug, Parser)]
#[command(
    name = "prompt-assay",
    version,
    about,
    propagate_version = true,
    after_help = "Begin with `prompt-assay demo`, which needs nothing, or with `prompt-assay init` in your repository."
)]
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
        if let Some(verbose) = cli.command.verbose() {
            *verbose = cli.verbose > 0;
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
    /// Compare revisions, models or parameters of the same prompts: `main HEAD`, `model=ID model=ID`, `. temperature=0`.
    ///
    /// It gates nothing and leaves nothing that counts later. Exit status: 0 measured, 1 a side is worse and
    /// `--fail-if-worse` is set, 2 usage or configuration, 3 could not measure.
    Compare(Box<CompareArgs>),
    /// Evaluate the working directory again whenever a file changes: catalogs, texts, golden sets, configuration.
    ///
    /// Stored answers cost nothing; the caps are for the whole watch. Exit status: 0 ended by Ctrl-C, 2 usage or
    /// configuration, 3 the budget ended, or a service or the store failed.
    Watch(Box<WatchArgs>),
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
    /// Find what is wrong or weak in prompts, golden sets and configuration, without a model.
    ///
    /// The rules are in docs/lint.md. Exit status: 0 no error, 1 errors (with `--strict` warnings, too), 2
    /// usage or configuration, 3 the store or the output failed.
    #[command(visible_aliases = ["validate", "check"])]
    Lint(LintArgs),
    /// Print the least policies that this configuration needs in AWS. Asks nobody.
    Iam(Box<IamArgs>),
    /// Look at the repository, and propose its first files: catalog, starter cases, configuration, workflow.
    ///
    /// Shows them as a diff and asks before it writes. Running it again adds only what is new.
    Init(InitArgs),
    /// Bring what you have: configurations of promptfoo, lines of logs, samples of OpenAI's evals, prompts of Bedrock's
    /// Prompt Management.
    Import(ImportArgs),
    /// Print completions for a shell: commands, options and their values.
    Completions(CompletionsArgs),
    /// Print the manual page of the program, or of one command.
    Man(ManArgs),
    /// Run as a GitHub Action, or in AWS CodeBuild: inputs, event and commit come from the environment.
    Action,
}

/// `demo`.
#[derive(Clone, Debug, Default, Args)]
pub struct DemoArgs {
    /// Where to make the repository; default: a new temporary directory, which is kept.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}
