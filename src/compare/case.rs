//! One case for the report: its input, both answers and the results of the checks.

use super::redaction::Redaction;
use crate::assay::{Kept, PromptAssay};
use crate::check::{CaseScore, Outcome, Score};
use crate::gate;
use crate::model::{Response, Role};
use crate::report::{AnswerView, CaseFinding, CaseStatus, CheckFailure, Rate};
use crate::trial::{Call, Phase, Side};

/// A case's finding with this status.
pub(super) fn finding(
    assay: &PromptAssay,
    index: usize,
    status: CaseStatus,
    redaction: &Redaction,
) -> CaseFinding {
    let change = assay.case(index);
    let input = change.candidate.messages.iter().rev().find(|message| message.role == Role::User);
    let input = input.map(|message| message.text.as_str()).unwrap_or_default();
    let expected = change.case.expected.as_deref();
    let view = |side| {
        let call = Call { case: index, side, phase: Phase::Screen, k: 0 };
        assay.kept(&call).map(|kept| answer(kept, &[input, expected.unwrap_or_default()], redaction))
    };
    CaseFinding {
        id: change.case.id.clone(),
        tags: change.case.tags.clone(),
        must_pass: change.case.must_pass,
        input: redaction.apply(input),
        expected: expected.map(|text| redaction.apply(text)),
        status,
        baseline: view(Side::Baseline),
        candidate: view(Side::Candidate),
        baseline_reruns: None,
        candidate_reruns: None,
        stability: None,
    }
}

/// Passes of re-runs; `None` when there were none.
pub(super) fn reruns(tally: gate::Tally) -> Option<Rate> {
    (tally.of > 0).then_some(Rate { passed: tally.passed as usize, of: tally.of as usize })
}

/// `quoted` is what reasons may quote beside the answer itself.
fn answer(kept: &Kept, quoted: &[&str], redaction: &Redaction) -> AnswerView {
    match kept {
        Kept::Failed(error) => AnswerView {
            text: String::new(),
            score: None,
            passed: false,
            failures: vec![CheckFailure {
                check: "call".to_owned(),
                reason: redaction.apply_to_quotes(&error.to_string(), quoted),
            }],
        },
        Kept::Answered { answer, score, .. } => {
            let (value, passed) = match score.score {
                Score::Scored { value, passed } => (Some(value), passed),
                Score::Unscored { .. } => (None, false),
            };
            let text = shown(&answer.response);
            let sources = [quoted, &[text.as_str()]].concat();
            AnswerView {
                text: redaction.apply(&text),
                score: value,
                passed,
                failures: failures(score, &sources, redaction),
            }
        }
    }
}

fn failures(score: &CaseScore, sources: &[&str], redaction: &Redaction) -> Vec<CheckFailure> {
    score
        .results
        .iter()
        .filter(|result| matches!(result.outcome, Outcome::Failed | Outcome::Unscored))
        .map(|result| CheckFailure {
            check: redaction.apply_to_quotes(&result.label, sources),
            reason: redaction.apply_to_quotes(&result.reason, sources),
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
