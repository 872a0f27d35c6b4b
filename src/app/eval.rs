//! `eval`: evaluate what changed, and gate it. [`evaluate`] shows the whole pipeline.

use std::path::Path;
use std::sync::Arc;

use super::backing::Backing;
use super::backing::{cache_mode, override_config};
use super::batch::{self, Bought, Buyer};
use super::default_branch::{self, Means};
use super::gating::{self, Gating};
use super::models::Models;
use super::pricing::{self, Pricing};
use super::session::{self, Session};
use super::shared::Shared;
use super::signals::Interrupts;
use super::workspace::Workspace;
use super::{evidence, history, output, sharding};
use crate::adapters::clock;
use crate::adapters::progress::{Display, Progress, say};
use crate::assay::Assay;
use crate::calendar;
use crate::calibration::Calibration;
use crate::change::ChangeSet;
use crate::cli::{CallArgs, EvalArgs};
use crate::compare::{self, Circumstances, Redaction};
use crate::config::{BatchPolicy, Config};
use crate::evidence::SubjectPair;
use crate::price::PriceTable;
use crate::remark::Remark;
use crate::report::{Report, html, json};
use crate::runner::{Event, Lost, Spend};
use crate::selftest::Selftest;
use crate::store::{Note, RunRecord, Store, StoreError};
use crate::trial::{Side, StopCause};

/// Runs `eval` in the current directory.
///
/// # Errors
/// See [`super::run`].
pub fn run(args: &EvalArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    let here = super::here()?;
    output::check(args.output.output.as_deref())?;
    output::check(args.html.as_deref())?;
    let report = evaluate(&here, args, interrupts)?;
    if let Some(page) = &args.html {
        output::write(&html::render(&report), Some(page))?;
    }
    output::report(&report, &args.output)?;
    Ok(report.exit_code)
}

/// Trees -> change set -> gates -> calls -> report.
///
/// # Errors
/// See [`super::run`].
pub fn evaluate(start: &Path, args: &EvalArgs, interrupts: &Interrupts) -> anyhow::Result<Report> {
    let keys = session::store_keys()?;
    let session = Session::sealed(interrupts, keys.as_ref(), args.sides.tier)?;
    let means = Means::Evaluating(&args.calls, &session);
    let mut workspace = default_branch::open(start, &args.sides, means)?;
    session::redact(&mut workspace.config, keys.as_ref());
    let measured = measure(start, workspace, args, &session)?;
    let concluded = evidence::conclude(
        &measured.report,
        &measured.subjects,
        measured.store.as_ref(),
        args.evidence.as_deref().map(|file| (file, session.seals.as_ref())),
    );
    measured.share(&session);
    concluded?;
    let mut report = measured.report;
    if shows_everything(args) {
        history::add(&mut report, measured.store.as_ref())?;
    }
    Ok(report)
}

/// Whether the result is shown in a form that has every case and the scores of earlier runs.
fn shows_everything(args: &EvalArgs) -> bool {
    args.html.is_some() || args.output.format.shows_everything()
}

/// What a run found, what evidence of it would be about, and where it is remembered.
pub struct Measured {
    /// The report.
    pub report: Report,
    /// Every prompt of the head on the main tier, else nothing.
    pub subjects: Vec<SubjectPair>,
    /// The store of the run.
    pub store: Arc<dyn Store>,
    shared: Option<Arc<Shared>>,
    /// What tokens cost, and what caps count by.
    pub prices: PriceTable,
    /// Attempts without an answer that count against the caps.
    pub lost: Lost,
}

impl Measured {
    /// Whether what is kept is shared with other machines.
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// Waits until the shared store, if there is one, has the entries that were stored since the
    /// calls ended. It is known by then whether it can be written, and the run does not depend on
    /// it.
    pub fn share(&self, session: &Session) {
        if let Some(shared) = &self.shared {
            session.runtime.block_on(shared.finish());
        }
    }
}

