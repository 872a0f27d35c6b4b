//! `watch`: evaluates the working directory again whenever a file that the evaluation read has changed, until the budget
//! ends or somebody ends it. Its runs are not stored as runs: no later evaluation is compared with what somebody tried.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use super::backing::override_config;
use super::eval::measure;
use super::failure;
use super::purpose::Purpose;
use super::session::{self, Session};
use super::signals::Interrupts;
use super::spending::Spending;
use super::{on_disk, output};
use crate::adapters::clock;
use crate::adapters::git::Repository;
use crate::adapters::progress::say;
use crate::adapters::watched::Seen;
use crate::cli::{EvalArgs, OutputArgs, SideArgs, WatchArgs};
use crate::config::Budget;
use crate::problem::Problems;
use crate::report::wording::count;
use crate::report::{Report, terminal};
use crate::runner::{Interrupt, Lost, RunnerError};
use crate::tree::TreeError;
use crate::verdict::Reason;

/// Between two looks at the files.
const POLL: Duration = Duration::from_millis(300);

/// Clears a terminal and begins at its top.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// What a run came to.
enum Outcome {
    /// It was evaluated.
    Evaluated(Box<Evaluated>),
    /// The files have mistakes, and somebody is at them.
    Mistaken(anyhow::Error),
}

/// A finished run.
struct Evaluated {
    report: Report,
    /// Attempts without an answer that count.
    lost: Lost,
    /// The caps of the whole watch.
    budget: Budget,
}

/// Runs `watch` in the current directory; 0: somebody ended it, 3: the budget ended.
///
/// # Errors
/// What no edit of a file can fix; see [`super::run`].
pub fn run(args: &WatchArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    let here = super::here()?;
    let repository = Repository::discover(&here)?;
    // As long as it is held, a signal ends the watch in order.
    let mut ending = interrupts.listen();
    let mut spending = Spending::default();
    loop {
        let seen = Seen::below(repository.root());
        if let Some(rules) = &args.calls.scripted {
            seen.add(here.join(rules));
        }
        let outcome = match evaluate(&here, args, &seen, (interrupts, &spending)) {
            Err(error) if is_fixable(&error) => Outcome::Mistaken(error),
            outcome => outcome?,
        };
        if let Outcome::Evaluated(run) = &outcome {
            spending.add(&run.report, run.lost);
        }
        let is_ended = is_ended(&ending);
        show(&outcome, &spending, &seen, args);
        if is_ended {
            break;
        }
        if let Outcome::Evaluated(run) = &outcome
            && is_used_up(&run.report, &spending.left_of(run.budget))
        {
            say(&format!(
                "the budget of this watch is used up: {}\n   = start it again with a larger one; stored answers cost nothing",
                spending.told(&run.budget, run.report.provider.is_language_model())
            ));
            return Ok(3);
        }
        if !waited_for_a_change(&repository, &seen, &mut ending)? {
            break;
        }
    }
    say(&format!("watched {}", count(spending.runs, "run")));
    Ok(0)
}

/// Whether an edit of a file can fix it: mistakes in files, and a model without a price, whose id may be half typed.
fn is_fixable(error: &anyhow::Error) -> bool {
    use RunnerError::{ProposedPrice, UnknownPrice, UnwrittenPrice};
    let is_price = |error: &RunnerError| {
        matches!(error, UnknownPrice { .. } | UnwrittenPrice { .. } | ProposedPrice { .. })
    };
    error.is::<Problems>() || error.is::<TreeError>() || error.downcast_ref().is_some_and(is_price)
}

fn is_ended(ending: &Receiver<Interrupt>) -> bool {
    *ending.borrow() != Interrupt::None
}

