//! `release` and the related commands: prompts that passed go live, failed ones do not, and the
//! history can be read.

mod context;
mod drift;
mod live;
mod look;
mod stores;

use std::sync::Arc;

use anyhow::Context;

use self::context::Ready;
use crate::adapters::progress::say;
use crate::app::{database, output, session};
use crate::cli::{OutputArgs, ReleaseArgs, RollbackArgs};
use crate::evidence::{self, Demand, Evidence};
use crate::release::audit::Action;
use crate::release::client::{Account, Progress, Stage, StoreClient, Told};
use crate::release::execute;
use crate::release::outcome::{Outcome, exit_status};
use crate::release::ports::ParameterKind;
use crate::release::report::{self, Line, Report};
use crate::release::rollback::{self, Asked, NoRollback};
use crate::release::step::{self, Carried, Circumstances, Item, Step, Wanted};
use crate::report::format::TextFormat;
use crate::report::untrusted;
use crate::seal::Seals;
use crate::store::Store;
use crate::store::location::Location;

pub use context::{Commit, ReleaseContext, of_tree};
pub use drift::run as drift;
pub use live::{Live, live, readable};
pub use look::{blame, diff, history, show};

/// `release` in the current directory.
///
/// # Errors
/// What is wrong with the commit's files; what the store of evidence says.
pub fn release(args: &ReleaseArgs) -> anyhow::Result<u8> {
    can_be_said(&args.output)?;
    let here = crate::app::here()?;
    let context = context::open(&here, &args.place)?;
    let seals = session::main_tier_seals()?;
    let given = match &args.evidence {
        None => None,
        Some(path) => {
            database::refuse_tracked(path)?;
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
            Some(evidence::parse(&text, &seals).with_context(|| format!("`{}`", path.display()))?)
        }
    };
    let report = apply(&context, args, Action::Release, given.as_deref(), &seals)?;
    print(&report, &args.output)?;
    Ok(report.exit_code)
}

/// The result of a release, for the action.
#[derive(Clone, Debug)]
pub struct Released {
    /// For the log.
    pub terminal: String,
    /// For the summary and for a pull request.
    pub markdown: String,
    /// For later steps: the prompts, each with its outcome and its live version.
    pub prompts: serde_json::Value,
    /// 0 done, 1 refused or left alone, 3 stopped.
    pub exit_code: u8,
}

/// Releases from evidence that was just made, for the action.
///
/// # Errors
/// As for [`release`].
pub fn of_evidence(
    context: &ReleaseContext,
    args: &ReleaseArgs,
    evidence: &[Evidence],
) -> anyhow::Result<Released> {
    let report = apply(context, args, Action::Release, Some(evidence), &Arc::default())?;
    Ok(Released {
        terminal: report::terminal(&report),
        markdown: report::markdown(&report),
        prompts: serde_json::to_value(&report.prompts)?,
        exit_code: report.exit_code,
    })
}

/// The steps of the chosen prompts, executed unless one is refused: then nothing is written.
/// `given` is evidence of another machine, or just made; else the database is asked, as far as its
/// records count with these seals.
///
/// # Errors
/// When the stores cannot be read.
fn apply(
    context: &ReleaseContext,
    args: &ReleaseArgs,
    action: Action,
    given: Option<&[Evidence]>,
    seals: &Arc<Seals>,
) -> anyhow::Result<Report> {
    for (option, reason) in [("--lift-hold", &args.lift_hold), ("--overwrite", &args.overwrite)] {
        let is_empty = reason.as_ref().is_some_and(|reason| reason.trim().is_empty());
        anyhow::ensure!(!is_empty, "`{option}` has no reason; it is what people read later");
    }
    let stores = context.stores()?;
    let tell = |told: Told<'_>| match told {
        Told::Progress(progress) => tell(progress, args.output.quiet),
        Told::Waiting(..) => stores::say(told),
    };
    let client = StoreClient { account: Account::telling(&tell), ..stores.client(context) };
    let around = Circumstances {
        run: context.run.clone(),
        label: context.environment.label.clone(),
        origin: context.origin.clone(),
        action,
        lift_hold: args.lift_hold.clone(),
        overwrite: args.overwrite.clone(),
    };
    let known = match given {
        Some(_) => None,
        None => Some(
            database::open(&context.root, &Location::of_database(&context.config.database))?.sealed(seals),
        ),
    };
    let mut lines = Vec::new();
    let mut items = Vec::new();
    let chosen = context.chosen(&args.prompts)?;
    for (index, ready) in chosen.iter().enumerate() {
        let known = match (&known, given) {
            (_, Some(given)) => given.to_vec(),
            (Some(database), None) => database.evidence(ready.subject.content)?,
            (None, None) => Vec::new(),
        };
        let mut wanted = wanted(context, ready, args, &known);
        let history = client.again(|| client.parameters.recent(&wanted.name))?;
        wanted.broken = action == Action::Heal && look::damage(&client, &wanted.name, &history)?.is_some();
        let step = step::step(&history, &wanted, &around);
        let is_named = !args.prompts.is_empty();
        client.progress(Stage::Looked, index + 1, chosen.len());
        lines.push(Line::of(&wanted, &step, ready.destination.is_own || is_named));
        if let Step::Put(item) = step {
            items.push(*item);
        }
    }
    if let Some(said) = seals.said().filter(|_| !args.output.quiet) {
        say(&said);
    }
    Ok(finish(context, &client, lines, items, args.dry_run))
}

