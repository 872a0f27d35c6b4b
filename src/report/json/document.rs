//! The JSON of a report: its top object and its prompts, without the values inside.
//!
//! Keys are written in the order of the fields. Adding a key keeps the version; renaming,
//! removing or redefining one raises it. `schemas/*.schema.json` describe the same for other
//! programs.

use serde::{Deserialize, Serialize};

use super::SCHEMA_VERSION;
use super::shard::ShardJson;
use crate::config::ProviderKind;
use crate::per_call::LimitResult;
use crate::prompt::Tier;
use crate::report::slices::{Slice, slices};
use crate::report::{
    CallCounts, CapitalPoint, CaseFinding, CaseReason, CaseResult, CaseStatus, ContrastReport,
    CorrectedReport, Cost, Difference, EscalationReport, FloorReport, Guarantee, MarginalReport, MovedBar,
    PastScore, PromptHead, PromptReport, Rate, Report, Revision, SpendReport, TradeReport,
};
use crate::verdict::{Reason, Verdict};

/// A finished evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportJson {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Full commit id of the base, or its name.
    pub base: String,
    /// Full commit id of the head, or its name.
    pub head: String,
    /// Which model set applied.
    pub tier: Tier,
    /// The worst verdict of all prompts.
    pub verdict: Verdict,
    /// 0 pass, 1 the gate failed, 3 could not measure.
    pub exit_code: u8,
    /// One sentence that explains the verdict.
    pub sentence: String,
    /// False: reported without blocking.
    pub enforced: bool,
    /// How often the gate may be wrong.
    pub guarantee: Guarantee,
    /// `bedrock` or `scripted`.
    pub provider: ProviderKind,
    /// Order of cases and fresh variations.
    pub seed: String,
    /// The pull request this is about; left out when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<u64>,
    /// Which part of a divided evaluation this is; left out of the report of a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardJson>,
    /// Both revisions as shown and as committed.
    pub revisions: Revisions,
    /// Affected prompts, in catalog order.
    pub prompts: Vec<PromptJson>,
    /// Prompts the change does not affect.
    pub unaffected: usize,
    /// Calls of the whole run.
    pub calls: SpendReport,
    /// Money of the whole run.
    pub cost: Cost,
    /// Values that depend only on the time of the run.
    pub times: Times,
    /// Things to know that do not decide.
    pub warnings: Vec<String>,
    /// The moved bars of the change.
    pub moved_bars: Vec<MovedBar>,
}

/// Base and head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revisions {
    /// What the candidate is compared with.
    pub base: Revision,
    /// What is evaluated.
    pub head: Revision,
}

/// Durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Wall time in milliseconds.
    pub wall_ms: u64,
}

