//! What a judge's errors do to the gate: how often it finds one broken case, and how often it blocks a change that
//! changes nothing. The real gate runs on cases that pass 98 of 100 times, with draws that depend only on the
//! run, so that the same judge always gets the same figures.

use crate::check::panel_verdict;
use crate::gate::{CaseKind, Floor, Form, Gate, GateCase, Observation, Policy, Setup, Step};
use crate::stability::Steadiness;
use crate::trial::{Call, Side};
use crate::verdict::Verdict;

/// How often one vote of a judge errs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgeErrors {
    /// The share of good answers that it passes.
    pub sensitivity: f64,
    /// The share of bad answers that it fails.
    pub specificity: f64,
}

/// What the gate does with such a judge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// The share of evaluations in which one broken case is found.
    pub found: f64,
    /// The share of evaluations in which a change that changes nothing is blocked.
    pub false_block: f64,
    /// Judge's votes of an evaluation that changes nothing, on average.
    pub votes: f64,
}

/// Evaluations of each kind.
const RUNS: u64 = 400;
/// How often a case passes.
const RELIABLE: f64 = 0.98;

/// The votes on an answer: how many are configured, and how often each errs, in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgeVotes {
    /// Votes on each question; `None`: one, and two of three where it fails an answer.
    pub panel: Option<u32>,
    /// One judge, or the members of a panel.
    pub errors: Vec<JudgeErrors>,
}

/// Plays the gate with so many cases and this judge, whose votes err independently of each other.
pub fn power(cases: usize, judge: &JudgeVotes) -> Power {
    let mut votes = 0;
    let blocked = |broken: Option<usize>, count: &mut u64| {
        let hits = (0..RUNS).filter(|run| {
            let mut gate = Gate::new(setup(cases, *run));
            let mut world = World { run: *run, broken, judge, votes: 0 };
            world.drive(&mut gate);
            *count += world.votes;
            gate.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Regression)
        });
        hits.count() as f64 / RUNS as f64
    };
    let found = blocked(Some(0), &mut 0);
    let false_block = blocked(None, &mut votes);
    Power { found, false_block, votes: votes as f64 / RUNS as f64 }
}

fn setup(cases: usize, run: u64) -> Setup {
    let case = |index: usize| GateCase {
        id: format!("case-{index}"),
        kind: CaseKind::Compare,
        must_pass: false,
        protected: false,
        steadiness: Steadiness::Unknown,
        form: Form::Varied,
    };
    Setup {
        policy: Policy::default(),
        prompts: 1,
        seed: run.to_string(),
        paid: false,
        cases: (0..cases).map(case).collect(),
        floor: Floor::default(),
        budget_per_call: Default::default(),
    }
}

struct World<'a> {
    run: u64,
    broken: Option<usize>,
    judge: &'a JudgeVotes,
    votes: u64,
}

impl World<'_> {
    fn drive(&mut self, gate: &mut Gate) {
        while let Step::Run { now, .. } = gate.next() {
            for call in now {
                let passed = self.judged(call);
                let score = f64::from(u8::from(passed));
                gate.observe(call, Observation::Scored { score, passed, repeat: false, whole: true });
            }
        }
    }

    fn judged(&mut self, call: Call) -> bool {
        let mut draws = Draws::of(self.run, call);
        let is_broken = call.side == Side::Candidate && self.broken == Some(call.case);
        let is_good = draws.next() < RELIABLE && !is_broken;
        let JudgeVotes { panel, errors } = self.judge;
        let mut vote = |number: u32| {
            self.votes += 1;
            let errors = errors[number as usize % errors.len()];
            if is_good { draws.next() < errors.sensitivity } else { draws.next() >= errors.specificity }
        };
        panel_verdict(*panel, call.phase.is_fresh(), &mut vote)
    }
}

/// Uniform numbers in [0, 1) that depend only on run and call: SplitMix64 (Steele, Lea, Flood 2014).
struct Draws(u64);

impl Draws {
    fn of(run: u64, call: Call) -> Self {
        let mut draws = Self(run);
        for part in [call.case as u64, call.side as u64, call.phase as u64, u64::from(call.k)] {
            draws = Self(draws.bits() ^ part.wrapping_mul(0xff51_afd7_ed55_8ccd));
        }
        draws
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn next(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
