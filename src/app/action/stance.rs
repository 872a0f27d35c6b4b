//! Asks GitHub whether the author of a pull request may write, if the decision on moved bars
//! depends on it.

use super::ActionContext;
use super::console::Console;
use crate::action::{Stance, undecided};
use crate::report::Report;

/// How this run treats moved bars.
pub(super) fn of(context: ActionContext<'_>, report: &Report, console: &Console) -> Stance {
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
