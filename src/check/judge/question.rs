//! What the judge is asked about one answer.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::model::{StopReason, ToolCall};

use super::reading::JudgeReading;
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

/// A question, and how many further votes of the judge it needs at least.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenQuestion {
    /// The question.
    pub question: JudgeQuestion,
    /// Votes that are missing, at least 1.
    pub votes: u32,
}

/// Names a question by its content.
pub type QuestionId = Fingerprint;

/// The judge's readings so far: the votes on each question, in their order.
pub type Readings = BTreeMap<QuestionId, Vec<JudgeReading>>;

impl JudgeQuestion {
    /// Names the question by its content.
    pub fn id(&self) -> QuestionId {
        Fingerprint::of_json(self)
    }
}
