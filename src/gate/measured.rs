//! What the candidate's screening calls took and cost, and what it says of `budget_per_call`.

use std::collections::BTreeMap;

use super::Gate;
use crate::per_call::{CallFigures, LimitResult, Standing, worst};
use crate::trial::{Call, Phase, Side};

/// The figures of answered screening calls, by case.
pub(super) type Measured = BTreeMap<usize, CallFigures>;

impl Gate {
    /// Takes what an answered call of the candidate took and cost, as far as it is known, before its observation. Only
    /// screening calls count: cases that are asked again are suspicious, so their calls would be no fair sample.
    pub fn measure(&mut self, call: Call, figures: CallFigures) {
        let is_sampled = (call.side, call.phase) == (Side::Candidate, Phase::Screen);
        if is_sampled && !self.setup.budget_per_call.is_empty() {
            self.measured.insert(call.case, figures);
        }
    }

    /// Every limit against the calls that were used.
    pub(super) fn limits(&self) -> Vec<LimitResult> {
        if self.setup.budget_per_call.is_empty() {
            return Vec::new();
        }
        let used =
            self.applied().iter().filter(|call| (call.side, call.phase) == (Side::Candidate, Phase::Screen));
        let cases: BTreeMap<usize, CallFigures> =
            used.filter_map(|call| Some((call.case, *self.measured.get(&call.case)?))).collect();
        self.setup.budget_per_call.held_against(&cases.into_values().collect::<Vec<_>>())
    }

    pub(super) fn exceeds_a_limit(&self) -> bool {
        worst(&self.limits()) == Some(Standing::Exceeded)
    }

    pub(super) fn leaves_a_limit_open(&self) -> bool {
        matches!(worst(&self.limits()), Some(Standing::Unresolved | Standing::Unmeasured))
    }
}
