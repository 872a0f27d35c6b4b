//! After a push to the default branch: the evidence that a release requires and, if the gate
//! failed, a comment on the merged pull request.

use super::ActionContext;
use super::comment::Comment;
use super::console::Console;
use crate::action::Override;
use crate::action::page::Frame;
use crate::app::eval::Measured;
use crate::app::evidence::record;
use crate::evidence::{self, BreakGlass, Evidence, Origin};
use crate::prompt::Tier;

/// The merged pull request of the commit, if GitHub reports it.
pub(super) fn pull_request(context: ActionContext<'_>, console: &Console) -> Option<u64> {
    let run = context.run;
    if !run.is_after_merge || run.is_shard() || run.inputs.token.is_none() {
        return None;
    }
    let asked = context.sources.github().merged_pull_request(&run.decision.commit);
    context.session.runtime.block_on(asked).unwrap_or_else(|error| {
        console.say(&format!("the pull request of this commit is not known: {error}"));
        None
    })
}

/// The evidence that a release requires.
#[derive(Default)]
pub(super) struct Proof {
    /// Path of the file, from the workspace.
    pub path: Option<String>,
    /// What it holds.
    pub evidence: Vec<Evidence>,
}

/// Stores the evidence of the main tier and writes it to a file for a job with another role.
///
/// # Errors
/// When the store or the file cannot be written.
pub(super) fn leave_evidence(
    ActionContext { run, session, .. }: ActionContext<'_>,
    measured: &Measured,
    break_glass: Option<&Override>,
    pull_request: Option<u64>,
) -> anyhow::Result<Proof> {
    let report = &measured.report;
    if report.tier != Tier::Main || run.is_shard() {
        return Ok(Proof::default());
    }
    let origin = Origin {
        commit: report.head.commit.clone(),
        pull_request: pull_request.or(run.decision.pull_request),
        actor: Some(run.job.actor.clone()).filter(|actor| !actor.is_empty()),
        run: Some(run.job.run_url.clone()).filter(|url| !url.is_empty()),
    };
    let break_glass = break_glass.map(|break_glass| BreakGlass {
        reason: break_glass.reason.clone(),
        actor: break_glass.actor.clone(),
    });
    let all = record(report, &measured.subjects, &origin, break_glass.as_ref(), measured.store.as_ref())?;
    let path = run.cache.write("evidence.json", &evidence::render(&all, &session.seals))?;
    Ok(Proof { path: Some(path), evidence: all })
}

/// Writes the result on the merged pull request: always if the commit did not pass; if a re-run
/// passes, only to correct an existing comment.
pub(super) fn tell(
    context: ActionContext<'_>,
    passes: bool,
    pull_request: Option<u64>,
    frame: &Frame,
    text: impl Fn(&Frame) -> String,
    console: &mut Console,
) -> Option<String> {
    let pull_request = pull_request?;
    if passes && context.run.job.attempt == 1 {
        return None;
    }
    let frame = frame.after_merge();
    let mut comment =
        Comment::on(context.run, Some(pull_request), &frame, context.sources.github(), context.session);
    if passes && !comment.exists(console) {
        return None;
    }
    comment.write(text, console)
}
