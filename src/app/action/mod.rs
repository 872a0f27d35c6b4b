//! `action`: what the container runs. The story of one run stands in [`attempt`]; everything it
//! says to the runner goes through [`console`], everything it leaves behind through [`files`].

mod comment;
mod console;
mod files;
mod sources;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::eval::{self, Session};
use super::failure;
use crate::action::annotation::{Annotation, Level};
use crate::action::page::{Frame, failed_summary, work};
use crate::action::{Conclusion, Decision, Event, FailOn, Inputs, Job, conclude, decide, outputs};
use crate::cli::{CallArgs, EvalArgs, OutputArgs, SideArgs, TierArg};
use crate::config::{Config, Provider};
use crate::prompt::Tier;
use crate::report::{Report, json, markdown, terminal};
use comment::Comment;
use console::Console;
use sources::Sources;

/// Runs the action; the exit status is the check.
///
/// # Errors
/// None but those of the files the runner gives: everything else is said in the log, the summary
/// and the outputs, and becomes an exit status.
pub fn run() -> anyhow::Result<u8> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut console = Console::start()?;
    let code = match attempt(&environment, &mut console) {
        Ok(code) => code,
        Err(error) => {
            let (code, shown) = (failure::exit_code(&error), failure::shown(&error));
            console.say(&shown);
            console.annotate(Annotation::new(Level::Error, "prompt-assay: not measured", first_line(&shown)));
            let reason = if code == 2 { "configuration_error" } else { "not_found_out" };
            files::append(environment.get("GITHUB_STEP_SUMMARY"), &failed_summary(&shown))?;
            files::outputs(environment.get("GITHUB_OUTPUT"), &outputs::of_failure(reason, code))?;
            code
        }
    };
    console.finish();
    Ok(code)
}

/// One run, as it was asked for.
struct Run {
    inputs: Inputs,
    job: Job,
    decision: Decision,
    /// The directory the inputs' paths count from.
    start: PathBuf,
    /// Where database and result files lie.
    cache: files::Kept,
    args: EvalArgs,
}

fn attempt(environment: &BTreeMap<String, String>, console: &mut Console) -> anyhow::Result<u8> {
    let (inputs, warnings) = Inputs::read(environment).map_err(refused)?;
    for warning in warnings {
        console.remark(Annotation::new(Level::Warning, "prompt-assay: unknown input", warning));
    }
    let job = Job::read(environment).map_err(refused)?;
    let event = event(&job)?;
    let session = Session::start()?;
    let mut sources = Sources::new(&job, &inputs, &session)?;
    let decision = decide(&event, &inputs, &job, sources.checkout()?.as_ref()).map_err(anyhow::Error::msg)?;
    let run = Run::new(inputs, job, decision)?;
    let frame = Frame::new(&run.key(), &run.decision, &run.job);
    let mut comment = Comment::new(&run, &frame, sources.github(), &session);
    let ended = measured(&run, &mut sources, &mut comment, &session, console)
        .and_then(|report| concluded(&run, &report, &mut comment, console));
    if let Err(error) = &ended {
        comment.write(|frame| frame.failed(&failure::shown(error)), console);
    }
    ended
}

fn event(job: &Job) -> anyhow::Result<Event> {
    let path =
        job.event_path.as_deref().context("`GITHUB_EVENT_PATH` is not set: there is no event to read")?;
    let file =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the event file `{path}`"))?;
    Ok(Event::read(&job.event, &file, &job.branch)?)
}

/// Reads both sides, says what is being done, and does it.
fn measured(
    run: &Run,
    sources: &mut Sources,
    comment: &mut Comment<'_>,
    session: &Session,
    console: &mut Console,
) -> anyhow::Result<Report> {
    let mut workspace = sources.compare(run, session)?;
    let mut args = run.args.clone();
    run.adjust(&mut workspace.config, &mut args);
    workspace.config.database = run.cache.path("assay.db");
    console.say(&format!("{} …", work(&workspace.changes)));
    if !workspace.changes.prompts.is_empty() {
        let changes = workspace.changes.clone();
        comment.write(|frame| frame.started(&changes), console);
    }
    eval::measure(&run.start, workspace, &args, session)
}

