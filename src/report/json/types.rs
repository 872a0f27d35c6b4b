//! The public JSON shape, version 1: its own types, apart from the internal ones.
//!
//! Keys are written in the order of the fields. Adding a key keeps the version; renaming,
//! removing or redefining one raises it. `schemas/*.schema.json` say the same to other programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case_types::{CaseReasonJson, FindingJson, RateJson};
use super::part::ShardJson;
use crate::config::BarPart;
use crate::trial::{Lane, Phase, Side};
use crate::verdict::Verdict;

/// A finished evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportJson {
    /// [`super::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Full commit id of the base, or its name.
    pub base: String,
    /// Full commit id of the head, or its name.
    pub head: String,
    /// `branch` or `main`.
    pub tier: String,
    /// The worst verdict of all prompts.
    pub verdict: Verdict,
    /// 0 pass, 1 the gate failed, 3 could not measure.
    pub exit_code: u8,
    /// One sentence that explains the verdict.
    pub sentence: String,
    /// False: reported without blocking.
    pub enforced: bool,
    /// `bedrock` or `scripted`.
    pub provider: String,
    /// Order of cases and fresh variations.
    pub seed: String,
    /// The pull request this is about; left out when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Which part of a divided evaluation this is; left out of the report of a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardJson>,
    /// Both revisions as shown and as committed.
    pub revisions: RevisionsJson,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PromptJson>,
    /// Prompts the change does not affect.
    pub unaffected: usize,
    /// Calls of the whole run.
    pub calls: RunCallsJson,
    /// Money of the whole run.
    pub cost: CostJson,
    /// What depends on the hour only.
    pub times: TimesJson,
    /// Things to know that do not decide.
    pub warnings: Vec<String>,
    /// What the change does to its own bar.
    pub moved_bars: Vec<MovedBarJson>,
}

/// Base and head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionsJson {
    /// What the candidate is compared with.
    pub base: RevisionJson,
    /// What is evaluated.
    pub head: RevisionJson,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionJson {
    /// As shown.
    pub name: String,
    /// Full commit id; null for the working directory.
    pub commit: Option<String>,
}

/// One prompt's result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptJson {
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
    /// The verdict.
    pub verdict: Verdict,
    /// Stable `snake_case` reason.
    pub reason: String,
    /// One sentence that explains the verdict.
    pub sentence: String,
    /// The gate's purse at the end; null when nothing was compared.
    pub purse: Option<f64>,
    /// Blocks at this purse.
    pub limit: Option<f64>,
    /// Evidence of the confirmations.
    pub evidence: Option<f64>,
    /// Whether every baseline screening answer was bought in this comparison.
    pub paid: bool,
    /// Passed of screened, baseline.
    pub baseline: Option<RateJson>,
    /// Passed of screened, candidate.
    pub candidate: Option<RateJson>,
    /// Cases screened on both sides.
    pub screened: usize,
    /// Cases compared.
    pub n: usize,
    /// Change of the mean score; null when the gate stopped early.
    pub difference: Option<DifferenceJson>,
    /// Ids, sorted; so are the following lists.
    pub broken: Vec<String>,
    /// Fixed by the change, at screening.
    pub fixed: Vec<String>,
    /// Worse once, not on re-run.
    pub flaky: Vec<String>,
    /// Suspects the baseline fails too.
    pub drifting: Vec<String>,
    /// Suspects neither confirmed nor cleared.
    pub unresolved: Vec<String>,
    /// Must-pass cases that failed.
    pub must_pass: Vec<String>,
    /// Failed with no baseline to compare with.
    pub failing: Vec<String>,
    /// Lost to failed calls.
    pub lost: Vec<String>,
    /// Breaks the team has accepted.
    pub accepted: Vec<String>,
    /// One-sided exact p-value of the screening.
    pub p_screen: Option<f64>,
    /// Smallest uniform drop, in 0..1, caught 80 % of the time; null below 20 cases.
    pub smallest_visible_drop: Option<f64>,
    /// The absolute floor, when one applies.
    pub floor: Option<FloorJson>,
    /// Fresh pairs on suspicious cases, when they ran.
    pub escalation: Option<EscalationJson>,
    /// Cases as they stand against cases with neutral white space; left out when not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<ContrastJson>,
    /// The name of the comparison; left out when nothing was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<String>,
    /// How many comparisons of this prompt the pull request has had; left out without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<usize>,
    /// Calls of this prompt.
    pub calls: CallsJson,
    /// Money of this prompt.
    pub cost: CostJson,
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model ids by role.
    pub models: ModelsJson,
    /// Things to know about this prompt.
    pub notes: Vec<String>,
    /// Line diff of the prompt's text.
    pub diff: Vec<DiffLineJson>,
    /// The cases of the lists above with their answers, most important first.
    pub findings: Vec<FindingJson>,
    /// Why cases were lost, in the order of the run.
    pub lost_because: Vec<CaseReasonJson>,
    /// Why breaks are accepted.
    pub accepted_because: Vec<CaseReasonJson>,
}

