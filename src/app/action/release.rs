//! The input `release`: prompts that passed on the default branch go live in the same job.

use std::collections::BTreeSet;

use anyhow::Context;

use super::after_merge::{self, Proof};
use super::console::Console;
use super::sources::Sources;
use super::{ActionContext, Run, Session, files};
use crate::action::annotation::{Annotation, Level};
use crate::action::outputs::{self, Results};
use crate::action::page::Frame;
use crate::adapters::files::Root;
use crate::app::{database, failure, release};
use crate::cli::{EnvironmentArgs, ReleaseArgs};
use crate::evidence;
use crate::report::untrusted;

/// How a release ended.
pub(super) struct Ended {
    /// For the summary and, when it went wrong, for the merged pull request.
    pub markdown: String,
    /// For later steps.
    pub prompts: Option<serde_json::Value>,
    /// 0: done, or correctly not done; else the check's exit status.
    pub exit_code: u8,
}

impl Ended {
    fn undone(environment: &str, why: &str, exit_code: u8) -> Self {
        let environment = untrusted::inline_code(environment);
        let markdown = format!("## Release to {environment}\n\nNothing was released. {why}\n");
        Self { markdown, prompts: None, exit_code }
    }
}

/// Releases the prompts that passed according to `proof`. `None` if no release was requested, or on
/// another branch.
pub(super) fn after(
    context: ActionContext<'_>,
    proof: &Proof,
    passes: bool,
    console: &mut Console,
) -> Option<Ended> {
    let run = context.run;
    let environment =
        run.inputs.release.as_deref().filter(|_| run.is_on_default_branch && !run.is_shard())?;
    if !passes {
        return Some(Ended::undone(
            environment,
            "The check did not pass; the live versions stay unchanged.",
            0,
        ));
    }
    Some(attempt(context, environment, proof, console).unwrap_or_else(|error| {
        let shown = failure::shown(&error);
        console.say(&shown);
        console.annotate(Annotation::new(Level::Error, "prompt-assay: not released", shown.clone()));
        let why =
            format!("The live versions stay unchanged.\n\n{}", untrusted::fenced("text", &shown, 4_000));
        Ended::undone(environment, &why, failure::exit_code(&error))
    }))
}

/// A complete job that releases from the evidence of an earlier job; returns the exit status.
///
/// # Errors
/// When the evidence cannot be read, the commit is not of the default branch, or the runner's files
/// cannot be written.
pub(super) fn from_file(
    context: ActionContext<'_>,
    path: &str,
    frame: &Frame,
    console: &mut Console,
) -> anyhow::Result<u8> {
    let run = context.run;
    anyhow::ensure!(
        run.is_on_default_branch,
        "`release` with `evidence` releases, and only a run on the default branch may; put \
         `if: github.ref == format('refs/heads/{{0}}', github.event.repository.default_branch)` on the job"
    );
    let text = Root::open(std::path::Path::new(&run.job.workspace))?
        .read(&run.inside(path)?)
        .and_then(|found| found.ok_or_else(|| std::io::ErrorKind::NotFound.into()))
        .with_context(|| format!("cannot read the evidence `{path}`"))?;
    let text = String::from_utf8(text).with_context(|| format!("the evidence `{path}` is not UTF-8"))?;
    let seals = &context.session.seals;
    let evidence = evidence::parse(&text, seals).with_context(|| format!("`{path}`"))?;
    if let Some(said) = seals.said() {
        let title = "prompt-assay: evidence that does not count";
        console.annotate(Annotation::new(Level::Warning, title, format!("`{path}`: {said}")));
    }
    let proof = Proof { path: None, evidence };
    let Some(ended) = after(context, &proof, true, console) else { return Ok(0) };
    files::append(run.job.summary.as_ref(), &ended.markdown)?;
    let merged = after_merge::pull_request(context, console);
    let text = |frame: &Frame| frame.not_released(&ended.markdown);
    after_merge::tell(context, ended.exit_code == 0, merged, frame, text, console);
    let results = Results { exit_code: ended.exit_code, released: ended.prompts, ..Results::default() };
    files::outputs(run.job.output.as_ref(), &outputs::of(outputs::Ended::Released, &results))?;
    Ok(ended.exit_code)
}