/// Change set -> gates -> calls -> report. `start` is where paths on the command line count from.
///
/// # Errors
/// See [`super::run`].
pub fn measure(
    start: &Path,
    mut workspace: Workspace,
    args: &EvalArgs,
    session: &Session,
) -> anyhow::Result<Measured> {
    override_config(&mut workspace.config, &args.calls)?;
    warn(&workspace.warnings, args);
    let Backing { models, store, layered, shared } = Backing::of(start, &workspace, args, session)?;
    let Pricing { prices, notes: priced } = session.runtime.block_on(price(&workspace, &models, &args.calls));
    // A run that a price ends has no report to say them in.
    warn(&priced, args);
    let today = calendar::date(clock::now());
    // Over the whole plan, before it is divided: the error budget is the evaluation's.
    let together = gating::together(&workspace.changes, &workspace.config, &today);
    let together = workspace.purpose.together(together);
    let part = args.shard.map(|shard| {
        let premise = sharding::Premise {
            config: &workspace.config,
            revisions: [&workspace.base, &workspace.head],
            tier: workspace.choice.tier,
            provider: models.identity(),
            today: &today,
        };
        sharding::keep(shard, &mut workspace.changes, &premise)
    });
    let gating = Gating {
        changes: &workspace.changes,
        together,
        config: &workspace.config,
        today: &today,
        prices: &prices,
        store: store.as_ref(),
        cache: cache_mode(&args.calls),
        trusts_store: !session.seals.are_demanded(),
    };
    let mut setups = gating.setups()?;
    if let Some(layered) = &layered {
        // Missing answers may be in the shared store, and lead to further requests.
        while session.runtime.block_on(layered.bring_missed())? {
            setups = gating.setups()?;
        }
    }
    let mut assay = Assay::new(setups);
    let pruned = gating.pruned(&assay)?;
    let moved_bars = gating.moved_bars()?;
    let batch = match args.calls.batch {
        true => Some(batch_policy(&workspace.config, &models)?),
        false => None,
    };
    let ended = session.runtime.block_on(async {
        let runner = models.runner(&workspace, &prices, (&store, cache_mode(&args.calls)), session);
        runner.require_prices(gating::models(&workspace.changes))?;
        gating::require_prices_of_calls(&workspace.changes, &prices)?;
        gating.begin(&assay)?;
        let mut bought = Bought::default();
        if let Some(policy) = batch {
            let buyer = Buyer {
                policy,
                store: store.as_ref(),
                as_sent: &models.as_sent(Arc::clone(&store)),
                layered: layered.as_deref(),
                prices: &prices,
                budget: workspace.config.budget,
                interrupt: session.interrupts.listen(),
                quiet: args.output.quiet,
            };
            bought = buyer.buy(Assay::new(gating.setups()?)).await?;
        }
        let mut progress =
            Progress::new(display(args), gating.expected_calls(), models.kind().is_language_model());
        let mut is_calling = false;
        let mut show = |event: Event<'_>| {
            is_calling |= matches!(event, Event::Started(_));
            progress.show(event);
        };
        let spend = runner.run_after(&bought.answers, &mut assay, &mut show).await?;
        progress.finish();
        match assay.stopped() {
            // No call could be made at all: this is a mistake to fix, not a result to report.
            Some(StopCause::Fatal(error)) if !is_calling => Err(error.clone().into()),
            _ => anyhow::Ok((spend, bought.notes)),
        }
    });
    let mut warnings = warnings(&workspace, args);
    warnings.extend(priced);
    if let Some(shared) = &shared {
        warnings.extend(session.runtime.block_on(shared.finish()).iter().map(Remark::quoting));
    }
    let (spend, notes) = ended?;
    if workspace.purpose.is_remembered() {
        gating.remember(Side::Baseline, clock::now())?;
    }
    warnings.extend(notes.iter().map(Remark::quoting));
    warnings.extend(session.seals.said().map(Remark::new));
    warnings.extend(pruned.iter().filter_map(|prompt| bought_again(prompt, &spend)));
    workspace.changes.moved_bars = moved_bars;
    let mut report = compare::report(
        &workspace.changes,
        &assay,
        &spend,
        Circumstances {
            base: workspace.base.clone(),
            head: workspace.head.clone(),
            tier: workspace.choice.tier,
            provider: models.kind(),
            policy: workspace.config.gate.clone(),
            redaction: Redaction::new(&workspace.config.redact),
            warnings,
            keeps_answers: !args.calls.no_cache,
            wall_ms: u64::try_from(session.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            part,
            pull_request: workspace.pull_request,
            takes_all_texts: shows_everything(args),
            names: workspace.purpose.names(),
        },
    );
    judged_by(&mut report, (&workspace.changes, &assay), store.as_ref())?;
    self_tested(&mut report, store.as_ref())?;
    report.seal(&session.seals);
    if !args.calls.no_cache && workspace.purpose.is_remembered() {
        store.keep_run(&RunRecord { ended_at: clock::now(), report: json::render_for_store(&report) })?;
    }
    Ok(Measured { report, subjects: workspace.subjects, store, shared, prices, lost: spend.lost })
}

