//! `calibrate`: how well the judge agrees with people, measured on labelled answers.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::backing::Backing;
use super::backing::{cache_mode, override_config};
use super::pricing::{self, Pricing};
use super::session::Session;
use super::signals::Interrupts;
use super::workspace::{NO_BASE, Workspace};
use super::{on_disk, output};
use crate::adapters::git::{Repository, relative_directory};
use crate::adapters::progress::say;
use crate::calibration::{Calibration, Exam, Label, labels, render};
use crate::check::Check;
use crate::cli::{CalibrateArgs, EvalArgs, SideArgs};
use crate::fingerprint::Fingerprint;
use crate::problem::{Problem, Problems};
use crate::report::{json, untrusted};
use crate::runner::{CacheMode, Spend};
use crate::store::{Note, Store};
use crate::tree::{Tree, resolve};

/// Where labelled answers are by default, below the directory of golden sets.
const FOLDER: &str = "judge";

/// Runs `calibrate` in the current directory; 0: measured, 3: some answers of a judge are missing.
///
/// # Errors
/// What is wrong with the files, or prevents calls.
pub fn run(args: &CalibrateArgs, interrupts: &Interrupts) -> anyhow::Result<u8> {
    if let Some(saved) = &args.from_report {
        let text =
            std::fs::read_to_string(saved).with_context(|| format!("cannot read `{}`", saved.display()))?;
        let sheet = labels::sheet(&json::parse(&text)?, args.rows);
        output::write(&sheet, args.figures.output.as_deref())?;
        return Ok(0);
    }
    let here = super::here()?;
    let session = Session::start(interrupts)?;
    let sides = SideArgs { base: Some(NO_BASE.to_owned()), ..args.sides.clone() };
    let mut workspace = on_disk::open(&here, &sides)?;
    override_config(&mut workspace.config, &args.calls)?;
    let labels = read(&here, &workspace, args)?;
    let mut exam = Exam::of(labels, &workspace.changes, args.repeats).map_err(|unusable| {
        let mut problems = Problems::new();
        unusable.into_iter().for_each(|problem| problems.push(problem));
        problems
    })?;
    let eval = EvalArgs { sides, calls: args.calls.clone(), ..EvalArgs::default() };
    let backing = Backing::of(&here, &workspace, &eval, &session)?;
    let Pricing { prices, .. } =
        session.runtime.block_on(pricing::of(&workspace, &backing.models, !args.calls.offline));
    let spend = ask(&mut exam, &workspace, (&backing, &prices), (args, &session))?;
    let figures = Calibration::of(&exam, &prices);
    let (cases, mut texts) = (judged_cases(&workspace), Vec::new());
    for of_judge in &figures {
        if cache_mode(&args.calls) != CacheMode::Off {
            keep(backing.store.as_ref(), of_judge, &exam)?;
        }
        texts.push(render(of_judge, cases, args.least));
    }
    let (total, unknown) = (spend.total(), "an unknown amount".to_owned());
    let usd = total.spent_usd().map_or(unknown, |usd| format!("${usd:.4}"));
    texts.push(format!("Spent: {usd} in {} calls; {} votes were stored", total.calls, total.cached));
    let text = match args.figures.json {
        true => untrusted::json(&figures).trim_end().to_owned(),
        false => texts.join("\n\n"),
    };
    output::write(&text, args.figures.output.as_deref())?;
    if let Some(backing) = &backing.shared {
        session.runtime.block_on(backing.finish());
    }
    let is_whole =
        exam.stopped().is_none() && figures.iter().all(|figures| figures.unreadable < figures.labels);
    Ok(if is_whole { 0 } else { 3 })
}

/// The labels of the files named, else of all files in the folder.
fn read(here: &Path, workspace: &Workspace, args: &CalibrateArgs) -> anyhow::Result<Vec<Label>> {
    let repository = Repository::discover(here)?;
    let tree = repository.working_directory();
    let from = relative_directory(repository.root(), here);
    let mut problems = Problems::new();
    let mut paths = Vec::new();
    for path in &args.labels {
        match resolve(&from, &path.display().to_string()) {
            Ok(path) => paths.push(path),
            Err(error) => problems.push(Problem::error(error.to_string()).help(error.help())),
        }
    }
    let base = workspace.config.path.as_deref().map_or("", crate::tree::directory);
    let folder = resolve(base, &format!("{}/{FOLDER}", workspace.config.golden))?;
    if args.labels.is_empty() {
        let is_labels =
            |path: &String| [".yaml", ".yml", ".json", ".csv"].iter().any(|end| path.ends_with(end));
        paths.extend(tree.list(&folder)?.into_iter().filter(is_labels));
    }
    let (mut all, mut unlabelled) = (Vec::new(), 0);
    for path in &paths {
        match tree.read(path)? {
            Some(bytes) => {
                if let Some(read) = labels::read(path, &bytes, &mut problems) {
                    unlabelled += read.unlabelled;
                    all.extend(read.labels);
                }
            }
            None => problems.push(Problem::error("the file does not exist").path(path)),
        }
    }
    if problems.has_errors() {
        return Err(problems.into());
    }
    anyhow::ensure!(
        !all.is_empty(),
        "no labelled answers in {}: make a sheet with `prompt-assay calibrate --from-report report.json --output \
         sheet.csv`, fill in `pass` or `fail`, and save it as {folder}/NAME.csv",
        if paths.is_empty() { &folder } else { "the files named" }
    );
    if unlabelled > 0 && !args.figures.quiet {
        say(&format!("note: {unlabelled} rows have no verdict yet and are left out"));
    }
    Ok(all)
}

fn ask(
    exam: &mut Exam,
    workspace: &Workspace,
    (backing, prices): (&Backing, &crate::price::PriceTable),
    (args, session): (&CalibrateArgs, &Session),
) -> anyhow::Result<Spend> {
    let asked: BTreeSet<String> = exam.models().map(str::to_owned).collect();
    session.runtime.block_on(async {
        let store = (&backing.store, cache_mode(&args.calls));
        let runner = backing.models.runner(workspace, prices, store, session);
        runner.require_prices(asked.iter().map(String::as_str))?;
        anyhow::Ok(runner.run(exam, &mut |_| {}).await?)
    })
}

/// How many cases of the golden sets ask a judge.
fn judged_cases(workspace: &Workspace) -> usize {
    let cases = workspace.changes.prompts.iter().flat_map(|change| &change.cases);
    cases.filter(|case| case.case.checks.iter().any(Check::asks_judge)).count()
}

/// Remembers the figures by the judge, for reports.
fn keep(store: &dyn Store, figures: &Calibration, exam: &Exam) -> anyhow::Result<()> {
    let of_judge = exam.papers().iter().map(|paper| paper.judge.fingerprint());
    let judge: Option<Fingerprint> = of_judge.into_iter().find(|judge| judge.to_string() == figures.judge);
    if let Some(judge) = judge {
        store.keep_note(Note::Calibration, judge, &serde_json::to_string(figures)?)?;
    }
    Ok(())
}
