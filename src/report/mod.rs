//! The report: everything a run found, as one value that each format renders. `cli::Format` names the
//! formats, and `app/output` calls their functions.

mod answers;
mod case;
#[cfg(test)]
pub(crate) mod examples;
pub mod format;
mod head;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
mod numbers;
mod part;
pub mod past;
pub mod plan;
mod result;
pub mod sentence;
pub mod slices;
mod spend;
pub mod table;
pub mod terminal;
pub mod untrusted;
pub(crate) mod wording;

use serde::{Deserialize, Serialize};

use crate::change::DiffLine;
pub use crate::change::MovedBar;
use crate::config::ProviderKind;
use crate::per_call::LimitResult;
pub use crate::plan::Estimate;
use crate::prompt::Tier;
use crate::verdict::{Reason, Verdict};
pub use case::{AnswerView, CaseFinding, CaseReason, CaseStability, CaseStatus, CheckFailure, Rate};
pub use head::{CaseCounts, JudgeAgreement, ModelIds, PromptHead, SelftestRate};
pub use part::{Part, PartPrompt};
pub use past::PastScore;
pub use result::{
    AnswerDetail, CapitalPoint, CaseDetail, CaseResult, CaseState, CheckDetail, Measured, Rerun,
};
pub use spend::{CallCounts, Cost, SpendLine, SpendReport};

/// A finished evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What the candidate is compared with.
    pub base: Revision,
    /// What is evaluated.
    pub head: Revision,
    /// Which model set applied.
    pub tier: Tier,
    /// Who answered; no language model is labelled so.
    pub provider: ProviderKind,
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
    /// How often the gate may be wrong.
    pub guarantee: Guarantee,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PromptReport>,
    /// Prompts that the change does not affect.
    pub unaffected: usize,
    /// The moved bars of the change, shown first.
    pub moved_bars: Vec<MovedBar>,
    /// Things to know that do not decide.
    pub warnings: Vec<String>,
    /// Calls of the whole run.
    pub spend: SpendReport,
    /// Money of the whole run.
    pub cost: Cost,
    /// Wall time in milliseconds; of merged shards, the longest.
    pub wall_ms: u64,
    /// Which part of a divided evaluation this is; `None`: the whole.
    pub part: Option<Box<Part>>,
}

/// The bound on wrong blocks (docs/statistics.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// Share of evaluations, 0 to 1, in which prompts that behave the same may be blocked: fewer than this.
    pub alpha: f64,
    /// Prompts that share it (K): those compared in the same evaluation.
    pub prompts: usize,
}

impl Default for Guarantee {
    fn default() -> Self {
        Self { alpha: 0.05, prompts: 1 }
    }
}

/// A revision of the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// As shown: a short commit id, or `working directory`.
    pub name: String,
    /// The full commit id, when it is a commit.
    pub commit: Option<String>,
}

impl Revision {
    /// The full commit id, else the name.
    pub fn id(&self) -> String {
        self.commit.clone().unwrap_or_else(|| self.name.clone())
    }
}

/// One prompt's part of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptReport {
    /// Where it stands, what happened to it, what is evaluated.
    pub head: PromptHead,
    /// Line diff of the prompt's text, includes resolved.
    pub diff: Vec<DiffLine>,
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that decided.
    pub reason: Reason,
    /// One sentence that explains the verdict (docs/statistics.md).
    pub sentence: String,
    /// The gate's capital at the end; `None` when nothing was compared.
    pub capital: Option<f64>,
    /// Block at this capital; `None` when nothing was compared.
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
    /// Cases fixed by the change, at screening; the confirmed ones have a status of their own.
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
    /// Breaks the team has accepted.
    pub accepted: Vec<CaseReason>,
    /// Cases lost to failed calls.
    pub lost: Vec<CaseReason>,
    /// The absolute floor, when one applies.
    pub floor: Option<FloorReport>,
    /// What the fresh calls showed of every limit of single calls; empty without limits.
    pub budget_per_call: Vec<LimitResult>,
    /// Escalation pairs, when it ran.
    pub escalation: Option<EscalationReport>,
    /// Cases sent as written against varied ones, if both were sent.
    pub contrast: Option<ContrastReport>,
    /// Confirmed breaks against confirmed fixes; `None` when no break was confirmed.
    pub trade: Option<TradeReport>,
    /// Cases that are marginal for this model; `None` when nothing is known of any.
    pub marginal: Option<MarginalReport>,
    /// The change with the judge's measured errors taken out; `None` without a calibrated judge, or when the gate
    /// stopped early. It never decides.
    pub corrected: Option<CorrectedReport>,
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
    /// Every evaluated case, in the golden set's order, the listed ones included.
    pub results: Vec<CaseResult>,
    /// How the capital went, from the first call to the last; empty when nothing was compared.
    pub capital_path: Vec<CapitalPoint>,
    /// Scores of earlier runs, oldest first; only where a page shows them.
    pub history: Vec<PastScore>,
}

