//! Escalation: the whole capital bet on fresh interleaved pairs, to find an overall drop.

use super::answers::{ATTEMPTS, Answers, Reading, Scored};
use super::policy::Policy;
use super::screen::Screening;
use crate::stats::wager::{Played, settle, signed_unit, stake};
use crate::trial::{Call, Phase, Side};

/// Relative tolerance if a bet was sized to reach exactly the limit.
const AT_LIMIT: f64 = 1.0 - 1e-9;
/// Fewest cases added to a round beside those that repeat at once.
const FEWEST_NEXT: usize = 4;

/// The result of the screening.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    /// Suspects first, then the other cases the baseline can do.
    pub eligible: Vec<usize>,
    /// The screening's own pairs, for giving up.
    pub screening: Played,
    pub capital: f64,
    pub limit: f64,
    /// n.
    pub cases: usize,
}

/// A case's part in the escalation.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    asked: u32,
    failed: u32,
    /// Differing pairs so far: each was a bet.
    bets: u32,
    retired: bool,
}

impl Standing {
    /// The candidate failed recently: repeat at once.
    fn is_hot(&self) -> bool {
        !self.retired && self.failed > 0 && 2 * self.failed >= self.asked
    }
}

/// How the escalation stands after a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Continues,
    /// The capital reached the limit.
    Hit,
    /// A drop has become implausible.
    GivenUp,
    /// No pair is left to play.
    Exhausted,
}

/// Counts of the escalation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EscalationCounts {
    /// Fresh pairs that were completed.
    pub pairs: usize,
    /// Those in which the baseline scored better.
    pub baseline_better: usize,
    /// Those in which the candidate scored better.
    pub candidate_better: usize,
    /// Pairs given up because a call failed twice.
    pub lost_pairs: usize,
    /// Pairs set aside because an answer repeated an earlier one byte for byte.
    pub repeated_pairs: usize,
}

/// The escalation's state.
#[derive(Clone, Debug)]
pub(super) struct Escalation {
    opening: Opening,
    cap: usize,
    standing: Vec<Standing>,
    next: usize,
    /// Pairs asked for; reaches the cap even if pairs are lost.
    pub asked: usize,
    pub round: Vec<usize>,
    pub played: Played,
    pub capital: f64,
    pub counts: EscalationCounts,
}

enum FreshPair {
    Both { baseline: Scored, candidate: Scored },
    Lost,
}

/// A finished pair, with the calls it took.
pub(super) struct FinishedFresh {
    pair: FreshPair,
    pub calls: Vec<Call>,
}

impl Escalation {
    pub fn new(opening: Opening, cap: usize, all_cases: usize) -> Self {
        let capital = opening.capital;
        Self {
            opening,
            cap,
            standing: vec![Standing::default(); all_cases],
            next: 0,
            asked: 0,
            round: Vec::new(),
            played: Played::default(),
            capital,
            counts: EscalationCounts::default(),
        }
    }

    /// Draws up the next round: hot cases, then the next in line. False if there is none.
    pub fn draw(&mut self, batch: usize) -> bool {
        let eligible = &self.opening.eligible;
        let hot = eligible.iter().copied().filter(|i| self.standing[*i].is_hot());
        let mut round: Vec<usize> = hot.take(batch).collect();
        let mut wanted = batch.saturating_sub(round.len()).max(FEWEST_NEXT);
        for _ in 0..eligible.len() {
            if wanted == 0 {
                break;
            }
            let case = eligible[self.next];
            self.next = (self.next + 1) % eligible.len();
            if !self.standing[case].retired && !round.contains(&case) {
                round.push(case);
                wanted -= 1;
            }
        }
        round.truncate(self.cap - self.asked);
        for case in &round {
            self.standing[*case].asked += 1;
        }
        self.asked += round.len();
        self.round = round;
        !self.round.is_empty()
    }

