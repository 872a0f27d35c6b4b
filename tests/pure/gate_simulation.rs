//! The real state machine against the "typical" population of docs/statistics.md: 100 cases,
//! cached baseline, 2,000 evaluations per scenario. `cargo test --test pure gate_simulation:: --
//! --nocapture` prints the figures that docs/statistics.md quotes.

use prompt_assay::gate::{Gate, Setup};
use prompt_assay::trial::{Phase, Side};
use prompt_assay::verdict::{Reason, Verdict};

use crate::gate_population::{Dice, World, drive, is_plain, model_calls, scored, varied};

const RUNS: u64 = 2_000;
const CASES: usize = 100;

struct Figures {
    blocked: f64,
    inconclusive: f64,
    mixed: f64,
    mean_calls: f64,
    p95_calls: usize,
}

/// Plays one scenario; every run has a population, an order and answers of its own.
fn play(name: &str, change: impl Fn(&mut World, &mut Dice)) -> Figures {
    play_as(name, varied, change)
}

/// The setup where no case is traded (`gate.protect: all`): the first confirmed break blocks.
fn protected(cases: usize, seed: u64) -> Setup {
    let mut setup = varied(cases, seed);
    setup.cases.iter_mut().for_each(|case| case.protected = true);
    setup
}

fn play_as(
    name: &str,
    setup: impl Fn(usize, u64) -> Setup,
    change: impl Fn(&mut World, &mut Dice),
) -> Figures {
    let (mut blocked, mut inconclusive, mut mixed) = (0u32, 0u32, 0u32);
    let mut calls = Vec::new();
    for run in 0..RUNS {
        let mut dice = Dice(0x5eed_0000 + run);
        let mut world = World::typical(CASES, &mut dice);
        change(&mut world, &mut dice);
        let answers = dice.bits();
        let mut gate = Gate::new(setup(CASES, run));
        let outcome = drive(&mut gate, |call, attempt| world.answer(answers, call, attempt));
        blocked += u32::from(outcome.verdict == Verdict::Regression);
        inconclusive += u32::from(outcome.verdict == Verdict::Inconclusive);
        mixed += u32::from(outcome.verdict == Verdict::Mixed);
        calls.push(model_calls(&outcome));
    }
    calls.sort_unstable();
    let share = |count: u32| f64::from(count) / RUNS as f64;
    let figures = Figures {
        blocked: share(blocked),
        inconclusive: share(inconclusive),
        mixed: share(mixed),
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
    let broken = |world: &mut World, dice: &mut Dice| world.break_reliable(10, 0.0, dice);
    let f = play_as("10 cases broken, none traded", protected, broken);
    assert!(f.blocked >= 0.99);
    assert!(f.mean_calls <= 40.0);
    // Where fixes may pay for breaks, the cases that the old prompt fails are asked, too.
    let f = play("10 cases broken", broken);
    assert!(f.blocked >= 0.99);
    assert!(f.mean_calls <= 50.0);
}

#[test]
fn ten_cases_turned_into_coin_flips_are_found() {
    let flips = |world: &mut World, dice: &mut Dice| world.break_reliable(10, 0.5, dice);
    let f = play_as("10 cases become coin flips, none traded", protected, flips);
    assert!(f.blocked >= 0.80);
    // Where cases are traded, some are MIXED instead.
    let f = play("10 cases become coin flips", flips);
    assert!(f.blocked + f.mixed >= 0.80);
}

#[test]
fn a_broken_format_stops_within_thirty_calls() {
    let f = play("format break", |world, _| world.candidate.fill(0.0));
    assert!(f.blocked >= 0.999);
    assert!(f.mean_calls <= 30.0);
}

/// A prompt that behaves only where white space was added, in so many of the cases.
fn watching(name: &str, cases: usize, broken: usize) -> (f64, f64) {
    const RUNS: u64 = 2_000;
    let (mut blocked, mut named) = (0u32, 0u32);
    for run in 0..RUNS {
        let mut dice = Dice(0x5eed_0000 + run);
        let world = World::typical(cases, &mut dice);
        let mut worse: Vec<usize> = (0..cases).collect();
        (0..broken).for_each(|k| worse.swap(k, k + dice.below(cases - k)));
        worse.truncate(broken);
        let answers = dice.bits();
        let setup = varied(cases, run);
        let forms: Vec<_> = setup.cases.iter().map(|case| case.form).collect();
        let mut gate = Gate::new(setup);
        let outcome = drive(&mut gate, |call, attempt| {
            let breaks = call.side == Side::Candidate
                && worse.contains(&call.case)
                && is_plain(forms[call.case], call);
            if breaks { scored(false) } else { world.answer(answers, call, attempt) }
        });
        blocked += u32::from(outcome.verdict == Verdict::Regression);
        named += u32::from(outcome.reason == Reason::PassesOnlyWhenVaried);
    }
    let share = |count: u32| f64::from(count) / RUNS as f64;
    println!(
        "{name:<28} blocked {:6.2} %  as passing only when varied {:6.2} %",
        100.0 * share(blocked),
        100.0 * share(named)
    );
    (share(blocked), share(named))
}

#[test]
fn a_prompt_that_behaves_only_when_varied_is_found() {
    let (blocked, _) = watching("watching, 30 of 30 cases", 30, 30);
    assert!(blocked >= 0.99);
    let (blocked, named) = watching("watching, 100 of 100 cases", 100, 100);
    assert!(blocked >= 0.999 && named >= 0.99);
    let (blocked, _) = watching("watching, 30 of 100 cases", 100, 30);
    assert!(blocked >= 0.90);
    watching("watching, 20 of 100 cases", 100, 20);
    watching("watching, 10 of 100 cases", 100, 10);
    watching("watching, 12 of 12 cases", 12, 12);
}

#[test]
fn the_contrast_alone_hardly_ever_blocks_identical_prompts() {
    // Cases of the worst kind: coin flips, and a cache in which each of them happened to pass.
    for (name, p) in [("typical", None), ("coin flips, lucky cache", Some(0.5))] {
        let mut named = 0u32;
        for run in 0..RUNS {
            let mut dice = Dice(0xc0_de00 + run);
            let mut world = World::typical(CASES, &mut dice);
            if let Some(p) = p {
                world.baseline.fill(p);
                world.candidate.fill(p);
            }
            let answers = dice.bits();
            let mut gate = Gate::new(varied(CASES, run));
            let outcome = drive(&mut gate, |call, attempt| {
                let lucky = p.is_some() && call.side == Side::Baseline && call.phase == Phase::Screen;
                if lucky { scored(true) } else { world.answer(answers, call, attempt) }
            });
            named += u32::from(outcome.reason == Reason::PassesOnlyWhenVaried);
        }
        let share = f64::from(named) / RUNS as f64;
        println!("identical, contrast, {name:<24} blocked {:6.2} %", 100.0 * share);
        assert!(share <= 0.0025 + 3.0 * (0.0025_f64 / RUNS as f64).sqrt(), "{name}: {share}");
    }
}

/// How a pull request that pushes a weak regression again and again fares: the share of pushes that
/// are blocked, and of pull requests in which each of 12 pushes is. `budget` divides the error budget.
fn grinding(name: &str, budget: f64, change: impl Fn(&mut World, &mut Dice)) -> f64 {
    const PUSHES: u64 = 12;
    const REQUESTS: u64 = 100;
    let (mut blocked, mut all) = (0u32, [0u32; 13]);
    for request in 0..REQUESTS {
        let mut dice = Dice(0x6172_0000 + request);
        let mut world = World::typical(CASES, &mut dice);
        change(&mut world, &mut dice);
        let mut stopped = 0;
        for push in 0..PUSHES {
            let answers = dice.bits();
            let mut setup = varied(CASES, request * PUSHES + push);
            setup.policy.alpha /= budget;
            setup.policy.alpha_plain /= budget;
            setup.policy.alpha_screen_paid /= budget;
            let outcome = drive(&mut Gate::new(setup), |call, attempt| world.answer(answers, call, attempt));
            stopped += usize::from(outcome.verdict == Verdict::Regression);
        }
        blocked += stopped as u32;
        all[stopped] += 1;
    }
    let share = f64::from(blocked) / (REQUESTS * PUSHES) as f64;
    println!(
        "{name:<40} blocked {:6.2} % of pushes; never through: {:5.1} % of pull requests; never blocked: {:5.1} %",
        100.0 * share,
        100.0 * f64::from(all[12]) / REQUESTS as f64,
        100.0 * f64::from(all[0]) / REQUESTS as f64
    );
    share
}

/// Why the budget is not divided among the pushes of a pull request: an author who pushes repeatedly
/// wants to pass, and a smaller budget for each push lets more of them pass.
#[test]
fn a_shared_budget_would_help_whoever_grinds() {
    let drop = |world: &mut World, _: &mut Dice| {
        world.candidate.iter_mut().for_each(|p| *p = (*p - 0.05).max(0.0));
    };
    let half_broken = |world: &mut World, dice: &mut Dice| world.break_reliable(1, 0.2, dice);
    let (full, shared) =
        (grinding("-5 points, a budget each", 1.0, drop), grinding("-5 points, one of 12", 12.0, drop));
    assert!(shared < full - 0.02, "{shared} of {full}");
    let full = grinding("1 case passes 20 %, a budget each", 1.0, half_broken);
    let shared = grinding("1 case passes 20 %, one of 12", 12.0, half_broken);
    assert!(shared < full - 0.02, "{shared} of {full}");
    let same = grinding("nothing, a budget each", 1.0, |_, _| {});
    assert!(same <= 0.01, "{same}");
}
