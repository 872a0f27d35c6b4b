//! `plan`: what would run and why, with an estimate. It runs nothing and writes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::database;
use super::default_branch::{self, Means};
use super::gating;
use super::models::Models;
use super::pricing::{self, Pricing};
use super::workspace::Workspace;
use super::{output, session};
use crate::change::PromptChange;
use crate::cli::{CallArgs, PlanArgs};
use crate::compare::Redaction;
use crate::config::ProviderKind;
use crate::model::{Counted, Model, ModelError, Request};
use crate::plan::{self, Estimate, estimate};
use crate::price;
use crate::price::PriceTable;
use crate::remark::Remark;
use crate::report::wording::in_a_line;
use crate::report::{PlanReport, PlannedPrompt, PromptHead};
use crate::runner::require_prices_of_run;
use crate::store::location::Location;

/// Requests of a model whose tokens are counted.
const COUNTED: usize = 8;

/// Runs `plan` in the current directory.
///
/// # Errors
/// See [`super::run`].
pub fn run(args: &PlanArgs) -> anyhow::Result<u8> {
    let here = super::here()?;
    let plan = plan(&here, args)?;
    output::plan(&plan, &args.output)?;
    Ok(0)
}

fn plan(start: &Path, args: &PlanArgs) -> anyhow::Result<PlanReport> {
    let keys = session::store_keys()?;
    let seals = session::seals(keys.as_ref(), args.sides.tier);
    let mut workspace = default_branch::open(start, &args.sides, Means::Looking)?;
    session::redact(&mut workspace.config, keys.as_ref());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let models = Models::of(start, &workspace, &CallArgs::default())?;
    let Pricing { prices, notes } = runtime.block_on(pricing::of(&workspace, &models, true));
    workspace.warnings.extend(notes);
    // What `eval` would refuse is no plan.
    gating::gate_policy(&workspace.config.gate)?;
    require_prices_of_run(&workspace.config.budget, &prices, gating::models(&workspace.changes))?;
    gating::require_prices_of_calls(&workspace.changes, &prices)?;
    // A plan writes nothing: it does not create a database.
    let location = Location::of_database(&workspace.config.database);
    let store = database::existing(&workspace.root, &location)?
        .map(|database| models.namespace(Arc::new(database.sealed(&seals))));
    let redaction = Redaction::new(&workspace.config.redact);
    let mut failed = None;
    let mut stored = |key| match store.as_ref().map(|store| store.answer(key)) {
        Some(Ok(found)) => found.map(|answer| answer.response),
        Some(Err(error)) => {
            failed.get_or_insert(error);
            None
        }
        None => None,
    };
    let mut prices = prices;
    if args.count_tokens {
        let mut is_stored = |key| stored(key).is_some();
        let samples = plan::samples(&workspace.changes.prompts, COUNTED, &mut is_stored);
        let commit = workspace.head.commit.as_deref();
        let model = models.connect(&workspace.config.calls, &prices, commit, None);
        let (counted, notes) = runtime.block_on(count(model.as_ref(), models.kind(), samples, prices))?;
        prices = counted;
        workspace.warnings.extend(notes.iter().map(Remark::quoting));
    }
    let policy = &workspace.config.gate;
    let prompts: Vec<PlannedPrompt> = workspace
        .changes
        .prompts
        .iter()
        .map(|change| planned(change, estimate(change, policy, &prices, &mut stored), &redaction))
        .collect();
    if let Some(error) = failed {
        return Err(error.into());
    }
    workspace.warnings.extend(seals.said().map(Remark::new));
    Ok(whole(workspace, prompts, &redaction))
}

fn whole(workspace: Workspace, prompts: Vec<PlannedPrompt>, redaction: &Redaction) -> PlanReport {
    let mut estimate = Estimate::nothing();
    for prompt in &prompts {
        estimate.add(&prompt.estimate);
    }
    PlanReport {
        base: workspace.base,
        head: workspace.head,
        tier: workspace.choice.tier,
        prompts,
        unaffected: workspace.changes.unaffected,
        moved_bars: redaction.bars(&workspace.changes.moved_bars),
        warnings: redaction.all(&workspace.warnings).iter().map(|warning| in_a_line(warning)).collect(),
        estimate,
    }
}

fn planned(change: &PromptChange, estimate: Estimate, redaction: &Redaction) -> PlannedPrompt {
    PlannedPrompt {
        head: PromptHead::of(change),
        estimate,
        notes: redaction.all(&change.notes),
        diff: redaction.diff(&change.diff),
    }
}

/// The prices with the counted tokens, and notes for the reader of the plan.
///
/// # Errors
/// If the provider counts no tokens, and without a region or credentials. A model that cannot be
/// counted is a note.
pub async fn count(
    asked: &dyn Model,
    provider: ProviderKind,
    samples: BTreeMap<&str, Vec<&Request>>,
    mut prices: PriceTable,
) -> anyhow::Result<(PriceTable, Vec<String>)> {
    anyhow::ensure!(
        provider.capabilities().counts_tokens,
        "`--count-tokens`: the configuration's provider, `{provider}`, counts no tokens: leave the option out"
    );
    let mut notes = Vec::new();
    if samples.is_empty() {
        return Ok((prices, notes));
    }
    asked.ready().await?;
    for (model, requests) in samples {
        match of_model(asked, &requests).await {
            Ok((counted, counted_as)) => {
                let expected = requests.iter().map(|request| price::expected(request).input).sum();
                prices = prices.counted(model, counted, expected);
                let by = if counted_as == model { String::new() } else { format!(" as `{counted_as}`") };
                notes.push(format!(
                    "Input tokens of `{model}` are estimated from {} requests that the provider counted{by}.",
                    requests.len()
                ));
            }
            Err(why) => notes.push(format!(
                "Input tokens of `{model}` could not be counted, so four characters are counted as one: {why}"
            )),
        }
    }
    Ok((prices, notes))
}

/// The tokens of some requests of one model, and the id by which it could be asked.
async fn of_model(asked: &dyn Model, requests: &[&Request]) -> Result<(u64, String), ModelError> {
    let (mut sum, mut counted_as) = (0, String::new());
    for request in requests {
        let Counted { tokens, model } = asked.count_tokens(request).await?;
        sum += tokens;
        counted_as = model;
    }
    Ok((sum, counted_as))
}
