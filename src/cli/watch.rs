//! The options of `watch`.

use std::path::PathBuf;

use clap::Args;

use super::CallArgs;
use crate::prompt::Tier;

/// `watch`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is compared")]
pub struct WatchArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Compare with this revision, or with `none`; default: the merge base with the default branch.
    #[arg(long, value_name = "REV", env = "PROMPT_ASSAY_BASE")]
    pub base: Option<String>,
    /// Which model set applies.
    #[arg(long, value_enum, default_value_t = Tier::Branch, env = "PROMPT_ASSAY_TIER")]
    pub tier: Tier,
    /// Use this model on both sides, whatever the catalogs say.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_MODEL")]
    pub model: Option<String>,
    /// Only this prompt; may be repeated.
    #[arg(long = "prompt", value_name = "NAME", env = "PROMPT_ASSAY_PROMPT", value_delimiter = ',')]
    pub prompts: Vec<String>,
    /// How calls are made. The caps are for the whole watch.
    #[command(flatten)]
    pub calls: CallArgs,
    /// Whether everything is shown: `--verbose`.
    #[arg(skip)]
    pub verbose: bool,
}
