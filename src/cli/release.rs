//! The options of the commands that read and change what is live.

use std::path::PathBuf;

use clap::Args;

use super::OutputArgs;

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
