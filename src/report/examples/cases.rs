//! Cases of the customer-service golden set, with both answers.

use crate::report::{AnswerView, CaseFinding, CaseStatus, CheckFailure, Rate};

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
