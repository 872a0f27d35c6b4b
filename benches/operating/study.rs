//! The study of a real model: every edit of three tasks, played in many orders from the answers that the model gave.

use prompt_assay::gate::{Form, Setup};
use prompt_assay_test_support::population::{Dice, varied};

use super::play::{Figures, Play};
use super::pool::Task;
use super::{POLICIES, Policy};

/// Earlier contents that are known: none, as many as a self-test adds, many.
const CONTENTS: [usize; 3] = [0, 12, 20];
/// A case is lost where its pass rate is lower by more than this.
const LOST: f64 = 0.9;
/// An edit is a regression where it loses so much of the pass rate.
const REGRESSION: f64 = 0.10;

/// What an edit truly does, over all its answers.
#[derive(Clone, Copy, PartialEq)]
enum Truth {
    /// Of the edits without meaning.
    Harmless,
    /// Worse by 10 points or more.
    Regression,
    /// Meant to be worse, and within 10 points.
    Slight,
}

/// Prints a table by task, truth, history and policy; each edit in so many orders. `answers` is what
/// `benches/realmodel/run.py pool` wrote.
pub fn print(answers: &str, orders: u64) {
    let mut names: Vec<&str> = answers.lines().filter_map(|line| line.split('\t').next()).collect();
    names.dedup();
    println!("\nA real model, every edit in {orders} orders:\n");
    println!(
        "| task | edits | contents known | policy | blocked | MIXED | inconclusive | a stable case is lost, and named | calls, mean | p95 |"
    );
    println!("|---|---|---:|---|---:|---:|---:|---:|---:|---:|");
    for name in names {
        let task: &'static Task = Box::leak(Box::new(Task::read(answers, name)));
        for (truth, said) in [
            (Truth::Harmless, "without meaning"),
            (Truth::Regression, "worse by 10 points or more"),
            (Truth::Slight, "meant to be worse, within 10 points"),
        ] {
            let edits: Vec<&'static str> =
                task.prompts("").into_iter().filter(|edit| truth_of(task, edit) == Some(truth)).collect();
            for contents in CONTENTS {
                for policy in POLICIES {
                    row((name, said, contents), policy, task, &edits, orders);
                }
            }
        }
    }
}

fn truth_of(task: &Task, edit: &str) -> Option<Truth> {
    match edit.split('/').next() {
        Some("meaning-free") => Some(Truth::Harmless),
        Some("regression") if task.mean("base") - task.mean(edit) >= REGRESSION => Some(Truth::Regression),
        Some("regression") => Some(Truth::Slight),
        _ => None,
    }
}

fn row(
    (name, said, contents): (&str, &str, usize),
    policy: Policy,
    task: &'static Task,
    edits: &[&'static str],
    orders: u64,
) {
    let all: Vec<(Figures, &str)> = edits
        .iter()
        .map(|edit| (Figures::of(orders, |run| play(task, edit, contents, policy, run)), *edit))
        .collect();
    let sum = |count: fn(&Figures) -> usize| all.iter().map(|(figures, _)| count(figures)).sum::<usize>();
    let runs = sum(|figures| figures.runs).max(1);
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / runs as f64);
    let (lost, named) = (sum(|figures| figures.planted), sum(|figures| figures.named));
    let named = if lost == 0 {
        String::new()
    } else {
        format!("{lost}, {:.1} %", 100.0 * named as f64 / lost as f64)
    };
    let mut calls: Vec<usize> = all.iter().flat_map(|(figures, _)| figures.calls.clone()).collect();
    calls.sort_unstable();
    println!(
        "| {name} | {} {said} | {contents} | {} | {} | {} | {} | {named} | {:.0} | {} |",
        edits.len(),
        policy.0,
        share(sum(|figures| figures.blocked)),
        share(sum(|figures| figures.mixed)),
        share(sum(|figures| figures.inconclusive)),
        calls.iter().sum::<usize>() as f64 / runs as f64,
        calls.get(calls.len() * 95 / 100).copied().unwrap_or(0),
    );
    if policy.0 == super::NET_0.0 {
        for (figures, edit) in &all {
            let lost =
                (0..task.cases.len()).filter(|case| task.rate("base", *case) - task.rate(edit, *case) > LOST);
            eprintln!(
                "{name}, {edit}, {contents} contents: {:+.1} points, {} cases lost; blocked {:.0} %, MIXED {:.0} %",
                100.0 * (task.mean(edit) - task.mean("base")),
                lost.count(),
                figures.percent(figures.blocked),
                figures.percent(figures.mixed),
            );
        }
    }
}

fn play(task: &'static Task, edit: &'static str, contents: usize, policy: Policy, run: u64) -> Play {
    let mut dice = Dice(0x57d1_0000 + run);
    let cases = task.cases.len();
    let mut setup: Setup = varied(cases, run);
    let known = task.history(edit, "meaning-free/", contents, &mut dice);
    let is_stable = |case: &usize| known[*case].steadiness() == prompt_assay::stability::Steadiness::Stable;
    let lost = |case: &usize| task.rate("base", *case) - task.rate(edit, *case) > LOST;
    let planted = (0..cases).filter(is_stable).filter(lost).collect();
    setup.cases.iter_mut().zip(&known).for_each(|(case, known)| case.steadiness = known.steadiness());
    (policy.1)(&mut setup);
    let forms: Vec<Form> = setup.cases.iter().map(|case| case.form).collect();
    let seed = dice.bits();
    Play {
        setup,
        planted,
        answer: Box::new(move |call, attempt| task.answer(edit, seed, forms[call.case], call, attempt)),
    }
}
