//! The JSON against its committed schema, reading it back, and its stable parts.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::report::examples::{self, hostile};
use crate::report::markdown::{self, Limits};

const REPORT_SCHEMA: &str = include_str!("../../../schemas/report.schema.json");
const PLAN_SCHEMA: &str = include_str!("../../../schemas/plan.schema.json");

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::draft202012::meta::validate(&value(schema)).expect("a valid schema");
    jsonschema::validator_for(&value(schema)).expect("a schema that compiles")
}

#[test]
fn every_verdict_fits_the_schema() {
    let validator = validator(REPORT_SCHEMA);
    for (name, report) in examples::all() {
        let errors: Vec<String> = validator
            .iter_errors(&value(&render(&report)))
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_plan_fits_its_schema() {
    let plan = value(&render_plan(&examples::plan()));
    let validator = validator(PLAN_SCHEMA);
    assert!(validator.is_valid(&plan));
    for variant in mutated(&plan) {
        assert!(!validator.is_valid(&variant), "{variant:#}");
    }
}

/// The value with, at one object each, one key more or one key less.
fn mutated(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Object(map) => {
            let mut more = map.clone();
            more.insert("unknown".into(), json!("x"));
            out.push(Value::Object(more));
            for (key, inner) in map {
                let mut less = map.clone();
                less.shift_remove(key);
                out.push(Value::Object(less));
                for changed in mutated(inner) {
                    let mut copy = map.clone();
                    copy[key] = changed;
                    out.push(Value::Object(copy));
                }
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate().take(2) {
                for changed in mutated(item) {
                    let mut copy = items.clone();
                    copy[i] = changed;
                    out.push(Value::Array(copy));
                }
            }
        }
        _ => {}
    }
    out
}

#[test]
fn unknown_and_missing_keys_fail_everywhere_in_schema_and_reader() {
    let validator = validator(REPORT_SCHEMA);
    let report = value(&render(&examples::below_floor()));
    for variant in mutated(&report) {
        // Classes of error are free words: one more or one less is no other shape.
        if variant["calls"]["retries"] != report["calls"]["retries"]
            && variant["calls"]["retries"].is_object()
        {
            continue;
        }
        assert!(!validator.is_valid(&variant), "{variant:#}");
        let has_one_more = variant.to_string().len() > report.to_string().len();
        let read = parse(&variant.to_string());
        assert!(!has_one_more || matches!(read, Err(ReadError::Shape(_))), "{variant:#}");
    }
}

#[test]
fn keys_stand_in_the_promised_order() {
    let report = value(&render(&examples::confirmed_breaks()));
    let promised = |object: &Value, keys: &[&str]| {
        let order: Vec<&String> = object.as_object().expect("an object").keys().collect();
        let places: Vec<usize> =
            keys.iter().map(|key| order.iter().position(|k| k == key).expect("a promised key")).collect();
        assert!(places.is_sorted(), "{order:?}");
    };
    promised(
        &report,
        &[
            "schema_version",
            "base",
            "head",
            "tier",
            "verdict",
            "exit_code",
            "prompts",
            "calls",
            "cost",
            "times",
            "warnings",
            "moved_bars",
        ],
    );
    promised(
        &report["prompts"][0],
        &[
            "id",
            "catalog",
            "line",
            "change",
            "causes",
            "cases",
            "verdict",
            "reason",
            "sentence",
            "capital",
            "limit",
            "evidence",
            "paid",
            "baseline",
            "candidate",
            "screened",
            "difference",
            "broken",
            "fixed",
            "flaky",
            "lost",
            "calls",
            "cost",
        ],
    );
    assert_eq!(report["prompts"][0]["broken"], json!(["angry-caps-de", "refund-late"]), "sorted");
    assert_eq!(report["prompts"][0]["difference"], Value::Null, "stopped early");
    assert_eq!(report["prompts"][0]["causes"], json!(["text"]));
}

#[test]
fn a_saved_report_renders_the_same() {
    for (name, report) in examples::all() {
        let read = parse(&render(&report)).expect(name);
        let markdown = |report: &Report| markdown::render(report, Limits::default());
        assert_eq!(markdown(&read), markdown(&report), "{name}");
        assert_eq!(render(&read), render(&report), "{name}");
    }
}

/// Design decision 10.3: identical JSON leaves out `times`, `calls` and `cost.spent_usd`.
#[test]
fn design_10_3_what_is_stable_leaves_out_times_calls_and_spending_only() {
    let first = examples::several();
    let mut again = first.clone();
    again.wall_ms = 1;
    again.spend.paid_calls = 0;
    (again.spend.input_tokens, again.spend.output_tokens) = (0, 0);
    again.spend.retries.clear();
    again.spend.calls.cached = 400;
    again.cost.spent_usd = Some(0.0);
    for prompt in &mut again.prompts {
        prompt.calls.cached = 200;
        prompt.cost.spent_usd = Some(0.0);
    }
    let (first, again) = (value(&render(&first)), value(&render(&again)));
    assert_ne!(first, again);
    assert_eq!(stable(&first), stable(&again));
    let kept = stable(&first);
    assert_eq!(kept.as_object().map(|o| o.len() + 2), first.as_object().map(|o| o.len()));
    assert_eq!(kept["prompts"][0]["cost"]["verdict_usd"], first["prompts"][0]["cost"]["verdict_usd"]);
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let error = |text: &str| parse(text).expect_err("an error").to_string();
    insta::assert_snapshot!(error("verdict: OK"), @"
    not a JSON report: expected value at line 1 column 1
      = pass a file written by `prompt-assay eval --format json`
    ");
    insta::assert_snapshot!(error("{}"), @"
    not a report: there is no `schema_version`
      = pass a file written by `prompt-assay eval --format json`
    ");
    insta::assert_snapshot!(error(r#"{"schema_version": 1}"#), @"
    the report has schema_version 1, this program reads 2
      = render it with the release of prompt-assay that wrote it, or write it again with `prompt-assay eval --format json` (stored answers cost nothing)
    ");
    insta::assert_snapshot!(error(&render_plan(&examples::plan())), @"
    this is a plan, and a plan has no results
      = pass a file written by `prompt-assay eval --format json`
    ");
    insta::assert_snapshot!(error(r#"{"schema_version": 2, "verdict": "OK"}"#), @"
    the report is damaged: missing field `base` at line 1 column 38
      = write it again with `prompt-assay eval --format json` (stored answers cost nothing)
    ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_survives_and_carries_no_command(text in hostile()) {
        let report = examples::poisoned(&text);
        let json = render(&report);
        prop_assert!(!json.contains("##["));
        prop_assert!(json.lines().all(|line| !line.trim_start().starts_with("::")));
        prop_assert_eq!(parse(&json).expect("readable"), report);
    }
}
