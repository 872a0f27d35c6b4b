//! The report: everything a run found, as one value that each format renders.

mod answers;
#[cfg(test)]
pub(crate) mod examples;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
mod numbers;
mod part;
pub mod plan;
pub mod sentence;
pub mod terminal;
pub mod untrusted;
pub(crate) mod wording;

use std::collections::BTreeMap;

pub use crate::change::MovedBar;
use crate::change::{CaseKind, Cause, ChangeKind, DiffLine, PromptChange};
pub use crate::plan::Estimate;
use crate::prompt::Tier;
use crate::trial::{Lane, Phase, Side};
use crate::verdict::Verdict;
pub use part::{Part, PartPrompt};

/// A finished evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What the candidate is compared with.
    pub base: Revision,
    /// What is evaluated.
    pub head: Revision,
    /// Which model set applied.
    pub tier: Tier,
    /// `bedrock` or `scripted`; the latter is labelled as no language model.
    pub provider: String,
    /// Order of cases and fresh variations.
    pub seed: String,
    /// The pull request this is about.
    pub pull_request: Option<u64>,
    /// Over all prompts: the worst of them.
    pub verdict: Verdict,
    /// 0 pass, 1 the gate failed, 3 could not measure.
    pub exit_code: u8,
    /// One sentence that explains the verdict.
    pub sentence: String,
    /// False: reported without blocking.
    pub enforced: bool,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PromptReport>,
    /// Prompts that the change does not affect.
    pub unaffected: usize,
    /// What the change itself does to its own bar, shown first.
    pub moved_bars: Vec<MovedBar>,
    /// Things to know that do not decide.
    pub warnings: Vec<String>,
    /// Calls and money of the whole run.
    pub spend: SpendReport,
    /// Wall time in milliseconds; of merged shards, the longest.
    pub wall_ms: u64,
    /// Which part of a divided evaluation this is; `None`: the whole.
    pub part: Option<Box<Part>>,
}

/// A revision of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// As shown: a short commit id, or `working directory`.
    pub name: String,
    /// The full commit id, when it is a commit.
    pub commit: Option<String>,
}

/// One prompt's part of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptReport {
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
    /// Line diff of the prompt's text, includes resolved.
    pub diff: Vec<DiffLine>,
    /// Its cases by kind.
    pub cases: CaseCounts,
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model of the baseline; `None` without a baseline.
    pub baseline_model: Option<String>,
    /// Model of the candidate.
    pub candidate_model: String,
    /// Judge model, when a judge is asked.
    pub judge_model: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Stable `snake_case` reason.
    pub reason: String,
    /// One sentence that explains the verdict (docs/statistics.md).
    pub sentence: String,
    /// The gate's purse at the end; `None` when nothing was compared.
    pub purse: Option<f64>,
    /// Block at this purse; `None` when nothing was compared.
    pub limit: Option<f64>,
    /// Evidence E of the confirmations.
    pub evidence: Option<f64>,
    /// One-sided exact sign-flip p-value of the screening.
    pub p_screen: Option<f64>,
    /// Whether every baseline screening answer was bought in this comparison.
    pub paid: bool,
    /// Passed of screened, baseline.
    pub baseline: Option<Rate>,
    /// Passed of screened, candidate.
    pub candidate: Option<Rate>,
    /// Cases screened on both sides.
    pub screened: usize,
    /// Cases compared (n).
    pub n: usize,
    /// Change of the pass rate; `None` when the gate stopped early.
    pub difference: Option<Difference>,
    /// Smallest uniform drop, in 0..1, caught 80 % of the time with n cases; `None` below 20 cases.
    pub smallest_visible_drop: Option<f64>,
    /// Cases broken by the change.
    pub broken: Vec<CaseFinding>,
    /// Cases fixed by the change, at screening.
    pub fixed: Vec<CaseFinding>,
    /// Suspects that passed on re-run or were unstable.
    pub flaky: Vec<CaseFinding>,
    /// Suspects the baseline fails too.
    pub drifting: Vec<CaseFinding>,
    /// Suspects neither confirmed nor cleared.
    pub unresolved: Vec<CaseFinding>,
    /// Must-pass cases that failed.
    pub must_pass: Vec<CaseFinding>,
    /// Cases that failed on the floor (no baseline to compare with).
    pub failing: Vec<CaseFinding>,
    /// Breaks the team has accepted: case and reason.
    pub accepted: Vec<(String, String)>,
    /// Cases lost to failed calls: case and why.
    pub lost: Vec<(String, String)>,
    /// The absolute floor, when one applies.
    pub floor: Option<FloorReport>,
    /// Escalation pairs, when it ran.
    pub escalation: Option<EscalationReport>,
    /// Cases as they stand against varied ones, when both were asked.
    pub contrast: Option<ContrastReport>,
    /// The name of the comparison; `None` when nothing was evaluated.
    pub comparison: Option<String>,
    /// How many comparisons of this prompt the pull request has had, this one included; `None`:
    /// no pull request, or nothing evaluated.
    pub evaluations: Option<usize>,
    /// Calls the gate asked for.
    pub calls: CallCounts,
    /// Money.
    pub cost: Cost,
    /// Things to know about this prompt that do not decide.
    pub notes: Vec<String>,
}