/// One prompt's result: the ids of each list apart from the cases themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptJson {
    /// Where it stands, what happened to it, what is evaluated.
    #[serde(flatten)]
    pub head: PromptHead,
    /// The verdict.
    pub verdict: Verdict,
    /// The rule that decided.
    pub reason: Reason,
    /// One sentence that explains the verdict.
    pub sentence: String,
    /// The gate's capital at the end; null when nothing was compared.
    pub capital: Option<f64>,
    /// Blocks at this capital.
    pub limit: Option<f64>,
    /// Evidence of the confirmations.
    pub evidence: Option<f64>,
    /// Whether every baseline screening answer was bought in this comparison.
    pub paid: bool,
    /// Passed of screened, baseline.
    pub baseline: Option<Rate>,
    /// Passed of screened, candidate.
    pub candidate: Option<Rate>,
    /// Cases screened on both sides.
    pub screened: usize,
    /// Cases compared.
    pub n: usize,
    /// Change of the mean score; null when the gate stopped early.
    pub difference: Option<Difference>,
    /// Ids, sorted; so are the following lists.
    pub broken: Vec<String>,
    /// Fixed by the change, at screening.
    pub fixed: Vec<String>,
    /// Those of them whose fix was confirmed in fresh pairs; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed_fixes: Vec<String>,
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
    pub floor: Option<FloorReport>,
    /// What the fresh calls showed of every limit of single calls; left out without limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_per_call: Vec<LimitResult>,
    /// Fresh pairs on suspicious cases, when they ran.
    pub escalation: Option<EscalationReport>,
    /// Cases sent as written against cases with neutral white space; left out if not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contrast: Option<ContrastReport>,
    /// Confirmed breaks against confirmed fixes; left out when no break was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<TradeReport>,
    /// Cases that change with any edit; left out when nothing is known of any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marginal: Option<MarginalReport>,
    /// The change with the judge's measured errors taken out; left out when the judge is not calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedReport>,
    /// The name of the comparison; left out when nothing was evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<String>,
    /// How many comparisons of this prompt the pull request has had; left out without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluations: Option<usize>,
    /// Calls of this prompt.
    pub calls: CallCounts,
    /// Money of this prompt.
    pub cost: Cost,
    /// Things to know about this prompt.
    pub notes: Vec<String>,
    /// Line diff of the prompt's text.
    pub diff: Vec<crate::change::DiffLine>,
    /// The cases of the lists above with their answers, most important first.
    pub findings: Vec<FindingJson>,
    /// Why cases were lost, in the order of the run.
    pub lost_because: Vec<CaseReason>,
    /// Why breaks are accepted.
    pub accepted_because: Vec<CaseReason>,
    /// Score and change by tag; computed from `results`, not read.
    #[serde(default)]
    pub slices: Vec<Slice>,
    /// Every evaluated case, in the golden set's order.
    #[serde(default)]
    pub results: Vec<CaseResult>,
    /// The capital from the first call to the last.
    #[serde(default)]
    pub capital_path: Vec<CapitalPoint>,
    /// Scores of earlier runs, oldest first; left out unless asked for, and where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastScore>,
}

/// The list a finding belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the lists")]
pub enum Group {
    Broken,
    MustPass,
    Failing,
    Unresolved,
    Fixed,
    Flaky,
    Drifting,
}

/// A case with its answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingJson {
    /// The list it belongs to.
    pub group: Group,
    /// The case.
    #[serde(flatten)]
    pub case: CaseFinding,
}

impl From<Report> for ReportJson {
    fn from(report: Report) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            base: report.base.id(),
            head: report.head.id(),
            tier: report.tier,
            verdict: report.verdict,
            exit_code: report.exit_code,
            sentence: report.sentence,
            enforced: report.enforced,
            guarantee: report.guarantee,
            provider: report.provider,
            seed: report.seed,
            pull_request: report.pull_request,
            shard: report.part.map(|part| ShardJson::from(*part)),
            revisions: Revisions { base: report.base, head: report.head },
            prompts: report.prompts.into_iter().map(PromptJson::from).collect(),
            unaffected: report.unaffected,
            calls: report.spend,
            cost: report.cost,
            times: Times { wall_ms: report.wall_ms },
            warnings: report.warnings,
            moved_bars: report.moved_bars,
        }
    }
}

impl TryFrom<ReportJson> for Report {
    type Error = serde_json::Error;

    /// Fails on values that the types alone cannot refuse.
    fn try_from(json: ReportJson) -> Result<Self, Self::Error> {
        Ok(Self {
            base: json.revisions.base,
            head: json.revisions.head,
            tier: json.tier,
            provider: json.provider,
            seed: json.seed,
            pull_request: json.pull_request,
            verdict: json.verdict,
            exit_code: json.exit_code,
            sentence: json.sentence,
            enforced: json.enforced,
            guarantee: json.guarantee,
            prompts: json.prompts.into_iter().map(PromptReport::from).collect(),
            unaffected: json.unaffected,
            moved_bars: json.moved_bars,
            warnings: json.warnings,
            spend: json.calls,
            cost: json.cost,
            wall_ms: json.times.wall_ms,
            part: json.shard.map(|shard| shard.try_into().map(Box::new)).transpose()?,
        })
    }
}

