//! Every case for the report: its state by the lists, and what was measured.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Circumstances;
use super::case::{answer_detail, input, scored};
use super::redaction::Redaction;
use crate::assay::{Kept, PromptAssay};
use crate::report::{AnswerDetail, CaseDetail, CaseResult, CaseState, Measured, PromptReport, Rerun};
use crate::trial::{Call, Phase, Side};

/// The cases of a prompt, in the golden set's order. `report` has its lists already. Answers that arrived but
/// were not used are left out: which ones arrive before a run ends is chance.
pub(super) fn of(
    assay: &PromptAssay,
    report: &PromptReport,
    circumstances: &Circumstances,
) -> Vec<CaseResult> {
    let used: BTreeSet<Call> = assay.applied().iter().copied().collect();
    let listed = listed(report);
    let mut reruns = match circumstances.takes_all_texts {
        true => reruns(assay, &used),
        false => BTreeMap::new(),
    };
    let result = |index: usize| {
        let case = &assay.case(index).case;
        let kept = |side| {
            let call = Call { case: index, side, phase: Phase::Screen, k: 0 };
            assay.kept(&call).filter(|_| used.contains(&call))
        };
        let (old, new) = (kept(Side::Baseline), kept(Side::Candidate));
        let measured = |side, kept: Option<&Kept>| kept.map(|kept| measured(assay, index, side, kept));
        let (baseline, candidate) = (measured(Side::Baseline, old), measured(Side::Candidate, new));
        let detail = circumstances.takes_all_texts.then(|| {
            let texts = Texts { assay, index, redaction: &circumstances.redaction };
            let fresh = reruns.remove(&index).unwrap_or_default();
            Arc::new(texts.detail([old, new], fresh))
        });
        CaseResult {
            state: listed.get(case.id.as_str()).copied().unwrap_or_else(|| unlisted(baseline, candidate)),
            id: case.id.clone(),
            tags: case.tags.clone(),
            baseline,
            candidate,
            detail,
        }
    };
    (0..assay.cases()).map(result).collect()
}

/// The state of the cases in the report's lists; of a case in two lists, the more important one.
fn listed(report: &PromptReport) -> BTreeMap<&str, CaseState> {
    let findings = [
        (&report.must_pass, CaseState::MustPass),
        (&report.broken, CaseState::Broken),
        (&report.unresolved, CaseState::Unresolved),
        (&report.failing, CaseState::Failing),
        (&report.drifting, CaseState::Drifting),
        (&report.flaky, CaseState::Flaky),
        (&report.fixed, CaseState::Fixed),
    ];
    let findings = findings
        .into_iter()
        .flat_map(|(cases, state)| cases.iter().map(move |case| (case.id.as_str(), state)));
    let reasons = [(&report.lost, CaseState::Lost), (&report.accepted, CaseState::Accepted)];
    let reasons = reasons
        .into_iter()
        .flat_map(|(cases, state)| cases.iter().map(move |case| (case.case.as_str(), state)));
    let mut states = BTreeMap::new();
    for (id, state) in findings.chain(reasons) {
        let known = states.entry(id).or_insert(state);
        *known = state.min(*known);
    }
    states
}

/// The state of a case that is in no list.
fn unlisted(baseline: Option<Measured>, candidate: Option<Measured>) -> CaseState {
    match (baseline, candidate) {
        (_, None) => CaseState::NotRun,
        (_, Some(new)) if new.score.is_none() => CaseState::Lost,
        (_, Some(new)) if new.passed => CaseState::Passing,
        (None, Some(_)) => CaseState::Failing,
        (Some(_), Some(_)) => CaseState::FailingBoth,
    }
}

fn measured(assay: &PromptAssay, index: usize, side: Side, kept: &Kept) -> Measured {
    let (score, passed) = scored(kept);
    let response = match kept {
        Kept::Answered { answer, .. } => Some(&answer.response),
        Kept::Failed(_) => None,
    };
    let case = assay.case(index);
    let baseline = case.baseline.as_ref().filter(|_| side == Side::Baseline);
    let model = &baseline.unwrap_or(&case.candidate).model;
    Measured {
        passed,
        score,
        latency_ms: response.and_then(|response| response.latency_ms),
        cost_usd: response.and_then(|response| assay.setup().prices.cost(model, response.usage)),
    }
}

/// The fresh answers by case.
fn reruns<'a>(assay: &'a PromptAssay, used: &BTreeSet<Call>) -> BTreeMap<usize, Vec<(Call, &'a Kept)>> {
    let mut reruns: BTreeMap<usize, Vec<(Call, &Kept)>> = BTreeMap::new();
    for (call, kept) in assay.all_kept() {
        if call.phase.is_fresh() && used.contains(call) {
            reruns.entry(call.case).or_default().push((*call, kept));
        }
    }
    reruns
}

/// The texts of one case, redacted.
struct Texts<'a> {
    assay: &'a PromptAssay,
    index: usize,
    redaction: &'a Redaction,
}

impl Texts<'_> {
    fn detail(&self, [old, new]: [Option<&Kept>; 2], fresh: Vec<(Call, &Kept)>) -> CaseDetail {
        let change = self.assay.case(self.index);
        let rerun = |(call, kept): (Call, &Kept)| Rerun {
            side: call.side,
            phase: call.phase,
            k: call.k,
            measured: measured(self.assay, self.index, call.side, kept),
            answer: self.answer(kept),
        };
        CaseDetail {
            input: self.redaction.apply(input(change)),
            expected: change.case.expected.as_deref().map(|text| self.redaction.apply(text)),
            baseline: old.map(|kept| self.answer(kept)),
            candidate: new.map(|kept| self.answer(kept)),
            reruns: fresh.into_iter().map(rerun).collect(),
        }
    }

    fn answer(&self, kept: &Kept) -> AnswerDetail {
        let change = self.assay.case(self.index);
        let quoted = [input(change), change.case.expected.as_deref().unwrap_or_default()];
        answer_detail(kept, &quoted, self.redaction)
    }
}
