//! The options of commands on saved results.

use std::path::PathBuf;

use clap::Args;

use super::OutputArgs;

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