/// Adds how well the judges agree with people, as `calibrate` found it for exactly these judges, and the change with
/// their errors taken out.
fn judged_by(
    report: &mut Report,
    (changes, assay): (&ChangeSet, &Assay),
    store: &dyn Store,
) -> Result<(), StoreError> {
    for prompt in &mut report.prompts {
        let change = changes.prompts.iter().find(|change| change.id == prompt.head.id);
        let Some(judge) = change.and_then(|change| change.judge.as_ref()) else { continue };
        let note = store.note(Note::Calibration, judge.fingerprint())?;
        // A note that an older version wrote is none.
        let known = note.and_then(|text| serde_json::from_str::<Calibration>(&text).ok());
        prompt.head.models.judge_agreement = known.as_ref().and_then(Calibration::in_per_cent);
        let assayed = assay.prompts().iter().find(|assayed| assayed.change().id == prompt.head.id);
        // Of a part of the cases it would be no fair estimate.
        if let (Some(known), Some(assayed), Some(_)) = (&known, assayed, prompt.difference) {
            prompt.corrected = compare::corrected(assayed, known);
        }
    }
    Ok(())
}

/// Adds what `selftest` found about edits without meaning, for exactly these prompts and models.
fn self_tested(report: &mut Report, store: &dyn Store) -> Result<(), StoreError> {
    for prompt in &mut report.prompts {
        let key = Selftest::key(&prompt.head.id, &prompt.head.models.candidate);
        let note = store.note(Note::Selftest, key)?;
        let known = note.and_then(|text| serde_json::from_str::<Selftest>(&text).ok());
        prompt.head.models.selftest = known.and_then(|known| known.in_per_cent());
    }
    Ok(())
}

/// The merged report of shards, treated as if it had been measured here: it is stored, with the
/// subjects of its evidence.
///
/// # Errors
/// When it is not about this workspace, or the store fails.
pub fn adopt(
    start: &Path,
    workspace: Workspace,
    args: &EvalArgs,
    session: &Session,
    report: Report,
) -> anyhow::Result<Measured> {
    let ours = (&workspace.base, &workspace.head, workspace.choice.tier);
    anyhow::ensure!(
        (&report.base, &report.head, report.tier) == ours,
        "the shards evaluated {} against {} on the {} tier, and this job is about {} against {} on the {} tier: \
         give both jobs the same checkout and the same inputs",
        report.head.name,
        report.base.name,
        report.tier.as_str(),
        workspace.head.name,
        workspace.base.name,
        workspace.choice.tier.as_str()
    );
    let Backing { models, store, shared, .. } = Backing::of(start, &workspace, args, session)?;
    store.keep_run(&RunRecord { ended_at: clock::now(), report: json::render_for_store(&report) })?;
    let Pricing { prices, .. } = session.runtime.block_on(price(&workspace, &models, &args.calls));
    Ok(Measured { report, subjects: workspace.subjects, store, shared, prices, lost: Lost::default() })
}

/// What tokens cost. A cap from outside the change does not rely on the change's prices.
async fn price(workspace: &Workspace, models: &Models, calls: &CallArgs) -> Pricing {
    let pricing = pricing::of(workspace, models, !calls.offline).await;
    match (&workspace.trusted, calls.max_cost) {
        (Some(trusted), Some(_)) => Pricing { prices: pricing.prices.trusting(&trusted.prices), ..pricing },
        _ => pricing,
    }
}

/// Where batch jobs run.
fn batch_policy<'c>(config: &'c Config, models: &Models) -> anyhow::Result<&'c BatchPolicy> {
    anyhow::ensure!(
        models.kind().capabilities().has_batch,
        "`--batch` needs a provider with batch jobs, such as `bedrock`; `{}`, which answers here, has none: leave one of \
         them out",
        models.kind()
    );
    batch::policy(config.calls.batch.as_ref())
}

fn display(args: &EvalArgs) -> Display {
    use std::io::IsTerminal;
    Display::choose(args.output.quiet, std::io::stderr().is_terminal())
}

fn warn(warnings: &[Remark], args: &EvalArgs) {
    if !args.output.quiet {
        for warning in warnings {
            say(&format!("{}\n", crate::report::untrusted::terminal(warning)));
        }
    }
}

/// A note for the reader of a verdict, if the earlier verdict was based on answers that were
/// deleted.
fn bought_again(prompt: &str, spend: &Spend) -> Option<Remark> {
    let calls = spend.tally(|key| key.prompt == prompt).calls;
    (calls > 0).then(|| {
        Remark::default().name(prompt).and(format!(
            " was evaluated like this before, and some of those answers were pruned since: {calls} were \
             bought again, so the verdict may differ from the earlier one."
        ))
    })
}

fn warnings(workspace: &Workspace, args: &EvalArgs) -> Vec<Remark> {
    let mut warnings = workspace.warnings.clone();
    if args.calls.fresh {
        warnings.push(Remark::new(
            "Every answer was bought again (`--fresh`): this can change the verdict, and the error bound holds \
             for one such run only.",
        ));
    }
    warnings
}
