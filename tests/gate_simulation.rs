//! The real state machine against the "typical" population of docs/statistics.md: 100 cases,
//! cached baseline, 2,000 evaluations per scenario. `cargo test --test gate_simulation --
//! --nocapture` prints the figures that docs/statistics.md quotes.

mod gate_population;

use gate_population::{Dice, World, drive, model_calls, setup};
use prompt_assay::gate::{Gate, Verdict};

const RUNS: u64 = 2_000;
const CASES: usize = 100;

struct Figures {
    blocked: f64,
    inconclusive: f64,
    mean_calls: f64,
    p95_calls: usize,
}

/// Plays one scenario; every run has a population, an order and answers of its own.
fn play(name: &str, change: impl Fn(&mut World, &mut Dice)) -> Figures {
    let (mut blocked, mut inconclusive) = (0u32, 0u32);
    let mut calls = Vec::new();
    for run in 0..RUNS {
        let mut dice = Dice(0x5eed_0000 + run);
        let mut world = World::typical(CASES, &mut dice);
        change(&mut world, &mut dice);
        let answers = dice.next();
        let mut gate = Gate::new(setup(CASES, run));
        let outcome = drive(&mut gate, |call, attempt| world.answer(answers, call, attempt));
        blocked += u32::from(outcome.verdict == Verdict::Regression);
        inconclusive += u32::from(outcome.verdict == Verdict::Inconclusive);
        calls.push(model_calls(&outcome));
    }
    calls.sort_unstable();
    let share = |count: u32| f64::from(count) / RUNS as f64;
    let figures = Figures {
        blocked: share(blocked),
        inconclusive: share(inconclusive),
        mean_calls: calls.iter().sum::<usize>() as f64 / RUNS as f64,
        p95_calls: calls[calls.len() * 95 / 100],
    };
    println!(
        "{name:<28} blocked {:6.2} %  inconclusive {:5.2} %  calls {:6.1} (p95 {})",
        100.0 * figures.blocked,
        100.0 * figures.inconclusive,
        figures.mean_calls,
        figures.p95_calls,
    );
    figures
}

#[test]
fn identical_prompts_are_hardly_ever_blocked() {
    let f = play("identical prompts", |_, _| {});
    assert!(f.blocked <= 0.01);
    assert!(f.mean_calls <= 130.0);
    assert!(f.inconclusive <= 0.05);
    assert!(f.p95_calls <= 220);
}

#[test]
fn one_broken_case_of_a_hundred_is_found() {
    let f = play("1 case broken", |world, dice| world.break_reliable(1, 0.0, dice));
    assert!(f.blocked >= 0.90);
}

#[test]
fn a_uniform_drop_of_eight_points_is_found() {
    let f = play("uniform -8 points", |world, _| {
        world.candidate.iter_mut().for_each(|p| *p = (*p - 0.08).max(0.0));
    });
    assert!(f.blocked >= 0.70);
}

#[test]
fn a_uniform_drop_of_three_points_is_mostly_missed_as_documented() {
    let f = play("uniform -3 points", |world, _| {
        world.candidate.iter_mut().for_each(|p| *p = (*p - 0.03).max(0.0));
    });
    assert!(f.blocked <= 0.25);
}

#[test]
fn ten_broken_cases_are_found_early() {
    let f = play("10 cases broken", |world, dice| world.break_reliable(10, 0.0, dice));
    assert!(f.blocked >= 0.99);
    assert!(f.mean_calls <= 40.0);
}

#[test]
fn ten_cases_turned_into_coin_flips_are_found() {
    let f = play("10 cases become coin flips", |world, dice| world.break_reliable(10, 0.5, dice));
    assert!(f.blocked >= 0.80);
}

#[test]
fn a_broken_format_stops_within_thirty_calls() {
    let f = play("format break", |world, _| world.candidate.fill(0.0));
    assert!(f.blocked >= 0.999);
    assert!(f.mean_calls <= 30.0);
}
