//! The inputs of a gate.

use sha2::{Digest, Sha256};

use super::policy::Policy;
use crate::per_call::BudgetPerCall;
use crate::stability::Steadiness;

/// Of so many cases that edits without meaning turn, one breaks with such an edit (docs/statistics.md).
const TURNING_PER_BREAK: usize = 6;

/// How a case takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// The requests differ between the sides: it is compared, and counts for n.
    Compare,
    /// There is no baseline (a new prompt or case), or only the scoring changed: one answer of the
    /// candidate, for must-pass and floor.
    FloorOnly,
    /// Its break was accepted: one answer of the candidate, to be shown; decides nothing.
    Accepted,
}

/// One case of the golden set, as the gate sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateCase {
    /// Identity within the golden set; fixes the order of screening.
    pub id: String,
    /// How it takes part.
    pub kind: CaseKind,
    /// Whether the absolute must-pass rule applies.
    pub must_pass: bool,
    /// Whether no fix of another case pays for its break; must-pass cases are protected in any case.
    pub protected: bool,
    /// What earlier answers say of it.
    pub steadiness: Steadiness,
    /// How its screening call is sent.
    pub form: Form,
}

/// How a case's screening call sends its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As written, like all calls of the case: it is not varied.
    Exact,
    /// As written; fresh calls add neutral white space.
    Plain,
    /// With neutral white space; the first pair of the escalation is sent as written.
    Varied,
}

/// The absolute bar of a prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floor {
    /// Least mean score over the whole golden set, in [0, 1].
    pub min_score: Option<f64>,
    /// Scores of the cases that are not part of this gate, because their stored answers stand.
    pub known: Vec<f64>,
    /// Such cases without a stored answer: the bar is over the whole set, so they count as passed.
    pub unknown: usize,
}

/// Everything fixed before the first call.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Parameters; [`Policy::validate`] must have accepted them.
    pub policy: Policy,
    /// Prompts gated together (K): every limit is multiplied by it.
    pub prompts: usize,
    /// Seed of the case order.
    pub seed: String,
    /// Whether every baseline screening answer is bought in this comparison.
    pub paid: bool,
    /// The cases; [`Call::case`](crate::trial::Call::case) indexes them.
    pub cases: Vec<GateCase>,
    /// The absolute bar.
    pub floor: Floor,
    /// Limits of single calls, which the fresh calls of the candidate must keep.
    pub budget_per_call: BudgetPerCall,
}

impl Setup {
    /// Compared cases in the order in which they are screened: must-pass first, then by
    /// `sha256_hex(seed + ":" + id)`.
    pub(super) fn screening_order(&self) -> Vec<usize> {
        self.ordered(|kind| kind == CaseKind::Compare)
    }

    /// The other cases in the same kind of order, those that decide before those only shown.
    pub(super) fn absolute_order(&self) -> Vec<usize> {
        let mut order = self.ordered(|kind| kind == CaseKind::FloorOnly);
        order.extend(self.ordered(|kind| kind == CaseKind::Accepted));
        order
    }

    fn ordered(&self, wanted: impl Fn(CaseKind) -> bool) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.cases.len()).filter(|i| wanted(self.cases[*i].kind)).collect();
        order.sort_by_cached_key(|i| {
            let case = &self.cases[*i];
            (!case.must_pass, place(&self.seed, &case.id), *i)
        });
        order
    }

    /// Whether no fix pays for a case's break.
    pub(super) fn is_protected(&self, case: usize) -> bool {
        let case = &self.cases[case];
        case.protected || case.must_pass || case.steadiness == Steadiness::Stable
    }

    /// Whether a break of it alone does not block, because edits without meaning turned it before.
    pub(super) fn turns_easily(&self, case: usize) -> bool {
        let turned = matches!(self.cases[case].steadiness, Steadiness::Marginal | Steadiness::Wavering);
        turned && !self.is_protected(case)
    }

    /// How many such breaks an edit without meaning may cause: one in six of these cases, and one in any case.
    pub(super) fn expected_turns(&self) -> usize {
        let turning = (0..self.cases.len()).filter(|case| self.turns_easily(*case)).count();
        (turning / TURNING_PER_BREAK).max(1)
    }

    /// Whether it is known to change with any edit.
    pub(super) fn is_marginal(&self, case: usize) -> bool {
        self.cases[case].steadiness == Steadiness::Marginal
    }

    /// The share of its stake that a suspect bets: a marginal case needs more evidence.
    pub(super) fn weight(&self, case: usize) -> f64 {
        if self.is_marginal(case) { self.policy.marginal_weight } else { 1.0 }
    }

    /// Whether the must-pass rule applies to a case.
    pub(super) fn is_must_pass(&self, case: usize) -> bool {
        let case = &self.cases[case];
        case.must_pass && case.kind != CaseKind::Accepted
    }
}

/// Digests sort as their hexadecimal forms do.
fn place(seed: &str, id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.as_bytes());
    hash.update(b":");
    hash.update(id.as_bytes());
    hash.finalize().into()
}