/// One evaluation, with what earlier ones leave of the budget.
fn evaluate(
    here: &Path,
    args: &WatchArgs,
    seen: &Seen,
    (interrupts, spending): (&Interrupts, &Spending),
) -> anyhow::Result<Outcome> {
    let keys = session::store_keys()?;
    let session = Session::sealed(interrupts, keys.as_ref(), args.tier)?;
    let sides = SideArgs {
        config: args.config.clone(),
        base: args.base.clone(),
        tier: args.tier,
        model: args.model.clone(),
        prompts: args.prompts.clone(),
        head: None,
    };
    let mut workspace = on_disk::open_watched(here, &sides, seen)?;
    workspace.purpose = Purpose::Look;
    session::redact(&mut workspace.config, keys.as_ref());
    override_config(&mut workspace.config, &args.calls)?;
    let budget = workspace.config.budget;
    let is_free = args.calls.offline
        || args.calls.scripted.is_some()
        || !workspace.config.provider.kind().is_language_model();
    anyhow::ensure!(
        is_free || budget != Budget::default(),
        "`watch` asks the model after every edit, so it needs a cap: pass `--max-cost USD` (or `--max-calls N`) for the whole \
         watch, or set `budget` in prompt-assay.yaml"
    );
    workspace.config.budget = spending.left_of(budget);
    let mut calls = args.calls.clone();
    (calls.max_cost, calls.max_calls, calls.max_tokens) = (None, None, None);
    let quiet = !std::io::stderr().is_terminal();
    let output = OutputArgs { quiet, ..OutputArgs::default() };
    let measured =
        measure(here, workspace, &EvalArgs { sides, output, calls, ..EvalArgs::default() }, &session)?;
    measured.share(&session);
    Ok(Outcome::Evaluated(Box::new(Evaluated { report: measured.report, lost: measured.lost, budget })))
}

/// Whether another run could buy nothing.
fn is_used_up(report: &Report, left: &Budget) -> bool {
    let is_zero = left.max_calls == Some(0)
        || left.max_tokens == Some(0)
        || left.max_cost.is_some_and(|usd| usd <= 0.0);
    (is_zero && report.spend.paid_calls > 0)
        || report.prompts.iter().any(|prompt| prompt.reason == Reason::Budget)
}

/// Waits until what was read looks different and stays so between two looks; false: somebody ended it.
fn waited_for_a_change(
    repository: &Repository,
    seen: &Seen,
    ending: &mut Receiver<Interrupt>,
) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut is_due = false;
    loop {
        let is_over = runtime.block_on(async {
            tokio::select! {
                ended = ending.wait_for(|stage| *stage != Interrupt::None) => ended.is_ok(),
                () = clock::pause(POLL) => false,
            }
        });
        if is_over {
            return Ok(false);
        }
        // Opened again: an index that Git has changed meanwhile lists other files.
        let tree = repository.working_directory();
        match (is_due, seen.settle(&tree)) {
            (true, false) => return Ok(true),
            (_, changed) => is_due |= changed,
        }
    }
}

/// The verdict, what it cost, and what there is to see, on a clear terminal; a failure to write ends no watch.
fn show(outcome: &Outcome, spending: &Spending, seen: &Seen, args: &WatchArgs) {
    let style = terminal::Style { verbose: args.verbose, ..output::on_stdout() };
    let text = match outcome {
        Outcome::Evaluated(run) => format!(
            "{}\n{}",
            terminal::render_verdict_first(&run.report, style),
            terminal::paragraphs(&[&spent(run, spending)], style)
        ),
        Outcome::Mistaken(error) => format!("{}\n\n", failure::shown(error)),
    };
    let clear = if output::is_screen() { CLEAR } else { "" };
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{clear}{}Watching {}; Ctrl-C ends it.", text, count(seen.files(), "file"));
    let _ = out.flush();
}

fn spent(run: &Evaluated, spending: &Spending) -> String {
    let Evaluated { report, lost, budget } = run;
    let is_paid = report.provider.is_language_model();
    let mut one = Spending::default();
    one.add(report, *lost);
    format!(
        "Run {}, {:.1} s: {}; {} from the store. So far: {}.",
        spending.runs,
        report.wall_ms as f64 / 1000.0,
        one.told(&Budget::default(), is_paid),
        count(usize::try_from(report.spend.calls.cached).unwrap_or(usize::MAX), "answer"),
        spending.told(budget, is_paid)
    )
}
