//! The public JSON shape of a shard's place in its plan.

use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use super::types::{CasesJson, CauseJson, ChangeJson, ModelsJson};
use super::{read, write};
use crate::change::Cause;
use crate::config::OnInconclusive;
use crate::report::{CaseCounts, Part, PartPrompt};
use crate::shard::Shard;

/// Which shard of which plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardJson {
    /// From 1.
    pub index: usize,
    /// How many shards there are.
    pub count: usize,
    /// The program's version.
    pub program: String,
    /// Fingerprint of all that the shards of one evaluation agree on.
    pub plan: String,
    /// What INCONCLUSIVE does.
    pub on_inconclusive: OnInconclusive,
    /// Every affected prompt of the plan, in the order of the merged report.
    pub prompts: Vec<ShardPromptJson>,
}

/// An affected prompt of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardPromptJson {
    /// The number of its shard.
    pub shard: usize,
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
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model ids by role.
    pub models: ModelsJson,
}

pub(super) fn write(part: &Part) -> ShardJson {
    ShardJson {
        index: part.shard.index(),
        count: part.shard.count(),
        program: part.program.clone(),
        plan: part.plan.clone(),
        on_inconclusive: part.on_inconclusive,
        prompts: part.prompts.iter().map(prompt).collect(),
    }
}

fn prompt(prompt: &PartPrompt) -> ShardPromptJson {
    ShardPromptJson {
        shard: prompt.shard,
        id: prompt.id.clone(),
        catalog: prompt.catalog.clone(),
        line: prompt.line,
        change: write::change(&prompt.change),
        renamed_from: write::renamed_from(&prompt.change),
        causes: write::causes(&prompt.causes),
        cases: write::cases(&prompt.cases),
        covered: prompt.covered,
        models: write::models(&prompt.baseline_model, &prompt.candidate_model, &prompt.judge_model),
    }
}

/// Fails on numbers that name no shard.
pub(super) fn read(json: ShardJson) -> Result<Part, serde_json::Error> {
    let no_shard = || serde_json::Error::custom("`shard` names no shard: `index` must be 1 to `count`");
    let count = json.count;
    let prompts = json.prompts.into_iter().map(|prompt| {
        Shard::new(prompt.shard, count).ok_or_else(no_shard)?;
        Ok(PartPrompt {
            shard: prompt.shard,
            id: prompt.id,
            catalog: prompt.catalog,
            line: prompt.line,
            change: read::change(prompt.change, prompt.renamed_from)?,
            causes: prompt.causes.into_iter().map(Cause::from).collect(),
            cases: CaseCounts {
                total: prompt.cases.total,
                compare: prompt.cases.compare,
                score: prompt.cases.score,
                unaffected: prompt.cases.unaffected,
            },
            covered: prompt.covered,
            baseline_model: prompt.models.baseline,
            candidate_model: prompt.models.candidate,
            judge_model: prompt.models.judge,
        })
    });
    Ok(Part {
        shard: Shard::new(json.index, count).ok_or_else(no_shard)?,
        program: json.program,
        plan: json.plan,
        on_inconclusive: json.on_inconclusive,
        prompts: prompts.collect::<Result<_, serde_json::Error>>()?,
    })
}
