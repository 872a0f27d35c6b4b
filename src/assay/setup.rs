//! The inputs of a prompt's assay.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{CaseChange, CaseKind, PromptChange};
use crate::fingerprint::Fingerprint;
use crate::gate::{self, Form, GateCase, Policy};
use crate::model::Request;
use crate::per_call::BudgetPerCall;
use crate::price::PriceTable;
use crate::stability::{Stabilities, Steadiness};
use crate::trial::{AnswerKey, Phase};
use crate::variation::{Premise, Rerun, Variation};

/// One prompt, ready to be gated.
#[derive(Clone, Debug)]
pub struct PromptSetup {
    /// The change.
    pub change: PromptChange,
    /// The gate's numbers.
    pub policy: Policy,
    /// Prompts gated together (K).
    pub gated_together: usize,
    /// Order of cases and fresh variations.
    pub seed: String,
    /// Whether every baseline screening answer is bought in this comparison.
    pub paid: bool,
    /// The floor that applies.
    pub min_score: Option<f64>,
    /// The limits of single calls that apply.
    pub budget_per_call: BudgetPerCall,
    /// Scores of unaffected cases whose answers are stored.
    pub known: Vec<f64>,
    /// Unaffected cases whose scores are not known.
    pub unknown: usize,
    /// Accepted breaks: case and reason.
    pub accepted: BTreeMap<String, String>,
    /// How the cases behaved before.
    pub stability: Stabilities,
    /// Cases that no fix pays for.
    pub protected: BTreeSet<String>,
    /// For checks that look at the cost of a call.
    pub prices: PriceTable,
    /// Whether the candidate is the baseline itself, asked again: then none of its answers is the baseline's.
    pub asked_again: bool,
}

impl PromptSetup {
    /// Indices of the participating cases, in the golden set's order.
    pub(super) fn members(&self) -> Vec<usize> {
        let cases = self.change.cases.iter().enumerate();
        cases.filter(|(_, case)| case.kind != CaseKind::Unaffected).map(|(index, _)| index).collect()
    }

    /// The gate, closed.
    pub(super) fn gate(&self, members: &[usize]) -> gate::Setup {
        let cases = members.iter().map(|&index| {
            let case = &self.change.cases[index];
            let kind = match case.kind {
                _ if self.accepted.contains_key(&case.case.id) => gate::CaseKind::Accepted,
                CaseKind::Compare => gate::CaseKind::Compare,
                CaseKind::Score | CaseKind::Unaffected => gate::CaseKind::FloorOnly,
            };
            let screened = case.screened(&case.candidate);
            let form = match (case.varies, screened.is_plain()) {
                (false, _) => Form::Exact,
                (true, true) => Form::Plain,
                (true, false) => Form::Varied,
            };
            let id = case.case.id.clone();
            let protected = self.protected.contains(&id);
            let steadiness = self.stability.get(&id).map_or(Steadiness::Unknown, |known| known.steadiness());
            GateCase { id, kind, must_pass: case.case.must_pass, protected, steadiness, form }
        });
        gate::Setup {
            policy: self.policy.clone(),
            prompts: self.gated_together.max(1),
            seed: self.seed.clone(),
            paid: self.paid,
            cases: cases.collect(),
            floor: gate::Floor {
                min_score: self.min_score,
                known: self.known.clone(),
                unknown: self.unknown,
            },
            budget_per_call: self.budget_per_call.clone(),
        }
    }
}

/// The name of a comparison: fingerprints of baseline, candidate and scoring over all cases, the
/// models being part of the requests, and the seed (decisions.md#a-comparison-is-stored).
pub fn comparison_key(change: &PromptChange, seed: &str) -> Fingerprint {
    let mut cases: Vec<_> = change
        .cases
        .iter()
        .map(|case| {
            let scoring = case.case.scoring(change.score, change.judge.as_ref()).fingerprint();
            let baseline = case.baseline.as_ref().map(|request| request.fingerprint());
            (&case.case.id, baseline, case.candidate.fingerprint(), scoring)
        })
        .collect();
    cases.sort();
    Fingerprint::of_json(&("comparison", seed, cases))
}

/// How a fresh call of a case is varied.
pub(super) fn fresh_variation(case: &CaseChange, comparison: Fingerprint, phase: Phase, k: u32) -> Variation {
    let rerun = match phase {
        Phase::Screen => return case.screened(&case.candidate),
        Phase::Confirm => Rerun::Confirm,
        Phase::Fresh => Rerun::Escalate,
        Phase::Must => Rerun::Must,
    };
    if !case.varies {
        return Variation::NONE;
    }
    let sampled = case.baseline.iter().chain([&case.candidate]).all(|request| request.is_sampled());
    let screened = case.screened(&case.candidate);
    Variation::of_fresh(Premise { comparison, case: &case.case.id, screened, sampled }, rerun, k)
}

/// The key of a fresh call's answer.
pub fn fresh_key(
    case: &CaseChange,
    request: &Request,
    comparison: Fingerprint,
    phase: Phase,
    k: u32,
) -> AnswerKey {
    AnswerKey::fresh((request, fresh_variation(case, comparison, phase, k)), comparison, phase, k)
}

/// The keys of the baseline screening answers that the comparison will use.
pub fn screening_keys(change: &PromptChange) -> Vec<AnswerKey> {
    change
        .of_kind(CaseKind::Compare)
        .filter_map(|case| case.baseline.as_deref().map(|request| case.screening_key(request)))
        .collect()
}
