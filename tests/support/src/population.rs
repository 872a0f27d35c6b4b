//! Drives a gate against a simulated population: no model, no clock, no shared state.

use std::collections::BTreeMap;

use prompt_assay::gate::{CaseKind, Floor, Form, Gate, GateCase, Observation, Outcome, Policy, Setup, Step};
use prompt_assay::stability::Steadiness;
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay::verdict::{Reason, Verdict};

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Copy)]
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number below n.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
}

/// A draw that depends on the call alone, so that the order of calls cannot matter.
pub fn draw(seed: u64, call: Call, attempt: usize) -> Dice {
    let side = call.side as u64;
    let phase = call.phase as u64;
    let mut dice = Dice(seed);
    for part in [call.case as u64, side, phase, u64::from(call.k), attempt as u64] {
        dice = Dice(dice.bits() ^ part.wrapping_mul(0xff51_afd7_ed55_8ccd));
    }
    dice
}

/// Pass probability of every case on both sides.
#[derive(Clone)]
pub struct World {
    /// Of the baseline.
    pub baseline: Vec<f64>,
    /// Of the candidate.
    pub candidate: Vec<f64>,
}

impl World {
    /// 80 % U(.97, 1), 15 % U(.3, .9), 5 % U(0, .03); the same prompt on both sides.
    pub fn typical(n: usize, dice: &mut Dice) -> Self {
        let baseline: Vec<f64> = (0..n)
            .map(|i| match 100 * i / n {
                0..80 => dice.between(0.97, 1.0),
                80..95 => dice.between(0.3, 0.9),
                _ => dice.between(0.0, 0.03),
            })
            .collect();
        Self { candidate: baseline.clone(), baseline }
    }

    /// Sets the candidate's pass probability in `count` different reliable cases.
    pub fn break_reliable(&mut self, count: usize, p: f64, dice: &mut Dice) {
        let reliable = 80 * self.baseline.len() / 100;
        let mut chosen: Vec<usize> = (0..reliable).collect();
        for k in 0..count {
            let pick = k + dice.below(reliable - k);
            chosen.swap(k, pick);
            self.candidate[chosen[k]] = p;
        }
    }

    /// The answer to a call.
    pub fn answer(&self, seed: u64, call: Call, attempt: usize) -> Observation {
        let p = match call.side {
            Side::Baseline => self.baseline[call.case],
            Side::Candidate => self.candidate[call.case],
        };
        scored(draw(seed, call, attempt).unit() < p)
    }
}

/// An answer that passed or failed.
pub fn scored(passed: bool) -> Observation {
    Observation::Scored { score: f64::from(u8::from(passed)), passed, repeat: false, whole: true }
}

/// An answer with a score between.
pub fn graded(score: f64) -> Observation {
    Observation::Scored { score, passed: score >= 0.5, repeat: false, whole: true }
}

/// A case to compare, sent as written.
pub fn compare(id: impl Into<String>) -> GateCase {
    GateCase {
        id: id.into(),
        kind: CaseKind::Compare,
        must_pass: false,
        protected: false,
        steadiness: Steadiness::Unknown,
        form: Form::Exact,
    }
}

/// A gate of n cases, sent as written.
pub fn setup(n: usize, seed: u64) -> Setup {
    Setup {
        policy: Policy::default(),
        prompts: 1,
        seed: seed.to_string(),
        paid: false,
        cases: (0..n).map(|i| compare(format!("case-{i}"))).collect(),
        floor: Floor::default(),
        budget_per_call: Default::default(),
    }
}

/// The setup as shipped: a third of the cases is screened as written, the rest with white space.
pub fn varied(n: usize, seed: u64) -> Setup {
    let mut setup = setup(n, seed);
    let mut dice = Dice(seed ^ 0xf0_0d);
    for case in &mut setup.cases {
        case.form = if dice.below(3) == 0 { Form::Plain } else { Form::Varied };
    }
    setup
}

/// Whether a call sends its text as it stands, at temperature 0 (where must-pass re-runs do not).
pub fn is_plain(form: Form, call: Call) -> bool {
    match (form, call.phase) {
        (Form::Exact, _) | (Form::Plain, Phase::Screen) => true,
        (Form::Varied, Phase::Fresh) => call.k == 1,
        _ => false,
    }
}

/// Answers what is wanted, in the order asked, until the gate is done.
pub fn drive(gate: &mut Gate, mut answer: impl FnMut(Call, usize) -> Observation) -> Outcome {
    let mut made: BTreeMap<Call, usize> = BTreeMap::new();
    while gate.outcome().is_none() {
        let now: Vec<Call> = gate.now().collect();
        assert!(!now.is_empty(), "a gate that is not done wants something");
        for call in now {
            let attempt = made.entry(call).or_insert(0);
            let observation = answer(call, *attempt);
            *attempt += 1;
            gate.observe(call, observation);
        }
    }
    gate.outcome().expect("done means an outcome").clone()
}

/// Runs `width` calls at a time, fills idle slots with calls ahead of need, completes at random.
pub fn drive_scrambled(
    gate: &mut Gate,
    dice: &mut Dice,
    width: usize,
    answer: impl Fn(Call, usize) -> Observation,
) -> Outcome {
    let mut made: BTreeMap<Call, usize> = BTreeMap::new();
    let mut flying: Vec<Call> = Vec::new();
    while let Step::Run { now, soon } = gate.next() {
        let now = now.into_iter().map(|call| (call, true));
        for (call, needed) in now.chain(soon.into_iter().map(|call| (call, false))) {
            let again = needed || !made.contains_key(&call);
            if again && !flying.contains(&call) && flying.len() < width {
                flying.push(call);
            }
        }
        let call = flying.swap_remove(dice.below(flying.len()));
        let attempt = made.entry(call).or_insert(0);
        gate.observe(call, answer(call, *attempt));
        *attempt += 1;
    }
    gate.outcome().expect("done means an outcome").clone()
}

/// Model calls with a cached baseline.
pub fn model_calls(outcome: &Outcome) -> usize {
    let screened = (Side::Baseline, Phase::Screen);
    outcome.calls.iter().filter(|(key, _)| **key != screened).map(|(_, count)| count).sum()
}

/// Whether a call is one of these.
pub fn is(call: Call, side: Side, phase: Phase) -> bool {
    call.side == side && call.phase == phase
}

/// Whether a call is the candidate's.
pub fn candidate(call: Call) -> bool {
    call.side == Side::Candidate
}

/// Verdict and reason.
pub fn words(outcome: &Outcome) -> (Verdict, Reason) {
    (outcome.verdict, outcome.reason)
}

/// Calls of this kind.
pub fn asked(outcome: &Outcome, side: Side, phase: Phase) -> usize {
    outcome.calls.get(&(side, phase)).copied().unwrap_or(0)
}

/// A case without a baseline.
pub fn floor_only(id: &str) -> GateCase {
    GateCase { kind: CaseKind::FloorOnly, ..compare(id) }
}
