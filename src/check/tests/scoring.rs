//! The decisions about scores (decisions.md#score-of-a-case).

use std::collections::BTreeMap;

use super::*;
use crate::config::JudgePolicy;

pub(super) fn judge() -> Judge {
    Judge::new(["judge-model".to_owned()].into_iter().collect(), &BTreeMap::new(), &JudgePolicy::default())
}

pub(super) fn checks(values: Value) -> Vec<Check> {
    values.as_array().unwrap().iter().cloned().map(check).collect()
}

fn read_as(open: &OpenQuestion, score: f64) -> (QuestionId, Vec<Reading>) {
    let vote = Reading::Read { score, reason: "because".to_owned(), points: Vec::new() };
    (open.question.id(), vec![vote; 3])
}

/// Scores a text; the judge gives every question the same reading.
fn score(values: Value, mode: ScoreMode, text: &str, reading: Option<Reading>) -> CaseScore {
    let (checks, judge, response) = (checks(values), judge(), answer(text));
    let scoring =
        Scoring { checks: &checks, expected: None, mode, judge: Some(&judge), ..Scoring::default() };
    let subject = Subject { response: &response, cost_usd: None };
    let questions = scoring.questions(subject, &Readings::new());
    let readings =
        questions.iter().filter_map(|q| Some((q.question.id(), vec![reading.clone()?; 3]))).collect();
    scoring.score(subject, &readings)
}

fn scored(value: f64, passed: bool) -> Score {
    Score::Scored { value, passed }
}

#[test]
fn pass_fail_is_one_only_if_all_checks_pass() {
    let checks = json!([{"contains": "a"}, {"contains": "b"}, {"similarity": "ab", "threshold": 0.5}]);
    assert_eq!(score(checks.clone(), ScoreMode::PassFail, "ab", None).score, scored(1.0, true));
    assert_eq!(score(checks.clone(), ScoreMode::PassFail, "abc", None).score, scored(1.0, true));
    assert_eq!(score(checks, ScoreMode::PassFail, "a", None).score, scored(0.0, false));
}

#[test]
fn graded_is_the_weighted_mean() {
    let checks = json!([
        {"contains": "a", "weight": 3},
        {"contains": "z"},
        {"similarity": "ab", "threshold": 0.5, "weight": 4}
    ]);
    let result = score(checks, ScoreMode::Mean, "a", None);
    assert_eq!(result.score, scored((3.0 + 4.0 * 2.0 / 3.0) / 8.0, false));
    let judged = json!([{"judge": "polite"}, {"contains": "a"}]);
    let reading = Reading::Read { score: 0.75, reason: String::new(), points: Vec::new() };
    assert_eq!(score(judged, ScoreMode::Mean, "a", Some(reading)).score, scored(0.875, true));
}

#[test]
fn judge_and_similarity_pass_at_their_threshold() {
    let at = |values: Value, value: f64| {
        let reading = Reading::Read { score: value, reason: String::new(), points: Vec::new() };
        score(values, ScoreMode::PassFail, "x", Some(reading)).score
    };
    assert_eq!(at(json!([{"judge": "r"}]), 0.7), scored(1.0, true));
    assert_eq!(at(json!([{"judge": "r"}]), 0.69), scored(0.0, false));
    assert_eq!(at(json!([{"judge": "r", "threshold": 0.9}]), 0.89), scored(0.0, false));
    assert!(passes(json!({"similarity": "abcd", "threshold": 0.75}), "bcde"));
    assert!(!passes(json!({"similarity": "abcd", "threshold": 0.76}), "bcde"));
}

