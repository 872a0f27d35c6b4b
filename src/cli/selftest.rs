//! The options of `selftest`.

use std::path::PathBuf;

use clap::Args;

use super::{CallArgs, SideArgs};

/// `selftest`.
#[derive(Clone, Debug, Default, Args)]
pub struct SelftestArgs {
    /// Only these prompts; default: all that have a golden set.
    #[arg(value_name = "PROMPT")]
    pub names: Vec<String>,
    /// Which tree and models; the base plays no part.
    #[command(flatten)]
    pub sides: SideArgs,
    /// How calls are made.
    #[command(flatten)]
    pub calls: CallArgs,
    /// US dollars that it may spend; the same as `--max-cost`.
    #[arg(long, value_name = "USD", conflicts_with = "max_cost", env = "PROMPT_ASSAY_BUDGET")]
    pub budget: Option<f64>,
    /// Do not ask whether the calls may be made.
    #[arg(long, short = 'y', env = "PROMPT_ASSAY_YES")]
    pub yes: bool,
    /// Write the figures as JSON.
    #[arg(long, env = "PROMPT_ASSAY_JSON")]
    pub json: bool,
    /// Write to this file instead of standard output.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
    /// No notes and no progress on standard error.
    #[arg(long, env = "PROMPT_ASSAY_QUIET")]
    pub quiet: bool,
}
