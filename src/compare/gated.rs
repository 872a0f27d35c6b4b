//! Prompts that were evaluated: the gate's outcome with its numbers and cases.

use super::case::{finding, reruns};
use super::lost::{self, Lost};
use super::{RunContext, blank, cost, counts, notes, results};
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseKind;
use crate::check::Score;
use crate::gate::{MustStatus, Outcome, Suspect, SuspectStatus};
use crate::report::{
    CapitalPoint, CaseFinding, CaseReason, CaseStatus, ContrastReport, Difference, EscalationReport,
    FloorReport, MarginalReport, PromptReport, Rate, TradeReport,
};
use crate::stats::planning::smallest_drop_caught;
use crate::trial::{Call, Phase, Side};
use crate::verdict::{Reason, Verdict};

/// The report of one assayed prompt.
pub(super) fn report(assay: &PromptAssay, context: &RunContext) -> PromptReport {
    let (spend, change) = (context.spend, assay.change());
    let mut report = blank(change);
    let ours = |key: &crate::runner::SpendKey| key.prompt == change.id;
    report.calls = counts(spend, ours);
    report.cost = cost(&spend.tally(ours), context.circumstances.provider);
    report.paid = assay.setup().paid;
    report.comparison = Some(assay.comparison().to_hex());
    report.marginal = marginal(assay);
    let accepted = &assay.setup().accepted;
    report.accepted = accepted
        .iter()
        .filter(|(case, _)| change.cases.iter().any(|c| c.case.id == **case))
        .map(|(case, why)| CaseReason { case: case.clone(), reason: why.clone() })
        .collect();
    let Some(outcome) = assay.outcome() else {
        report.verdict = Verdict::NotMeasured;
        report.reason = Reason::Interrupted;
        report.results = results::of(assay, &report, context.circumstances);
        return report;
    };
    numbers(&mut report, outcome, assay.setup().policy.net);
    if outcome.compared == 0 {
        report.candidate = floor_rate(assay);
    }
    cases(&mut report, assay, outcome, context);
    let lost = lost::cases(assay, outcome, &context.circumstances.redaction);
    report.reason = reason(assay, outcome, &lost);
    report.lost = lost.into_iter().map(|lost| CaseReason { case: lost.id, reason: lost.why }).collect();
    report.verdict = outcome.verdict;
    report.results = results::of(assay, &report, context.circumstances);
    report.notes = context.circumstances.redaction.all(&notes::of(assay, outcome, context));
    report
}

/// How many cases are known to change with any edit; `None` if nothing is known of any.
fn marginal(assay: &PromptAssay) -> Option<MarginalReport> {
    let known = || assay.setup().stability.values().filter(|known| known.is_known());
    let cases = known().filter(|known| known.is_marginal()).count();
    (known().count() > 0).then(|| MarginalReport { cases, of: known().count() })
}

fn numbers(report: &mut PromptReport, outcome: &Outcome, needed: i64) {
    if outcome.compared > 0 {
        report.capital = Some(outcome.capital);
        report.limit = Some(outcome.limit);
        report.evidence = Some(outcome.evidence);
        report.smallest_visible_drop = smallest_drop_caught(outcome.compared);
    }
    report.capital_path = outcome
        .capital_path
        .iter()
        .map(|point| CapitalPoint { calls: point.calls, capital: point.capital })
        .collect();
    report.n = outcome.compared;
    report.screened = outcome.screened;
    report.p_screen = outcome.p_values.map(|p| p.screen);
    let rate = |rate: &crate::gate::Rate| Rate { passed: rate.passed, of: rate.of };
    report.baseline = outcome.baseline.as_ref().map(rate);
    report.candidate = outcome.candidate.as_ref().map(rate);
    report.difference = outcome.difference.map(|found| Difference {
        estimate: found.estimate,
        ci95: [found.ci95.low, found.ci95.high],
        ruled_out_drop: (-found.lower95).max(0.0),
    });
    report.floor = outcome.floor.as_ref().map(|floor| FloorReport {
        min_score: floor.min_score,
        mean: floor.mean,
        upper: floor.ci95.high,
        of: floor.of,
    });
    report.budget_per_call.clone_from(&outcome.budget_per_call);
    report.contrast = outcome.contrast.map(|contrast| ContrastReport {
        plain_worse: contrast.plain.worse,
        plain_of: contrast.plain.of,
        varied_worse: contrast.varied.worse,
        varied_of: contrast.varied.of,
    });
    report.trade = outcome.trade.as_ref().map(|trade| TradeReport {
        breaks: trade.breaks.len(),
        fixes: trade.fixes.len(),
        needed,
        net: trade.net.estimate,
        net_ci95: [trade.net.ci95.low, trade.net.ci95.high],
        pairs: trade.pairs,
    });
    report.escalation = outcome.escalation.map(|counts| EscalationReport {
        pairs: counts.pairs,
        baseline_better: counts.baseline_better,
        candidate_better: counts.candidate_better,
    });
}