/// Everything that follows from a report.
fn concluded(
    run: &Run,
    report: &Report,
    comment: &mut Comment<'_>,
    console: &mut Console,
) -> anyhow::Result<u8> {
    let conclusion: Conclusion = conclude(report, &run.inputs, &run.decision, &run.job);
    comment.frame.notes.clone_from(&conclusion.notes);
    console.say(&terminal::render(report, terminal::Style { colour: false, width: 100 }));
    for note in &conclusion.notes {
        console.say(note);
    }
    let json = run.cache.write("report.json", &json::render(report))?;
    let markdown =
        run.cache.write("report.md", &markdown::render(report, markdown::Limits { bytes: 1_000_000 }))?;
    files::append(run.job.summary.as_ref(), &comment.frame.summary(report))?;
    // A pull request that touches no prompt hears nothing, unless there is a comment to correct.
    let url = match report.prompts.is_empty() && conclusion.notes.is_empty() && !comment.exists(console) {
        true => None,
        false => comment.write(|frame| frame.finished(report), console),
    };
    let results = outputs::Results { exit_code: conclusion.exit_code, json, markdown, comment: url };
    files::outputs(run.job.output.as_ref(), &outputs::of_report(report, &results))?;
    for annotation in conclusion.annotations {
        console.annotate(annotation);
    }
    Ok(conclusion.exit_code)
}

impl Run {
    fn new(inputs: Inputs, job: Job, decision: Decision) -> anyhow::Result<Self> {
        let workspace = Path::new(&job.workspace);
        let start = match &inputs.working_directory {
            Some(directory) => workspace.join(crate::tree::resolve("", directory)?),
            None => workspace.to_path_buf(),
        };
        let args = EvalArgs {
            sides: SideArgs {
                config: inputs.config.as_ref().map(PathBuf::from),
                base: None,
                head: None,
                tier: match decision.tier {
                    Tier::Branch => TierArg::Branch,
                    Tier::Main => TierArg::Main,
                },
                model: inputs.model.clone(),
                prompts: inputs.prompts.clone(),
            },
            output: OutputArgs::default(),
            calls: CallArgs {
                max_cost: inputs.max_cost,
                max_calls: inputs.max_calls,
                concurrency: inputs.concurrency,
                seed: inputs.seed.clone(),
                offline: inputs.offline,
                fresh: inputs.fresh,
                no_cache: false,
                scripted: inputs.scripted.as_ref().map(PathBuf::from),
            },
            shard: inputs.shard,
        };
        let cache = files::Kept::open(workspace, &inputs.cache)?;
        Ok(Self { start, cache, args, inputs, job, decision })
    }

    /// Tells the comments of several uses of the action on one pull request apart.
    fn key(&self) -> String {
        let inputs = &self.inputs;
        let key =
            inputs.comment_key.as_ref().or(inputs.config.as_ref()).or(inputs.working_directory.as_ref());
        key.cloned().unwrap_or_else(|| "default".to_owned())
    }

    /// Inputs stand above the configuration; without secrets nothing is bought.
    fn adjust(&self, config: &mut Config, args: &mut EvalArgs) {
        config.gate.on_inconclusive = self.inputs.on_inconclusive.unwrap_or(config.gate.on_inconclusive);
        config.gate.enforce &= self.inputs.fail_on == FailOn::Regression;
        let calls_bedrock = config.provider == Provider::Bedrock && args.calls.scripted.is_none();
        if self.decision.is_without_secrets && calls_bedrock {
            args.calls.offline = true;
            args.calls.fresh = false;
        }
    }
}

/// Several sentences as one error.
fn refused(sentences: Vec<String>) -> anyhow::Error {
    anyhow::Error::msg(sentences.join("\n"))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