impl From<PromptReport> for PromptJson {
    fn from(p: PromptReport) -> Self {
        let slices = slices(&p);
        Self {
            verdict: p.verdict,
            reason: p.reason,
            sentence: p.sentence,
            capital: p.capital,
            limit: p.limit,
            evidence: p.evidence,
            paid: p.paid,
            baseline: p.baseline,
            candidate: p.candidate,
            screened: p.screened,
            n: p.n,
            difference: p.difference,
            broken: ids(&p.broken),
            fixed: ids(&p.fixed),
            confirmed_fixes: sorted(confirmed(&p.fixed).map(|case| &case.id)),
            flaky: ids(&p.flaky),
            drifting: ids(&p.drifting),
            unresolved: ids(&p.unresolved),
            must_pass: ids(&p.must_pass),
            failing: ids(&p.failing),
            lost: sorted(p.lost.iter().map(|lost| &lost.case)),
            accepted: sorted(p.accepted.iter().map(|accepted| &accepted.case)),
            p_screen: p.p_screen,
            smallest_visible_drop: p.smallest_visible_drop,
            floor: p.floor,
            budget_per_call: p.budget_per_call,
            escalation: p.escalation,
            contrast: p.contrast,
            trade: p.trade,
            marginal: p.marginal,
            corrected: p.corrected,
            comparison: p.comparison,
            evaluations: p.evaluations,
            calls: p.calls,
            cost: p.cost,
            notes: p.notes,
            diff: p.diff,
            slices,
            results: p.results,
            capital_path: p.capital_path,
            history: p.history,
            findings: findings([
                (Group::Broken, p.broken),
                (Group::MustPass, p.must_pass),
                (Group::Failing, p.failing),
                (Group::Unresolved, p.unresolved),
                (Group::Fixed, p.fixed),
                (Group::Flaky, p.flaky),
                (Group::Drifting, p.drifting),
            ]),
            lost_because: p.lost,
            accepted_because: p.accepted,
            head: p.head,
        }
    }
}

impl From<PromptJson> for PromptReport {
    fn from(json: PromptJson) -> Self {
        let mut report = Self {
            diff: json.diff,
            verdict: json.verdict,
            reason: json.reason,
            sentence: json.sentence,
            capital: json.capital,
            limit: json.limit,
            evidence: json.evidence,
            p_screen: json.p_screen,
            paid: json.paid,
            baseline: json.baseline,
            candidate: json.candidate,
            screened: json.screened,
            n: json.n,
            difference: json.difference,
            smallest_visible_drop: json.smallest_visible_drop,
            accepted: json.accepted_because,
            lost: json.lost_because,
            floor: json.floor,
            budget_per_call: json.budget_per_call,
            escalation: json.escalation,
            contrast: json.contrast,
            trade: json.trade,
            marginal: json.marginal,
            corrected: json.corrected,
            comparison: json.comparison,
            evaluations: json.evaluations,
            calls: json.calls,
            cost: json.cost,
            notes: json.notes,
            results: json.results,
            capital_path: json.capital_path,
            history: json.history,
            ..Self::unmeasured(json.head)
        };
        for FindingJson { group, case } in json.findings {
            let list = match group {
                Group::Broken => &mut report.broken,
                Group::MustPass => &mut report.must_pass,
                Group::Failing => &mut report.failing,
                Group::Unresolved => &mut report.unresolved,
                Group::Fixed => &mut report.fixed,
                Group::Flaky => &mut report.flaky,
                Group::Drifting => &mut report.drifting,
            };
            list.push(case);
        }
        report
    }
}

fn findings(groups: [(Group, Vec<CaseFinding>); 7]) -> Vec<FindingJson> {
    let of = |(group, cases): (Group, Vec<CaseFinding>)| {
        cases.into_iter().map(move |case| FindingJson { group, case })
    };
    groups.into_iter().flat_map(of).collect()
}

fn confirmed(fixed: &[CaseFinding]) -> impl Iterator<Item = &CaseFinding> {
    fixed.iter().filter(|case| case.status == CaseStatus::FixConfirmed)
}

fn ids(cases: &[CaseFinding]) -> Vec<String> {
    sorted(cases.iter().map(|case| &case.id))
}

fn sorted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}
