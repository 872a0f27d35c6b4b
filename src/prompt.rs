//! Prompts as a catalog declares them: templates, model, parameters and tools of one name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::Kept;
use crate::model::{Guardrail, Performance, ResponseFormat, Tool, ToolChoice};
use crate::per_call::BudgetPerCall;
use crate::problem::Mark;

/// Which template language a prompt's texts are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// MiniJinja with strict undefined variables: `{{ name }}`, `{% include "part.md" %}`.
    #[default]
    Jinja,
    /// Python's `str.format`: `{name}`, `{{` for a brace.
    Python,
    /// `{name}` is replaced for the given variables; every other brace stays.
    Braces,
    /// The text is sent as it is.
    None,
}

/// Who speaks in a message template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The system text.
    System,
    /// The person.
    User,
    /// The model (few-shot examples).
    Assistant,
}

/// Where a template's text comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// Written in the catalog.
    Inline(String),
    /// The whole text of a file, by path inside the repository.
    File(String),
}

/// One message of a prompt, still a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageTemplate {
    /// Who speaks.
    pub speaker: Speaker,
    /// The template's text.
    pub text: TextSource,
    /// The place of the text (or of the file's name) in the catalog.
    #[serde(skip)]
    pub mark: Mark,
    /// The catalog's line in which the text begins, where its lines are the catalog's lines; 0: they are
    /// not, or stand in another file.
    #[serde(skip)]
    pub first_line: u32,
}

/// Model ids by tier; absent ones fall back to the configuration's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Models {
    /// For pull requests and laptops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// For the merge queue, main and releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// For judge checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
}

/// Which model set applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The cheap model, on branches.
    #[default]
    Branch,
    /// The full model, on main.
    Main,
}

impl Tier {
    /// The word used in options, reports and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Branch => "branch",
            Tier::Main => "main",
        }
    }
}

/// Sampling parameters a prompt or the configuration overrides; absent ones fall back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterOverrides {
    /// Upper bound of output tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Sequences that end the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Vec<String>>,
    /// Model-specific fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Value>,
    /// The JSON that an answer must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// What may replace input and answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardrail: Option<Guardrail>,
    /// Which of a model's deployments answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<Performance>,
}

/// How a case's checks become its score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreMode {
    /// 1 if all checks pass, else 0.
    #[default]
    PassFail,
    /// The weighted mean of the checks' scores.
    Mean,
}

/// One prompt as declared, nothing rendered yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prompt {
    /// The catalog key; unique over all catalogs of a tree.
    pub id: String,
    /// The catalog's path inside the repository.
    #[serde(skip)]
    pub catalog: String,
    /// The place of the key in the catalog.
    #[serde(skip)]
    pub mark: Mark,
    /// A person's note; it is never sent to the model.
    #[serde(skip)]
    pub description: Option<String>,
    /// The template language.
    pub engine: Engine,
    /// The messages, in order; at most one system message, first.
    pub messages: Vec<MessageTemplate>,
    /// Whether it does not use the cases' values (`input: none`); otherwise a case of which nothing is sent is an
    /// error.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignores_input: bool,
    /// Path of the golden set inside the repository; `None` when the default was meant and no
    /// such file exists.
    pub golden: Option<String>,
    /// Whether `golden` was written down (then a missing file is an error).
    #[serde(skip)]
    pub golden_explicit: bool,
    /// Model overrides.
    pub models: Models,
    /// Parameter overrides.
    pub parameters: ParameterOverrides,
    /// Tools on offer.
    pub tools: Vec<Tool>,
    /// Whether a tool must be called.
    pub tool_choice: Option<ToolChoice>,
    /// Pass/fail or graded.
    pub score: ScoreMode,
    /// The absolute floor of the mean score, 0 to 1.
    pub min_score: Option<f64>,
    /// Limits of single calls; of what it does not limit, the configuration's apply.
    #[serde(skip_serializing_if = "BudgetPerCall::is_empty")]
    pub budget_per_call: BudgetPerCall,
    /// The key this prompt had before it was renamed.
    pub was: Option<String>,
    /// Release targets, as written; read by the release commands.
    pub release: Option<Kept>,
}
