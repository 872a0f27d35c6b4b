//! The decisions of docs/decisions.md that the gate implements; those on lost calls are in
//! `gate_lost_calls.rs`.

use prompt_assay::gate::{CaseKind, Floor, Gate, MustStatus, Observation, Setup, Step};
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay::verdict::{Reason, Verdict};

use crate::gate_population::{asked, candidate, drive, floor_only, graded, is, scored, setup, words};

const LOST: Observation = Observation::Lost;

fn repeated(passed: bool) -> Observation {
    Observation::Scored { score: f64::from(u8::from(passed)), passed, repeat: true, whole: true }
}

/// A setup whose case 0 is must-pass.
fn with_must_pass(n: usize) -> Setup {
    let mut setup = setup(n, 3);
    setup.cases[0].must_pass = true;
    setup
}

#[test]
fn scored_cases_count_for_floor_and_must_pass_but_never_for_n() {
    let mut setup = setup(10, 1);
    setup.cases.extend((0..5).map(|i| floor_only(&format!("new-{i}"))));
    setup.floor.min_score = Some(0.5);
    let outcome = drive(&mut Gate::new(setup), |call, _| scored(call.case < 10));
    assert_eq!(words(&outcome), (Verdict::Ok, Reason::NoRegressionFound));
    assert_eq!((outcome.compared, outcome.screened), (10, 10));
    assert_eq!(outcome.floor.unwrap().of, 15);
    assert_eq!(asked(&outcome, Side::Baseline, Phase::Screen), 10);
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Screen), 15);
}

#[test]
fn the_floor_blocks_only_below_its_upper_wilson_bound() {
    let run = |passing: usize, known: Vec<f64>| {
        let mut setup = setup(10, 1);
        setup.floor = Floor { min_score: Some(0.8), known, unknown: 0 };
        drive(&mut Gate::new(setup), |call, _| scored(call.case < passing))
    };
    let slightly = run(7, vec![]);
    assert_eq!(words(&slightly), (Verdict::Inconclusive, Reason::FloorUnresolved));
    assert_eq!(slightly.floor.unwrap().mean, 0.7, "below the bar, by chance");
    assert_eq!(words(&run(8, vec![])), (Verdict::Ok, Reason::NoRegressionFound));
    assert_eq!(words(&run(4, vec![])), (Verdict::Regression, Reason::BelowFloor));
    let carried = run(4, vec![1.0; 30]);
    assert_eq!(words(&carried), (Verdict::Ok, Reason::NoRegressionFound));
    assert_eq!(carried.floor.unwrap().of, 40);
}

#[test]
fn the_floor_is_over_the_whole_set_even_where_scores_are_unknown() {
    let run = |unknown| {
        let mut setup = setup(5, 1);
        setup.floor = Floor { min_score: Some(0.8), known: vec![], unknown };
        drive(&mut Gate::new(setup), |call, _| scored(call.case < 1))
    };
    assert_eq!(words(&run(0)), (Verdict::Regression, Reason::BelowFloor));
    let mostly_unknown = run(95);
    assert_eq!(words(&mostly_unknown), (Verdict::Ok, Reason::NoRegressionFound));
    let floor = mostly_unknown.floor.unwrap();
    assert_eq!((floor.of, floor.unknown, floor.mean), (5, 95, 0.2));
}

#[test]
fn a_perfect_set_meets_a_perfect_floor() {
    let mut setup = setup(10, 1);
    setup.floor.min_score = Some(1.0);
    let outcome = drive(&mut Gate::new(setup), |_, _| scored(true));
    assert_eq!(outcome.verdict, Verdict::Ok);
    assert_eq!(outcome.floor.unwrap().mean, 1.0);
}

#[test]
fn the_same_answers_give_the_same_outcome() {
    let answer = |call: Call, _: usize| scored(!(candidate(call) && call.case.is_multiple_of(9)));
    let run = || drive(&mut Gate::new(setup(40, 8)), answer);
    assert_eq!(run(), run());
}

#[test]
fn a_paid_baseline_moves_the_limit_and_may_block_at_screening() {
    let run = |paid| {
        let mut setup = setup(40, 8);
        setup.paid = paid;
        let mut gate = Gate::new(setup);
        // Every suspect passes on re-run, so only the screening itself can speak.
        drive(&mut gate, |call, _| scored(!(is(call, Side::Candidate, Phase::Screen) && call.case < 9)))
    };
    let paid = run(true);
    assert!((paid.limit - 25.0).abs() < 1e-12);
    assert_eq!(words(&paid), (Verdict::Regression, Reason::OverallDrop));
    let cached = run(false);
    assert!((cached.limit - 20.0).abs() < 1e-12);
    assert_eq!(words(&cached), (Verdict::Ok, Reason::OverallDropNotReproduced));
}

