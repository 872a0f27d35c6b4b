//! Tests of all families together, and their shared functions to make checks and answers.

mod injection;
mod json_kinds;
mod judge_kinds;
mod judging;
mod kinds;
mod laws;
mod reading;
mod reading_families;
mod scoring;
mod semantic;

use serde_json::{Value, json};

use crate::model::{Response, StopReason, ToolCall};
use crate::prompt::ScoreMode;

use super::*;

fn check(value: Value) -> Check {
    parse(&value).unwrap_or_else(|problems| panic!("{value}\n{problems}"))
}

fn answer(text: &str) -> Response {
    Response { latency_ms: Some(900), ..Response::saying(text) }
}

fn call(name: &str, input: Value) -> Response {
    let tool_calls = vec![ToolCall { name: name.to_owned(), input }];
    Response { tool_calls, stop: StopReason::ToolUse, ..answer("") }
}

/// What one check finds, without a judge.
fn result_of(check: &Check, response: &Response, expected: Option<&str>) -> CheckResult {
    let scoring = Scoring {
        checks: std::slice::from_ref(check),
        expected,
        mode: ScoreMode::PassFail,
        judge: None,
        ..Scoring::default()
    };
    let mut score = scoring.score(Subject { response, cost_usd: None }, &Readings::new());
    score.results.remove(0)
}

fn passes(value: Value, text: &str) -> bool {
    result_of(&check(value), &answer(text), None).outcome == Outcome::Passed
}

/// The check's label, then a line with outcome and reason for each answer.
fn told(value: Value, texts: &[&str]) -> String {
    let check = check(value);
    let mut lines = vec![check.label()];
    for text in texts {
        let result = result_of(&check, &answer(text), Some("about 30 days"));
        lines.push(format!("  {:?}: {}", result.outcome, result.reason));
    }
    lines.join("\n")
}

fn all_told(tellings: &[String]) -> String {
    tellings.join("\n")
}

/// Asserts which answers pass.
fn table(rows: &[(Value, &str, bool)]) {
    for (value, text, expected) in rows {
        assert_eq!(passes(value.clone(), text), *expected, "{value} on {text:?}");
    }
}

fn same(a: Value, b: Value) -> bool {
    let print = |value| {
        let checks = [check(value)];
        Scoring { checks: &checks, expected: None, mode: ScoreMode::Mean, judge: None, ..Scoring::default() }
            .fingerprint()
    };
    print(a) == print(b)
}

#[test]
fn equal_meaning_has_one_fingerprint() {
    for (a, b) in [
        (json!({"contains": "a"}), json!({"contains": ["a"]})),
        (json!({"contains": "a"}), json!({"contains_any": ["a"]})),
        (json!({"contains": "a"}), json!({"contains": {"value": "a", "ignore_case": false}})),
        (json!({"equals": "a"}), json!({"one_of": ["a\n"]})),
        (json!({"equals": "a", "trim": false}), json!({"trim": false, "equals": {"value": "a"}})),
        (json!({"starts_with": " a"}), json!({"starts_with": "a"})),
        (json!({"regex": "a"}), json!({"name": "finds a", "weight": 1, "regex": {"pattern": "a"}})),
        (json!({"number": 3}), json!({"number": {"value": 3.0, "tolerance": 0}})),
        (json!({"json_keys": "$.a.b"}), json!({"json_keys": ["a[\"b\"]"]})),
        (
            json!({"json_path": {"path": "a", "equals": {"x": 1.0, "y": 2}}}),
            json!({"json_path": {"equals": {"y": 2, "x": 1}, "path": "$['a']"}}),
        ),
        (json!({"json_path": "a"}), json!({"json_path": {"path": "a", "exists": true}})),
        (
            json!({"json_schema": {"type": "object", "required": ["a"]}}),
            json!({"json_schema": {"required": ["a"], "type": "object"}}),
        ),
        (json!({"judge": "polite"}), json!({"judge": {"rubric": "polite\n"}})),
        (json!({"similarity": true}), json!({"similarity": {"threshold": 0.8}})),
        (json!({"rouge": true}), json!({"rouge": {"metric": "rougeL", "measure": "f1", "threshold": 0.5}})),
    ] {
        assert!(same(a.clone(), b.clone()), "{a} and {b}");
        assert_eq!(check(a), Check { name: None, ..check(b) });
    }
}

#[test]
fn other_meaning_has_another_fingerprint() {
    for (a, b) in [
        (json!({"equals": "a"}), json!({"contains": "a"})),
        (json!({"equals": "a"}), json!({"equals": "a", "ignore_case": true})),
        (json!({"contains": ["a", "b"]}), json!({"contains_any": ["a", "b"]})),
        (json!({"contains": "a"}), json!({"contains": "a", "weight": 2})),
        (json!({"contains": " a"}), json!({"contains": "a"})),
        (json!({"number": 3}), json!({"number": {"value": 3, "tolerance": 1}})),
        (json!({"json": true}), json!({"json": true, "fenced": true})),
        (
            json!({"json_path": {"path": "a", "equals": 3}}),
            json!({"json_path": {"path": "a", "equals": "3"}}),
        ),
        (json!({"any": [{"json": true}]}), json!({"all": [{"json": true}]})),
        (json!({"judge": "polite"}), json!({"judge": "polite", "threshold": 0.9})),
    ] {
        assert!(!same(a.clone(), b.clone()), "{a} and {b}");
        assert_ne!(check(a), check(b));
    }
}

#[test]
fn every_example_of_the_documentation_is_a_check() {
    let text = include_str!("../../../docs/checks.md");
    let examples = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let mut kinds = std::collections::BTreeSet::new();
    for example in examples.flat_map(|block| block.split("\n---\n")) {
        let value: Value = serde_yaml::from_str(example).unwrap();
        kinds.extend(value.as_object().unwrap().keys().cloned());
        check(value);
    }
    let missing: Vec<&str> = kind::kinds().filter(|kind| !kinds.contains(*kind)).collect();
    assert_eq!(missing, [""; 0], "kinds without an example");
}
