//! Lost calls and early stops: decisions.md#lost-calls.

use prompt_assay::gate::{Gate, Observation, Outcome, Step, StopCause, SuspectStatus};
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay::verdict::{Reason, Verdict};

use crate::gate_population::{asked, candidate, drive, floor_only, is, scored, setup, words};

const LOST: Observation = Observation::Lost;

/// Answers until `enough`, then stops the run.
fn drive_until(
    gate: &mut Gate,
    cause: StopCause,
    answer: impl Fn(Call) -> Observation,
    enough: impl Fn(&Gate) -> bool,
) -> Outcome {
    while let Step::Run { now, .. } = gate.next() {
        if enough(gate) {
            gate.stop(cause);
            break;
        }
        gate.observe(now[0], answer(now[0]));
    }
    gate.outcome().unwrap().clone()
}

#[test]
fn lost_screening_calls_drop_the_case_and_forbid_improved() {
    let run = |lost: bool| {
        drive(&mut Gate::new(setup(40, 1)), |call, _| match call {
            Call { case: 39, side: Side::Baseline, .. } if lost => LOST,
            _ => scored(candidate(call) || call.case >= 8),
        })
    };
    assert_eq!(words(&run(false)), (Verdict::Improved, Reason::ScreenSignTest));
    let outcome = run(true);
    assert_eq!(words(&outcome), (Verdict::Ok, Reason::NoRegressionFound));
    assert_eq!((outcome.compared, outcome.screened), (40, 39));
    assert_eq!(outcome.lost.len(), 1);
    assert_eq!((outcome.lost[0].case, outcome.lost[0].baseline), (39, true));
    assert!(!outcome.lost[0].candidate);
}

#[test]
fn losses_of_the_candidate_alone_beyond_two_percent_are_not_measured() {
    let run = |n, lost: usize| {
        drive(&mut Gate::new(setup(n, 1)), |call, _| {
            if candidate(call) && call.case < lost { LOST } else { scored(true) }
        })
    };
    assert_eq!(run(40, 1).verdict, Verdict::Ok);
    assert_eq!(words(&run(40, 2)), (Verdict::NotMeasured, Reason::LostCalls));
    assert_eq!(run(200, 4).verdict, Verdict::Ok);
    assert_eq!(run(200, 5).verdict, Verdict::NotMeasured);
}

#[test]
fn more_than_ten_percent_lost_is_not_measured_and_stops_early() {
    let run = |lost: usize| {
        let mut gate = Gate::new(setup(40, 1));
        let unlucky = gate.order()[..lost].to_vec();
        drive(&mut gate, |call, _| {
            let gone = call.side == Side::Baseline && unlucky.contains(&call.case);
            if gone { LOST } else { scored(true) }
        })
    };
    assert_eq!(run(4).verdict, Verdict::Ok);
    let outcome = run(5);
    assert_eq!(words(&outcome), (Verdict::NotMeasured, Reason::LostCalls));
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Screen), 8);
}

/// The first candidate of the screening breaks for good; its confirmation calls may be lost.
fn one_break(lose: impl Fn(Call, usize) -> bool) -> Outcome {
    let mut gate = Gate::new(setup(40, 1));
    let broken = gate.order()[0];
    drive(&mut gate, |call, attempt| {
        if lose(call, attempt) { LOST } else { scored(!(candidate(call) && call.case == broken)) }
    })
}

#[test]
fn a_lost_confirm_pair_keeps_its_k_and_is_retried_once() {
    let clean = one_break(|_, _| false);
    assert_eq!(words(&clean), (Verdict::Regression, Reason::ConfirmedBreaks));
    let retried =
        one_break(|call, attempt| is(call, Side::Baseline, Phase::Confirm) && call.k == 2 && attempt == 0);
    assert_eq!(retried.suspects, clean.suspects);
    assert_eq!((retried.verdict, retried.capital), (clean.verdict, clean.capital));
    // The whole pair was bought again, and is counted.
    let pairs = |o: &Outcome, side| asked(o, side, Phase::Confirm);
    assert_eq!(pairs(&retried, Side::Candidate), pairs(&clean, Side::Candidate) + 1);
    assert_eq!(pairs(&retried, Side::Baseline), pairs(&clean, Side::Baseline) + 1);
}

