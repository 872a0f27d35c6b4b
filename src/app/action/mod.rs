//! `action`: what the container runs. [`attempt`] shows one run from start to end; everything it
//! logs goes through [`console`], every file it writes through [`files`]. The decisions, without I/O,
//! are in `crate::action`.

mod after_merge;
mod comment;
mod console;
mod files;
mod main_line;
mod people;
mod prefetch;
mod release;
mod run;
mod sources;

use std::collections::BTreeMap;

use anyhow::Context;

use super::eval::{self, Measured};
use super::session::Session;
use super::signals::Interrupts;
use super::{failure, history, merge};
use crate::action::annotation::{Annotation, Level, of_problems};
use crate::action::outputs::{self, Ended, Results};
use crate::action::page::{Frame, failed_summary, work};
use crate::action::{Event, Host, Inputs, Job, codebuild, conclude, decide, evaluations};
use crate::report::untrusted::prose;
use crate::report::{html, json, markdown, terminal};
use comment::Comment;
use console::Console;
use run::Run;
use sources::Sources;

/// Runs the action; the exit status is the check.
///
/// # Errors
/// When the log cannot be begun: every other error goes to the log, the summary and the outputs, and becomes an exit
/// status.
pub fn run(interrupts: &Interrupts) -> anyhow::Result<u8> {
    let environment = environment();
    let host = if codebuild::is_here(&environment) { Host::CodeBuild } else { Host::GitHub };
    let mut console = Console::start(host)?;
    let code = match attempt(&environment, interrupts, &mut console) {
        Ok(code) => code,
        Err(error) => {
            let (code, shown) = (failure::exit_code(&error), failure::shown(&error));
            console.say(&shown);
            match failure::problems(&error).map(of_problems).filter(|placed| !placed.is_empty()) {
                Some(placed) => placed.into_iter().for_each(|annotation| console.annotate(annotation)),
                None => {
                    let first = first_line(&shown);
                    console.annotate(Annotation::new(Level::Error, "prompt-assay: not measured", first));
                }
            }
            if let Err(unwritten) = failed(&environment, &shown, code) {
                let unwritten = failure::shown(&unwritten);
                if unwritten != shown {
                    console.say(&unwritten);
                }
            }
            code
        }
    };
    console.finish();
    Ok(code)
}

fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Writes the runner's files for a run without a result.
fn failed(environment: &BTreeMap<String, String>, shown: &str, code: u8) -> anyhow::Result<()> {
    let reason = if code == 2 { "configuration_error" } else { "not_found_out" };
    files::append(environment.get("GITHUB_STEP_SUMMARY"), &failed_summary(shown))?;
    files::outputs(
        environment.get("GITHUB_OUTPUT"),
        &outputs::of(Ended::Failed(reason), &Results { exit_code: code, ..Results::default() }),
    )
}

/// Writes the runner's files for a run that was interrupted. The runner's parser stays switched off,
/// because the run may still write to the log.
///
/// # Errors
/// When the runner's files cannot be written.
pub fn ended_early(told: &str, code: u8) -> anyhow::Result<()> {
    failed(&environment(), told, code)
}

/// What a run happens in.
#[derive(Clone, Copy)]
struct ActionContext<'a> {
    run: &'a Run,
    sources: &'a Sources,
    session: &'a Session,
}

fn attempt(
    environment: &BTreeMap<String, String>,
    interrupts: &Interrupts,
    console: &mut Console,
) -> anyhow::Result<u8> {
    let is_build = codebuild::is_here(environment);
    let given = if is_build { codebuild::inputs(environment) } else { environment.clone() };
    let (mut inputs, warnings) = Inputs::read(&given).map_err(refused)?;
    for warning in warnings {
        console.remark(Annotation::new(Level::Warning, "prompt-assay: unknown input", warning));
    }
    let job = if is_build { codebuild::job(environment) } else { Job::read(environment) }.map_err(refused)?;
    if job.repository.is_empty() && inputs.token.take().is_some() {
        let what = "the token is not used: `CODEBUILD_SOURCE_REPO_URL` names no repository on GitHub";
        console.remark(Annotation::new(Level::Warning, "prompt-assay: no comment", what));
    }
    let told = match job.host {
        Host::GitHub => Some(event(&job)?),
        Host::CodeBuild => None,
    };
    if told == Some(Event::Deleted) {
        console.say("A branch was deleted: there is nothing to evaluate.");
        files::outputs(
            job.output.as_ref(),
            &outputs::of(Ended::Nothing("branch_deleted"), &Results::default()),
        )?;
        return Ok(0);
    }
    let mut session = Session::start(interrupts)?;
    let sources = Sources::new(&job, &inputs, &session)?;
    let event = match told {
        Some(event) => event,
        None => {
            codebuild::event(environment, &job, &|branch| sources.tip(branch)).map_err(anyhow::Error::msg)?
        }
    };
    let decision = decide(&event, &inputs, &job, sources.checkout()?.as_ref()).map_err(anyhow::Error::msg)?;
    let run = Run::new(inputs, job, event, decision)?;
    session.seals = run.seals();
    let frame = Frame::new(&run.key(), &run.decision, &run.job);
    let mut comment = Comment::new(&run, &frame, sources.github(), &session);
    let context = ActionContext { run: &run, sources: &sources, session: &session };
    if let Some(evidence) = &run.inputs.evidence {
        return release::from_file(context, evidence, &frame, console);
    }
    let ended = measured(context, &mut comment, console)
        .and_then(|measured| concluded(context, &measured, &mut comment, console));
    if let Err(error) = &ended {
        let shown = failure::shown(error);
        comment.write(|frame| frame.failed(&shown), console);
        let merged = after_merge::pull_request(context, console);
        after_merge::tell(context, false, merged, &frame, |frame| frame.merged_failed(&shown), console);
    }
    ended
}