impl PromptReport {
    /// The initial report of a prompt, before anything is measured.
    #[must_use]
    pub fn unmeasured(head: PromptHead) -> Self {
        Self {
            head,
            diff: Vec::new(),
            verdict: Verdict::NotMeasured,
            reason: Reason::Interrupted,
            sentence: String::new(),
            capital: None,
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
            budget_per_call: Vec::new(),
            escalation: None,
            contrast: None,
            trade: None,
            marginal: None,
            corrected: None,
            comparison: None,
            evaluations: None,
            calls: CallCounts::default(),
            cost: Cost::nothing(),
            notes: Vec::new(),
            results: Vec::new(),
            capital_path: Vec::new(),
            history: Vec::new(),
        }
    }
}

/// Change of the mean score, candidate minus baseline, in -1..1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Point estimate.
    pub estimate: f64,
    /// 95 % interval.
    pub ci95: [f64; 2],
    /// A drop of more than this is ruled out (95 %, one-sided).
    pub ruled_out_drop: f64,
}

/// The absolute floor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationReport {
    /// Fresh pairs run.
    pub pairs: usize,
    /// Pairs in which the baseline was better.
    pub baseline_better: usize,
    /// Pairs in which the candidate was better.
    pub candidate_better: usize,
}

/// Cases sent exactly as written against cases sent with neutral white space. "Worse" means worse
/// than the baseline, or failed if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContrastReport {
    /// Worse, as written.
    pub plain_worse: usize,
    /// Sent as written.
    pub plain_of: usize,
    /// Worse, with white space.
    pub varied_worse: usize,
    /// Sent with white space.
    pub varied_of: usize,
}

/// What a change breaks and what it fixes, both confirmed in fresh pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeReport {
    /// Cases whose break was confirmed.
    pub breaks: usize,
    /// Cases whose fix was confirmed.
    pub fixes: usize,
    /// How many more fixes than breaks make a trade (`gate.net`); may be below 0.
    pub needed: i64,
    /// Net change in cases over the fresh pairs of the confirmed cases.
    pub net: f64,
    /// Its 95 % interval.
    pub net_ci95: [f64; 2],
    /// Fresh pairs of the confirmed cases.
    pub pairs: usize,
}

/// Cases that change with any edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarginalReport {
    /// Marginal cases.
    pub cases: usize,
    /// Compared cases of which enough is known.
    pub of: usize,
}

/// The change of the pass rate, corrected by what people say of answers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedReport {
    /// How.
    pub method: Correction,
    /// Point estimate, in -1..1.
    pub estimate: f64,
    /// 95 % interval.
    pub ci95: [f64; 2],
    /// Labelled answers, or cases with labels of both prompts' answers.
    pub labels: usize,
}

/// How a change is corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// By the judge's sensitivity and specificity (Rogan and Gladen 1978).
    RoganGladen,
    /// By cases that people labelled on both sides: prediction-powered inference (Angelopoulos and others 2023).
    PredictionPowered,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlannedPrompt {
    /// Where it stands, what happened to it, what would be evaluated.
    #[serde(flatten)]
    pub head: PromptHead,
    /// Its estimate.
    pub estimate: Estimate,
    /// Things to know about this prompt.
    pub notes: Vec<String>,
    /// Line diff of the prompt's text.
    pub diff: Vec<DiffLine>,
}
