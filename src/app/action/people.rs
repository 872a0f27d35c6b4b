//! Asks GitHub about people, where a decision depends on them: whether the author of a pull request may write, and who
//! added the label that lets a failed commit pass.

use super::ActionContext;
use super::console::Console;
use crate::action::{Conclusion, NotOverridden, Override, Stance, by_input, by_label, undecided};
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
