//! Confirmation: fresh pairs for a suspect, and their effect on its wealth.

use super::answers::{ATTEMPTS, Answers, Reading, Scored};
use super::policy::Policy;
use crate::stats::evidence::evidence;
use crate::trial::{Call, Phase, Side};

/// Where a suspect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspectStatus {
    /// Neither confirmed nor cleared.
    Live,
    /// The candidate passed on re-run: flaky, not broken.
    PassedOnRerun,
    /// The baseline fails on re-run as well: not this change.
    BaseFailsToo,
    /// The re-runs contradict each other.
    Unstable,
}

/// Passes of re-runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u32,
    /// How many were made and read.
    pub of: u32,
}

impl Tally {
    pub(super) fn add(&mut self, passed: bool) {
        self.passed += u32::from(passed);
        self.of += 1;
    }
}

/// A case that looked worse at screening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspect {
    /// Index into the gate's cases.
    pub case: usize,
    /// Scores at or above it count as passed on re-run.
    pub cut: f64,
    /// Wealth (W): the odds won on "the candidate broke it".
    pub wealth: f64,
    /// Where it stands.
    pub status: SuspectStatus,
    /// Pairs asked for, those lost included.
    pub pairs: u32,
    /// Pairs given up because a call failed twice.
    pub lost_pairs: u32,
    /// Its re-runs repeat earlier answers byte for byte, so no more are asked for.
    pub repeats: bool,
    /// The candidate's re-runs.
    pub candidate: Tally,
    /// The baseline's re-runs.
    pub baseline: Tally,
}

impl Suspect {
    fn new(case: usize, cut: f64) -> Self {
        Self {
            case,
            cut,
            wealth: 1.0,
            status: SuspectStatus::Live,
            pairs: 0,
            lost_pairs: 0,
            repeats: false,
            candidate: Tally::default(),
            baseline: Tally::default(),
        }
    }

    fn next_call(&self, side: Side) -> Call {
        Call { case: self.case, side, phase: Phase::Confirm, k: self.pairs + 1 }
    }

    /// Whether a passing candidate ends it whatever the baseline does, so that the baseline's call
    /// is not needed.
    fn is_hopeless_after_a_pass(&self, lambda: f64) -> bool {
        self.wealth * (1.0 - lambda * lambda) < 1.0
    }
}

/// How a pair came out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PairResult {
    CandidatePassed,
    Played { bad: bool, good: bool },
    Repeat,
    Lost,
}

/// A finished pair, with the calls it took.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FinishedPair {
    result: PairResult,
    pub calls: Vec<Call>,
}

impl FinishedPair {
    /// Calls that count for the cap; those of a discarded attempt are additional.
    fn weight(&self) -> usize {
        if self.result == PairResult::CandidatePassed { 1 } else { 2 }
    }
}

/// All suspects.
#[derive(Clone, Debug)]
pub(super) struct Confirmation {
    pub suspects: Vec<Suspect>,
    spent: usize,
    cap: f64,
}

/// A round: the results of its pairs, or the calls it still waits for.
pub(super) type Round = Result<Vec<(usize, FinishedPair)>, Vec<Call>>;

impl Confirmation {
    pub fn new(cap: f64) -> Self {
        Self { suspects: Vec::new(), spent: 0, cap }
    }

    pub fn suspect(&mut self, case: usize, baseline: f64, candidate: f64) {
        self.suspects.push(Suspect::new(case, (baseline + candidate) / 2.0));
    }

    pub fn is_unresolved(&self) -> bool {
        self.suspects.iter().any(|s| s.status == SuspectStatus::Live)
    }

    pub fn wealth(&self) -> Vec<f64> {
        self.suspects.iter().map(|s| s.wealth).collect()
    }

    /// The suspects of the next round; empty when there is none.
    pub fn next_round(&self, policy: &Policy) -> Vec<usize> {
        if !self.has_room(self.spent) {
            return Vec::new();
        }
        let asks = |s: &Suspect| s.status == SuspectStatus::Live && !s.repeats && s.pairs < policy.max_pairs;
        (0..self.suspects.len()).filter(|j| asks(&self.suspects[*j])).take(policy.batch).collect()
    }

