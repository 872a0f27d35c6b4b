//! The options of `calibrate`.

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
