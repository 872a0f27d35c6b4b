//! The options of `init` and `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `import`.
#[derive(Clone, Debug, Args)]
pub struct ImportArgs {
    /// What is imported.
    #[command(subcommand)]
    pub from: ImportFrom,
}

/// The commands of `import`.
#[derive(Clone, Debug, Subcommand)]
pub enum ImportFrom {
    /// Make a catalog and a golden set of a configuration of promptfoo, or of a .prompt.yml file.
    ///
    /// What is left out, because it has no counterpart, is listed with file and line; then the exit status is 1.
    Promptfoo(ImportPromptfooArgs),
    /// Make candidates for a golden set of a log with one JSON value in each line.
    ///
    /// Personal data and secrets are masked by their form, and near-duplicates become one case. What a good answer is
    /// remains to be written: the golden set is refused until every case has a check.
    Logs(ImportLogsArgs),
    /// Make a golden set of samples of OpenAI's evals: JSON lines with `input` and `ideal`.
    OpenaiEvals(ImportOpenaiEvalsArgs),
    /// Make a catalog of the prompts in Bedrock's Prompt Management, which is only read.
    ///
    /// Of each prompt the draft's default variant is taken. What is left out is listed; then the exit status is 1.
    BedrockPrompts(ImportBedrockPromptsArgs),
}

/// `import promptfoo`.
#[derive(Clone, Debug, Args)]
pub struct ImportPromptfooArgs {
    /// The configuration, inside the repository.
    pub file: PathBuf,
    /// The catalog to write; it must not exist yet.
    #[arg(long, value_name = "PATH", default_value = "prompts.yaml", env = "PROMPT_ASSAY_IMPORT_CATALOG")]
    pub catalog: PathBuf,
    /// The golden set to write; default: golden/ and the name of the file. It must not exist yet.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_IMPORT_TO")]
    pub to: Option<PathBuf>,
}

/// `import logs`.
#[derive(Clone, Debug, Args)]
pub struct ImportLogsArgs {
    /// The log.
    pub file: PathBuf,
    /// Where in a line the input is, such as request.messages[-1].content.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_IMPORT_INPUT")]
    pub input: String,
    /// Where in a line the answer is; it becomes a comment beside the case.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_IMPORT_OUTPUT")]
    pub output: Option<String>,
    /// How many cases, as different as possible.
    #[arg(long, value_name = "N", default_value_t = 30, env = "PROMPT_ASSAY_IMPORT_CASES")]
    pub cases: usize,
    /// The golden set to write; default: golden/ and the name of the file. It must not exist yet.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_IMPORT_TO")]
    pub to: Option<PathBuf>,
}

/// `import openai-evals`.
#[derive(Clone, Debug, Args)]
pub struct ImportOpenaiEvalsArgs {
    /// The samples.
    pub file: PathBuf,
    /// How the registry of evals compares answers: the class it names.
    #[arg(long, value_enum, default_value_t = EvalClass::Match, env = "PROMPT_ASSAY_IMPORT_CLASS")]
    pub class: EvalClass,
    /// The golden set to write; default: golden/ and the name of the file. It must not exist yet.
    #[arg(long, value_name = "PATH", env = "PROMPT_ASSAY_IMPORT_TO")]
    pub to: Option<PathBuf>,
}

/// `import bedrock-prompts`.
#[derive(Clone, Debug, Args)]
pub struct ImportBedrockPromptsArgs {
    /// Names or ids of prompts; default: all.
    #[arg(value_name = "PROMPT")]
    pub prompts: Vec<String>,
    /// The region; default: that of the AWS tools.
    #[arg(long, value_name = "REGION", env = "PROMPT_ASSAY_REGION")]
    pub region: Option<String>,
    /// The catalog to write; it must not exist yet.
    #[arg(long, value_name = "PATH", default_value = "prompts.yaml", env = "PROMPT_ASSAY_IMPORT_CATALOG")]
    pub catalog: PathBuf,
}

/// A class of OpenAI's evals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvalClass {
    /// The answer begins with `ideal`.
    Match,
    /// The answer contains `ideal`.
    Includes,
}

/// `init`.
#[derive(Clone, Debug, Default, Args)]
pub struct InitArgs {
    /// The region whose models are proposed; default: that of the AWS tools, else us-east-1.
    #[arg(long, value_name = "REGION", env = "PROMPT_ASSAY_REGION")]
    pub region: Option<String>,
    /// Write the files without asking.
    #[arg(long, env = "PROMPT_ASSAY_YES")]
    pub yes: bool,
}