    /// Plays a round as far as there are answers. A suspect is admitted while its two calls fit
    /// under the cap; as long as an earlier one is undecided it is taken to cost both.
    pub fn play(&self, answers: &Answers, round: &[usize], lambda: f64) -> Round {
        let (mut spent, mut pairs, mut missing) = (self.spent, Vec::new(), Vec::new());
        for j in round {
            if !self.has_room(spent) {
                break;
            }
            match read_pair(answers, &self.suspects[*j], lambda) {
                Ok(pair) => {
                    spent += pair.weight();
                    pairs.push((*j, pair));
                }
                Err(call) => {
                    spent += 2;
                    missing.push(call);
                }
            }
        }
        if missing.is_empty() { Ok(pairs) } else { Err(missing) }
    }

    /// Settles a finished pair.
    pub fn settle(&mut self, j: usize, pair: &FinishedPair, lambda: f64) {
        self.spent += pair.weight();
        let suspect = &mut self.suspects[j];
        suspect.pairs += 1;
        match pair.result {
            PairResult::Lost => suspect.lost_pairs += 1,
            PairResult::Repeat => suspect.repeats = true,
            PairResult::CandidatePassed => {
                suspect.candidate.add(true);
                suspect.wealth *= (1.0 - lambda) * (1.0 - lambda);
                suspect.status = SuspectStatus::PassedOnRerun;
            }
            PairResult::Played { bad, good } => {
                suspect.candidate.add(!bad);
                suspect.baseline.add(good);
                for agrees in [bad, good] {
                    suspect.wealth *= if agrees { 1.0 + lambda } else { 1.0 - lambda };
                }
                if suspect.wealth < 1.0 {
                    suspect.status = if good { SuspectStatus::Unstable } else { SuspectStatus::BaseFailsToo };
                }
            }
        }
    }

    /// Evidence and capital: the part that is not staked on the suspects does not change.
    pub fn capital(&self, policy: &Policy, all_screened: bool) -> (f64, f64) {
        let evidence = evidence(&self.wealth(), all_screened, &policy.gammas);
        (evidence, (1.0 - policy.share_confirm) + policy.share_confirm * evidence)
    }

    fn has_room(&self, spent: usize) -> bool {
        (spent + 2) as f64 <= self.cap
    }
}

/// Reads a suspect's next pair: candidate first, then the baseline if it is still relevant. A pair
/// with a failed call is discarded completely and read once more under the same k.
fn read_pair(answers: &Answers, suspect: &Suspect, lambda: f64) -> Result<FinishedPair, Call> {
    let candidate = suspect.next_call(Side::Candidate);
    let baseline = suspect.next_call(Side::Baseline);
    let mut calls = Vec::with_capacity(2);
    let mut baselines_read = 0;
    for attempt in 0..ATTEMPTS {
        calls.push(candidate);
        let head = match answers.read(candidate, attempt) {
            Reading::Missing => return Err(candidate),
            Reading::Lost => continue,
            Reading::Scored(scored) => scored,
        };
        let bad = head.score < suspect.cut;
        if head.repeat {
            return Ok(FinishedPair { result: PairResult::Repeat, calls });
        }
        if !bad && suspect.is_hopeless_after_a_pass(lambda) {
            return Ok(FinishedPair { result: PairResult::CandidatePassed, calls });
        }
        calls.push(baseline);
        let reading = answers.read(baseline, baselines_read);
        baselines_read += 1;
        match reading {
            Reading::Missing => return Err(baseline),
            Reading::Lost => {}
            Reading::Scored(base) => {
                let result = judge_pair(base, bad, suspect.cut);
                return Ok(FinishedPair { result, calls });
            }
        }
    }
    Ok(FinishedPair { result: PairResult::Lost, calls })
}

fn judge_pair(base: Scored, bad: bool, cut: f64) -> PairResult {
    if base.repeat { PairResult::Repeat } else { PairResult::Played { bad, good: base.score >= cut } }
}
