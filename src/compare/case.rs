//! One case for the report: its input, both answers and what the checks said of them.

use regex::Regex;

use crate::assay::{Kept, PromptAssay};
use crate::check::{CaseScore, Outcome, Score};
use crate::gate;
use crate::model::{Response, Role};
use crate::report::{AnswerView, CaseFinding, CheckFailure, Rate};
use crate::trial::{Call, Phase, Side};

/// What is written in place of text that a redaction pattern matches.
const REDACTED: &str = "[redacted]";

/// Patterns whose matches never reach a report (`redact:` in the configuration).
#[derive(Clone, Debug, Default)]
pub struct Redaction(Vec<Regex>);

impl Redaction {
    /// Compiles patterns; the configuration has checked that they do.
    pub fn new(patterns: &[String]) -> Self {
        Self(patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect())
    }

    /// The text with every match replaced.
    pub fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, pattern| pattern.replace_all(&text, REDACTED).into_owned())
    }
}

/// A case's finding with this status; `suspect` adds its re-runs.
pub(super) fn finding(assay: &PromptAssay, index: usize, status: &str, redaction: &Redaction) -> CaseFinding {
    let change = assay.case(index);
    let input = change.candidate.messages.iter().rev().find(|message| message.role == Role::User);
    let view = |side| {
        let call = Call { case: index, side, phase: Phase::Screen, k: 0 };
        assay.kept(&call).and_then(|kept| answer(kept, redaction))
    };
    CaseFinding {
        id: change.case.id.clone(),
        tags: change.case.tags.clone(),
        must_pass: change.case.must_pass,
        input: redaction.apply(input.map(|message| message.text.as_str()).unwrap_or_default()),
        expected: change.case.expected.as_deref().map(|text| redaction.apply(text)),
        status: status.to_owned(),
        baseline: view(Side::Baseline),
        candidate: view(Side::Candidate),
        baseline_reruns: None,
        candidate_reruns: None,
    }
}

/// Passes of re-runs; `None` when there were none.
pub(super) fn reruns(tally: gate::Tally) -> Option<Rate> {
    (tally.of > 0).then_some(Rate { passed: tally.passed as usize, of: tally.of as usize })
}

fn answer(kept: &Kept, redaction: &Redaction) -> Option<AnswerView> {
    match kept {
        Kept::Failed(error) => Some(AnswerView {
            text: String::new(),
            score: None,
            passed: false,
            failures: vec![CheckFailure {
                check: "call".to_owned(),
                reason: redaction.apply(&error.to_string()),
            }],
        }),
        Kept::Answered { answer, score, .. } => {
            let (value, passed) = match score.score {
                Score::Scored { value, passed } => (Some(value), passed),
                Score::Unscored { .. } => (None, false),
            };
            Some(AnswerView {
                text: redaction.apply(&shown(&answer.response)),
                score: value,
                passed,
                failures: failures(score, redaction),
            })
        }
    }
}

fn failures(score: &CaseScore, redaction: &Redaction) -> Vec<CheckFailure> {
    score
        .results
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Failed | Outcome::Unscored))
        .map(|result| CheckFailure {
            check: redaction.apply(&result.label),
            reason: redaction.apply(&result.reason),
        })
        .collect()
}

/// The answer's text, and its tool calls as JSON lines.
fn shown(response: &Response) -> String {
    let calls = response.tool_calls.iter().filter_map(|call| serde_json::to_string(call).ok());
    let parts: Vec<String> =
        (!response.text.is_empty()).then(|| response.text.clone()).into_iter().chain(calls).collect();
    parts.join("\n")
}