fn cases(report: &mut PromptReport, assay: &PromptAssay, outcome: &Outcome, context: &RunContext) {
    let redaction = &context.circumstances.redaction;
    let of = |index: usize, status: CaseStatus| finding(assay, index, status, redaction);
    for suspect in &outcome.suspects {
        let (list, status) = if outcome.broken.contains(&suspect.case) {
            (&mut report.broken, CaseStatus::Broken)
        } else {
            match suspect.status {
                // Together they moved the capital to the limit, even if none is sufficient alone.
                SuspectStatus::Live if suspect.wealth > 1.0 && outcome.reason == Reason::ConfirmedBreaks => {
                    (&mut report.broken, CaseStatus::Reproduced)
                }
                SuspectStatus::Live if suspect.wealth > 1.0 => {
                    (&mut report.unresolved, CaseStatus::Reproduced)
                }
                SuspectStatus::Live => (&mut report.unresolved, CaseStatus::Live),
                SuspectStatus::BaseFailsToo => (&mut report.drifting, CaseStatus::BaseFailsToo),
                SuspectStatus::PassedOnRerun => (&mut report.flaky, CaseStatus::PassedOnRerun),
                SuspectStatus::Unstable => (&mut report.flaky, CaseStatus::Unstable),
            }
        };
        list.push(with_reruns(of(suspect.case, status), suspect));
    }
    let fixes = outcome.trade.iter().flat_map(|trade| &trade.fixes);
    let confirmed: Vec<usize> = fixes.copied().collect();
    report.fixed = outcome
        .fixed
        .iter()
        .map(|index| {
            let suspect = outcome.fix_suspects.iter().find(|suspect| suspect.case == *index);
            let status = if confirmed.contains(index) { CaseStatus::FixConfirmed } else { CaseStatus::Fixed };
            let case = of(*index, status);
            suspect.map_or(case.clone(), |suspect| with_reruns(case, suspect))
        })
        .collect();
    for must in &outcome.must_pass {
        let mut case = of(must.case, must_pass(must.status));
        case.candidate_reruns = reruns(must.candidate);
        case.baseline_reruns = reruns(must.baseline);
        match must.status {
            MustStatus::Failing | MustStatus::Unmeasured | MustStatus::Open => report.must_pass.push(case),
            MustStatus::AlreadyFailing => report.drifting.push(case),
            MustStatus::Cleared if report.flaky.iter().any(|known| known.id == case.id) => {}
            MustStatus::Cleared => report.flaky.push(case),
        }
    }
    report.failing = floor_cases(assay)
        .filter(|(index, passed)| !passed && outcome.must_pass.iter().all(|must| must.case != *index))
        .map(|(index, _)| of(index, CaseStatus::Failing))
        .collect();
    report.unresolved.retain(|case| report.must_pass.iter().all(|must| must.id != case.id));
    for list in [&mut report.fixed, &mut report.flaky, &mut report.drifting, &mut report.failing] {
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

fn must_pass(status: MustStatus) -> CaseStatus {
    match status {
        MustStatus::Open => CaseStatus::Open,
        MustStatus::Cleared => CaseStatus::Cleared,
        MustStatus::Failing => CaseStatus::Failing,
        MustStatus::AlreadyFailing => CaseStatus::AlreadyFailing,
        MustStatus::Unmeasured => CaseStatus::Unmeasured,
    }
}

fn with_reruns(mut case: CaseFinding, suspect: &Suspect) -> CaseFinding {
    case.candidate_reruns = reruns(suspect.candidate);
    case.baseline_reruns = reruns(suspect.baseline);
    case
}

/// The cases that are scored but not compared, with whether they pass; unscored ones and accepted
/// breaks left out.
fn floor_cases(assay: &PromptAssay) -> impl Iterator<Item = (usize, bool)> {
    let decides = |index: usize| {
        let case = assay.case(index);
        case.kind == CaseKind::Score && !assay.setup().accepted.contains_key(&case.case.id)
    };
    (0..assay.cases()).filter(move |index| decides(*index)).filter_map(|index| {
        let call = Call { case: index, side: Side::Candidate, phase: Phase::Screen, k: 0 };
        match assay.kept(&call)? {
            Kept::Answered { score, .. } => match score.score {
                Score::Scored { passed, .. } => Some((index, passed)),
                Score::Unscored { .. } => None,
            },
            Kept::Failed(_) => None,
        }
    })
}

/// Passes of the cases that are not compared.
fn floor_rate(assay: &PromptAssay) -> Option<Rate> {
    let passes: Vec<bool> = floor_cases(assay).map(|(_, passed)| passed).collect();
    let passed = passes.iter().filter(|passed| **passed).count();
    (!passes.is_empty()).then_some(Rate { passed, of: passes.len() })
}

/// Whether these cases have no baseline.
fn has_no_baseline(assay: &PromptAssay) -> bool {
    assay.change().of_kind(CaseKind::Score).all(|case| case.baseline.is_none())
}

/// The gate's reason, more detailed if this matters to a person.
fn reason(assay: &PromptAssay, outcome: &Outcome, lost: &[Lost]) -> Reason {
    let unreadable = lost.iter().filter(|lost| lost.unreadable).count();
    match outcome.reason {
        Reason::LostCalls if 2 * unreadable > lost.len() => Reason::JudgeUnreadable,
        Reason::FloorPassed if !has_no_baseline(assay) => Reason::Rescored,
        other => other,
    }
}
