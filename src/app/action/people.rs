//! Asks about people: whether the author of a pull request may write, who added the label that lets a failed commit
//! pass, and who accepted a break.

use super::ActionContext;
use super::console::Console;
use crate::action::{Conclusion, Head, NotOverridden, Override, Stance, by_input, by_label, undecided};
use crate::app::workspace::Workspace;
use crate::calendar;
use crate::config::{Acceptance, AcceptedBreak};
use crate::report::Report;

/// How this run treats moved bars.
pub(super) fn stance(context: ActionContext<'_>, report: &Report, console: &Console) -> Stance {
    let (run, request) = (context.run, context.run.pull_request.as_ref());
    let asked = undecided(&run.inputs, request).filter(|request| {
        !report.moved_bars.is_empty() && run.inputs.token.is_some() && !request.author.is_empty()
    });
    let answer = asked
        .map(|request| context.session.runtime.block_on(context.sources.github().may_write(&request.author)));
    let may_write = match answer {
        Some(Ok(may_write)) => Some(may_write),
        Some(Err(error)) => {
            console.say(&format!("whether the author may write is known only from the event: {error}"));
            None
        }
        None => None,
    };
    Stance::of(&run.inputs, request, may_write, run.is_on_default_branch)
}

/// The override for this commit.
///
/// # Errors
/// Why there is no override although one may be expected.
pub(super) fn broken(
    context: ActionContext<'_>,
    conclusion: &Conclusion,
    console: &Console,
) -> Result<Option<Override>, NotOverridden> {
    let run = context.run;
    let by_input = by_input(&run.inputs, &run.decision, &run.job);
    let (Some(label), Some(request)) = (&run.inputs.break_glass_label, &run.pull_request) else {
        return by_input;
    };
    if conclusion.exit_code == 0 || matches!(by_input, Ok(Some(_))) {
        return by_input;
    }
    let asked = run.inputs.token.as_ref().map(|_| context.sources.github().labels(request.number));
    let labels = match asked.map(|asked| context.session.runtime.block_on(asked)) {
        None => None,
        Some(Ok(labels)) => Some(labels),
        Some(Err(error)) => {
            console.say(&format!("the person who added the label is known only from the event: {error}"));
            None
        }
    };
    match by_label(label, request, labels.as_ref(), &run.job)? {
        Some(break_glass) => Ok(Some(break_glass)),
        None => by_input,
    }
}

/// Looks up who accepted the breaks that the report will show: in the clone if it has the history, else through the
/// API. If it cannot be found, the report says "not known"; this is not a failure.
pub(super) fn accepted(context: ActionContext<'_>, workspace: &mut Workspace) {
    let Some(path) = workspace.config.path.clone() else { return };
    let commit = match &context.run.decision.head {
        Head::CheckedOut(commit) => commit,
        Head::Data { trusted, .. } => trusted,
    };
    let affected = &workspace.changes.prompts;
    for entry in &mut workspace.config.accepted_breaks {
        if affected.iter().any(|change| change.id == entry.prompt) {
            let found = acceptance(entry, commit, &path, context);
            entry.acceptance = Some(found.unwrap_or(Acceptance::Unknown));
        }
    }
}

fn acceptance(
    entry: &AcceptedBreak,
    commit: &str,
    path: &str,
    context: ActionContext<'_>,
) -> Option<Acceptance> {
    let holds = |version: &[u8]| entry.stands_in(path, version);
    let local = context.sources.clone_of().and_then(|clone| clone.brought_in(commit, path, &mut { holds }));
    if let Some(found) = local {
        let day = calendar::date(u64::try_from(found.at).unwrap_or(0));
        return Some(Acceptance::Known { author: found.author, day, commit: found.commit });
    }
    let asked = context.sources.github().brought_in(commit, path, holds);
    let found = context.session.runtime.block_on(asked).ok().flatten()?;
    let day = found.at.get(..10).unwrap_or(&found.at).to_owned();
    Some(Acceptance::Known { author: found.author, day, commit: found.commit })
}