impl PromptReport {
    /// Of a prompt of which nothing is known, not even its name: what each report of one starts from.
    #[must_use]
    pub fn unmeasured() -> Self {
        Self {
            id: String::new(),
            catalog: String::new(),
            line: 0,
            change: ChangeKind::Edited,
            causes: Vec::new(),
            diff: Vec::new(),
            cases: CaseCounts::default(),
            covered: false,
            baseline_model: None,
            candidate_model: String::new(),
            judge_model: None,
            verdict: Verdict::NotMeasured,
            reason: String::new(),
            sentence: String::new(),
            purse: None,
            limit: None,
            evidence: None,
            p_screen: None,
            paid: false,
            baseline: None,
            candidate: None,
            screened: 0,
            n: 0,
            difference: None,
            smallest_visible_drop: None,
            broken: Vec::new(),
            fixed: Vec::new(),
            flaky: Vec::new(),
            drifting: Vec::new(),
            unresolved: Vec::new(),
            must_pass: Vec::new(),
            failing: Vec::new(),
            accepted: Vec::new(),
            lost: Vec::new(),
            floor: None,
            escalation: None,
            contrast: None,
            comparison: None,
            evaluations: None,
            calls: CallCounts::default(),
            cost: Cost { verdict_usd: Some(0.0), spent_usd: Some(0.0), unknown_models: Vec::new() },
            notes: Vec::new(),
        }
    }
}

/// Cases of a prompt by what the change means for them (decisions.md#affected-cases).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The cases of a change.
    pub fn of(change: &PromptChange) -> Self {
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

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Passed.
    pub passed: usize,
    /// Of.
    pub of: usize,
}

/// Change of the mean score, candidate minus baseline, in -1..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Point estimate.
    pub estimate: f64,
    /// 95 % interval.
    pub ci95: [f64; 2],
    /// A drop of more than this is ruled out (95 %, one-sided).
    pub ruled_out_drop: f64,
}

/// The absolute floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloorReport {
    /// `min_score`.
    pub min_score: f64,
    /// Mean score measured.
    pub mean: f64,
    /// 95 % upper bound; blocks when below `min_score`.
    pub upper: f64,
    /// Cases it was measured on.
    pub of: usize,
}

/// What the escalation saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscalationReport {
    /// Fresh pairs run.
    pub pairs: usize,
    /// Pairs in which the baseline was better.
    pub baseline_better: usize,
    /// Pairs in which the candidate was better.
    pub candidate_better: usize,
}

/// Cases asked just as they stand against cases asked with neutral white space. "Worse" is worse than
/// the baseline, or failed where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContrastReport {
    /// Worse, as they stand.
    pub plain_worse: usize,
    /// Asked as they stand.
    pub plain_of: usize,
    /// Worse, with white space.
    pub varied_worse: usize,
    /// Asked with white space.
    pub varied_of: usize,
}

/// One case worth a person's look.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseFinding {
    /// The case's id.
    pub id: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it is a must-pass case.
    pub must_pass: bool,
    /// The input as sent: the last user message.
    pub input: String,
    /// What was expected, as written in the golden set.
    pub expected: Option<String>,
    /// `broken`, `reproduced`, `passed_on_rerun`, `base_fails_too`, `unstable`, `fixed`, `failing` …
    pub status: String,
    /// The baseline's screening answer.
    pub baseline: Option<AnswerView>,
    /// The candidate's screening answer.
    pub candidate: Option<AnswerView>,
    /// Passed of fresh re-runs, baseline.
    pub baseline_reruns: Option<Rate>,
    /// Passed of fresh re-runs, candidate.
    pub candidate_reruns: Option<Rate>,
}

