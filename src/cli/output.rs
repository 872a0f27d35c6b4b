//! Where a result goes, and how much of it is shown.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::Command;
use crate::report::format::Format;

/// Where the result goes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Terminal, env = "PROMPT_ASSAY_FORMAT")]
    pub format: Format,
    /// Write the result to this file instead of standard output.
    #[arg(long, value_name = "FILE", env = "PROMPT_ASSAY_OUTPUT")]
    pub output: Option<PathBuf>,
    /// No progress and no warnings on standard error.
    #[arg(long, env = "PROMPT_ASSAY_QUIET")]
    pub quiet: bool,
    /// Whether the terminal's report holds everything: `--verbose`.
    #[arg(skip)]
    pub verbose: bool,
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

/// Where figures go: a table for people, or JSON.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct FiguresArgs {
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

impl Command {
    /// Whether its report holds everything, if it has one.
    pub(super) fn verbose(&mut self) -> Option<&mut bool> {
        match self {
            Self::Eval(args) => Some(&mut args.output.verbose),
            Self::Report(args) => Some(&mut args.output.verbose),
            Self::Merge(args) => Some(&mut args.output.verbose),
            Self::Compare(args) => Some(&mut args.output.verbose),
            Self::Watch(args) => Some(&mut args.verbose),
            _ => None,
        }
    }
}
