//! The JSON of a plan: the report's keys without results, and `estimate`.

use serde::Serialize;

use super::SCHEMA_VERSION;
use super::document::Revisions;
use crate::prompt::Tier;
use crate::report::{Estimate, MovedBar, PlanReport, PlannedPrompt};

/// What would run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanJson {
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
