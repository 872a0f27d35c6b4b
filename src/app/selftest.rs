//! `selftest`: what the gate does with a prompt, its golden set and its model when the answer is known.

use std::io::{BufRead, IsTerminal};
use std::path::Path;

use anyhow::Context;

use super::backing::Backing;
use super::backing::{cache_mode, override_config};
use super::gating::{self, Gating};
use super::pricing::{self, Pricing};
use super::session::{self, Session};
use super::signals::Interrupts;
use super::workspace::{self, NO_BASE, Workspace};
use super::{on_disk, output};
use crate::adapters::clock;
use crate::adapters::git::{Repository, relative_directory};
use crate::adapters::progress::{Display, Progress, say};
use crate::assay::{Assay, PromptSetup};
use crate::calendar;
use crate::change::{self, ChangeSet, PromptChange};
use crate::cli::{EvalArgs, SelftestArgs, SideArgs};
use crate::compare::Redaction;
use crate::config::VerdictEffect;
use crate::per_call::BudgetPerCall;
use crate::plan::{self, Estimate};
use crate::price::PriceTable;
use crate::problem::Problems;
use crate::prompt::Prompt;
use crate::report::untrusted;
use crate::report::wording::{count, money, thousands};
use crate::runner::{CacheMode, Spend};
use crate::selftest::{Aim, Selftest, Variant, render, variants, with_itself};
use crate::snapshot::{Snapshot, texts_of};
use crate::store::{Note, Store};
use crate::tree::Tree;
use crate::trial::Side;
use crate::verdict::ExitPolicy;

/// One comparison to make.
struct Planned {
    aim: Aim,
    name: &'static str,
    change: PromptChange,
}

/// The comparisons of one prompt, itself first.
struct Subject {
    planned: Vec<Planned>,
    not_applicable: Vec<String>,
}

/// Runs `selftest` in the current directory; 0: measured, 3: some comparisons are not.
///
/// # Errors
/// What is wrong with the files, or prevents calls.
pub fn run(args: &SelftestArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    output::check(args.figures.output.as_deref())?;
    let here = super::here()?;
    let keys = session::store_keys()?;
    let session = Session::sealed(interrupts, keys.as_ref(), args.sides.tier)?;
    let sides = sides(args);
    let mut workspace = on_disk::open(&here, &sides)?;
    let calls = crate::cli::CallArgs { max_cost: args.budget.or(args.calls.max_cost), ..args.calls.clone() };
    override_config(&mut workspace.config, &calls)?;
    session::redact(&mut workspace.config, keys.as_ref());
    let subjects = subjects(&here, &workspace, &sides)?;
    let eval = EvalArgs { sides, calls, ..EvalArgs::default() };
    let backing = Backing::of(&here, &workspace, &eval, &session)?;
    let Pricing { prices, .. } =
        session.runtime.block_on(pricing::of(&workspace, &backing.models, !eval.calls.offline));
    let estimate = estimate(&subjects, &workspace, &backing, &prices)?;
    if !may_begin(args, &estimate, &subjects, &backing)? {
        return Ok(3);
    }
    let (assay, spend) = measure(&subjects, &workspace, &backing, &prices, (&eval, args, &session))?;
    let found = found(&subjects, &assay, &workspace);
    let text = match args.figures.json {
        true => untrusted::json(&found).trim_end().to_owned(),
        false => told_all(&found, &spend, backing.models.kind().is_language_model()),
    };
    output::write(&text, args.figures.output.as_deref())?;
    if cache_mode(&eval.calls) != CacheMode::Off {
        // A part does not replace what an earlier self-test measured in full.
        let is_full = |found: &&Selftest| {
            let mut edits = found.about(Aim::Edit).peekable();
            edits.peek().is_some() && edits.all(|one| one.is_measured())
        };
        found.iter().filter(is_full).try_for_each(|found| keep(backing.store.as_ref(), found))?;
    }
    if let Some(shared) = &backing.shared {
        session.runtime.block_on(shared.finish());
    }
    let is_whole = found.iter().flat_map(|found| &found.comparisons).all(|one| one.is_measured());
    Ok(if is_whole && assay.stopped().is_none() { 0 } else { 3 })
}

fn sides(args: &SelftestArgs) -> SideArgs {
    let prompts = [args.names.as_slice(), args.sides.prompts.as_slice()].concat();
    SideArgs { base: Some(NO_BASE.to_owned()), prompts, ..args.sides.clone() }
}

