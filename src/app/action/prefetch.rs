//! After a prompt has passed on the main branch, the branch model's answers for it, the baseline of pull requests, are
//! stored where pull requests can read them (decisions.md#main-prepares-the-baselines-of-pull-requests).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ActionContext;
use super::console::Console;
use crate::app::backing::override_config;
use crate::app::eval::Measured;
use crate::app::failure;
use crate::app::models::Models;
use crate::assay::Prefetch;
use crate::cli::SideArgs;
use crate::config::Budget;
use crate::prompt::Tier;
use crate::report::{Report, untrusted};
use crate::runner::{CacheMode, Runner, Spend};
use crate::verdict::Verdict;

/// What was prefetched.
pub(super) struct Prefetched {
    /// For the summary.
    pub note: String,
    /// For later steps: models, calls and their cost.
    pub output: Value,
}

/// Prefetches the answers of the prompts that passed in this run. `None` if there is nothing to do. A
/// failure here never fails the run.
pub(super) fn prefetch(
    context: ActionContext<'_>,
    measured: &Measured,
    console: &Console,
) -> Option<Prefetched> {
    let ActionContext { run, .. } = context;
    let has_passed = |verdict| matches!(verdict, Verdict::Ok | Verdict::Improved);
    let passed = measured.report.prompts.iter().filter(|prompt| has_passed(prompt.verdict));
    let prompts: Vec<String> = passed.map(|prompt| prompt.head.id.clone()).collect();
    // Pull requests read the caches of the default branch, not those of a queue's own branches.
    let is_readable = run.is_after_merge || (run.is_queue && measured.is_shared());
    let is_wanted = run.inputs.branch_baselines && is_readable && measured.report.tier == Tier::Main;
    let buys = !run.args.calls.offline && !run.is_shard() && run.inputs.merge.is_empty();
    if !is_wanted || !buys || prompts.is_empty() {
        return None;
    }
    match attempt(context, measured, prompts) {
        Ok(prefetched) => {
            console.say(&prefetched.note);
            Some(prefetched)
        }
        Err(error) => {
            console.say(&format!("no answers were prefetched for pull requests: {}", failure::shown(&error)));
            None
        }
    }
}

fn attempt(
    ActionContext { run, sources, session }: ActionContext<'_>,
    measured: &Measured,
    prompts: Vec<String>,
) -> anyhow::Result<Prefetched> {
    let sides = SideArgs { tier: Tier::Branch, prompts, ..run.args.sides.clone() };
    let mut workspace = sources.compare_with(run, None, &sides, session)?;
    let mut args = run.args.clone();
    run.adjust(&mut workspace.config, &mut args);
    override_config(&mut workspace.config, &args.calls)?;
    let models = Models::of(&run.start, &workspace, &args.calls)?;
    let mut prefetch = Prefetch::of(&workspace.changes);
    let asked: BTreeSet<String> = prefetch.models().map(str::to_owned).collect();
    let spend = session.runtime.block_on(async {
        let store = (&measured.store, CacheMode::ReadWrite);
        let runner = models.runner(&workspace, &measured.prices, store, session);
        let runner = Runner { budget: left(&workspace.config.budget, &measured.report), ..runner };
        runner.require_prices(asked.iter().map(String::as_str))?;
        anyhow::Ok(runner.run(&mut prefetch, &mut |_| {}).await?)
    })?;
    Ok(told(&asked, &spend, &prefetch))
}

/// The rest of the run's budget after the evaluation.
fn left(budget: &Budget, report: &Report) -> Budget {
    let spend = &report.spend;
    let usd = report.cost.spent_usd;
    Budget {
        max_cost: budget.max_cost.map(|most| usd.map_or(0.0, |spent| (most - spent).max(0.0))),
        max_calls: budget.max_calls.map(|most| most.saturating_sub(spend.paid_calls)),
        max_tokens: budget
            .max_tokens
            .map(|most| most.saturating_sub(spend.input_tokens + spend.output_tokens)),
    }
}

fn told(models: &BTreeSet<String>, spend: &Spend, prefetch: &Prefetch) -> Prefetched {
    let tally = spend.tally(|_| true);
    let cost = tally.spent_usd().map_or("at an unknown price".to_owned(), |usd| format!("for {usd:.4} USD"));
    let names: Vec<String> = models.iter().map(|model| untrusted::quoted(model)).collect();
    let mut note = format!(
        "Prefetched for pull requests: {} answers of {}, {} of them bought now {cost}, beside the spend of the evaluation.",
        tally.calls + tally.cached,
        names.join(", "),
        tally.calls,
    );
    if prefetch.missing() > 0 {
        let why =
            if prefetch.stopped().is_some() { "the run or its budget ended" } else { "the calls failed" };
        note.push_str(&format!(" {} are missing: {why}.", prefetch.missing()));
    }
    let output = json!({"models": models, "calls": tally.calls, "cost": tally.spent_usd()});
    Prefetched { note, output }
}
