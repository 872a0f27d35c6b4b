//! Screening: one answer per side and case, and its meaning.

use super::answers::{Answers, Reading, Scored};
use super::pending::Unanswered;
use crate::trial::{Call, Phase, Side};

/// What is known of a compared case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Screened {
    /// Not reached yet.
    Ahead,
    /// A call failed, so the case counts on neither side.
    Lost { baseline: Option<Scored>, candidate: Option<Scored> },
    /// Both answers.
    Both { baseline: Scored, candidate: Scored },
}

/// The screening's progress.
#[derive(Clone, Debug)]
pub(super) struct Screening {
    /// Compared cases, in screening order.
    pub order: Vec<usize>,
    /// How many of `order` were visited.
    pub visited: usize,
    /// By case; cases that are not compared stay `Ahead`.
    pub results: Vec<Screened>,
    /// Cases that lack an answer of a side.
    pub unanswered: Unanswered,
    lost: (usize, usize),
}

/// The screening call of a case.
pub(super) fn screen_call(case: usize, side: Side) -> Call {
    Call { case, side, phase: Phase::Screen, k: 0 }
}

impl Screening {
    pub fn new(order: Vec<usize>, cases: usize) -> Self {
        let unanswered = Unanswered::new(&order);
        Self { order, visited: 0, results: vec![Screened::Ahead; cases], unanswered, lost: (0, 0) }
    }

    /// n.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_complete(&self) -> bool {
        self.visited == self.order.len()
    }

    /// The cases of the next round.
    pub fn next_round(&self, size: usize) -> &[usize] {
        &self.order[self.visited..self.order.len().min(self.visited + size)]
    }

    /// Both sides' answers, if the case was measured.
    pub fn both(&self, case: usize) -> Option<(Scored, Scored)> {
        match self.results[case] {
            Screened::Both { baseline, candidate } => Some((baseline, candidate)),
            _ => None,
        }
    }

    /// Puts the cases not visited yet that `first` names before the others, the order being otherwise the same.
    pub fn bring_forward(&mut self, first: impl Fn(usize) -> bool) {
        let rest = self.order.split_off(self.visited);
        let (early, late): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|case| first(*case));
        self.order.extend(early.into_iter().chain(late));
        let answered: Vec<usize> =
            self.order.iter().copied().filter(|case| !self.unanswered.contains(*case)).collect();
        self.unanswered = Unanswered::new(&self.order);
        answered.into_iter().for_each(|case| self.unanswered.remove(case));
    }

    /// Cases not visited yet, in order.
    pub fn ahead(&self) -> &[usize] {
        &self.order[self.visited..]
    }

    /// Measured cases in screening order: case, baseline's answer, candidate's answer.
    pub fn measured(&self) -> impl Iterator<Item = (usize, Scored, Scored)> + '_ {
        self.order[..self.visited]
            .iter()
            .filter_map(|case| self.both(*case).map(|(baseline, candidate)| (*case, baseline, candidate)))
    }

    /// The candidate's answer, even if the baseline's was lost.
    pub fn candidate(&self, case: usize) -> Option<Scored> {
        match self.results[case] {
            Screened::Ahead => None,
            Screened::Lost { candidate, .. } => candidate,
            Screened::Both { candidate, .. } => Some(candidate),
        }
    }

    /// Lost cases: on any side, and on the candidate's only.
    pub fn lost(&self) -> (usize, usize) {
        self.lost
    }

    /// Enters what is known of a case.
    pub fn note(&mut self, case: usize, result: Screened) {
        if let Screened::Lost { baseline, candidate } = result {
            self.lost.0 += 1;
            self.lost.1 += usize::from(candidate.is_none() && baseline.is_some());
        }
        self.results[case] = result;
    }

    /// Whether any measured score is neither 0 nor 1.
    pub fn is_graded(&self) -> bool {
        let between = |s: Scored| s.score != 0.0 && s.score != 1.0;
        self.measured().any(|(_, baseline, candidate)| between(baseline) || between(candidate))
    }

    /// Reads one case's two answers, or names those still missing.
    pub fn read(answers: &Answers, case: usize) -> Result<Screened, Vec<Call>> {
        let calls = Self::calls(case);
        let readings = calls.map(|call| answers.read(call, 0));
        let missing: Vec<Call> = calls
            .into_iter()
            .zip(readings)
            .filter(|(_, reading)| *reading == Reading::Missing)
            .map(|(call, _)| call)
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(match readings.map(Reading::scored) {
            [Some(candidate), Some(baseline)] => Screened::Both { baseline, candidate },
            [candidate, baseline] => Screened::Lost { baseline, candidate },
        })
    }

    /// A case's two calls: candidate, then baseline.
    pub fn calls(case: usize) -> [Call; 2] {
        [screen_call(case, Side::Candidate), screen_call(case, Side::Baseline)]
    }
}
