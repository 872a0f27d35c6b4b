//! Break-glass: asks GitHub who added the label, if a label could let a failed commit pass.

use super::ActionContext;
use super::console::Console;
use crate::action::{Conclusion, NotOverridden, Override, by_input, by_label};

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
