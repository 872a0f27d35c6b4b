//! The options of the evaluations that decide nothing: `compare` and `watch`.

use std::path::PathBuf;

use clap::Args;

use super::{CallArgs, OutputArgs};
use crate::prompt::Tier;

/// `compare`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What is compared")]
pub struct CompareArgs {
    /// Two or more sides; the first is what the others are compared with. A side is a revision (`.`: the working
    /// directory), settings (`model=ID`, `tier=main`, `temperature=0`, `top_p=0.9`, `max_tokens=500`), or both with a
    /// comma between them: `main,model=ID`.
    #[arg(value_name = "SIDE")]
    pub sides: Vec<String>,
    /// Compare these models on the working directory: the same as a side `model=ID` for each.
    #[arg(
        long,
        value_name = "ID,ID",
        value_delimiter = ',',
        conflicts_with = "sides",
        env = "PROMPT_ASSAY_MODELS"
    )]
    pub models: Vec<String>,
    /// Only this prompt; may be repeated.
    #[arg(long = "prompt", value_name = "NAME", env = "PROMPT_ASSAY_PROMPT", value_delimiter = ',')]
    pub prompts: Vec<String>,
    /// The model of sides that name neither a model nor a tier.
    #[arg(long, value_name = "ID", env = "PROMPT_ASSAY_MODEL")]
    pub model: Option<String>,
    /// The model set of sides that name neither a model nor a tier; default: branch.
    #[arg(long, value_enum, env = "PROMPT_ASSAY_TIER")]
    pub tier: Option<Tier>,
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// End with exit status 1 if a side is worse than the first.
    #[arg(long, env = "PROMPT_ASSAY_FAIL_IF_WORSE")]
    pub fail_if_worse: bool,
    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,
    /// How calls are made.
    #[command(flatten)]
    pub calls: CallArgs,
}

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
