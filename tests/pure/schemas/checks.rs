//! The schema of a check: an alternative for each kind, with the options that its reader asks for.

use prompt_assay::check::kinds;
use serde_json::{Map, Value, json};

use super::learn::{Learner, Step};

/// A set with one case that has everything which a check may compare with.
fn set(check: Value) -> Value {
    json!({"cases": [{"id": "a", "input": "x", "expected": "x", "vars": {"context": "x"}, "checks": [check]}]})
}

/// Where its check has a key.
fn at(keys: &[&str]) -> Vec<Step> {
    let check = [Step::Key("cases".to_owned()), Step::First, Step::Key("checks".to_owned()), Step::First];
    check.into_iter().chain(keys.iter().map(|key| Step::Key((*key).to_owned()))).collect()
}

/// A check that is a part of others.
const INNER: &str = "#/$defs/check";

/// Learns the alternatives.
pub fn learn(learner: &Learner) -> Value {
    let all: Vec<Value> = kinds().map(|kind| alternative(learner, kind)).collect();
    json!({
        "description": "one demand on the answer: its kind as a key, options beside it; docs/checks.md",
        "type": "object",
        "anyOf": all,
    })
}

fn alternative(learner: &Learner, kind: &str) -> Value {
    let takes = |body: Value| learner.takes(&set(json!({kind: body})));
    let mut bodies: Vec<Value> = Vec::new();
    for (schema, examples) in [
        (json!({"type": "string"}), vec![json!("x"), json!("1"), json!("end_turn")]),
        (json!({"type": "number"}), vec![json!(7), json!(0.5)]),
        (json!({"type": "boolean"}), vec![json!(true), json!(false)]),
        (json!({"type": "array", "items": {"$ref": INNER}}), vec![json!([{"contains": "x"}])]),
        (json!({"type": "array"}), vec![json!(["x"]), json!(["x", "y"])]),
        (json!({"$ref": INNER}), vec![json!({"contains": "x"})]),
    ] {
        // A list of checks says more than a list.
        let is_known = schema["type"] == "array" && bodies.iter().any(|body| body["type"] == "array");
        // A mapping that is taken is a check only where it is read as one.
        let inner = set(json!({kind: {"contains": "x"}}));
        let is_other =
            schema["$ref"].is_string() && learner.options(&inner, &at(&[kind, "contains"])).is_empty();
        if !is_known && !is_other && examples.into_iter().any(takes) {
            bodies.push(schema);
        }
    }
    let options = options(learner, kind);
    let inside = object(&options, kind, learner);
    let is_inner = bodies.iter().any(|body| body.get("$ref").is_some());
    if !is_inner && takes(json!({"some": "thing"})) {
        bodies.push(json!({"type": "object"}));
    } else if !options.is_empty() {
        bodies.push(inside.clone());
    }
    assert!(!bodies.is_empty(), "nothing is known of the check `{kind}`");
    // Options stand in a mapping under the kind, or beside it.
    let mut properties = inside["properties"].as_object().expect("options").clone();
    for (key, schema) in [
        (kind, json!({"anyOf": bodies})),
        ("name", json!({"type": "string", "description": "its name in reports"})),
        (
            "weight",
            json!({"type": "number", "exclusiveMinimum": 0, "description": "its share in a graded score"}),
        ),
    ] {
        properties.insert(key.to_owned(), schema);
    }
    json!({"type": "object", "required": [kind], "additionalProperties": false, "properties": properties})
}

/// The options of a kind in a mapping under it. Where they name other kinds, those have their own options beside them.
fn object(options: &[String], kind: &str, learner: &Learner) -> Value {
    let inner = kinds().filter(|inner| *inner != kind && options.iter().any(|option| option == inner));
    let of_inner: Vec<String> = inner.flat_map(|inner| self::options(learner, inner)).collect();
    let properties: Map<String, Value> =
        options.iter().chain(&of_inner).map(|option| (option.clone(), json!({}))).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// Every option that the reader of a kind asks for, whatever the value is.
fn options(learner: &Learner, kind: &str) -> Vec<String> {
    let bodies = [
        json!("x"),
        json!(7),
        json!(true),
        json!(["x"]),
        json!({}),
        json!({"x": "x"}),
        json!({"expected": true}),
        json!({"value": "x"}),
        json!({"path": "a"}),
        json!({"contains": "x"}),
        json!([{"contains": "x"}]),
    ];
    let mut all: Vec<String> = Vec::new();
    for body in bodies {
        for option in learner.options(&set(json!({kind: body})), &at(&[kind])) {
            if !all.iter().any(|known| known == option) {
                all.push(option.to_owned());
            }
        }
    }
    all
}