    /// Reads the round's pairs, or returns the calls it waits for.
    pub fn read(&self, answers: &Answers) -> Result<Vec<FinishedFresh>, Vec<Call>> {
        let (mut pairs, mut missing) = (Vec::new(), Vec::new());
        for case in &self.round {
            match read_pair(answers, fresh_calls(*case, self.standing[*case].asked)) {
                Ok(pair) => pairs.push(pair),
                Err(calls) => missing.extend(calls),
            }
        }
        if missing.is_empty() { Ok(pairs) } else { Err(missing) }
    }

    /// Settles the round in the order in which it was drawn up.
    pub fn settle(&mut self, pairs: &[FinishedFresh], screening: &Screening, policy: &Policy) -> Progress {
        let mut hit = false;
        let mut lost = 0;
        for (case, finished) in self.round.clone().into_iter().zip(pairs) {
            match finished.pair {
                FreshPair::Lost => {
                    self.counts.lost_pairs += 1;
                    lost += 1;
                }
                FreshPair::Both { baseline, candidate } if baseline.repeat || candidate.repeat => {
                    self.counts.repeated_pairs += 1;
                    self.standing[case].retired = true;
                }
                FreshPair::Both { baseline, candidate } => {
                    let x = signed_unit(baseline.score, candidate.score, policy.delta);
                    hit = hit || self.bet(x, policy);
                    self.count(x);
                    // A drop is a matter of many cases: one case bets only so often.
                    let standing = &mut self.standing[case];
                    standing.bets += u32::from(x != 0.0);
                    standing.retired |= standing.bets >= policy.case_bets;
                    if let Some((expected, _)) = screening.both(case) {
                        let fell = |s: Scored| expected.score - s.score >= policy.delta - 1e-9;
                        let standing = &mut self.standing[case];
                        standing.failed += u32::from(fell(candidate));
                        standing.retired |= fell(baseline);
                    }
                }
            }
        }
        self.progress(hit, lost == self.round.len(), policy)
    }

    pub fn retired(&self) -> usize {
        self.standing.iter().filter(|s| s.retired).count()
    }

    /// Bets on one pair; true once the capital is at the limit.
    fn bet(&mut self, x: f64, policy: &Policy) -> bool {
        let limit = self.opening.limit;
        let share = stake(self.capital, limit, self.played, self.cap, policy.stake_rule());
        self.capital = settle(self.capital, limit, x, share);
        self.capital >= limit * AT_LIMIT
    }

    fn count(&mut self, x: f64) {
        self.played.sum += x;
        self.played.squares += x * x;
        self.played.pairs += 1;
        self.counts.pairs += 1;
        self.counts.baseline_better += usize::from(x > 0.0);
        self.counts.candidate_better += usize::from(x < 0.0);
    }

    fn progress(&self, hit: bool, all_lost: bool, policy: &Policy) -> Progress {
        let (played, screening, n) = (self.played, self.opening.screening, self.opening.cases);
        if hit {
            Progress::Hit
        } else if policy.futility_rule().gives_up(self.capital, played, screening, n) {
            Progress::GivenUp
        } else if self.asked >= self.cap || all_lost {
            Progress::Exhausted
        } else {
            Progress::Continues
        }
    }
}

/// The calls of a fresh pair: candidate, then baseline.
fn fresh_calls(case: usize, k: u32) -> [Call; 2] {
    [Side::Candidate, Side::Baseline].map(|side| Call { case, side, phase: Phase::Fresh, k })
}

/// Reads a pair. If a call failed, both are discarded and read once more under the same k.
fn read_pair(answers: &Answers, calls: [Call; 2]) -> Result<FinishedFresh, Vec<Call>> {
    let mut taken = Vec::with_capacity(2);
    for attempt in 0..ATTEMPTS {
        let readings = calls.map(|call| answers.read(call, attempt));
        if readings.contains(&Reading::Missing) {
            let missing = calls.into_iter().zip(readings);
            return Err(missing.filter(|(_, r)| *r == Reading::Missing).map(|(c, _)| c).collect());
        }
        taken.extend(calls);
        if let [Reading::Scored(candidate), Reading::Scored(baseline)] = readings {
            return Ok(FinishedFresh { pair: FreshPair::Both { baseline, candidate }, calls: taken });
        }
    }
    Ok(FinishedFresh { pair: FreshPair::Lost, calls: taken })
}
