//! What the judge is asked about one answer.

use serde::Serialize;

use crate::model::{StopReason, ToolCall};

use super::task::Task;

/// What the judge is asked about one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeQuestion {
    /// What is asked.
    pub task: Task,
    /// The case's `expected`.
    pub expected: Option<String>,
    /// The answer's text, whole.
    pub answer: String,
    /// The answer's tool calls.
    pub tool_calls: Vec<ToolCall>,
    /// Why the answer stopped.
    pub stop: StopReason,
}
