//! Confirmation: fresh pairs for a case that changed at screening, and their effect on its wealth. Breaks and fixes
//! play the same game, mirrored.

use super::answers::{ATTEMPTS, Answers, Reading, Scored};
use super::policy::Policy;
use crate::stats::evidence::{e_bh, evidence};
use crate::trial::{Call, Phase, Side};

/// False-discovery rate of the cases that are called broken, and of those called fixed.
const CONFIRMED_FDR: f64 = 0.10;

/// What a suspect is suspected of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The candidate broke it.
    Break,
    /// The candidate fixed it.
    Fix,
}

impl Claim {
    /// The side that fails if the claim is true; its call comes first, because its pass refutes the claim.
    fn failing(self) -> Side {
        match self {
            Claim::Break => Side::Candidate,
            Claim::Fix => Side::Baseline,
        }
    }

    fn passing(self) -> Side {
        match self {
            Claim::Break => Side::Baseline,
            Claim::Fix => Side::Candidate,
        }
    }
}

/// Where a suspect stands; of a fix, with the sides exchanged.
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

/// A case that looked worse at screening, or better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suspect {
    /// Index into the gate's cases.
    pub case: usize,
    /// Scores at or above it count as passed on re-run.
    pub cut: f64,
    /// Wealth (W): the odds won on the claim.
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
    /// Share of its stake that it bets; fixed before the comparison.
    pub weight: f64,
}

impl Suspect {
    fn new(case: usize, cut: f64, weight: f64) -> Self {
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
            weight,
        }
    }

    /// Its part of the evidence: what it did not bet, and what became of its bet.
    pub(super) fn evidence(&self) -> f64 {
        1.0 - self.weight + self.weight * self.wealth
    }

    /// Not refuted so far.
    pub(super) fn is_open(&self) -> bool {
        self.status == SuspectStatus::Live
    }

    fn tally(&mut self, side: Side, passed: bool) {
        match side {
            Side::Baseline => self.baseline.add(passed),
            Side::Candidate => self.candidate.add(passed),
        }
    }

    fn next_call(&self, side: Side) -> Call {
        Call { case: self.case, side, phase: Phase::Confirm, k: self.pairs + 1 }
    }

    /// Whether a pass of the side that should fail ends it whatever the other side does, so that the other
    /// call is not needed.
    fn is_hopeless_after_a_pass(&self, lambda: f64) -> bool {
        self.wealth * (1.0 - lambda * lambda) < 1.0
    }
}

/// How a pair came out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PairResult {
    Refuted,
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
        if self.result == PairResult::Refuted { 1 } else { 2 }
    }
}

/// All suspects of one claim.
#[derive(Clone, Debug)]
pub(super) struct Confirmation {
    claim: Claim,
    pub suspects: Vec<Suspect>,
    spent: usize,
    cap: f64,
}

/// A round: the results of its pairs, or the calls it still waits for.
pub(super) type Round = Result<Vec<(usize, FinishedPair)>, Vec<Call>>;

impl Confirmation {
    pub fn new(claim: Claim, cap: f64) -> Self {
        Self { claim, suspects: Vec::new(), spent: 0, cap }
    }

    /// Adds a case with these screening scores, whose bet is this share of a whole one.
    pub fn suspect(&mut self, case: usize, [baseline, candidate]: [f64; 2], weight: f64) {
        self.suspects.push(Suspect::new(case, (baseline + candidate) / 2.0, weight));
    }

    pub fn wealth(&self) -> Vec<f64> {
        self.suspects.iter().map(|s| s.wealth).collect()
    }

    /// Cases with sufficient evidence of their own (e-BH), in the order in which they were found.
    pub fn confirmed(&self) -> Vec<usize> {
        let evidence: Vec<f64> = self.suspects.iter().map(Suspect::evidence).collect();
        e_bh(&evidence, CONFIRMED_FDR).into_iter().map(|j| self.suspects[j].case).collect()
    }

    /// The suspects of the next round, without the `decided` cases; empty when there is none.
    pub fn next_round(&self, policy: &Policy, decided: &[usize]) -> Vec<usize> {
        if !self.has_room(self.spent) {
            return Vec::new();
        }
        let asks = |s: &Suspect| self.may_ask(s, policy) && !decided.contains(&s.case);
        (0..self.suspects.len()).filter(|j| asks(&self.suspects[*j])).take(policy.batch).collect()
    }

    /// Whether another pair could still change what is known of a suspect.
    pub fn may_ask(&self, suspect: &Suspect, policy: &Policy) -> bool {
        suspect.is_open() && !suspect.repeats && suspect.pairs < policy.max_pairs && self.has_room(self.spent)
    }

    /// Plays a round as far as there are answers. A suspect is admitted while its two calls fit
    /// under the cap; as long as an earlier one is undecided it is taken to cost both.
    pub fn play(&self, answers: &Answers, round: &[usize], lambda: f64) -> Round {
        let (mut spent, mut pairs, mut missing) = (self.spent, Vec::new(), Vec::new());
        for j in round {
            if !self.has_room(spent) {
                break;
            }
            match read_pair(answers, self.claim, &self.suspects[*j], lambda) {
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
            PairResult::Refuted => {
                suspect.tally(self.claim.failing(), true);
                suspect.wealth *= (1.0 - lambda) * (1.0 - lambda);
                suspect.status = SuspectStatus::PassedOnRerun;
            }
            PairResult::Played { bad, good } => {
                suspect.tally(self.claim.failing(), !bad);
                suspect.tally(self.claim.passing(), good);
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
        let parts: Vec<f64> = self.suspects.iter().map(Suspect::evidence).collect();
        let evidence = evidence(&parts, all_screened, &policy.gammas);
        (evidence, (1.0 - policy.share_confirm) + policy.share_confirm * evidence)
    }

    fn has_room(&self, spent: usize) -> bool {
        (spent + 2) as f64 <= self.cap
    }
}

/// Reads a suspect's next pair: the side that should fail first, then the other if it is still relevant. A
/// pair with a failed call is discarded completely and read once more under the same k.
fn read_pair(answers: &Answers, claim: Claim, suspect: &Suspect, lambda: f64) -> Result<FinishedPair, Call> {
    let (failing, passing) = (suspect.next_call(claim.failing()), suspect.next_call(claim.passing()));
    let mut calls = Vec::with_capacity(2);
    let mut passing_read = 0;
    for attempt in 0..ATTEMPTS {
        calls.push(failing);
        let first = match answers.read(failing, attempt) {
            Reading::Missing => return Err(failing),
            Reading::Lost => continue,
            Reading::Scored(scored) => scored,
        };
        let bad = first.score < suspect.cut;
        if first.repeat {
            return Ok(FinishedPair { result: PairResult::Repeat, calls });
        }
        if !bad && suspect.is_hopeless_after_a_pass(lambda) {
            return Ok(FinishedPair { result: PairResult::Refuted, calls });
        }
        calls.push(passing);
        let reading = answers.read(passing, passing_read);
        passing_read += 1;
        match reading {
            Reading::Missing => return Err(passing),
            Reading::Lost => {}
            Reading::Scored(second) => {
                let result = judge_pair(second, bad, suspect.cut);
                return Ok(FinishedPair { result, calls });
            }
        }
    }
    Ok(FinishedPair { result: PairResult::Lost, calls })
}

fn judge_pair(second: Scored, bad: bool, cut: f64) -> PairResult {
    if second.repeat { PairResult::Repeat } else { PairResult::Played { bad, good: second.score >= cut } }
}
