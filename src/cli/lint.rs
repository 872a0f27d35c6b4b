//! The options of `lint`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::lint::format::Format;

/// `lint`.
#[derive(Clone, Debug, Default, Args)]
pub struct LintArgs {
    /// The configuration; default: prompt-assay.yaml here or at the repository's root.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Warnings count like errors.
    #[arg(long, env = "PROMPT_ASSAY_STRICT")]
    pub strict: bool,
    /// Correct what can be corrected without touching a prompt or a case, and say which files changed.
    #[arg(long, env = "PROMPT_ASSAY_FIX")]
    pub fix: bool,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output", env = "PROMPT_ASSAY_FORMAT")]
    pub format: Format,
    /// Write the findings to this file instead of standard output.
    #[arg(long, value_name = "FILE", help_heading = "Output", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = self.name_and_help();
        Some(PossibleValue::new(name).help(help))
    }
}
