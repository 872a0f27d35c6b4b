//! The gate's operating characteristics, played on its own code: how often it blocks what, and at how many calls.
//!
//! `cargo bench --bench operating` prints the tables of docs/statistics.md; with `-- RUNS`, of so many evaluations a row.
//! With `-- --answers FILE`, it plays the study of a real model instead (`benches/realmodel/`), each edit in RUNS orders.

mod margins;
mod play;
mod pool;
mod study;

use margins::{Margins, REAL};
use play::{Figures, Play};
use pool::{FIRST, Task};
use prompt_assay::gate::{Form, Setup};
use prompt_assay_test_support::population::{Dice, World, varied};

/// Evaluations a row.
const RUNS: u64 = 1_000;
/// Orders in which the study plays each edit.
const ORDERS: u64 = 500;

/// A gate's settings, by name.
type Policy = (&'static str, fn(&mut Setup));

const NET_0: Policy = ("`net: 0`", |_| {});
const POLICIES: [Policy; 4] = [
    ("`protect: all`", |setup| setup.cases.iter_mut().for_each(|case| case.protected = true)),
    ("`net: 1`", |setup| setup.policy.net = 1),
    NET_0,
    ("`net: -1`", |setup| setup.policy.net = -1),
];

/// What a change does to a simulated suite.
type Change = (&'static str, fn(&mut World, &mut Dice));

const CHANGES: [Change; 8] = [
    ("nothing", |_, _| {}),
    ("1 case breaks", |world, dice| world.break_reliable(1, 0.0, dice)),
    ("5 % of the cases break", |world, dice| world.break_reliable(world.baseline.len() / 20, 0.0, dice)),
    ("10 % of the cases break", |world, dice| world.break_reliable(world.baseline.len() / 10, 0.0, dice)),
    ("10 % pass half of the time", |world, dice| world.break_reliable(world.baseline.len() / 10, 0.5, dice)),
    ("5 % break, 5 % are fixed", |world, dice| {
        let n = world.baseline.len();
        world.break_reliable(n / 20, 0.0, dice);
        world.candidate[n - n / 20..].fill(0.98);
    }),
    ("every case passes 8 points less often", |world, _| {
        world.candidate.iter_mut().for_each(|p| *p = (*p - 0.08).max(0.0));
    }),
    ("everything fails", |world, _| world.candidate.fill(0.0)),
];

/// What a change does to cases with a margin; returns the reliable cases that it breaks.
type Edit = (&'static str, fn(&mut Margins, &mut Dice) -> Vec<usize>);

const EDITS: [Edit; 5] = [
    ("nothing", |_, _| Vec::new()),
    ("an edit without meaning", |world, dice| {
        world.edit(dice);
        Vec::new()
    }),
    ("the same, and 1 reliable case breaks", |world, dice| {
        world.edit(dice);
        world.break_stable(1, dice)
    }),
    ("the same, and 10 % of the cases break", |world, dice| {
        world.edit(dice);
        world.break_passing(0.10, dice)
    }),
    ("the same, and 15 % of the cases break", |world, dice| {
        world.edit(dice);
        world.break_passing(0.15, dice)
    }),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = arguments.iter().find_map(|argument| argument.parse().ok());
    if let Some(at) = arguments.iter().position(|argument| argument == "--answers") {
        let file = arguments.get(at + 1).expect("--answers needs a file");
        let answers = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        return study::print(&answers, given.unwrap_or(ORDERS));
    }
    let runs = given.unwrap_or(RUNS);
    head("Simulated suites", "cases");
    for n in [30, 50, 100, 200] {
        CHANGES.iter().for_each(|change| row(change.0, &n.to_string(), &simulated(n, runs, NET_0, change)));
    }
    head("Simulated suites of 100 cases, by policy", "policy");
    for change in &CHANGES {
        POLICIES.iter().for_each(|policy| row(change.0, policy.0, &simulated(100, runs, *policy, change)));
    }
    for contents in [0, 20] {
        head(&format!("As measured on a real model, 84 cases, {contents} earlier contents known"), "policy");
        for edit in &EDITS {
            POLICIES
                .iter()
                .for_each(|policy| row(edit.0, policy.0, &with_margins(contents, runs, *policy, edit)));
        }
    }
    head("Answers of a real model, drawn from the pool", "policy");
    for name in ["mood", "booking"] {
        let task: &'static Task = Box::leak(Box::new(Task::read(FIRST, name)));
        for prompt in task.prompts("") {
            let name = format!("{name}, {prompt}");
            POLICIES.iter().for_each(|policy| row(&name, policy.0, &pooled(task, prompt, runs, *policy)));
        }
    }
}

fn head(title: &str, second: &str) {
    println!(
        "\n{title}:\n\n| what changed | {second} | blocked | MIXED | inconclusive | named | calls, mean | p95 |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
}

fn row(what: &str, second: &str, figures: &Figures) {
    let named =
        if figures.planted > 0 { format!("{:.1} %", figures.percent(figures.named)) } else { String::new() };
    println!(
        "| {what} | {second} | {:.1} % | {:.1} % | {:.1} % | {named} | {:.0} | {} |",
        figures.percent(figures.blocked),
        figures.percent(figures.mixed),
        figures.percent(figures.inconclusive),
        figures.mean_calls(),
        figures.p95_calls(),
    );
}

fn forms(setup: &Setup) -> Vec<Form> {
    setup.cases.iter().map(|case| case.form).collect()
}

fn simulated(n: usize, runs: u64, policy: Policy, change: &Change) -> Figures {
    Figures::of(runs, |run| {
        let mut dice = Dice(0x5eed_0000 + run);
        let mut world = World::typical(n, &mut dice);
        (change.1)(&mut world, &mut dice);
        let planted = (0..n).filter(|case| world.baseline[*case] - world.candidate[*case] > 0.9).collect();
        let seed = dice.bits();
        let mut setup = varied(n, run);
        (policy.1)(&mut setup);
        Play { setup, planted, answer: Box::new(move |call, attempt| world.answer(seed, call, attempt)) }
    })
}

fn with_margins(contents: usize, runs: u64, policy: Policy, edit: &Edit) -> Figures {
    const CASES: usize = 84;
    Figures::of(runs, |run| {
        let mut dice = Dice(0xa11_0000 + run);
        let mut world = Margins::draw(CASES, REAL, &mut dice);
        let known = world.history(contents, &mut dice);
        let planted = (edit.1)(&mut world, &mut dice);
        let seed = dice.bits();
        let mut setup = varied(CASES, run);
        setup.cases.iter_mut().zip(known).for_each(|(case, known)| case.steadiness = known.steadiness());
        (policy.1)(&mut setup);
        let forms = forms(&setup);
        Play {
            setup,
            planted,
            answer: Box::new(move |call, attempt| world.answer(seed, &forms, call, attempt)),
        }
    })
}

fn pooled(task: &'static Task, prompt: &'static str, runs: u64, policy: Policy) -> Figures {
    Figures::of(runs, |run| {
        let mut dice = Dice(0xb00_0000 + run);
        let cases = task.cases.len();
        let mut setup = varied(cases, run);
        let known = task.history(prompt, "aa/", usize::MAX, &mut dice);
        setup.cases.iter_mut().zip(known).for_each(|(case, known)| case.steadiness = known.steadiness());
        (policy.1)(&mut setup);
        let planted = (0..cases).filter(|c| task.rate("base", *c) - task.rate(prompt, *c) > 0.9).collect();
        let (forms, seed) = (forms(&setup), dice.bits());
        Play {
            setup,
            planted,
            answer: Box::new(move |call, attempt| task.answer(prompt, seed, forms[call.case], call, attempt)),
        }
    })
}
