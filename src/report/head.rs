//! The head of a prompt: what a report, a plan and a shard say about it before anything is
//! measured.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::change::{CaseKind, Cause, ChangeKind, Coverage, PromptChange};
use crate::check::Check;
use crate::model::JudgeModels;

/// A prompt that the change affects: its place, what happened to it, what is evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HeadJson", into = "HeadJson")]
pub struct PromptHead {
    /// The catalog key.
    pub id: String,
    /// The catalog's path.
    pub catalog: String,
    /// The line of the key in the head's catalog (the base's for a removed prompt).
    pub line: u32,
    /// Added, edited, removed, renamed …
    pub change: ChangeKind,
    /// What changed.
    pub causes: Vec<Cause>,
    /// Its cases by kind.
    pub cases: CaseCounts,
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model ids by role.
    pub models: ModelIds,
}

impl PromptHead {
    /// The head of a changed prompt.
    pub fn of(change: &PromptChange) -> Self {
        Self {
            id: change.id.clone(),
            catalog: change.catalog.clone(),
            line: change.line,
            change: change.kind.clone(),
            causes: change.causes.iter().copied().collect(),
            cases: CaseCounts::of(change),
            covered: change.coverage == Coverage::Covered,
            models: ModelIds {
                baseline: change.baseline_model.clone(),
                candidate: change.candidate_model.clone().unwrap_or_default(),
                judge: change.judge.as_ref().map(|judge| judge.models.clone()).unwrap_or_default(),
                embedding: embedding(change),
                judge_agreement: None,
                selftest: None,
            },
        }
    }
}

/// The models that checks of the golden set ask for embeddings.
fn embedding(change: &PromptChange) -> BTreeSet<String> {
    let checks = change.cases.iter().flat_map(|case| &case.case.checks);
    checks.flat_map(Check::models).map(str::to_owned).collect()
}

/// Model ids by role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelIds {
    /// The baseline's; `None` without a baseline.
    pub baseline: Option<String>,
    /// The candidate's; empty for a removed prompt.
    pub candidate: String,
    /// The judge's, or those of a panel.
    pub judge: JudgeModels,
    /// Those of checks that ask for embeddings; left out without any.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub embedding: BTreeSet<String>,
    /// How well the judge agrees with people; `None`: not calibrated, or changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_agreement: Option<JudgeAgreement>,
    /// What the candidate's model makes of edits without meaning; `None`: no self-test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selftest: Option<SelftestRate>,
}

/// How often edits of the prompt without meaning were blocked with a model, measured by `selftest`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelftestRate {
    /// Blocked.
    pub blocked: usize,
    /// Measured.
    pub of: usize,
    /// Lower end of the 95 % interval, in per cent.
    pub low: u8,
    /// Upper end of the 95 % interval, in per cent.
    pub high: u8,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
}

/// How well a judge agrees with people, measured by `calibrate`, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeAgreement {
    /// Answers with equal verdicts.
    pub percent: u8,
    /// Lower end of the 95 % interval.
    pub low: u8,
    /// Upper end of the 95 % interval.
    pub high: u8,
    /// Labelled answers.
    pub n: usize,
}

/// Cases of a prompt by the effect of the change on them (decisions.md#affected-cases).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseCounts {
    /// All cases of the head's golden set.
    pub total: usize,
    /// Requests differ: compared by the gate. Sorted ids.
    pub compare: Vec<String>,
    /// One request, new or changed scoring. Sorted ids.
    pub score: Vec<String>,
    /// Nothing changed.
    pub unaffected: usize,
}

impl CaseCounts {
    fn of(change: &PromptChange) -> Self {
        let ids = |kind| {
            let mut ids: Vec<String> = change.of_kind(kind).map(|case| case.case.id.clone()).collect();
            ids.sort();
            ids
        };
        Self {
            total: change.cases.len(),
            compare: ids(CaseKind::Compare),
            score: ids(CaseKind::Score),
            unaffected: change.of_kind(CaseKind::Unaffected).count(),
        }
    }
}

/// The head's keys: a prompt's old key is next to the word for what happened to it.
#[derive(Serialize, Deserialize)]
struct HeadJson {
    id: String,
    catalog: String,
    line: u32,
    change: ChangeWord,
    renamed_from: Option<String>,
    causes: Vec<Cause>,
    cases: CaseCounts,
    covered: bool,
    models: ModelIds,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeWord {
    Added,
    Edited,
    Removed,
    Renamed,
}

impl From<PromptHead> for HeadJson {
    fn from(head: PromptHead) -> Self {
        let (change, renamed_from) = match head.change {
            ChangeKind::Added => (ChangeWord::Added, None),
            ChangeKind::Edited => (ChangeWord::Edited, None),
            ChangeKind::Removed => (ChangeWord::Removed, None),
            ChangeKind::Renamed { from } => (ChangeWord::Renamed, Some(from)),
        };
        Self {
            id: head.id,
            catalog: head.catalog,
            line: head.line,
            change,
            renamed_from,
            causes: head.causes,
            cases: head.cases,
            covered: head.covered,
            models: head.models,
        }
    }
}

impl TryFrom<HeadJson> for PromptHead {
    type Error = &'static str;

    fn try_from(json: HeadJson) -> Result<Self, Self::Error> {
        let change = match (json.change, json.renamed_from) {
            (ChangeWord::Added, _) => ChangeKind::Added,
            (ChangeWord::Edited, _) => ChangeKind::Edited,
            (ChangeWord::Removed, _) => ChangeKind::Removed,
            (ChangeWord::Renamed, Some(from)) => ChangeKind::Renamed { from },
            (ChangeWord::Renamed, None) => return Err("a renamed prompt needs `renamed_from`"),
        };
        Ok(Self {
            id: json.id,
            catalog: json.catalog,
            line: json.line,
            change,
            causes: json.causes,
            cases: json.cases,
            covered: json.covered,
            models: json.models,
        })
    }
}