/// Every prompt with a golden set, and what it is compared with.
fn subjects(here: &Path, workspace: &Workspace, sides: &SideArgs) -> anyhow::Result<Vec<Subject>> {
    let repository = Repository::discover(here)?;
    let at = relative_directory(repository.root(), here);
    match &sides.head {
        Some(revision) => of_tree(&repository.revision(revision)?, &at, workspace, sides),
        None => of_tree(&repository.working_directory(), &at, workspace, sides),
    }
}

fn of_tree(
    tree: &dyn Tree,
    at: &str,
    workspace: &Workspace,
    sides: &SideArgs,
) -> anyhow::Result<Vec<Subject>> {
    let path = workspace::config_path(at, sides.config.as_deref(), tree)?;
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(tree, path.as_deref(), &mut problems);
    let chosen = snapshot.prompts.iter().filter(|prompt| workspace.choice.includes(&prompt.id));
    let mut subjects = Vec::new();
    for prompt in chosen.filter(|prompt| prompt.golden.is_some()) {
        snapshot.renew_allowance();
        let texts = texts_of(&snapshot, prompt, &mut problems);
        let all = texts.map(|(texts, _)| variants(prompt, &texts)).unwrap_or_default();
        subjects.extend(subject(&snapshot, prompt, all, workspace));
    }
    anyhow::ensure!(
        !subjects.is_empty(),
        "no prompt can be tested: a self-test needs a prompt with a golden set, whose text can be edited"
    );
    Ok(subjects)
}

fn subject(
    snapshot: &Snapshot<'_>,
    prompt: &Prompt,
    variants: Vec<Variant>,
    workspace: &Workspace,
) -> Option<Subject> {
    let (mut planned, mut not_applicable) = (Vec::new(), Vec::new());
    for Variant { aim, name, prompt: edited } in variants {
        let change = edited.and_then(|edited| {
            let (before, after) = (snapshot.only(prompt.clone()), snapshot.only(edited));
            let mut problems = Problems::new();
            let mut changes = change::compare(&before, &after, &workspace.choice, &mut problems);
            changes.prompts.pop().filter(|change| !problems.has_errors() && change.compared() > 0)
        });
        match change {
            Some(change) => planned.push(Planned { aim, name, change }),
            // Its requests are the same, or the text would no longer be a template.
            None => not_applicable.push(name.to_owned()),
        }
    }
    let itself = with_itself(&planned.first()?.change);
    planned.insert(0, Planned { aim: Aim::Itself, name: "itself", change: itself });
    Some(Subject { planned, not_applicable })
}

/// What all comparisons may cost. The answers of the prompt itself are bought once, and stored.
fn estimate(
    subjects: &[Subject],
    workspace: &Workspace,
    backing: &Backing,
    prices: &PriceTable,
) -> anyhow::Result<Estimate> {
    let mut failed = None;
    let mut stored = |key| match backing.store.answer(key) {
        Ok(found) => found.map(|answer| answer.response),
        Err(error) => {
            failed.get_or_insert(error);
            None
        }
    };
    let mut sum = Estimate::nothing();
    for subject in subjects {
        for (place, planned) in subject.planned.iter().enumerate() {
            let mut change = planned.change.clone();
            if place > 0 {
                change.cases.iter_mut().for_each(|case| case.baseline = None);
            }
            sum.add(&plan::estimate(&change, &workspace.config.gate, prices, &mut stored));
        }
    }
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(sum),
    }
}