#[test]
fn a_new_prompt_is_judged_by_its_floor_and_must_pass_cases() {
    let run = |passing: usize, must_pass| {
        let mut setup = setup(0, 1);
        setup.cases = (0..20).map(|i| floor_only(&format!("case-{i}"))).collect();
        setup.cases[19].must_pass = must_pass;
        setup.floor.min_score = Some(0.8);
        drive(&mut Gate::new(setup), |call, _| scored(call.case < passing))
    };
    assert_eq!(words(&run(19, false)), (Verdict::Ok, Reason::FloorPassed));
    assert_eq!(words(&run(8, false)), (Verdict::Regression, Reason::BelowFloor));
    let must = run(19, true);
    assert_eq!(words(&must), (Verdict::Regression, Reason::MustPass));
    assert_eq!(asked(&must, Side::Baseline, Phase::Must), 0);
}

#[test]
fn n_counts_compared_cases_and_the_limit_scales_with_the_prompts() {
    let mut setup = setup(3, 1);
    setup.cases.push(floor_only("new"));
    setup.prompts = 7;
    let outcome = drive(&mut Gate::new(setup), |_, _| scored(true));
    assert_eq!(outcome.compared, 3);
    assert!((outcome.limit - 140.0).abs() < 1e-9);
}

#[test]
fn calls_ahead_of_need_are_not_the_gates_own() {
    let answer = |call: Call| scored(!(candidate(call) && call.case.is_multiple_of(3)));
    let plain = drive(&mut Gate::new(setup(40, 1)), |call, _| answer(call));
    let mut gate = Gate::new(setup(40, 1));
    while let Step::Run { now, soon } = gate.next() {
        for call in soon.into_iter().chain(now) {
            gate.observe(call, answer(call));
        }
    }
    assert_eq!(gate.outcome(), Some(&plain));
    assert_eq!(plain.verdict, Verdict::Regression);
    assert!(plain.screened < 40);
}

#[test]
fn must_pass_three_failures_block_before_anything_else_is_bought() {
    let outcome =
        drive(&mut Gate::new(with_must_pass(40)), |call, _| scored(!(candidate(call) && call.case == 0)));
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::MustPass));
    assert_eq!(outcome.must_pass[0].status, MustStatus::Failing);
    assert_eq!((outcome.must_pass[0].candidate.of, outcome.must_pass[0].baseline.of), (3, 3));
    assert_eq!(outcome.screened, 8, "must-pass cases are screened first");
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Confirm), 0);
    assert_eq!(outcome.capital, 1.0, "the rule does not touch the capital");
}

#[test]
fn must_pass_three_passes_clear() {
    let outcome = drive(&mut Gate::new(with_must_pass(40)), |call, _| {
        let fails = candidate(call) && call.case == 0;
        scored(!(fails && (call.phase == Phase::Screen || call.phase == Phase::Must && call.k <= 2)))
    });
    assert_eq!(outcome.must_pass[0].status, MustStatus::Cleared);
    assert_eq!((outcome.must_pass[0].candidate.passed, outcome.must_pass[0].candidate.of), (3, 5));
    assert_eq!(outcome.verdict, Verdict::Ok);
    assert_eq!(outcome.flaky, [0]);
}

#[test]
fn must_pass_that_the_baseline_fails_too_only_warns() {
    let outcome = drive(&mut Gate::new(with_must_pass(40)), |call, _| scored(call.case != 0));
    assert_eq!(outcome.must_pass[0].status, MustStatus::AlreadyFailing);
    assert_eq!(words(&outcome), (Verdict::Ok, Reason::NoRegressionFound));
}

#[test]
fn must_pass_asks_only_for_calls_it_surely_needs() {
    let mut gate = Gate::new(with_must_pass(8));
    let must = |gate: &Gate| match gate.next() {
        Step::Run { now, .. } => now.iter().map(|c| (c.phase, c.k)).collect::<Vec<_>>(),
        Step::Done => vec![],
    };
    while let Step::Run { now, .. } = gate.next() {
        if now[0].phase == Phase::Must {
            break;
        }
        gate.observe(now[0], scored(!(candidate(now[0]) && now[0].case == 0)));
    }
    assert_eq!(must(&gate), [(Phase::Must, 1), (Phase::Must, 2), (Phase::Must, 3)]);
    let call = |k| Call { case: 0, side: Side::Candidate, phase: Phase::Must, k };
    gate.observe(call(2), scored(true));
    gate.observe(call(1), scored(false));
    assert_eq!(must(&gate), [(Phase::Must, 3), (Phase::Must, 4)]);
    gate.observe(call(3), scored(false));
    assert_eq!(must(&gate), [(Phase::Must, 4)]);
}

