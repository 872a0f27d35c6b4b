//! What the judge's answer says. Only a finished answer with one verdict and the control code of its question counts.

use serde::{Deserialize, Serialize};

use crate::model::Response;

use super::super::quote::{passage, quoted, shown_json, stop_reason};
use super::object;
use super::task::{CODE, Point, Task, Verdict, tool};

/// The content of the judge's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeReading {
    /// A verdict.
    Read {
        /// 0 to 1.
        score: f64,
        /// The judge's reasoning (untrusted text).
        reason: String,
        /// What the score is made of, where the question has parts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        points: Vec<Point>,
    },
    /// No verdict could be read, and why; never counted as 0.
    Unreadable(String),
}

impl JudgeReading {
    /// Whether there is a verdict.
    pub fn is_read(&self) -> bool {
        matches!(self, Self::Read { .. })
    }

    /// Reads the judge's answer to a task.
    pub(super) fn of(task: &Task, code: &str, response: &Response) -> Self {
        match read(task, code, response) {
            Ok(Verdict { score, reason, points }) => Self::Read { score, reason, points },
            Err(why) => Self::Unreadable(why),
        }
    }
}

fn read(task: &Task, code: &str, response: &Response) -> Result<Verdict, String> {
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
