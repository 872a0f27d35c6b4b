//! What fresh calls of the candidate took and cost, and what it says of `budget_per_call`.

use std::collections::{BTreeMap, BTreeSet};

use super::Gate;
use crate::per_call::{CallFigures, LimitResult, Standing, worst};
use crate::trial::Call;

/// The figures of fresh calls. Which calls those are, the caller knows.
pub(super) type Measured = BTreeMap<Call, CallFigures>;

impl Gate {
    /// Takes what a fresh call of the candidate took and cost, before its observation.
    pub fn measure(&mut self, call: Call, figures: CallFigures) {
        if !self.setup.budget_per_call.is_empty() {
            self.measured.insert(call, figures);
        }
    }

    /// Every limit against the calls that were used. A case counts once, with its screening call, or else with its first
    /// call after that: cases that are asked again are suspicious, so more of their calls would be no fair sample.
    pub(super) fn limits(&self) -> Vec<LimitResult> {
        if self.setup.budget_per_call.is_empty() {
            return Vec::new();
        }
        let used: BTreeSet<Call> = self.applied().iter().copied().collect();
        let mut cases: BTreeMap<usize, CallFigures> = BTreeMap::new();
        for (call, figures) in self.measured.iter().filter(|(call, _)| used.contains(call)) {
            let known = cases.entry(call.case).or_default();
            *known = known.or(*figures);
        }
        self.setup.budget_per_call.held_against(&cases.into_values().collect::<Vec<_>>())
    }

    pub(super) fn exceeds_a_limit(&self) -> bool {
        worst(&self.limits()) == Some(Standing::Exceeded)
    }

    pub(super) fn leaves_a_limit_open(&self) -> bool {
        matches!(worst(&self.limits()), Some(Standing::Unresolved | Standing::TooFew))
    }
}
