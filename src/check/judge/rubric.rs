//! `judge`: the answer is scored by a rubric.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::family::{Family, PassMark};
use super::super::finding::Finding;
use super::super::form::Form;
use super::super::quote::{number, passage, quoted, shown_json};
use super::super::reader::Reader;
use super::super::scoring_input::ScoringInput;
use super::task::{Asks, Property, Task, Verdict};
use super::{judged, threshold};
use crate::config::JudgeKind;

/// A rubric and the score from which it passes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::check) struct RubricCheck {
    rubric: String,
    /// `None`: the policy's.
    threshold: Option<f64>,
}

/// The question: how far the answer meets a rubric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rubric {
    /// What to look for.
    pub text: String,
}

/// Reads `judge`.
pub(in crate::check) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<RubricCheck> {
    let threshold = threshold(reader, form.take("threshold")).ok()?;
    let Some(node) = form.main("rubric") else {
        form.lacks(reader, "rubric", "judge: \"Names the 30-day window. Promises no money.\"");
        return None;
    };
    let rubric = reader.text(node, "judge")?.trim().to_owned();
    if rubric.is_empty() {
        reader.error(node.mark, "`judge` has an empty rubric", "say what a good answer does");
        return None;
    }
    Some(RubricCheck { rubric, threshold })
}

impl Family for RubricCheck {
    fn label(&self) -> String {
        format!("judge {}", quoted(&self.rubric))
    }

    fn pass_mark(&self) -> Option<PassMark> {
        Some(self.threshold.map_or(PassMark::Policy, PassMark::Own))
    }

    fn tasks(&self, _: &ScoringInput<'_>) -> Vec<Task> {
        vec![Task::new(Rubric { text: self.rubric.clone() })]
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        judged(self, input, |verdict, threshold| {
            let relation = if verdict.passed { "reaches" } else { "is below" };
            let said = match verdict.reason {
                "" => String::new(),
                reason => format!(": {}", passage(reason)),
            };
            format!("the judge's {} {relation} {}{said}", number(verdict.score), number(threshold))
        })
    }
}

impl Asks for Rubric {
    fn kind(&self) -> JudgeKind {
        JudgeKind::Rubric
    }

    fn looks_for(&self) -> Vec<(&'static str, String)> {
        vec![("Rubric", self.text.clone())]
    }

    fn properties(&self) -> Vec<Property> {
        let score = json!({
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "0: the rubric is not met at all; 1: it is met completely."
        });
        vec![
            Property::text(
                "reasoning",
                "One to three sentences: which demands of the rubric are met, which are not.",
            ),
            Property::new("score", score),
        ]
    }

    fn demand(&self) -> String {
        "Grade {answer} by the rubric.".to_owned()
    }

    fn read(&self, object: &Value) -> Result<Verdict, String> {
        let written = &object["score"];
        match written.as_f64() {
            Some(score) if (0.0..=1.0).contains(&score) => {
                Ok(Verdict::new(score.abs(), object["reasoning"].as_str().unwrap_or_default()))
            }
            _ => Err(format!("its score is {}", shown_json(written))),
        }
    }
}
