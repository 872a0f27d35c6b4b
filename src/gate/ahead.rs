//! The calls the gate wants, and those it will want unless it decides early: a batch job buys all
//! of them at once.

use super::screen::{Screening, screen_call};
use super::{Gate, Stage};
use crate::trial::{Call, Side};

impl Gate {
    /// The calls needed to go on, in order.
    pub fn now(&self) -> impl Iterator<Item = Call> + '_ {
        self.now.iter()
    }

    /// The calls needed later if nothing decides early, in order: the rest of the screening, then
    /// the cases that are not compared. Fresh pairs are not included: the answers decide which of them are
    /// needed.
    pub fn soon(&self) -> impl Iterator<Item = Call> + '_ {
        let rest = self.screening.unanswered.between(self.screening.visited, self.screening.len());
        // At the last stage all of the others are wanted now.
        let others = if matches!(self.stage, Stage::Absolute) { 0 } else { self.absolute.order.len() };
        let others = self.absolute.unanswered.between(0, others);
        rest.flat_map(Screening::calls)
            .chain(others.map(|case| screen_call(case, Side::Candidate)))
            .filter(|call| self.answers.is_unseen(call) && !self.now.contains(call))
    }
}
