//! The report as JSON: one versioned object that other programs read and `report` renders again.

mod document;
mod shard;

use serde::Serialize;
use serde_json::Value;

use super::{Estimate, MovedBar, PlanReport, PlannedPrompt, Report, untrusted};
pub use document::{FindingJson, Group, PromptJson, ReportJson, Revisions, Times};
pub use shard::ShardJson;

use crate::prompt::Tier;

/// Version of the JSON shape this program writes and reads.
pub const SCHEMA_VERSION: u32 = 2;

/// Why a saved report could not be read; each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON at all.
    #[error("not a JSON report: {0}\n  = pass a file written by `prompt-assay eval --format json`")]
    Syntax(serde_json::Error),
    /// JSON, but nothing this program wrote.
    #[error(
        "not a report: there is no `schema_version`\n  = pass a file written by `prompt-assay eval --format json`"
    )]
    NotOurs,
    /// A plan, not a result.
    #[error(
        "this is a plan, and a plan has no results\n  = pass a file written by `prompt-assay eval --format json`"
    )]
    Plan,
    /// Another version of the shape.
    #[error(
        "the report has schema_version {found}, this program reads {SCHEMA_VERSION}\n  = render it with the \
         release of prompt-assay that wrote it, or write it again with `prompt-assay eval --format json` (stored answers cost nothing)"
    )]
    Version {
        /// What the file says.
        found: String,
    },
    /// The right version, but not its shape.
    #[error(
        "the report is damaged: {0}\n  = write it again with `prompt-assay eval --format json` (stored answers cost nothing)"
    )]
    Shape(serde_json::Error),
}

/// Writes a report: indented, keys in stable order, lists sorted, one final line break.
pub fn render(report: &Report) -> String {
    untrusted::json(&ReportJson::from(report.clone()))
}

/// Writes a report for the store: without the texts of cases that are no finding, and not indented. The store
/// has the answers already, and keeps many runs.
pub fn render_for_store(report: &Report) -> String {
    let mut report = report.clone();
    for prompt in &mut report.prompts {
        prompt.history.clear();
        for result in &mut prompt.results {
            result.detail = None;
        }
    }
    untrusted::json_line(&ReportJson::from(report))
}

/// Writes a plan.
pub fn render_plan(plan: &PlanReport) -> String {
    untrusted::json(&PlanJson::from(plan.clone()))
}

/// Reads a report written by [`render`].
///
/// # Errors
/// When the text is not JSON, not a report, a plan, of another version, or damaged.
pub fn parse(json: &str) -> Result<Report, ReadError> {
    let value: Value = serde_json::from_str(json).map_err(ReadError::Syntax)?;
    match value.get("schema_version") {
        None => return Err(ReadError::NotOurs),
        Some(version) if version.as_u64() != Some(u64::from(SCHEMA_VERSION)) => {
            return Err(ReadError::Version { found: untrusted::terminal_line(&version.to_string()) });
        }
        Some(_) => {}
    }
    if value.get("verdict").is_none() && value.get("estimate").is_some() {
        return Err(ReadError::Plan);
    }
    let report: ReportJson = serde_json::from_str(json).map_err(ReadError::Shape)?;
    report.try_into().map_err(ReadError::Shape)
}

/// The part of a report that depends only on content, not on the time or the store: everything but `times`,
/// `calls`, `cost.spent_usd`, `history` and the latency of the answers (decisions.md#a-comparison-is-stored).
/// For comparing two reports.
pub fn stable(report: &Value) -> Value {
    let mut report = report.clone();
    let Some(top) = report.as_object_mut() else { return report };
    top.shift_remove("times");
    without_spend(top);
    let prompts = top.get_mut("prompts").and_then(Value::as_array_mut);
    for prompt in prompts.into_iter().flatten().filter_map(Value::as_object_mut) {
        without_spend(prompt);
        prompt.shift_remove("history");
        if let Some(results) = prompt.get_mut("results") {
            without_latency(results);
        }
    }
    report
}

fn without_latency(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.shift_remove("latency_ms");
            object.values_mut().for_each(without_latency);
        }
        Value::Array(items) => items.iter_mut().for_each(without_latency),
        _ => {}
    }
}

fn without_spend(object: &mut serde_json::Map<String, Value>) {
    object.shift_remove("calls");
    if let Some(cost) = object.get_mut("cost").and_then(Value::as_object_mut) {
        cost.shift_remove("spent_usd");
    }
}

#[cfg(test)]
mod tests;

/// What would run.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct PlanJson {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Full commit id of the base, or its name.
    pub base: String,
    /// Full commit id of the head, or its name.
    pub head: String,
    /// Which model set applies.
    pub tier: Tier,
    /// Both revisions as shown and as committed.
    pub revisions: Revisions,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PlannedPrompt>,
    /// Prompts the change does not affect.
    pub unaffected: usize,
    /// Over all prompts.
    pub estimate: Estimate,
    /// Things to know.
    pub warnings: Vec<String>,
    /// What the change does to its own bar.
    pub moved_bars: Vec<MovedBar>,
}

impl From<PlanReport> for PlanJson {
    fn from(plan: PlanReport) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            base: plan.base.id(),
            head: plan.head.id(),
            tier: plan.tier,
            revisions: Revisions { base: plan.base, head: plan.head },
            prompts: plan.prompts,
            unaffected: plan.unaffected,
            estimate: plan.estimate,
            warnings: plan.warnings,
            moved_bars: plan.moved_bars,
        }
    }
}
