//! The judge check: a model scores the answer by a rubric. Every reply without a valid score is
//! unreadable, never 0.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::model::{Response, StopReason, ToolCall};

use super::Kind;
use super::finding::Finding;
use super::form::Form;
use super::judge_request::TOOL;
use super::quote::{number, passage, quoted, shown_json};
use super::reader::Reader;
use super::score::ScoringInput;
use super::tool;

/// A rubric and the score from which it passes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct JudgeCheck {
    rubric: String,
    /// `None`: the policy's.
    pub threshold: Option<f64>,
}

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

const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Reads `judge`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Kind> {
    let threshold = match form.take("threshold") {
        Some(node) => Some(reader.number(node, "threshold", THRESHOLD)?),
        None => None,
    };
    let Some(node) = form.main("rubric") else {
        form.lacks(reader, "rubric", "judge: \"Names the 30-day window. Promises no money.\"");
        return None;
    };
    let rubric = reader.text(node, "judge")?.trim().to_owned();
    if rubric.is_empty() {
        reader.error(node.mark, "`judge` has an empty rubric", "say what a good answer does");
        return None;
    }
    Some(Kind::Judge(JudgeCheck { rubric, threshold }))
}

impl JudgeCheck {
    pub fn rubric(&self) -> &str {
        &self.rubric
    }

    pub fn label(&self) -> String {
        format!("judge {}", quoted(&self.rubric))
    }

    pub fn question(&self, input: &ScoringInput<'_>) -> JudgeQuestion {
        let response = input.subject.response;
        JudgeQuestion {
            rubric: self.rubric.clone(),
            expected: input.scoring.expected.map(str::to_owned),
            answer: response.text.clone(),
            tool_calls: response.tool_calls.clone(),
            stop: response.stop.clone(),
        }
    }

    pub fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(judge) = input.scoring.judge else {
            return Finding::unscored("no judge model is configured (`models: {judge: ...}`)");
        };
        match input.readings.get(&self.question(input).id()) {
            None => Finding::not_asked(),
            Some(JudgeReading::Unreadable(why)) => {
                Finding::unscored(format!("the judge is unreadable: {}", passage(why)))
            }
            Some(JudgeReading::Read { score, reason }) => {
                let threshold = self.threshold.unwrap_or(judge.threshold);
                let passed = *score >= threshold;
                let relation = if passed { "reaches" } else { "is below" };
                let (shown, threshold) = (number(*score), number(threshold));
                let said = if reason.is_empty() { String::new() } else { format!(": {}", passage(reason)) };
                Finding::graded(passed, *score, format!("the judge's {shown} {relation} {threshold}{said}"))
            }
        }
    }
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
            return Self::Unreadable(format!("it stopped with {}", tool::name(&response.stop)));
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
