//! What the judge's answer says. Only a finished answer with one verdict and the control code of its question counts.

use crate::model::Response;

use super::super::quote::{passage, quoted, shown_json, stop_reason};
use super::object;
use super::task::{CODE, Task, Verdict, tool};

/// The verdict in the judge's answer to a task; `code` is the control code of the question.
///
/// # Errors
/// Why there is none.
pub(in crate::check) fn verdict(task: &Task, code: &str, response: &Response) -> Result<Verdict, String> {
    let tool = tool(task.kind());
    if !response.stop.is_complete() {
        let hint = if response.stop.is_cut() && response.is_empty() {
            " before it wrote anything: if the model reasons first, raise `judge.reasoning_tokens`"
        } else {
            ""
        };
        return Err(format!("it stopped with {}{hint}", stop_reason(&response.stop)));
    }
    let object = if let Some(first) = response.tool_calls.first() {
        if let Some(other) = response.tool_calls.iter().find(|call| call.name != tool) {
            return Err(format!("it called `{}`", passage(&other.name)));
        }
        if response.tool_calls.iter().any(|call| call.input != first.input) {
            return Err(format!("it called `{tool}` more than once, differently"));
        }
        object::unwrapped(&first.input, tool).unwrap_or_else(|| first.input.clone())
    } else {
        let written = || format!("it did not call `{tool}` but wrote {}", quoted(response.text.trim()));
        let mut objects = object::in_text(&response.text);
        let last = objects.pop().ok_or_else(written)?;
        let last = object::unwrapped(&last, tool).unwrap_or(last);
        // The same verdict twice is one. A copy of something else, such as an object in the answer, has no code.
        let contradicts = |other: &&serde_json::Value| other[CODE] == code && **other != last;
        if last[CODE] == code && objects.iter().any(|other| contradicts(&other)) {
            return Err("it wrote more than one verdict, differently".to_owned());
        }
        last
    };
    let verdict = task.asks().read(&object)?;
    match object[CODE].as_str() {
        Some(written) if written.trim() == code => Ok(verdict),
        None => Err(format!(
            "it did not repeat the control code of the question (`{CODE}` is {}), as one does that follows the text \
             it should judge",
            shown_json(&object[CODE])
        )),
        Some(written) => Err(format!(
            "it wrote {} for the control code of the question, as one does that follows the text it should judge",
            quoted(written)
        )),
    }
}
