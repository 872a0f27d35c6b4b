//! The observed answers, in order of arrival, and the applied ones, in the stated order.

use std::collections::BTreeMap;

use crate::trial::{Call, Phase, Side};

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// The answer was read and scored.
    Scored {
        /// Score in [0, 1]; 1 or 0 unless the prompt is graded.
        score: f64,
        /// Whether the case counts as passed.
        passed: bool,
        /// The answer equals, byte for byte, an earlier one of this case and side, and no jitter
        /// was applied: it gives no new information.
        repeat: bool,
        /// The answer is neither empty nor cut.
        whole: bool,
    },
    /// The call failed, or its answer could not be scored.
    Lost,
}

/// A scored answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scored {
    pub score: f64,
    pub passed: bool,
    pub repeat: bool,
    pub whole: bool,
}

/// What is known of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    Missing,
    Lost,
    Scored(Scored),
}

impl Reading {
    pub fn scored(self) -> Option<Scored> {
        match self {
            Reading::Scored(scored) => Some(scored),
            Reading::Missing | Reading::Lost => None,
        }
    }
}

/// How often a call outside screening is asked for before it is given up.
pub(super) const ATTEMPTS: usize = 2;

/// What came of a call, each time it was made.
type Seen = [Option<Observation>; ATTEMPTS];

/// Observations by call, and the ledger of those that were applied.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// By case, in the order of their first observation: a case has only a few calls, so that looking through them
    /// is cheaper than a map of all calls.
    observed: Vec<Vec<(Call, Seen)>>,
    applied: Vec<Call>,
}

impl Answers {
    /// Keeps an observation. The first one of a call always; a later one only if the call is
    /// `wanted` again, because its pair was discarded.
    pub fn keep(&mut self, call: Call, observation: Observation, wanted: bool) {
        if self.observed.len() <= call.case {
            self.observed.resize_with(call.case + 1, Vec::new);
        }
        let calls = &mut self.observed[call.case];
        let index = calls.iter().position(|(known, _)| *known == call).unwrap_or(calls.len());
        if index == calls.len() {
            calls.push((call, Seen::default()));
        }
        let seen = &mut calls[index].1;
        let place = seen.iter().position(Option::is_none);
        if let Some(place) = place.filter(|place| *place == 0 || wanted) {
            seen[place] = Some(observation);
        }
    }

    /// The observation of the given attempt, counted from 0.
    pub fn read(&self, call: Call, attempt: usize) -> Reading {
        match self.seen(&call).and_then(|seen| *seen.get(attempt)?) {
            None => Reading::Missing,
            Some(Observation::Lost) => Reading::Lost,
            Some(Observation::Scored { score, passed, repeat, whole }) => {
                Reading::Scored(Scored { score, passed, repeat, whole })
            }
        }
    }

    /// Whether nothing has been observed of this call yet.
    pub fn is_unseen(&self, call: &Call) -> bool {
        self.seen(call).is_none()
    }

    fn seen(&self, call: &Call) -> Option<&Seen> {
        let calls = self.observed.get(call.case)?;
        calls.iter().find(|(known, _)| known == call).map(|(_, seen)| seen)
    }

    /// Enters calls into the ledger, in the order in which they count.
    pub fn apply(&mut self, calls: impl IntoIterator<Item = Call>) {
        self.applied.extend(calls);
    }

    /// The ledger.
    pub fn applied(&self) -> &[Call] {
        &self.applied
    }

    /// Calls in the ledger by side and phase.
    pub fn counts(&self) -> BTreeMap<(Side, Phase), usize> {
        let mut counts = BTreeMap::new();
        for call in &self.applied {
            *counts.entry((call.side, call.phase)).or_insert(0) += 1;
        }
        counts
    }
}
