//! `eval`: evaluate what changed, and gate it. The whole pipeline stands in [`evaluate`].

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;

use super::gating::{self, Gating};
use super::models::Models;
use super::workspace::{self, Workspace};
use super::{output, signals, today};
use crate::adapters::database::Database;
use crate::adapters::progress::{Display, Progress};
use crate::assay::Assay;
use crate::cli::{CallArgs, EvalArgs};
use crate::compare::{self, Circumstances, Redaction};
use crate::config::Config;
use crate::price::PriceTable;
use crate::report::{Report, json};
use crate::runner::{CacheMode, Runner, Speculation};
use crate::store::{RunRecord, Store};

/// Runs `eval` in the current directory.
///
/// # Errors
/// See [`super::run`].
pub fn run(args: &EvalArgs) -> anyhow::Result<u8> {
    let here = std::env::current_dir().context("the current directory is gone")?;
    let report = evaluate(&here, args)?;
    output::report(&report, &args.output)?;
    Ok(report.exit_code)
}

/// Trees -> change set -> gates -> calls -> report.
///
/// # Errors
/// See [`super::run`].
pub fn evaluate(start: &Path, args: &EvalArgs) -> anyhow::Result<Report> {
    let started = Instant::now();
    let mut workspace = workspace::open(start, &args.sides)?;
    override_config(&mut workspace.config, &args.calls)?;
    warn(&workspace, args);
    let store = open_store(&workspace, &args.calls)?;
    let prices = PriceTable::built_in().with(&workspace.config.prices);
    let today = today::date(today::now());
    let gating = Gating {
        changes: &workspace.changes,
        config: &workspace.config,
        today: &today,
        prices: &prices,
        store: store.as_ref(),
        cache: cache_mode(&args.calls),
    };
    let mut assay = Assay::new(gating.setups()?);
    let models = Models::of(start, &workspace, &args.calls)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let spend = runtime.block_on(async {
        let runner = Runner {
            prompt: models.connect(&workspace.config.calls).await?,
            judge: models.connect(&workspace.config.calls).await?,
            store: Arc::clone(&store),
            policy: workspace.config.calls.clone(),
            budget: workspace.config.budget,
            prices: prices.clone(),
            cache: cache_mode(&args.calls),
            speculation: Speculation::None,
            interrupt: signals::listen()?,
        };
        runner.require_prices(gating::models(&workspace.changes))?;
        if gating.must_buy(&assay)? && !args.calls.offline {
            runner.prompt.ready().await?;
        }
        gating.begin(&assay)?;
        let mut progress = Progress::new(display(args), gating.expected_calls());
        let spend = runner.run(&mut assay, &mut |event| progress.show(event)).await?;
        progress.finish();
        anyhow::Ok(spend)
    })?;
    let report = compare::report(
        &workspace.changes,
        &assay,
        &spend,
        Circumstances {
            base: workspace.base.clone(),
            head: workspace.head.clone(),
            tier: workspace.choice.tier,
            provider: models.name().to_owned(),
            policy: workspace.config.gate.clone(),
            redaction: Redaction::new(&workspace.config.redact),
            warnings: warnings(&workspace, args),
            wall_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        },
    );
    if !args.calls.no_cache {
        store.keep_run(&RunRecord { ended_at: today::now(), report: json::render(&report) })?;
    }
    Ok(report)
}

/// Options stand above the configuration.
fn override_config(config: &mut Config, args: &CallArgs) -> anyhow::Result<()> {
    if let Some(cost) = args.max_cost {
        anyhow::ensure!(cost.is_finite() && cost >= 0.0, "`--max-cost` must be 0 or more US dollars");
        config.budget.max_cost = Some(cost);
    }
    if let Some(concurrency) = args.concurrency {
        anyhow::ensure!(concurrency > 0, "`--concurrency` must be at least 1");
        config.calls.concurrency = concurrency;
    }
    config.budget.max_calls = args.max_calls.or(config.budget.max_calls);
    if let Some(seed) = &args.seed {
        config.gate.seed.clone_from(seed);
    }
    Ok(())
}

fn open_store(workspace: &Workspace, args: &CallArgs) -> anyhow::Result<Arc<dyn Store>> {
    if args.no_cache {
        return Ok(Arc::new(Database::in_memory()?));
    }
    Ok(Arc::new(Database::open(&workspace.root.join(&workspace.config.database))?))
}

fn cache_mode(args: &CallArgs) -> CacheMode {
    match (args.offline, args.fresh, args.no_cache) {
        (true, _, _) => CacheMode::Offline,
        (_, true, _) => CacheMode::Fresh,
        (_, _, true) => CacheMode::Off,
        _ => CacheMode::ReadWrite,
    }
}

fn display(args: &EvalArgs) -> Display {
    use std::io::IsTerminal;
    Display::choose(args.output.quiet, std::io::stderr().is_terminal())
}

fn warn(workspace: &Workspace, args: &EvalArgs) {
    if !args.output.quiet {
        for warning in &workspace.warnings {
            eprintln!("{}\n", crate::report::untrusted::terminal(warning));
        }
    }
}

fn warnings(workspace: &Workspace, args: &EvalArgs) -> Vec<String> {
    let mut warnings = workspace.warnings.clone();
    if args.calls.fresh {
        warnings.push(
            "Every answer was bought anew (`--fresh`): this re-rolls the verdict, and the error bound holds for \
             one roll only."
                .to_owned(),
        );
    }
    warnings
}