#[test]
fn one_unscored_check_leaves_the_case_unscored() {
    let unreadable = Some(Reading::Unreadable("it wrote a poem".to_owned()));
    for mode in [ScoreMode::PassFail, ScoreMode::Mean] {
        let result = score(json!([{"contains": "a"}, {"judge": "polite"}]), mode, "a", unreadable.clone());
        let Score::Unscored { reason } = result.score else { panic!("{:?}", result.score) };
        insta::allow_duplicates! { insta::assert_snapshot!(reason, @r#"judge "polite": the judge is unreadable: it wrote a poem"#); }
    }
    let missing = score(json!([{"equals": {"expected": true}}]), ScoreMode::PassFail, "a", None);
    assert_eq!(missing.results[0].outcome, Outcome::Unscored);
    assert!(matches!(missing.score, Score::Unscored { .. }));
}

#[test]
fn a_failed_check_decides_pass_fail_without_the_unscored_one() {
    let checks = json!([{"contains": "z"}, {"equals": {"expected": true}}, {"judge": "polite"}]);
    let result = score(checks.clone(), ScoreMode::PassFail, "a", None);
    assert_eq!(result.score, scored(0.0, false));
    let outcomes: Vec<Outcome> = result.results.iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Unscored, Outcome::NotAsked]);
    assert!(matches!(score(checks, ScoreMode::Mean, "a", None).score, Score::Unscored { .. }));
}