#[test]
fn a_confirm_pair_lost_twice_leaves_the_suspect_live_without_it() {
    let outcome = one_break(|call, _| is(call, Side::Candidate, Phase::Confirm) && call.k == 2);
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::ConfirmedBreaks));
    let suspect = outcome.suspects[0];
    assert_eq!((suspect.pairs, suspect.lost_pairs, suspect.candidate.of), (6, 1, 5));
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Confirm), 7);
    assert_eq!(asked(&outcome, Side::Baseline, Phase::Confirm), 5);
}

#[test]
fn suspects_that_could_not_be_rerun_are_not_measured() {
    let outcome = one_break(|call, _| call.phase.is_fresh());
    assert_eq!(words(&outcome), (Verdict::NotMeasured, Reason::LostCalls));
    assert_eq!(outcome.suspects[0].status, SuspectStatus::Live);
    assert_eq!(outcome.escalation.unwrap().pairs, 0);
}

/// Screening looks worse, every suspect passes on re-run: the escalation decides.
fn diffuse(lose: impl Fn(Call, usize) -> bool) -> Outcome {
    drive(&mut Gate::new(setup(40, 1)), |call, attempt| {
        if lose(call, attempt) {
            return LOST;
        }
        scored(!(is(call, Side::Candidate, Phase::Screen) && call.case < 4))
    })
}

#[test]
fn a_fresh_pair_with_an_error_is_retried_once_then_skipped() {
    let clean = diffuse(|_, _| false);
    assert_eq!(words(&clean), (Verdict::Ok, Reason::OverallDropNotReproduced));
    let first = |call: Call| is(call, Side::Candidate, Phase::Fresh) && call.case == 0 && call.k == 1;
    let retried = diffuse(|call, attempt| first(call) && attempt == 0);
    assert_eq!(retried.escalation, clean.escalation);
    assert_eq!(
        asked(&retried, Side::Baseline, Phase::Fresh),
        asked(&clean, Side::Baseline, Phase::Fresh) + 1
    );
    let skipped = diffuse(|call, _| first(call)).escalation.unwrap();
    assert_eq!(skipped.lost_pairs, 1);
}

#[test]
fn a_budget_that_stops_before_all_is_screened_is_not_measured() {
    for (cause, reason) in [
        (StopCause::Budget, Reason::Budget),
        (StopCause::Interrupted, Reason::Interrupted),
        (StopCause::Fatal, Reason::Fatal),
    ] {
        let mut gate = Gate::new(setup(40, 1));
        let half = |g: &Gate| g.applied().len() >= 32;
        let outcome = drive_until(&mut gate, cause, |_| scored(true), half);
        assert_eq!(words(&outcome), (Verdict::NotMeasured, reason));
        assert_eq!(outcome.difference, None);
        assert_eq!(gate.next(), Step::Done);
    }
}

#[test]
fn a_budget_that_stops_with_live_suspects_is_not_measured() {
    let mut setup = setup(40, 1);
    setup.policy.fail_fast = false;
    let mut gate = Gate::new(setup);
    let live = |g: &Gate| g.applied().iter().any(|c| c.phase == Phase::Confirm);
    let answer = |call: Call| scored(!(candidate(call) && call.case == 7));
    let outcome = drive_until(&mut gate, StopCause::Budget, answer, live);
    assert_eq!(words(&outcome), (Verdict::NotMeasured, Reason::Budget));
    assert_eq!(outcome.screened, 40);
}

#[test]
fn a_budget_that_ends_the_escalation_is_inconclusive_never_ok() {
    let escalating = |g: &Gate| g.applied().iter().any(|c| c.phase == Phase::Fresh);
    let answer = |call: Call| {
        let looks_worse = is(call, Side::Candidate, Phase::Screen) && call.case < 4;
        scored(!looks_worse)
    };
    let stop = |cause, setup| drive_until(&mut Gate::new(setup), cause, answer, escalating);
    let outcome = stop(StopCause::Budget, setup(40, 1));
    assert_eq!(words(&outcome), (Verdict::Inconclusive, Reason::OverallDropUnresolved));
    assert!(outcome.difference.is_some());
    for cause in [StopCause::Fatal, StopCause::Interrupted] {
        assert_eq!(stop(cause, setup(40, 1)).verdict, Verdict::NotMeasured);
    }
    let mut unfinished = setup(40, 1);
    unfinished.cases.push(floor_only("new"));
    assert_eq!(stop(StopCause::Budget, unfinished).verdict, Verdict::NotMeasured);
}
