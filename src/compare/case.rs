//! One case for the report: its input, both answers and the results of the checks.

use super::redaction::Redaction;
use crate::assay::{Kept, PromptAssay};
use crate::change::CaseChange;
use crate::check::{CheckResult, Outcome, Score};
use crate::gate;
use crate::model::{Response, Role};
use crate::report::{
    AnswerDetail, AnswerView, CaseFinding, CaseStability, CaseStatus, CheckDetail, CheckFailure, Rate,
};
use crate::trial::{Call, Phase, Side};

/// A case's finding with this status.
pub(super) fn finding(
    assay: &PromptAssay,
    index: usize,
    status: CaseStatus,
    redaction: &Redaction,
) -> CaseFinding {
    let change = assay.case(index);
    let (input, expected) = (input(change), change.case.expected.as_deref());
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
        stability: assay.setup().stability.get(&change.case.id).map(|known| CaseStability {
            passed: known.answers.passed as usize,
            of: known.answers.of as usize,
            contents: known.contents as usize,
            marginal: known.is_marginal(),
        }),
    }
}

/// The last message of the user, as sent.
pub(super) fn input(change: &CaseChange) -> &str {
    let last = change.candidate.messages.iter().rev().find(|message| message.role == Role::User);
    last.map(|message| message.text.as_str()).unwrap_or_default()
}

/// Passes of re-runs; `None` when there were none.
pub(super) fn reruns(tally: gate::Tally) -> Option<Rate> {
    (tally.of > 0).then_some(Rate { passed: tally.passed as usize, of: tally.of as usize })
}

/// `quoted` is what reasons may quote beside the answer itself.
fn answer(kept: &Kept, quoted: &[&str], redaction: &Redaction) -> AnswerView {
    let AnswerDetail { text, checks } = answer_detail(kept, quoted, redaction);
    let (score, passed) = scored(kept);
    let failures = checks
        .into_iter()
        .filter(|found| matches!(found.outcome, Outcome::Failed | Outcome::Unscored))
        .map(|found| CheckFailure { check: found.check, reason: found.reason });
    AnswerView { text, score, passed, failures: failures.collect() }
}

/// The score, `None` if there is none, and whether all checks passed.
pub(super) fn scored(kept: &Kept) -> (Option<f64>, bool) {
    match kept {
        Kept::Answered { score, .. } => match score.score {
            Score::Scored { value, passed } => (Some(value), passed),
            Score::Unscored { .. } => (None, false),
        },
        Kept::Failed(_) => (None, false),
    }
}

/// An answer with every check; of a failed call, the failure. `quoted` is what reasons may quote beside the
/// answer itself.
pub(super) fn answer_detail(kept: &Kept, quoted: &[&str], redaction: &Redaction) -> AnswerDetail {
    let (text, results) = match kept {
        Kept::Failed(error) => {
            let (label, reason) = ("call".to_owned(), error.to_string());
            (String::new(), vec![CheckResult { label, outcome: Outcome::Unscored, score: None, reason }])
        }
        Kept::Answered { answer, score, .. } => (shown(&answer.response), score.results.clone()),
    };
    let sources = [quoted, &[text.as_str()]].concat();
    let check = |result: CheckResult| CheckDetail {
        check: redaction.apply_to_quotes(&result.label, &sources),
        outcome: result.outcome,
        reason: redaction.apply_to_quotes(&result.reason, &sources),
    };
    AnswerDetail { checks: results.into_iter().map(check).collect(), text: redaction.apply(&text) }
}

/// The answer's text, and its tool calls as JSON lines.
fn shown(response: &Response) -> String {
    let calls = response.tool_calls.iter().filter_map(|call| serde_json::to_string(call).ok());
    let parts: Vec<String> =
        (!response.text.is_empty()).then(|| response.text.clone()).into_iter().chain(calls).collect();
    parts.join("\n")
}
