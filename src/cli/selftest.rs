//! The options of `selftest`.

use clap::Args;

use super::{CallArgs, FiguresArgs, SideArgs};

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
