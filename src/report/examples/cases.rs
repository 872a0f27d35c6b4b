//! Cases of the customer-service golden set, with both answers.

use std::sync::Arc;

use crate::check::Outcome;
use crate::report::{
    AnswerDetail, AnswerView, CaseDetail, CaseFinding, CaseResult, CaseState, CaseStatus, CheckDetail,
    CheckFailure, Measured, PromptReport, Rate, Rerun,
};
use crate::trial::{Phase, Side};

fn answer(text: &str, failures: &[(&str, &str)]) -> AnswerView {
    AnswerView {
        text: text.to_owned(),
        score: Some(if failures.is_empty() { 1.0 } else { 0.0 }),
        passed: failures.is_empty(),
        failures: failures
            .iter()
            .map(|(check, reason)| CheckFailure { check: (*check).into(), reason: (*reason).into() })
            .collect(),
    }
}

/// A refund that came too late: the candidate grants it.
pub fn refund_late() -> CaseFinding {
    CaseFinding {
        id: "refund-late".into(),
        tags: vec!["policy".into(), "refund".into()],
        must_pass: false,
        input: "I bought this 45 days ago, can I have my money back?".into(),
        expected: Some("Refuses politely, names the 30-day window.".into()),
        status: CaseStatus::Broken,
        baseline: Some(answer(
            r#"{"intent":"refund","reply":"I am sorry, refunds are possible within 30 days of purchase."}"#,
            &[],
        )),
        candidate: Some(answer(
            r#"{"intent":"refund","reply":"Good news: your refund is approved!"}"#,
            &[
                ("not contains", "the answer contains \"refund is approved\""),
                ("judge", "score 0.2, needs 0.7: promises money"),
            ],
        )),
        baseline_reruns: Some(Rate { passed: 3, of: 3 }),
        candidate_reruns: Some(Rate { passed: 0, of: 3 }),
        stability: None,
    }
}

/// An angry customer: the candidate drops the JSON.
pub fn angry() -> CaseFinding {
    CaseFinding {
        id: "angry-caps-de".into(),
        tags: vec!["german".into(), "tone".into()],
        must_pass: false,
        input: "WO BLEIBT MEIN PAKET???".into(),
        expected: None,
        status: CaseStatus::Broken,
        baseline: Some(answer(
            r#"{"intent":"delivery","reply":"Das tut mir leid. Wie lautet die Bestellnummer?"}"#,
            &[],
        )),
        candidate: Some(answer(
            "Das tut mir leid! Wie lautet die Bestellnummer?",
            &[("json_keys", "the answer is not JSON: expected value at line 1 column 1")],
        )),
        baseline_reruns: Some(Rate { passed: 3, of: 3 }),
        candidate_reruns: Some(Rate { passed: 0, of: 3 }),
        stability: None,
    }
}

/// The case the edit was made for.
pub fn fixed() -> CaseFinding {
    let good = answer(r#"{"intent":"warranty","reply":"Yes, two years."}"#, &[]);
    let bad = answer(
        r#"{"intent":"refund","reply":"Yes, two years."}"#,
        &[("json_path", "$.intent is \"refund\", expected \"warranty\"")],
    );
    CaseFinding {
        id: "warranty-question".into(),
        tags: Vec::new(),
        input: "Is there a warranty?".into(),
        expected: None,
        status: CaseStatus::Fixed,
        baseline: Some(bad),
        candidate: Some(good),
        baseline_reruns: None,
        candidate_reruns: None,
        stability: None,
        must_pass: false,
    }
}

/// A suspect that passed on re-run.
pub fn flaky() -> CaseFinding {
    CaseFinding {
        id: "haiku-request".into(),
        status: CaseStatus::PassedOnRerun,
        baseline_reruns: None,
        candidate_reruns: Some(Rate { passed: 1, of: 1 }),
        stability: None,
        ..angry()
    }
}

/// Every case of a prompt: those in its lists with their texts, the others as passing on both sides.
pub fn results(prompt: &PromptReport) -> Vec<CaseResult> {
    let lists = [
        (&prompt.must_pass, CaseState::MustPass),
        (&prompt.broken, CaseState::Broken),
        (&prompt.unresolved, CaseState::Unresolved),
        (&prompt.failing, CaseState::Failing),
        (&prompt.drifting, CaseState::Drifting),
        (&prompt.flaky, CaseState::Flaky),
        (&prompt.fixed, CaseState::Fixed),
    ];
    let listed: Vec<CaseResult> = lists
        .into_iter()
        .flat_map(|(cases, state)| cases.iter().map(move |case| listed(case, state)))
        .collect();
    let has_baseline = prompt.baseline.is_some();
    let others = prompt.head.cases.compare.iter().chain(&prompt.head.cases.score).skip(listed.len());
    let others = others.enumerate().map(|(i, id)| {
        let found = Some(measured(true, Some(1.0), 700 + 13 * (i as u64 % 50)));
        CaseResult {
            id: id.clone(),
            state: CaseState::Passing,
            tags: vec!["shipping".to_owned()],
            baseline: found.filter(|_| has_baseline),
            candidate: found,
            detail: None,
        }
    });
    listed.iter().cloned().chain(others).collect()
}

fn measured(passed: bool, score: Option<f64>, latency_ms: u64) -> Measured {
    Measured { passed, score, latency_ms: Some(latency_ms), cost_usd: Some(0.0001) }
}

fn listed(case: &CaseFinding, state: CaseState) -> CaseResult {
    let numbers = |view: &Option<AnswerView>, ms| view.as_ref().map(|a| measured(a.passed, a.score, ms));
    let detail = case.baseline.is_some().then(|| Arc::new(detail(case)));
    CaseResult {
        id: case.id.clone(),
        state,
        tags: case.tags.clone(),
        baseline: numbers(&case.baseline, 812),
        candidate: numbers(&case.candidate, 640),
        detail,
    }
}

fn detail(case: &CaseFinding) -> CaseDetail {
    let check = |check: &str, outcome, reason: &str| CheckDetail {
        check: check.to_owned(),
        outcome,
        reason: reason.to_owned(),
    };
    let sides = [&case.baseline, &case.candidate].into_iter().flatten();
    let labels: Vec<&str> = sides.flat_map(|view| &view.failures).map(|f| f.check.as_str()).collect();
    let answer = |view: &AnswerView| {
        let found = labels.iter().map(|label| match view.failures.iter().find(|f| f.check == *label) {
            Some(failure) => check(label, Outcome::Failed, &failure.reason),
            None => check(label, Outcome::Passed, "as wanted"),
        });
        let length = check("length", Outcome::Passed, "12 words, at most 120");
        AnswerDetail { text: view.text.clone(), checks: found.chain([length]).collect() }
    };
    let reruns = [(Side::Baseline, &case.baseline), (Side::Candidate, &case.candidate)];
    let reruns = reruns.into_iter().filter_map(|(side, view)| {
        let view = view.as_ref()?;
        let measured = measured(view.passed, view.score, 700);
        Some(Rerun { side, phase: Phase::Confirm, k: 1, measured, answer: answer(view) })
    });
    CaseDetail {
        input: case.input.clone(),
        expected: case.expected.clone(),
        baseline: case.baseline.as_ref().map(answer),
        candidate: case.candidate.as_ref().map(answer),
        reruns: reruns.collect(),
    }
}
