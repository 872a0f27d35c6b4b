//! Calls the gate will probably want, so that idle slots can be filled ahead.

use super::screen::{Screening, screen_call};
use super::{Gate, Stage};
use crate::trial::{Call, Side};

impl Gate {
    /// Likeliest first: what completes this round, the rest of the screening, the next fresh
    /// pairs, the cases that are not compared.
    pub(super) fn soon(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        if let Stage::Confirm(round) = &self.stage {
            calls.extend(self.confirmation.likely_next(round));
        }
        let rest = &self.screening.order[self.screening.visited..];
        calls.extend(rest.iter().flat_map(|case| Screening::calls(*case)));
        if let (Stage::Escalate, Some(escalation)) = (&self.stage, &self.escalation) {
            calls.extend(escalation.likely_next(self.setup.policy.batch));
        }
        let others = self.absolute.order.iter().map(|case| screen_call(*case, Side::Candidate));
        calls.extend(others);
        calls.retain(|call| self.answers.is_unseen(call) && !self.now.contains(call));
        calls
    }
}