fn attempt(
    ActionContext { run, sources, session }: ActionContext<'_>,
    environment: &str,
    proof: &Proof,
    console: &mut Console,
) -> anyhow::Result<Ended> {
    let place = place(run, Some(environment));
    let commit = opened(run, sources, session, &place)?;
    if let Some(newer) = newer(run, sources, session, &commit, console)? {
        let newer = untrusted::inline_code(newer.get(..7).unwrap_or(&newer));
        let why = format!("Commit {newer} is live already, and it is newer than this one.");
        console.say(&format!("nothing was released to {environment}: {}", why.replace('`', "")));
        return Ok(Ended::undone(environment, &why, 0));
    }
    let overwrite = overwrite(run, console);
    let prompts = run.inputs.prompts.clone();
    let args = ReleaseArgs { place, prompts, overwrite, ..ReleaseArgs::default() };
    let outcome = release::of_evidence(&commit, &args, &proof.evidence)?;
    console.say(&outcome.terminal);
    if outcome.exit_code != 0 {
        let message =
            format!("The release to {environment} did not complete; the log and the summary say why.");
        console.annotate(Annotation::new(Level::Error, "prompt-assay: not released", message));
    }
    let environment = untrusted::inline_code(environment);
    Ok(Ended {
        markdown: format!("## Release to {environment}\n\n{}", outcome.markdown),
        prompts: Some(outcome.prompts),
        exit_code: outcome.exit_code,
    })
}

/// Why this commit may replace external changes. It applies to one commit, because a permanent reason would
/// undo every later rollback.
fn overwrite(run: &Run, console: &Console) -> Option<String> {
    let given = run.inputs.overwrite.as_ref()?;
    if given.passes(run.decision.head.commit()) {
        return Some(given.reason.clone());
    }
    console.say(&format!("`overwrite` names the commit `{}`, not this one; it has no effect", given.commit));
    None
}

/// Which commit, and which environment.
pub(super) fn place(run: &Run, environment: Option<&str>) -> EnvironmentArgs {
    EnvironmentArgs {
        config: run.args.sides.config.clone(),
        env: environment.map(str::to_owned),
        head: Some(run.decision.head.commit().to_owned()),
    }
}

/// The head as a release sees it.
///
/// # Errors
/// What is wrong with its files, or what GitHub did not give.
pub(super) fn opened(
    run: &Run,
    sources: &Sources,
    session: &Session,
    place: &EnvironmentArgs,
) -> anyhow::Result<release::ReleaseContext> {
    let source = sources.open(run.decision.head.commit(), session)?;
    database::refuse(source.tree(), &run.reserved()?)?;
    let here = run.inputs.working_directory.as_deref().unwrap_or_default();
    let root = std::path::Path::new(&run.job.workspace);
    let context =
        release::of_tree(release::Commit { tree: source.tree(), id: source.commit() }, root, here, place);
    source.check()?;
    let context = context?;
    if let Some(directory) = &context.environment.directory {
        // A person who commits it decides what counts as live and as rolled back.
        database::refuse(source.tree(), std::slice::from_ref(directory))?;
        database::refuse_tracked(&root.join(directory))?;
    }
    Ok(context)
}

/// A commit that is live and comes after this one: two runs overtook each other, or an old run was
/// started again. A release would replace the newer one.
fn newer(
    run: &Run,
    sources: &Sources,
    session: &Session,
    commit: &release::ReleaseContext,
    console: &Console,
) -> anyhow::Result<Option<String>> {
    let ours = run.decision.head.commit();
    let prompts: Vec<&str> = commit.prompts.iter().map(|ready| ready.subject.prompt.as_str()).collect();
    let live = release::live(commit, &prompts)?;
    let commits: BTreeSet<String> = live.into_values().map(|live| live.commit).collect();
    for other in commits.into_iter().filter(|other| other != ours) {
        match sources.merge_base(ours, &other, session) {
            Ok(base) if base == ours => return Ok(Some(other)),
            Ok(_) => {}
            Err(error) => console.say(&format!(
                "it is not known whether the live version is newer than this commit: {}",
                failure::shown(&error)
            )),
        }
    }
    Ok(None)
}
