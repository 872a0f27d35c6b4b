//! Must-pass cases: an absolute rule, separate from the capital (decisions.md#must-pass-cases).

use super::answers::{ATTEMPTS, Answers, Reading};
use super::confirm::Tally;
use crate::trial::{Call, Phase, Side};

/// Fresh runs per side at most.
const MOST_RUNS: u32 = 5;
/// Failures that make it failing, passes that clear it.
const DECIDES: u32 = 3;

/// What the re-runs of a must-pass case say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MustStatus {
    /// Not decided yet.
    Open,
    /// The candidate passed 3 re-runs.
    Cleared,
    /// The candidate failed 3 re-runs: blocks.
    Failing,
    /// The baseline failed 3 re-runs too: warns.
    AlreadyFailing,
    /// Too many calls failed to decide: not measured.
    Unmeasured,
}

/// A must-pass case that did not pass at screening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MustPass {
    /// Index into the gate's cases.
    pub case: usize,
    /// What its re-runs say.
    pub status: MustStatus,
    /// The candidate's re-runs.
    pub candidate: Tally,
    /// The baseline's re-runs; none if there was no need or no baseline.
    pub baseline: Tally,
}

/// The result of one side's re-runs.
enum Reruns {
    Passing,
    Failing,
    Undecidable,
}

struct SideRuns {
    result: Reruns,
    tally: Tally,
    calls: Vec<Call>,
}

/// A decided case, with the calls it took.
pub(super) struct Decided {
    pub must: MustPass,
    pub calls: Vec<Call>,
}

/// Decides a case, or names the calls that are needed whatever the other answers will be.
pub(super) fn decide(answers: &Answers, case: usize, compared: bool) -> Result<Decided, Vec<Call>> {
    let candidate = read_side(answers, case, Side::Candidate)?;
    let mut must = MustPass {
        case,
        status: MustStatus::Failing,
        candidate: candidate.tally,
        baseline: Tally::default(),
    };
    let mut calls = candidate.calls;
    match candidate.result {
        Reruns::Passing => must.status = MustStatus::Cleared,
        Reruns::Undecidable => must.status = MustStatus::Unmeasured,
        Reruns::Failing if compared => {
            let baseline = read_side(answers, case, Side::Baseline)?;
            must.baseline = baseline.tally;
            calls.extend(baseline.calls);
            must.status = match baseline.result {
                Reruns::Passing => MustStatus::Failing,
                Reruns::Failing => MustStatus::AlreadyFailing,
                Reruns::Undecidable => MustStatus::Unmeasured,
            };
        }
        Reruns::Failing => {}
    }
    Ok(Decided { must, calls })
}

/// Reads re-runs in the order of k, so that answers which came early decide nothing early.
fn read_side(answers: &Answers, case: usize, side: Side) -> Result<SideRuns, Vec<Call>> {
    let call = |k| Call { case, side, phase: Phase::Must, k };
    let mut tally = Tally::default();
    let mut calls = Vec::new();
    for k in 1..=MOST_RUNS {
        if decided(tally).is_some() {
            break;
        }
        for attempt in 0..ATTEMPTS {
            match answers.read(call(k), attempt) {
                Reading::Missing => return Err(needed_from(answers, tally, k, call)),
                Reading::Lost => calls.push(call(k)),
                Reading::Scored(scored) => {
                    calls.push(call(k));
                    tally.add(scored.passed);
                    break;
                }
            }
        }
    }
    let result = decided(tally).unwrap_or(Reruns::Undecidable);
    Ok(SideRuns { result, tally, calls })
}

fn decided(tally: Tally) -> Option<Reruns> {
    if tally.of - tally.passed >= DECIDES {
        Some(Reruns::Failing)
    } else if tally.passed >= DECIDES {
        Some(Reruns::Passing)
    } else {
        None
    }
}

/// From the first missing run on, as many as even the shortest path to a decision takes.
fn needed_from(answers: &Answers, tally: Tally, first: u32, call: impl Fn(u32) -> Call) -> Vec<Call> {
    let shortest = DECIDES - tally.passed.max(tally.of - tally.passed);
    let mut needed = vec![call(first)];
    needed.extend(
        (first + 1..first + shortest).filter(|k| *k <= MOST_RUNS).map(call).filter(|c| answers.is_unseen(c)),
    );
    needed
}