/// An answer and what the checks said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerView {
    /// The answer's text; tool calls written as JSON lines.
    pub text: String,
    /// Score, 0 to 1; `None`: unscored.
    pub score: Option<f64>,
    /// Whether all checks passed.
    pub passed: bool,
    /// The checks that did not pass, each with its reason.
    pub failures: Vec<CheckFailure>,
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFailure {
    /// Which check.
    pub check: String,
    /// Why, for a person.
    pub reason: String,
}

/// Calls by who they were made for, and answers that needed none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Baseline answers the gate used that were bought in this run.
    pub baseline: u64,
    /// Candidate answers the gate used that were bought in this run.
    pub candidate: u64,
    /// Judge answers used that were bought in this run.
    pub judge: u64,
    /// Answers used that cost nothing now: from the store, or shared with an equal request.
    pub cached: u64,
}

/// Money, in US dollars.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cost {
    /// Price of every answer the verdict rests on, stored ones included; `None` when a model's
    /// price is unknown.
    pub verdict_usd: Option<f64>,
    /// Paid in this run; `None` when a model's price is unknown and it was called.
    pub spent_usd: Option<f64>,
    /// Models without a known price.
    pub unknown_models: Vec<String>,
}

/// Calls and money of one kind of call.
#[derive(Clone, Debug, PartialEq)]
pub struct SpendLine {
    /// The prompt's id.
    pub prompt: String,
    /// The side; the judge of an answer belongs to the answer's.
    pub side: Side,
    /// The prompt itself, or the judge.
    pub lane: Lane,
    /// Why the call was made.
    pub phase: Phase,
    /// Answers used that were bought in this run.
    pub bought: u64,
    /// Answers used that cost nothing now.
    pub cached: u64,
    /// Calls without an answer.
    pub failed: u64,
    /// Tokens paid in this run: input and output.
    pub tokens: (u64, u64),
    /// Paid in this run, in US dollars; `None` when the model's price is unknown.
    pub spent_usd: Option<f64>,
}

/// Calls and money of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpendReport {
    /// Calls of all prompts.
    pub calls: CallCounts,
    /// Calls paid in this run, retries apart.
    pub paid_calls: u64,
    /// Attempts that failed and were tried again, by class of error.
    pub retries: BTreeMap<String, u64>,
    /// Tokens paid in this run: input and output.
    pub tokens: (u64, u64),
    /// Money of all prompts.
    pub cost: Cost,
    /// The same by prompt, side, lane and phase, in this order.
    pub lines: Vec<SpendLine>,
}

/// What would run: the answer of `plan`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanReport {
    /// What the candidate is compared with.
    pub base: Revision,
    /// What would be evaluated.
    pub head: Revision,
    /// Which model set applies.
    pub tier: Tier,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PlannedPrompt>,
    /// Prompts that the change does not affect.
    pub unaffected: usize,
    /// What the change does to its own bar.
    pub moved_bars: Vec<MovedBar>,
    /// Things to know.
    pub warnings: Vec<String>,
    /// Over all prompts.
    pub estimate: Estimate,
}

/// One prompt of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedPrompt {
    /// The catalog key.
    pub id: String,
    /// The catalog's path.
    pub catalog: String,
    /// The line of the key.
    pub line: u32,
    /// Added, edited, removed, renamed …
    pub change: ChangeKind,
    /// What changed.
    pub causes: Vec<Cause>,
    /// Line diff of the prompt's text.
    pub diff: Vec<DiffLine>,
    /// Its cases by kind.
    pub cases: CaseCounts,
    /// Whether a golden set exists.
    pub covered: bool,
    /// Model of the baseline.
    pub baseline_model: Option<String>,
    /// Model of the candidate.
    pub candidate_model: String,
    /// Judge model, when a judge is asked.
    pub judge_model: Option<String>,
    /// What it would take.
    pub estimate: Estimate,
    /// Things to know about this prompt.
    pub notes: Vec<String>,
}
