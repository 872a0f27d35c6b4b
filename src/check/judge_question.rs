//! What the judge is asked about an answer, and what its own answer says. Every reply without a valid
//! score is unreadable, never 0.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::model::{Response, StopReason, ToolCall};

use super::quote::{passage, quoted, shown_json, stop_reason};

/// The name of the tool that takes the score.
pub(super) const TOOL: &str = "score";

/// What the judge is asked about one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeQuestion {
    /// What to look for.
    pub rubric: String,
    /// The case's `expected`.
    pub expected: Option<String>,
    /// The answer's text, whole.
    pub answer: String,
    /// The answer's tool calls.
    pub tool_calls: Vec<ToolCall>,
    /// Why the answer stopped.
    pub stop: StopReason,
}

/// Names a question by its content.
pub type QuestionId = Fingerprint;

/// The judge's readings so far.
pub type Readings = BTreeMap<QuestionId, JudgeReading>;

/// The content of the judge's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeReading {
    /// A score.
    Read {
        /// 0 to 1.
        score: f64,
        /// The judge's reasoning (untrusted text).
        reason: String,
    },
    /// No score could be read, and why; never counted as 0.
    Unreadable(String),
}

impl JudgeQuestion {
    /// Names the question by its content.
    pub fn id(&self) -> QuestionId {
        Fingerprint::of_json(self)
    }
}

impl JudgeReading {
    /// Reads the judge's answer. Only a finished answer with one score counts.
    pub fn of(response: &Response) -> Self {
        if !response.stop.is_complete() {
            return Self::Unreadable(format!("it stopped with {}", stop_reason(&response.stop)));
        }
        let mut calls = response.tool_calls.iter();
        let Some(first) = calls.next() else {
            return Self::Unreadable(format!(
                "it did not call `{TOOL}` but wrote {}",
                quoted(response.text.trim())
            ));
        };
        if let Some(other) = response.tool_calls.iter().find(|call| call.name != TOOL) {
            return Self::Unreadable(format!("it called `{}`", passage(&other.name)));
        }
        if calls.any(|call| call.input != first.input) {
            return Self::Unreadable(format!("it called `{TOOL}` more than once, differently"));
        }
        let written = &first.input["score"];
        match written.as_f64() {
            Some(score) if (0.0..=1.0).contains(&score) => {
                let reason = first.input["reasoning"].as_str().unwrap_or_default().trim().to_owned();
                Self::Read { score: score.abs(), reason }
            }
            _ => Self::Unreadable(format!("its score is {}", shown_json(written))),
        }
    }
}
