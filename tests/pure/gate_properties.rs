//! Properties of the gate over random populations.

use prompt_assay::gate::{CaseKind, Gate, Observation, Outcome, Setup, Step};
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay::verdict::Verdict;
use proptest::prelude::*;

use crate::gate_population::{Dice, World, draw, drive, drive_scrambled, graded, scored, setup};

/// A gate with everything in it: must-pass, floor-only and accepted cases.
fn varied(n: usize, seed: u64, paid: bool, fail_fast: bool) -> Setup {
    let mut setup = setup(n, seed);
    setup.paid = paid;
    setup.policy.fail_fast = fail_fast;
    setup.floor.min_score = Some(0.6);
    let mut dice = Dice(seed);
    for case in &mut setup.cases {
        case.must_pass = dice.below(20) == 0;
        case.kind = match dice.below(10) {
            0 => CaseKind::FloorOnly,
            1 => CaseKind::Accepted,
            _ => CaseKind::Compare,
        };
    }
    setup
}

/// A noisy answer: sometimes lost, sometimes graded, sometimes a repeat.
fn noisy(world: &World, seed: u64, is_graded: bool, call: Call, attempt: usize) -> Observation {
    let mut dice = draw(seed ^ 0xabcd, call, attempt);
    let one_in = if call.phase.is_fresh() { 8 } else { 150 };
    if dice.below(one_in) == 0 {
        return Observation::Lost;
    }
    let p = match call.side {
        Side::Baseline => world.baseline[call.case],
        Side::Candidate => world.candidate[call.case],
    };
    if is_graded {
        return graded((p + dice.between(-0.3, 0.3)).clamp(0.0, 1.0));
    }
    let passed = dice.unit() < p;
    let repeat = call.phase.is_fresh() && dice.below(30) == 0;
    Observation::Scored { score: f64::from(u8::from(passed)), passed, repeat, whole: true }
}

fn world(n: usize, seed: u64, harm: usize) -> World {
    let mut dice = Dice(seed);
    let mut world = World::typical(n, &mut dice);
    match harm {
        0 => {}
        1 => world.break_reliable((n / 10).max(1).min(80 * n / 100), 0.1, &mut dice),
        _ => world.candidate.iter_mut().for_each(|p| *p = (*p - 0.12).max(0.0)),
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn completion_order_and_calls_ahead_never_change_the_outcome(
        n in 2usize..70, seed in any::<u64>(), harm in 0usize..3, width in 1usize..40,
        (paid, fail_fast, is_graded) in any::<(bool, bool, bool)>(),
    ) {
        let world = world(n, seed, harm);
        let answer = |call, attempt| noisy(&world, seed, is_graded, call, attempt);
        let plain = drive(&mut Gate::new(varied(n, seed, paid, fail_fast)), answer);
        let mut dice = Dice(seed ^ 77);
        let mut gate = Gate::new(varied(n, seed, paid, fail_fast));
        let scrambled = drive_scrambled(&mut gate, &mut dice, width, answer);
        prop_assert_eq!(plain, scrambled);
    }

    #[test]
    fn the_stated_maximum_of_calls_holds(
        n in 2usize..60, seed in any::<u64>(), harm in 0usize..3, fail_fast in any::<bool>(),
    ) {
        let world = world(n, seed, harm);
        let mut setup = setup(n, seed);
        setup.policy.fail_fast = fail_fast;
        let outcome = drive(&mut Gate::new(setup), |call, attempt| world.answer(seed, call, attempt));
        let made = |phase| outcome.calls.iter().filter(|((_, p), _)| *p == phase).map(|(_, c)| c).sum::<usize>();
        prop_assert!(made(Phase::Screen) <= 2 * n);
        // Breaks, and fixes in a trade.
        prop_assert!(made(Phase::Confirm) <= 2 * n.max(40));
        prop_assert!(made(Phase::Fresh) <= 2 * 3 * n);
    }

    #[test]
    fn next_asks_only_for_what_is_unknown_and_twice_the_same(
        n in 2usize..40, seed in any::<u64>(), harm in 0usize..3,
    ) {
        let world = world(n, seed, harm);
        let mut gate = Gate::new(varied(n, seed, false, true));
        let mut seen = std::collections::BTreeSet::new();
        while let Step::Run { now, soon } = gate.next() {
            prop_assert_eq!(gate.next(), Step::Run { now: now.clone(), soon: soon.clone() });
            let mut both = [now.clone(), soon].concat();
            prop_assert!(both.iter().all(|call| !seen.contains(call)));
            let asked = both.len();
            both.sort();
            both.dedup();
            prop_assert_eq!(both.len(), asked);
            let call = now[now.len() / 2];
            seen.insert(call);
            gate.observe(call, world.answer(seed, call, 0));
        }
    }

    #[test]
    fn more_prompts_scale_the_limit_and_never_block_more(
        n in 10usize..60, seed in any::<u64>(), harm in 0usize..3, prompts in 2usize..12,
    ) {
        let world = world(n, seed, harm);
        let run = |prompts| {
            let mut setup = setup(n, seed);
            setup.prompts = prompts;
            setup.policy.drop_pairs = 0.0; // a higher limit also changes the stakes
            drive(&mut Gate::new(setup), |call, attempt| world.answer(seed, call, attempt))
        };
        let (one, many): (Outcome, Outcome) = (run(1), run(prompts));
        prop_assert!((many.limit - 20.0 * prompts as f64).abs() < 1e-9);
        let blocked = |o: &Outcome| o.verdict == Verdict::Regression;
        prop_assert!(blocked(&one) || !blocked(&many));
        prop_assert!(!blocked(&many) || many.capital >= many.limit);
    }
}

/// If both prompts behave the same the capital is a supermartingale: at any stopping time its mean
/// is at most 1. Plays marginal cases and a lucky cached baseline, where suspects abound.
#[test]
fn under_same_the_capital_cannot_be_expected_to_grow() {
    const RUNS: u64 = 3_000;
    for pass in [0.5, 0.8, 0.95] {
        let (mut sum, mut squares, mut reached) = (0.0, 0.0, 0u32);
        for run in 0..RUNS {
            let mut gate = Gate::new(setup(30, run));
            let outcome = drive(&mut gate, |call, attempt| {
                let cached = call.side == Side::Baseline && call.phase == Phase::Screen;
                scored(cached || draw(run, call, attempt).unit() < pass)
            });
            sum += outcome.capital;
            squares += outcome.capital * outcome.capital;
            reached += u32::from(outcome.capital >= outcome.limit * (1.0 - 1e-9));
        }
        let runs = RUNS as f64;
        let mean = sum / runs;
        let error = ((squares / runs - mean * mean) / runs).sqrt();
        let share = f64::from(reached) / runs;
        println!("p = {pass}: mean capital {mean:.3} +- {error:.3}, blocked {:.2} %", 100.0 * share);
        assert!(mean <= 1.0 + 3.0 * error, "p = {pass}: {mean} +- {error}");
        assert!(share <= 0.05 + 3.0 * (0.05f64 * 0.95 / runs).sqrt(), "p = {pass}: {share}");
    }
}