fn event(job: &Job) -> anyhow::Result<Event> {
    let path =
        job.event_path.as_deref().context("`GITHUB_EVENT_PATH` is not set: there is no event to read")?;
    let file = files::read_event(path)?;
    Ok(Event::read(&job.event, &file, &job.branch)?)
}

/// Reads both sides, logs the decision, and executes it.
fn measured(
    context: ActionContext<'_>,
    comment: &mut Comment<'_>,
    console: &mut Console,
) -> anyhow::Result<Measured> {
    let ActionContext { run, sources, session } = context;
    let mut workspace = main_line::compared(run, sources, session)?;
    let mut args = run.args.clone();
    run.adjust(&mut workspace.config, &mut args);
    workspace.config.database = run.cache.location().database().to_owned();
    workspace.pull_request = run.decision.pull_request;
    let alpha = workspace.config.gate.alpha;
    people::accepted(context, &mut workspace);
    if !run.inputs.merge.is_empty() {
        let report = merge::merged(&run.places(&run.inputs.merge)?, &session.seals)?;
        comment.take_up(console);
        let measured = eval::adopt(&run.start, workspace, &args, session, report)?;
        return remembered(measured, alpha, comment);
    }
    console.say(&format!("{} …", work(&workspace.changes)));
    if !workspace.changes.prompts.is_empty() {
        let changes = workspace.changes.clone();
        comment.take_up(console);
        comment.write(|frame| frame.started(&changes), console);
    }
    let measured = eval::measure(&run.start, workspace, &args, session)?;
    match run.is_shard() {
        true => Ok(measured),
        false => remembered(measured, alpha, comment),
    }
}

/// Adds what earlier runs say: the prompts' scores, and how often the pull request's prompts were evaluated.
fn remembered(mut measured: Measured, alpha: f64, comment: &mut Comment<'_>) -> anyhow::Result<Measured> {
    let runs = history::past(measured.store.as_ref(), history::RUNS)?;
    measured.report.add_history(&runs);
    let told = std::mem::take(&mut comment.frame.told);
    comment.frame.told = evaluations::count(&mut measured.report, alpha, &runs, told);
    Ok(measured)
}

/// Everything that follows from a report.
fn concluded(
    context: ActionContext<'_>,
    measured: &Measured,
    comment: &mut Comment<'_>,
    console: &mut Console,
) -> anyhow::Result<u8> {
    let (run, report) = (context.run, &measured.report);
    let mut conclusion =
        conclude(report, &run.inputs, &run.decision, &people::stance(context, report, console));
    conclusion.break_glass(people::broken(context, &conclusion, console));
    comment.frame.notes.clone_from(&conclusion.notes);
    console.say(&terminal::render(report, terminal::Style::default()));
    for note in &conclusion.notes {
        console.say(note);
    }
    let merged = after_merge::pull_request(context, console);
    let proof = after_merge::leave_evidence(context, measured, conclusion.break_glass.as_ref(), merged);
    let prefetched =
        if conclusion.exit_code == 0 { prefetch::prefetch(context, measured, console) } else { None };
    measured.share(context.session);
    let proof = proof?;
    let json = run.cache.write("report.json", &json::render(report))?;
    let markdown =
        run.cache.write("report.md", &markdown::render(report, markdown::Limits { bytes: 1_000_000 }))?;
    let html = run.cache.write("report.html", &html::render(report))?;
    files::append(run.job.summary.as_ref(), &comment.frame.summary(report))?;
    if let Some(prefetched) = &prefetched {
        files::append(run.job.summary.as_ref(), &format!("\n<sub>{}</sub>", prose(&prefetched.note, 600)))?;
    }
    // A pull request that touches no prompt gets no comment, unless an existing one must be corrected.
    let url = match report.prompts.is_empty() && conclusion.notes.is_empty() && !comment.exists(console) {
        true => None,
        false => comment.write(|frame| frame.finished(report), console),
    };
    let passes = conclusion.exit_code == 0;
    let release = release::after(context, &proof, passes, console);
    if let Some(release) = &release {
        files::append(run.job.summary.as_ref(), &release.markdown)?;
    }
    let exit_code = conclusion.exit_code.max(release.as_ref().map_or(0, |release| release.exit_code));
    let after = |frame: &Frame| match &release {
        Some(release) if release.exit_code != 0 => frame.not_released(&release.markdown),
        _ => frame.merged(report, passes),
    };
    let told = after_merge::tell(context, exit_code == 0, merged, &comment.frame, after, console);
    let results = Results {
        exit_code,
        json,
        markdown,
        html,
        comment: url.or(told),
        break_glass: conclusion.break_glass,
        evidence: proof.path,
        prefetched: prefetched.map(|prefetched| prefetched.output),
        released: release.and_then(|release| release.prompts),
    };
    files::outputs(run.job.output.as_ref(), &outputs::of(Ended::Evaluated(report), &results))?;
    for annotation in conclusion.annotations.into_iter().filter(|_| !run.is_shard()) {
        console.annotate(annotation);
    }
    Ok(exit_code)
}

/// Several sentences as one error.
fn refused(sentences: Vec<String>) -> anyhow::Error {
    anyhow::Error::msg(sentences.join("\n"))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