/// Says what it costs, and asks whether it may begin, where it costs something.
fn may_begin(
    args: &SelftestArgs,
    estimate: &Estimate,
    subjects: &[Subject],
    backing: &Backing,
) -> anyhow::Result<bool> {
    let comparisons: usize = subjects.iter().map(|subject| subject.planned.len()).sum();
    let cost = match backing.models.kind().is_language_model() {
        true => format!("at most {} for the typical case", money(estimate.usd_typical_max)),
        false => "no language model, nothing is paid".to_owned(),
    };
    let told = format!(
        "Self-test of {}: {}, about {} calls, {} at most ({cost}; an estimate)",
        count(subjects.len(), "prompt"),
        count(comparisons, "comparison"),
        thousands(estimate.calls_typical),
        thousands(estimate.calls_max)
    );
    let is_free = !backing.models.kind().is_language_model() || args.calls.offline;
    if !args.figures.quiet || !(args.yes || is_free) {
        say(&told);
    }
    if args.yes || is_free {
        return Ok(true);
    }
    let stdin = std::io::stdin();
    anyhow::ensure!(
        stdin.is_terminal(),
        "nothing was spent, because nobody can be asked; pass `--yes` to make these calls, and `--budget USD` to cap them"
    );
    say("Make these calls? [y/N]");
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer).context("cannot read the answer")?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// All comparisons as one piece of work: each is gated alone, as a pull request with this one prompt would be.
fn measure(
    subjects: &[Subject],
    workspace: &Workspace,
    backing: &Backing,
    prices: &PriceTable,
    (eval, args, session): (&EvalArgs, &SelftestArgs, &Session),
) -> anyhow::Result<(Assay, Spend)> {
    let planned = || subjects.iter().flat_map(|subject| &subject.planned);
    let changes = ChangeSet {
        prompts: planned().map(|planned| planned.change.clone()).collect(),
        ..ChangeSet::default()
    };
    let (cache, today) = (cache_mode(&eval.calls), calendar::date(clock::now()));
    let gating = Gating {
        changes: &changes,
        together: 1,
        config: &workspace.config,
        today: &today,
        prices,
        store: backing.store.as_ref(),
        cache,
        trusts_store: !session.seals.are_demanded(),
    };
    let setups = gating.setups()?.into_iter().zip(planned());
    let setups = setups.map(|(setup, planned)| PromptSetup {
        asked_again: planned.aim == Aim::Itself,
        // The prompt's own answers are stored once they are bought, as they usually are.
        paid: false,
        // Whether the prompt itself is good enough is not the question.
        min_score: None,
        budget_per_call: BudgetPerCall::default(),
        ..setup
    });
    let mut assay = Assay::new(setups.collect());
    let spend = session.runtime.block_on(async {
        let runner = backing.models.runner(workspace, prices, (&backing.store, cache), session);
        runner.require_prices(gating::models(&changes))?;
        gating.begin(&assay)?;
        let display = Display::choose(args.figures.quiet, std::io::stderr().is_terminal());
        let is_paid = backing.models.kind().is_language_model();
        let mut progress = Progress::new(display, gating.expected_calls(), is_paid);
        let spend = runner.run(&mut assay, &mut |event| progress.show(event)).await?;
        progress.finish();
        anyhow::Ok(spend)
    })?;
    let edits = planned().filter(|planned| planned.aim == Aim::Edit).map(|planned| planned.change.clone());
    let edits = ChangeSet { prompts: edits.collect(), ..ChangeSet::default() };
    Gating { changes: &edits, ..gating }.remember(Side::Candidate, clock::now())?;
    Ok((assay, spend))
}

fn found(subjects: &[Subject], assay: &Assay, workspace: &Workspace) -> Vec<Selftest> {
    let policy = ExitPolicy {
        enforced: true,
        inconclusive_fails: workspace.config.gate.on_inconclusive == VerdictEffect::Fail,
        mixed_fails: workspace.config.gate.on_mixed == VerdictEffect::Fail,
    };
    let today = calendar::date(clock::now());
    let mut assayed = assay.prompts().iter();
    let redaction = Redaction::new(&workspace.config.redact);
    let mut found = Vec::new();
    for subject in subjects {
        let planned = subject.planned.iter();
        let ran: Vec<_> = planned.zip(&mut assayed).map(|(one, assay)| (one.aim, one.name, assay)).collect();
        let of_prompt = Selftest::of(&ran, subject.not_applicable.clone(), policy, today.clone());
        found.extend(of_prompt.map(|found| found.with_cases_named(|id| redaction.apply(id))));
    }
    found
}

/// Remembers the figures for the reports of later evaluations.
fn keep(store: &dyn Store, found: &Selftest) -> anyhow::Result<()> {
    let text = serde_json::to_string(found).context("the figures are JSON")?;
    store.keep_note(Note::Selftest, Selftest::key(&found.prompt, &found.model), &text)?;
    Ok(())
}

fn told_all(found: &[Selftest], spend: &Spend, is_paid: bool) -> String {
    let total = spend.total();
    let usd = match (is_paid, total.spent_usd()) {
        (false, _) => "nothing".to_owned(),
        (true, Some(usd)) => format!("${usd:.4}"),
        (true, None) => "an unknown amount".to_owned(),
    };
    let calls = count(usize::try_from(total.calls).unwrap_or(usize::MAX), "call");
    let spent = format!("Spent: {usd} in {calls}; {} answers were stored", thousands(total.cached));
    found.iter().map(render).chain([spent]).collect::<Vec<_>>().join("\n\n")
}