#[test]
fn latency_and_cost_are_advisory() {
    let checks = checks(json!([{"contains": "a"}, {"latency": 100}, {"cost": {"max_usd": 0.001}}]));
    let response = answer("a");
    for mode in [ScoreMode::PassFail, ScoreMode::Mean] {
        let scoring = Scoring { checks: &checks, expected: None, mode, judge: None, ..Scoring::default() };
        let bare = Scoring { checks: &checks[..1], ..scoring };
        assert_eq!(scoring.fingerprint(), bare.fingerprint());
        for cost_usd in [None, Some(0.0005), Some(5.0)] {
            let result = scoring.score(Subject { response: &response, cost_usd }, &Readings::new());
            assert_eq!(result.score, scored(1.0, true));
        }
    }
    let scoring = Scoring {
        checks: &checks,
        expected: None,
        mode: ScoreMode::PassFail,
        judge: None,
        ..Scoring::default()
    };
    let told = |cost_usd| {
        let result = scoring.score(Subject { response: &response, cost_usd }, &Readings::new());
        let told =
            result.results[1..].iter().map(|r| format!("{} | {:?} | {}", r.label, r.outcome, r.reason));
        told.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!([told(None), told(Some(0.0005)), told(Some(5.0))].join("\n"), @r#"
    latency at most 100 ms | AdvisoryMissed | took 900 ms, at most 100 asked for
    cost at most $0.001 | AdvisoryUnknown | the cost is unknown: the model has no price
    latency at most 100 ms | AdvisoryMissed | took 900 ms, at most 100 asked for
    cost at most $0.001 | AdvisoryMet | cost $0.0005, at most $0.001 asked for
    latency at most 100 ms | AdvisoryMissed | took 900 ms, at most 100 asked for
    cost at most $0.001 | AdvisoryMissed | cost $5, at most $0.001 asked for
    "#);
}

#[test]
fn a_case_of_advisory_checks_alone_has_no_score() {
    let result = score(json!([{"latency": 100}]), ScoreMode::PassFail, "a", None);
    assert_eq!(result.score, Score::Unscored { reason: "no check that scores".to_owned() });
}

#[test]
fn a_cut_answer_is_checked_and_the_reason_says_so() {
    let checks = checks(json!([{"contains": "Dear"}, {"json": true}]));
    let scoring = Scoring {
        checks: &checks,
        expected: None,
        mode: ScoreMode::PassFail,
        judge: None,
        ..Scoring::default()
    };
    let score = |stop| {
        let response = Response { stop, ..answer("Dear An") };
        scoring.score(Subject { response: &response, cost_usd: None }, &Readings::new())
    };
    for stop in
        [StopReason::ContentFiltered, StopReason::GuardrailIntervened, StopReason::MalformedModelOutput]
    {
        assert_eq!(score(stop).score, scored(0.0, false));
    }
    let cut = score(StopReason::MaxTokens);
    assert_eq!(cut.results[0].outcome, Outcome::Passed);
    insta::assert_snapshot!(cut.results[1].reason, @r#"not JSON: "Dear An" (the model stopped with max_tokens)"#);
}

#[test]
fn the_judge_is_asked_only_what_can_still_matter() {
    let asked = |values: Value, mode: ScoreMode| {
        let (checks, judge, response) = (checks(values), judge(), answer("a"));
        let scoring =
            Scoring { checks: &checks, expected: None, mode, judge: Some(&judge), ..Scoring::default() };
        let questions = scoring.questions(Subject { response: &response, cost_usd: None }, &Readings::new());
        let rubric = |open: OpenQuestion| {
            open.question.task().unwrap().content()["text"].as_str().unwrap_or_default().to_owned()
        };
        questions.into_iter().map(rubric).collect::<Vec<_>>().join(",")
    };
    use ScoreMode::{Mean, PassFail};
    for (values, mode, rubrics) in [
        (json!([{"judge": "r"}, {"judge": "s"}]), PassFail, "r,s"),
        (json!([{"judge": "r"}, {"judge": "r", "threshold": 0.9}]), PassFail, "r"),
        (json!([{"judge": "r"}, {"contains": "z"}]), PassFail, ""),
        (json!([{"judge": "r"}, {"contains": "z"}]), Mean, "r"),
        (json!([{"any": [{"judge": "r"}, {"contains": "a"}]}]), PassFail, ""),
        (json!([{"any": [{"judge": "r"}, {"contains": "z"}]}]), PassFail, "r"),
        (json!([{"any": [{"judge": "r"}, {"contains": "a"}]}]), Mean, ""),
        (json!([{"any": [{"judge": "r"}, {"similarity": "ab", "threshold": 0.1}]}]), Mean, "r"),
        (json!([{"all": [{"judge": "r"}, {"contains": "z"}]}]), Mean, ""),
        (json!([{"not": {"all": [{"judge": "r"}, {"contains": "a"}]}}]), PassFail, "r"),
    ] {
        assert_eq!(asked(values.clone(), mode), rubrics, "{values} {mode:?}");
    }
}

#[test]
fn a_judge_that_failed_spares_the_questions_after_it() {
    let (checks, judge, response) = (checks(json!([{"judge": "r"}, {"judge": "s"}])), judge(), answer("a"));
    let scoring = Scoring {
        checks: &checks,
        expected: None,
        mode: ScoreMode::PassFail,
        judge: Some(&judge),
        ..Scoring::default()
    };
    let subject = Subject { response: &response, cost_usd: None };
    let questions = scoring.questions(subject, &Readings::new());
    let readings = Readings::from([read_as(&questions[0], 0.2)]);
    assert_eq!(scoring.questions(subject, &readings), []);
    assert_eq!(scoring.score(subject, &readings).score, scored(0.0, false));
    let readings = Readings::from([read_as(&questions[0], 0.9)]);
    assert_eq!(scoring.questions(subject, &readings), questions[1..]);
}

#[test]
fn the_fingerprint_holds_what_decides_and_nothing_else() {
    let plain = checks(json!([{"contains": "a"}]));
    let renamed = checks(json!([{"contains": "a", "name": "A", "weight": 2}]));
    let judged = checks(json!([{"judge": "r"}]));
    let (first, second) = (judge(), Judge { models: ["other".to_owned()].into_iter().collect(), ..judge() });
    let print = |checks, mode, expected, judge| {
        Scoring { checks, expected, mode, judge, ..Scoring::default() }.fingerprint()
    };
    use ScoreMode::{Mean, PassFail};
    let base = print(&plain, PassFail, None, None);
    assert_eq!(base, print(&renamed, PassFail, Some("unused"), Some(&first)));
    assert_ne!(base, print(&plain, Mean, None, None));
    assert_ne!(print(&plain, Mean, None, None), print(&renamed, Mean, None, None));
    let asked = print(&judged, PassFail, None, Some(&first));
    assert_ne!(asked, print(&judged, PassFail, None, Some(&second)));
    assert_ne!(asked, print(&judged, PassFail, Some("used"), Some(&first)));
    let lenient = Judge { threshold: 0.1, ..judge() };
    assert_ne!(asked, print(&judged, PassFail, None, Some(&lenient)));
    let own = checks(json!([{"judge": "r", "threshold": 0.5}]));
    assert_eq!(print(&own, PassFail, None, Some(&first)), print(&own, PassFail, None, Some(&lenient)));
}
