//! One answer under one scoring, as the checks see it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Response;
use crate::prompt::ScoreMode;

use super::inquiry::{Question, Readings};
use super::judge::{Judge, JudgeQuestion, Task};

/// What a check looks at.
#[derive(Clone, Copy)]
pub(super) struct ScoringInput<'a> {
    /// The text: the answer's, or what stands at a path of it.
    pub text: &'a str,
    /// The whole answer, however it stopped.
    pub response: &'a Response,
    /// US dollars of the call; `None` when the model has no price.
    pub cost_usd: Option<f64>,
    /// The case's `expected`.
    pub expected: Option<&'a str>,
    /// The case's variables; `None`: not known.
    pub variables: Option<&'a BTreeMap<String, Value>>,
    /// The old prompt's answer, for checks that compare.
    pub reference: Option<&'a Response>,
    /// Whether it is a fresh answer of a suspect.
    pub is_fresh: bool,
    /// Pass/fail or graded.
    pub mode: ScoreMode,
    /// Who answers judge checks; `None` leaves them unscored.
    pub judge: Option<&'a Judge>,
    /// What the judge and other models have said.
    pub readings: &'a Readings,
}

impl ScoringInput<'_> {
    /// A question to the judge about the answer.
    pub fn question(&self, task: Task) -> Question {
        Question::Judge(JudgeQuestion {
            task,
            expected: self.expected.map(str::to_owned),
            answer: self.response.text.clone(),
            tool_calls: self.response.tool_calls.clone(),
            stop: self.response.stop.clone(),
        })
    }
}
