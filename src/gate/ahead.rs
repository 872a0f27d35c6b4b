//! Calls the gate will probably want, so that idle slots can be filled ahead.

use super::screen::{Screening, screen_call};
use super::{Gate, Stage};
use crate::trial::{Call, Reach, Side};

impl Gate {
    /// The calls needed to go on, in order.
    pub fn now(&self) -> impl Iterator<Item = Call> + '_ {
        self.now.iter()
    }

    /// The calls probably needed next, likeliest first: what completes this round, the rest of the
    /// screening, the next fresh pairs, the cases that are not compared.
    pub fn soon(&self, reach: Reach) -> impl Iterator<Item = Call> + '_ {
        let (mut pairs, mut fresh) = (Vec::new(), Vec::new());
        match (&self.stage, &self.escalation) {
            (Stage::Confirm(round), _) => pairs = self.confirmation.likely_next(round),
            (Stage::Escalate, Some(e)) => fresh = e.likely_next(self.setup.policy.batch),
            _ => {}
        }
        let (screened, others) = self.reached(reach);
        let rest = self.screening.unanswered.between(self.screening.visited, screened);
        let others = self.absolute.unanswered.between(0, others);
        pairs
            .into_iter()
            .chain(rest.flat_map(Screening::calls))
            .chain(fresh)
            .chain(others.map(|case| screen_call(case, Side::Candidate)))
            .filter(|call| self.answers.is_unseen(call) && !self.now.contains(call))
    }

    /// How far into the screening, and into the cases that are not compared, to look ahead.
    fn reached(&self, reach: Reach) -> (usize, usize) {
        let (compared, others) = (self.screening.len(), self.absolute.order.len());
        // All of the others are wanted now.
        let others = if matches!(self.stage, Stage::Absolute) { 0 } else { others };
        if reach == Reach::All {
            return (compared, others);
        }
        let batch = self.setup.policy.batch;
        let round = if matches!(self.stage, Stage::Screen) { batch } else { 0 };
        let screened = compared.min(self.screening.visited + round + batch);
        let beyond = (self.screening.visited + round + batch).saturating_sub(compared);
        (screened, others.min(beyond.min(batch)))
    }
}