/// What happened to a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the JSON")]
pub enum ChangeJson {
    Added,
    Edited,
    Removed,
    Renamed,
}

/// What of a prompt changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the JSON")]
pub enum CauseJson {
    Text,
    Include,
    Model,
    Parameters,
    Tools,
    GoldenSet,
    Checks,
    Judge,
    Name,
}

/// Cases by what the change means for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CasesJson {
    /// All.
    pub total: usize,
    /// Compared by the gate; sorted ids.
    pub compare: Vec<String>,
    /// Scored only; sorted ids.
    pub score: Vec<String>,
    /// Untouched.
    pub unaffected: usize,
}

/// Change of the mean score, candidate minus baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DifferenceJson {
    /// Point estimate, -1..1.
    pub estimate: f64,
    /// 95 % interval.
    pub ci95: [f64; 2],
    /// A larger drop is ruled out (95 %, one-sided).
    pub ruled_out_drop: f64,
}

/// The absolute floor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorJson {
    /// Required mean score.
    pub min_score: f64,
    /// Measured mean score.
    pub mean: f64,
    /// Its 95 % upper bound; blocks when below `min_score`.
    pub upper: f64,
    /// Cases it was measured on.
    pub of: usize,
}

/// What the escalation saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationJson {
    /// Fresh pairs run.
    pub pairs: usize,
    /// Pairs in which the baseline was better.
    pub baseline_better: usize,
    /// Pairs in which the candidate was better.
    pub candidate_better: usize,
}

/// Cases as they stand against cases with neutral white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastJson {
    /// Worse than the baseline, or failed without one, as they stand.
    pub plain_worse: usize,
    /// Asked as they stand.
    pub plain_of: usize,
    /// Worse, with white space.
    pub varied_worse: usize,
    /// Asked with white space.
    pub varied_of: usize,
}

/// Calls of a prompt; every answer the gate used, from the store or bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsJson {
    /// Baseline answers used that were bought in this run.
    pub baseline: u64,
    /// Candidate answers used that were bought in this run.
    pub candidate: u64,
    /// Judge answers used that were bought in this run.
    pub judge: u64,
    /// Answers used that cost nothing now: stored, or shared with an equal request.
    pub cached: u64,
}

/// Calls of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunCallsJson {
    /// Baseline answers used that were bought in this run.
    pub baseline: u64,
    /// Candidate answers used that were bought in this run.
    pub candidate: u64,
    /// Judge answers used that were bought in this run.
    pub judge: u64,
    /// Answers used that cost nothing now: stored, or shared with an equal request.
    pub cached: u64,
    /// Paid in this run, retries apart. What a batch job bought and nothing used counts here alone.
    pub paid: u64,
    /// Failed attempts that were tried again, by class of error.
    pub retries: BTreeMap<String, u64>,
    /// Input tokens paid in this run.
    pub input_tokens: u64,
    /// Output tokens paid in this run.
    pub output_tokens: u64,
    /// The same by prompt, side, lane and phase, in this order; kinds of calls that were made or used.
    pub lines: Vec<SpendLineJson>,
}

/// Calls of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendLineJson {
    /// The catalog key.
    pub prompt: String,
    /// `baseline` or `candidate`; the judge of an answer belongs to the answer's side.
    pub side: Side,
    /// `prompt`, or `judge`.
    pub lane: Lane,
    /// `screen`, `confirm`, `fresh` or `must`.
    pub phase: Phase,
    /// Answers used that were bought in this run.
    pub bought: u64,
    /// Answers used that cost nothing now.
    pub cached: u64,
    /// Calls without an answer.
    pub failed: u64,
    /// Input tokens paid in this run.
    pub input_tokens: u64,
    /// Output tokens paid in this run.
    pub output_tokens: u64,
    /// Paid in this run, in US dollars; null where the price is unknown.
    pub spent_usd: Option<f64>,
}

/// Money in US dollars; null where a price is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostJson {
    /// Price of every answer the verdict rests on.
    pub verdict_usd: Option<f64>,
    /// Paid in this run.
    pub spent_usd: Option<f64>,
    /// Models without a known price.
    pub unknown_models: Vec<String>,
}

/// Durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimesJson {
    /// Wall time in milliseconds.
    pub wall_ms: u64,
}

/// A change of the change's own bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedBarJson {
    /// The prompt concerned; null: the configuration.
    pub prompt: Option<String>,
    /// The part of the bar that it belongs to.
    pub part: BarPart,
    /// What moved, for a person.
    pub what: String,
    /// Whether it lowers the bar.
    pub lowers: bool,
    /// Whether the base protects that part.
    pub protected: bool,
}

/// Model ids by role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelsJson {
    /// Null without a baseline.
    pub baseline: Option<String>,
    /// The candidate's.
    pub candidate: String,
    /// Null when no judge is asked.
    pub judge: Option<String>,
}

/// One line of a diff: an object with one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffLineJson {
    /// In both.
    Same(String),
    /// Only in the base.
    Removed(String),
    /// Only in the head.
    Added(String),
    /// So many unchanged lines left out.
    Skipped(usize),
}
