//! The public JSON shape of a plan: the report's keys without results, and `estimate`.

use serde::Serialize;

use super::types::{CasesJson, CauseJson, ChangeJson, DiffLineJson, ModelsJson, MovedBarJson, RevisionsJson};

/// What would run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanJson {
    /// [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Full commit id of the base, or its name.
    pub base: String,
    /// Full commit id of the head, or its name.
    pub head: String,
    /// `branch` or `main`.
    pub tier: String,
    /// Both revisions as shown and as committed.
    pub revisions: RevisionsJson,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PlannedPromptJson>,
    /// Prompts the change does not affect.
    pub unaffected: usize,
    /// Over all prompts.
    pub estimate: EstimateJson,
    /// Things to know.
    pub warnings: Vec<String>,
    /// What the change does to its own bar.
    pub moved_bars: Vec<MovedBarJson>,
}

/// One prompt of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedPromptJson {
    /// The catalog key.
    pub id: String,
    /// The catalog's path.
    pub catalog: String,
    /// The key's line.
    pub line: u32,
    /// What happened to it.
    pub change: ChangeJson,
    /// The old key of a renamed prompt.
    pub renamed_from: Option<String>,
    /// What changed.
    pub causes: Vec<CauseJson>,
    /// Its cases by kind.
    pub cases: CasesJson,
    /// What it would take.
    pub estimate: EstimateJson,
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model ids by role.
    pub models: ModelsJson,
    /// Things to know about this prompt.
    pub notes: Vec<String>,
    /// Line diff of the prompt's text.
    pub diff: Vec<DiffLineJson>,
}

/// An estimate before the run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EstimateJson {
    /// Answers already stored.
    pub stored: u64,
    /// Calls if both prompts behave the same.
    pub calls_typical: u64,
    /// The gate's hard maximum, judge calls included.
    pub calls_max: u64,
    /// Judge calls of the typical case.
    pub judge_calls: u64,
    /// Input tokens of the typical case.
    pub input_tokens: u64,
    /// Output tokens of the typical case at most.
    pub output_tokens_max: u64,
    /// US dollars at most for the typical case; null when a price is unknown.
    pub usd_typical_max: Option<f64>,
    /// Models without a known price.
    pub unknown_models: Vec<String>,
}
