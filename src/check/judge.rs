//! The judge check: a model scores the answer by a rubric. Every reply without a valid score is
//! unreadable, never 0.

use serde::Serialize;

use super::family::{Family, Rubric};
use super::finding::{Finding, Outcome};
use super::form::Form;
use super::judge_question::JudgeReading;
use super::quote::{number, passage, quoted};
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// A rubric and the score from which it passes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct JudgeCheck {
    rubric: String,
    /// `None`: the policy's.
    threshold: Option<f64>,
}

const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Reads `judge`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<JudgeCheck> {
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
    Some(JudgeCheck { rubric, threshold })
}

impl Family for JudgeCheck {
    fn label(&self) -> String {
        format!("judge {}", quoted(&self.rubric))
    }

    fn rubric(&self) -> Option<Rubric<'_>> {
        Some(Rubric { text: &self.rubric, threshold: self.threshold })
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let Some(judge) = input.judge else {
            return Finding::unscored("no judge model is configured (`models: {judge: ...}`)");
        };
        match input.readings.get(&input.question(&self.rubric).id()) {
            None => Finding::without_score(Outcome::NotAsked, "the judge was not asked"),
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
