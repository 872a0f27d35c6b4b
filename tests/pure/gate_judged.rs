//! The gate behind a judge that errs: it passes 90 of 100 good answers and fails 95 of 100 bad ones with each vote.
//! `cargo test --test pure gate_judged:: -- --nocapture` prints the figures that docs/statistics.md quotes.

use std::cell::Cell;

use prompt_assay::check::panel_verdict;
use prompt_assay::gate::Gate;
use prompt_assay::trial::{Call, Side};
use prompt_assay::verdict::Verdict;

use crate::gate_population::{Dice, World, draw, drive, model_calls, scored, varied};

const RUNS: u64 = 2_000;
const CASES: usize = 100;
const SENSITIVITY: f64 = 0.90;
const SPECIFICITY: f64 = 0.95;

struct Figures {
    blocked: f64,
    model_calls: f64,
    votes: f64,
}

/// Plays one scenario; `votes` makes the judge's verdict of its votes.
fn play(name: &str, broken: usize, votes: impl Fn(Call, &mut dyn FnMut() -> bool) -> bool) -> Figures {
    let (mut blocked, mut calls, cast) = (0_u32, 0_usize, Cell::new(0_u64));
    for run in 0..RUNS {
        let mut dice = Dice(0x1dea_0000 + run);
        let mut world = World::typical(CASES, &mut dice);
        world.break_reliable(broken, 0.0, &mut dice);
        let answers = dice.bits();
        let mut gate = Gate::new(varied(CASES, run));
        let outcome = drive(&mut gate, |call, attempt| {
            let mut dice = draw(answers, call, attempt);
            let p = if call.side == Side::Baseline { &world.baseline } else { &world.candidate };
            let is_good = dice.unit() < p[call.case];
            let mut vote = || {
                cast.set(cast.get() + 1);
                dice.unit() < if is_good { SENSITIVITY } else { 1.0 - SPECIFICITY }
            };
            scored(votes(call, &mut vote))
        });
        blocked += u32::from(outcome.verdict == Verdict::Regression);
        calls += model_calls(&outcome);
    }
    let figures = Figures {
        blocked: f64::from(blocked) / RUNS as f64,
        model_calls: calls as f64 / RUNS as f64,
        votes: cast.get() as f64 / RUNS as f64,
    };
    println!(
        "{name:<44} blocked {:5.1} %  model calls {:6.1}  votes {:6.1}",
        100.0 * figures.blocked,
        figures.model_calls,
        figures.votes
    );
    figures
}

/// What happens where no panel is configured.
fn two_of_three(call: Call, vote: &mut dyn FnMut() -> bool) -> bool {
    panel_verdict(None, call.phase.is_fresh(), &mut |_| vote())
}

#[test]
fn a_broken_case_is_found_through_a_judge_that_errs() {
    let single = play("one vote, 1 case broken", 1, |_, vote| vote());
    let confirmed = play("two of three, 1 case broken", 1, two_of_three);
    assert!(confirmed.blocked >= 0.85, "{}", confirmed.blocked);
    assert!(confirmed.blocked >= single.blocked + 0.10, "{} {}", confirmed.blocked, single.blocked);
}

#[test]
fn a_judge_that_errs_blocks_nobody_who_changed_nothing() {
    let single = play("one vote, identical prompts", 0, |_, vote| vote());
    let confirmed = play("two of three, identical prompts", 0, two_of_three);
    assert!(confirmed.blocked <= 0.005, "{}", confirmed.blocked);
    assert!(confirmed.model_calls < single.model_calls, "fewer suspects need fewer answers");
}
