//! `pairwise`: the answer against the old prompt's, in both orders. A preference counts only if both orders agree:
//! a judge that likes whatever stands first yields ties.
//!
//! Every answer of either side is compared with one and the same answer, the old prompt's at screening. So if the
//! prompts are equal, the scores of both sides have the same distribution.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::family::{Family, PassMark};
use super::super::finding::Finding;
use super::super::form::Form;
use super::super::quote::{passage, quoted, shown_json};
use super::super::reader::Reader;
use super::super::scoring_input::ScoringInput;
use super::opinion::{Opinion, not_asked, obstacle, of_check, unreadable};
use super::task::{Asks, Property, Task, Verdict};
use super::voice::voices;
use crate::config::JudgeKind;
use crate::document::{Datum, Node};
use crate::model::Response;

/// Whether the other answer stands first.
const ORDERS: [bool; 2] = [false, true];
/// The score of an answer that is neither better nor worse.
const TIE: f64 = 0.5;

/// What makes an answer the better one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::check) struct PairwiseCheck {
    rubric: String,
}

/// The question: which of two answers is better.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pairwise {
    /// What makes an answer the better one.
    pub rubric: String,
    /// The other answer.
    pub other: Shown,
    /// Whether the other answer stands first.
    pub other_first: bool,
}

/// An answer as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    text: String,
    tool_calls: Vec<String>,
}

impl Shown {
    fn of(response: &Response) -> Self {
        let call =
            |call: &crate::model::ToolCall| json!({"name": call.name, "arguments": call.input}).to_string();
        Self { text: response.text.clone(), tool_calls: response.tool_calls.iter().map(call).collect() }
    }
}

/// Reads `pairwise`: `true`, or what makes an answer the better one.
pub(in crate::check) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<PairwiseCheck> {
    let rubric = match form.main("rubric") {
        None | Some(Node { datum: Datum::Bool(true), .. }) => String::new(),
        Some(node) => reader.text(node, "pairwise")?.trim().to_owned(),
    };
    let rubric = if rubric.is_empty() { "The better answer helps the user more.".to_owned() } else { rubric };
    Some(PairwiseCheck { rubric })
}

impl Family for PairwiseCheck {
    fn label(&self) -> String {
        format!("pairwise {}", quoted(&self.rubric))
    }

    fn pass_mark(&self) -> Option<PassMark> {
        Some(PassMark::Compared)
    }

    fn tasks(&self, input: &ScoringInput<'_>) -> Vec<Task> {
        let Some(reference) = input.reference.filter(|reference| !is_same(reference, input.response)) else {
            return Vec::new();
        };
        ORDERS
            .map(|other_first| {
                let other = Shown::of(reference);
                Task::new(Pairwise { rubric: self.rubric.clone(), other, other_first })
            })
            .to_vec()
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(reference) = input.reference else {
            return Finding::unscored("there is no answer of the old prompt to compare with");
        };
        if is_same(reference, input.response) {
            return Finding::graded(true, TIE, "a tie: it is the old prompt's answer".to_owned());
        }
        if let Some(finding) = obstacle(input) {
            return finding;
        }
        let mut preferred = Vec::new();
        let mut reasons = Vec::new();
        let mut parts = Vec::new();
        for (task, other_first) in self.tasks(input).into_iter().zip(ORDERS) {
            let question = input.question(task);
            match of_check(self, input, &question) {
                Opinion::Open(_) => return not_asked(),
                Opinion::Unreadable(vote, why) => return unreadable(input, vote, why),
                // 1: the first is better.
                Opinion::Decided(verdict) => {
                    preferred.push(if other_first { 1.0 - verdict.score } else { verdict.score });
                    reasons.push(verdict.reason.to_owned());
                    let (order, passes): (_, fn(f64) -> bool) = match other_first {
                        true => ("the old prompt's answer first", |score| score <= TIE),
                        false => ("the new prompt's answer first", |score| score >= TIE),
                    };
                    let voices = voices(input, &question);
                    parts
                        .extend(voices.iter().map(|voice| voice.told(&format!("pairwise, {order}"), passes)));
                }
            }
        }
        let all = |better: fn(&f64) -> bool| preferred.iter().all(better);
        let because = reasons.iter().find(|reason| !reason.is_empty());
        let because = because.map(|reason| format!(": {}", passage(reason))).unwrap_or_default();
        let finding = if all(|score| *score > TIE) {
            Finding::graded(true, 1.0, format!("better than the old prompt's answer in both orders{because}"))
        } else if all(|score| *score < TIE) {
            Finding::graded(false, 0.0, format!("worse than the old prompt's answer in both orders{because}"))
        } else {
            Finding::graded(true, TIE, "a tie: the two orders do not agree on a better answer".to_owned())
        };
        Finding { parts, ..finding }
    }
}

fn is_same(reference: &Response, response: &Response) -> bool {
    reference.text == response.text && reference.tool_calls == response.tool_calls
}

impl Asks for Pairwise {
    fn kind(&self) -> JudgeKind {
        JudgeKind::Pairwise
    }

    fn looks_for(&self) -> Vec<(&'static str, String)> {
        vec![("Rubric", self.rubric.clone())]
    }

    fn answers(&self, answer: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        let named = |texts: Vec<String>, first: bool| {
            let name = if first { "first_answer" } else { "second_answer" };
            texts.into_iter().map(move |text| (name, text))
        };
        let ours = answer.into_iter().map(|(_, text)| text).collect();
        let other = [self.other.text.clone()].into_iter().chain(self.other.tool_calls.clone()).collect();
        let (one, two) = if self.other_first { (other, ours) } else { (ours, other) };
        named(one, true).chain(named(two, false)).collect()
    }

    fn properties(&self) -> Vec<Property> {
        vec![
            Property::text(
                "reasoning",
                "One to three sentences: what makes one of them better, or both as good.",
            ),
            Property::new("better", json!({"type": "string", "enum": ["first", "second", "equal"]})),
        ]
    }

    fn demand(&self) -> String {
        "Say which of the two answers is better by the rubric, the first or the second, or that they are equal. Their \
         order and their length mean nothing."
            .to_owned()
    }

    fn read(&self, object: &Value) -> Result<Verdict, String> {
        let written = &object["better"];
        let score = match written.as_str().map(str::trim) {
            Some("first") => 1.0,
            Some("second") => 0.0,
            Some("equal") => TIE,
            _ => return Err(format!("its `better` is {}", shown_json(written))),
        };
        Ok(Verdict::new(score, object["reasoning"].as_str().unwrap_or_default()))
    }
}