#[test]
fn must_pass_a_lost_run_counts_as_neither_and_undecidable_is_not_measured() {
    let run = |lost: fn(Call, usize) -> bool| {
        drive(&mut Gate::new(with_must_pass(40)), |call, attempt| {
            if call.phase == Phase::Must && lost(call, attempt) {
                return LOST;
            }
            scored(!(is(call, Side::Candidate, Phase::Screen) && call.case == 0))
        })
    };
    assert_eq!(run(|call, attempt| call.k == 1 && attempt == 0).verdict, Verdict::Ok);
    let two_lost = run(|call, _| call.k <= 2);
    assert_eq!(two_lost.must_pass[0].status, MustStatus::Cleared);
    let three_lost = run(|call, _| call.k <= 3);
    assert_eq!(three_lost.must_pass[0].status, MustStatus::Unmeasured);
    assert_eq!(words(&three_lost), (Verdict::NotMeasured, Reason::LostCalls));
}

#[test]
fn must_pass_whose_screening_was_lost_is_rerun_not_waved_through() {
    let outcome = drive(&mut Gate::new(with_must_pass(40)), |call, _| match call {
        Call { case: 0, side: Side::Candidate, phase: Phase::Screen, .. } => LOST,
        _ => scored(call.case != 0 || !candidate(call)),
    });
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::MustPass));
}

#[test]
fn accepted_breaks_leave_n_and_decide_nothing() {
    let mut setup = setup(40, 1);
    setup.floor.min_score = Some(0.99);
    setup.cases[4].kind = CaseKind::Accepted;
    setup.cases[4].must_pass = true;
    let outcome = drive(&mut Gate::new(setup), |call, _| scored(call.case != 4));
    assert_eq!(words(&outcome), (Verdict::Ok, Reason::NoRegressionFound));
    assert_eq!(outcome.compared, 39);
    assert_eq!(outcome.floor.unwrap().of, 39);
    assert!(outcome.suspects.is_empty() && outcome.must_pass.is_empty());
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Screen), 40, "its answer is there to show");
}

#[test]
fn repeated_answers_never_move_the_capital_nor_use_up_the_pairs() {
    let mut gate = Gate::new(setup(40, 1));
    let broken = gate.order()[0];
    let outcome = drive(&mut gate, |call, _| {
        let fails = candidate(call) && call.case == broken;
        if call.phase == Phase::Screen { scored(!fails) } else { repeated(!fails) }
    });
    let suspect = outcome.suspects[0];
    assert_eq!((suspect.wealth, suspect.pairs, suspect.repeats), (1.0, 1, true));
    assert_eq!(asked(&outcome, Side::Candidate, Phase::Confirm), 1);
    assert_eq!(words(&outcome), (Verdict::Inconclusive, Reason::OverallDropUnresolved));
    let escalation = outcome.escalation.unwrap();
    assert_eq!((escalation.pairs, escalation.repeated_pairs), (0, 40), "each case once");
    assert_eq!(outcome.capital, 1.0);
}

#[test]
fn a_swap_of_broken_and_fixed_cases_is_mixed() {
    let mut screen_all = setup(60, 1);
    screen_all.policy.fail_fast = false;
    let outcome = drive(&mut Gate::new(screen_all), |call, _| {
        scored(if candidate(call) { call.case >= 5 } else { call.case < 50 })
    });
    assert_eq!(words(&outcome), (Verdict::Mixed, Reason::Trade));
    assert_eq!(outcome.broken, [0, 1, 2, 3, 4]);
    assert_eq!(outcome.fixed, (50..60).collect::<Vec<_>>());
    assert_eq!(outcome.trade.unwrap().fixes, outcome.fixed);
}

#[test]
fn a_changed_provider_is_told_apart_from_a_changed_prompt() {
    let outcome = drive(&mut Gate::new(setup(40, 1)), |call, _| {
        scored(call.case >= 6 || is(call, Side::Baseline, Phase::Screen))
    });
    assert_eq!(outcome.drift.len(), 6);
    assert!(outcome.provider_changed());
    assert_eq!(outcome.verdict, Verdict::Ok);
}

#[test]
fn graded_scores_get_an_interval_from_twenty_cases_on() {
    let run = |n| {
        drive(&mut Gate::new(setup(n, 1)), |call, _| {
            let up = if candidate(call) { 0.01 * (call.case % 3) as f64 } else { 0.0 };
            graded(0.8 + up)
        })
    };
    assert_eq!(run(19).difference, None);
    let difference = run(20).difference.unwrap();
    assert!(difference.ci95.low > 0.0 && difference.estimate < 0.02);
}

#[test]
fn an_empty_gate_is_done_at_once() {
    let gate = Gate::new(setup(0, 1));
    assert_eq!(gate.next(), Step::Done);
    assert_eq!(gate.outcome().unwrap().reason, Reason::FloorPassed);
}