/// A line for every tenth of a long release; a short one needs no progress.
fn tell(Progress { stage, done, of }: Progress, quiet: bool) {
    const SHORT: usize = 10;
    let is_tenth = done * 10 / of.max(1) != (done - 1) * 10 / of.max(1);
    if !quiet && of > SHORT && is_tenth {
        say(&format!("{done} of {of} {}", stage.word()));
    }
}

fn wanted(context: &ReleaseContext, ready: &Ready, args: &ReleaseArgs, known: &[Evidence]) -> Wanted {
    let demand = Demand {
        provider: context.provider(),
        release_on_inconclusive: context.settings.release_on_inconclusive,
        release_on_mixed: context.settings.release_on_mixed,
        commit: context.origin.commit.clone(),
    };
    let carried = match (&args.without_evidence, evidence::weigh(known, &ready.subject, &demand)) {
        (_, Ok(evidence)) => Carried::Evidence(Box::new(evidence.clone())),
        (Some(reason), Err(_)) => Carried::Without(reason.clone()),
        (None, Err(unfit)) => Carried::Nothing(unfit),
    };
    Wanted {
        prompt: ready.subject.prompt.clone(),
        name: ready.destination.name.clone(),
        kind: if context.environment.secure { ParameterKind::Secure } else { ParameterKind::Plain },
        key_id: context.environment.key.clone(),
        content: ready.content.clone(),
        fingerprint: ready.subject.content,
        carried,
        broken: false,
    }
}

/// Executes items and fills in their outcomes.
fn finish(
    context: &ReleaseContext,
    client: &StoreClient<'_>,
    mut lines: Vec<Line>,
    items: Vec<Item>,
    dry_run: bool,
) -> Report {
    let refused = lines.iter().any(|line| line.outcome == Outcome::Refused);
    let mut stopped = None;
    if dry_run && !refused {
        stopped = execute::check(client, &items).err().map(|stop| stop.to_string());
    }
    if !dry_run && !refused {
        let done = execute::run(client, &items);
        for line in &mut lines {
            if let Some((_, version)) = done.live.iter().find(|(prompt, _)| *prompt == line.prompt) {
                (line.outcome, line.version) = (Outcome::Released, Some(*version));
            }
        }
        stopped = done.stop.map(|stop| stop.to_string());
    }
    for line in lines.iter_mut().filter(|line| stopped.is_some() && line.outcome == Outcome::Pending) {
        line.outcome = Outcome::NotReleased;
    }
    let outcomes: Vec<Outcome> = lines.iter().map(|line| line.outcome).collect();
    let exit_code = exit_status(&outcomes, stopped.is_some());
    Report {
        schema_version: 1,
        environment: context.environment.name.clone(),
        commit: context.origin.commit.clone(),
        dry_run,
        run: context.run.clone(),
        prompts: lines,
        stopped,
        calls: client.calls(),
        exit_code,
    }
}

/// `rollback` in the current directory.
///
/// # Errors
/// When there is nothing to go back to, or the store cannot be read.
pub fn rollback(args: &RollbackArgs) -> anyhow::Result<u8> {
    can_be_said(&args.output)?;
    let here = crate::app::here()?;
    let context = context::open(&here, &args.place)?;
    anyhow::ensure!(!args.reason.trim().is_empty(), "`--reason` is empty; it is what people read later");
    let ready = context.chosen(std::slice::from_ref(&args.name))?;
    let ready = ready.first().context("no such prompt")?;
    let stores = context.stores()?;
    let client = stores.client(&context);
    let around = Circumstances {
        run: context.run.clone(),
        label: context.environment.label.clone(),
        origin: context.origin.clone(),
        action: Action::Rollback,
        lift_hold: None,
        overwrite: None,
    };
    let name = ready.destination.name.as_str();
    let history = client.again(|| client.parameters.history(name))?;
    let asked = Asked { prompt: &args.name, name, to: args.to, reason: &args.reason };
    let item = rollback::rollback(asked, &history, &around);
    let item = item.map_err(|refused| match refused {
        NoRollback::NeverReleased(_) => anyhow::anyhow!("{refused} in {}", stores.place(&context)),
        refused => refused.into(),
    })?;
    look::content(&client, name, &history, item.audit.of)?;
    let line = Line::rollback(&item);
    let report = finish(&context, &client, vec![line], vec![item], args.dry_run);
    print(&report, &args.output)?;
    Ok(report.exit_code)
}

/// Checks, before anything is written to a store, that the result can be written.
fn can_be_said(args: &OutputArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.format.text().is_some(),
        "a release has no test results; use `--format terminal|markdown|json`"
    );
    output::check(args.output.as_deref())
}

fn print(report: &Report, args: &OutputArgs) -> anyhow::Result<()> {
    let text = match args.format.text() {
        Some(TextFormat::Json) => untrusted::json(report),
        Some(TextFormat::Markdown) => report::markdown(report),
        Some(TextFormat::Terminal) | None => report::terminal(report),
    };
    output::write(&text, args.output.as_deref())
}
