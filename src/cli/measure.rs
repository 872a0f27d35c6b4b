//! The options of the commands that measure the judge and the gate: `calibrate` and `selftest`.

use std::path::PathBuf;

use clap::Args;

use super::{CallArgs, FiguresArgs, SideArgs};

/// `calibrate`.
#[derive(Clone, Debug, Default, Args)]
pub struct CalibrateArgs {
    /// Files of labelled answers (YAML, JSON or CSV); default: all in the folder `judge` of the golden sets.
    #[arg(value_name = "FILE")]
    pub labels: Vec<PathBuf>,
    /// Which prompts and models; the base plays no part.
    #[command(flatten)]
    pub sides: SideArgs,
    /// How calls are made.
    #[command(flatten)]
    pub calls: CallArgs,
    /// Votes of each model on each answer, at least as many as an evaluation may ask.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        value_parser = clap::value_parser!(u32).range(1..=15),
        env = "PROMPT_ASSAY_REPEATS"
    )]
    pub repeats: u32,
    /// Warn below this agreement, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.85, env = "PROMPT_ASSAY_LEAST")]
    pub least: f64,
    /// Write a sheet to label, CSV, from a report that `eval --format json` wrote; asks nobody.
    #[arg(long, value_name = "REPORT", env = "PROMPT_ASSAY_FROM_REPORT")]
    pub from_report: Option<PathBuf>,
    /// Rows of the sheet at most.
    #[arg(long, value_name = "N", default_value_t = 200, env = "PROMPT_ASSAY_ROWS")]
    pub rows: usize,
    /// Where the figures go.
    #[command(flatten)]
    pub figures: FiguresArgs,
}

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
    /// Where the figures go.
    #[command(flatten)]
    pub figures: FiguresArgs,
}
