//! Calls the gate will probably want, so that idle slots can be filled ahead.

use super::screen::{Screening, screen_call};
use super::{Gate, Stage};
use crate::trial::{Call, Side};

/// Calls named at once.
const AHEAD: usize = 64;

impl Gate {
    /// Likeliest first: what completes this round, the rest of the screening, the next fresh
    /// pairs, the cases that are not compared.
    pub(super) fn soon(&self) -> Vec<Call> {
        let (mut pairs, mut fresh) = (Vec::new(), Vec::new());
        match (&self.stage, &self.escalation) {
            (Stage::Confirm(round), _) => pairs = self.confirmation.likely_next(round),
            (Stage::Escalate, Some(e)) => fresh = e.likely_next(self.setup.policy.batch),
            _ => {}
        }
        let rest = &self.screening.order[self.screening.visited..];
        let others: &[usize] = match self.stage {
            Stage::Absolute => &[], // all of them are wanted now
            _ => &self.absolute.order,
        };
        pairs
            .into_iter()
            .chain(rest.iter().flat_map(|case| Screening::calls(*case)))
            .chain(fresh)
            .chain(others.iter().map(|case| screen_call(*case, Side::Candidate)))
            .filter(|call| self.answers.is_unseen(call) && !self.now.contains(call))
            .take(AHEAD)
            .collect()
    }
}
