//! Who accepted the breaks that the report will show: from the clone if it has the history, else
//! through the API.

use super::ActionContext;
use crate::action::Head;
use crate::app::workspace::Workspace;
use crate::calendar;
use crate::config::{Acceptance, AcceptedBreak};

/// Looks it up for the breaks of affected prompts. If it cannot be found, the report says "not
/// known"; this is not a failure.
pub(super) fn look_up(context: ActionContext<'_>, workspace: &mut Workspace) {
    let Some(path) = workspace.config.path.clone() else { return };
    let commit = match &context.run.decision.head {
        Head::CheckedOut(commit) => commit,
        Head::Data { trusted, .. } => trusted,
    };
    let affected = &workspace.changes.prompts;
    for entry in &mut workspace.config.accepted_breaks {
        if affected.iter().any(|change| change.id == entry.prompt) {
            let found = accepted(entry, commit, &path, context);
            entry.acceptance = Some(found.unwrap_or(Acceptance::Unknown));
        }
    }
}

fn accepted(
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
