//! The options of `cache`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
