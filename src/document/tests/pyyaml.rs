//! Difficult YAML, compared with PyYAML's results.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::Value;

use super::*;

/// Where this reader and PyYAML part: `ours` is a value or an error.
fn differences(source: &Source, ours: &Node, theirs: &Value, path: &str, found: &mut Vec<String>) {
    match (&ours.datum, theirs) {
        (Datum::Map(entries), Value::Object(map)) if !map.contains_key("$") => {
            let keys: Vec<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
            if keys.len() != map.len() {
                found.push(format!("{path}: keys {keys:?}"));
            }
            for (key, node) in entries {
                let path = format!("{path}.{}", key.text);
                match map.get(&key.text) {
                    Some(theirs) => differences(source, node, theirs, &path, found),
                    None => found.push(format!("{path}: not there for PyYAML")),
                }
            }
        }
        (Datum::List(items), Value::Array(theirs)) if items.len() == theirs.len() => {
            for (item, theirs) in items.iter().zip(theirs) {
                differences(source, item, theirs, path, found);
            }
        }
        _ => match (text(source, ours, "it"), theirs) {
            (Ok(ours), Value::String(theirs)) if ours == theirs => {}
            (Err(_), Value::String(_)) => found.push(format!("{path}: to be quoted")),
            (Err(_), _) => {}
            (Ok(ours), theirs) => found.push(format!("{path}: {ours:?}, PyYAML {theirs}")),
        },
    }
}

/// The committed answers are PyYAML's: `tests/data/awkward_yaml.py`. A text is the same text, and
/// what PyYAML does not read as text is never accepted as text.
#[test]
fn awkward_yaml_is_read_as_pyyaml_reads_it() {
    let cases: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../../tests/data/awkward_yaml.json")).unwrap();
    let mut found = Vec::new();
    for (name, case) in &cases {
        match (yaml(case["text"].as_str().unwrap()), case.get("value")) {
            (Ok(ours), Some(theirs)) => differences(&ours.source, &ours.root, theirs, name, &mut found),
            (Err(_), None) => {}
            (Ok(ours), None) => found.push(format!("{name}: PyYAML refuses, {:?}", ours.root.to_value())),
            (Err(problem), Some(theirs)) => {
                found.push(format!("{name}: {}, PyYAML {theirs}", problem.message))
            }
        }
    }
    assert_snapshot!(found.join("\n"), @r#"
    anchor_redefined: PyYAML refuses, Object {"a": String("one"), "b": String("one"), "c": String("two"), "d": String("two")}
    exclamation: the tag `!` is not understood, PyYAML {"a":"wow!","b":null}
    literal_tab_inside: not valid YAML: found a tab character where an indentation space is expected, while scanning a block scalar at line 1 column 4, PyYAML {"a":"\tindented by a tab\nx\ty\n"}
    scalar +12e03.a: to be quoted
    scalar -.5.a: to be quoted
    scalar -.INF: a number must be finite, PyYAML {"a":{"$":"float"}}
    scalar .NaN: a number must be finite, PyYAML {"a":{"$":"float"}}
    scalar .inf: a number must be finite, PyYAML {"a":{"$":"float"}}
    scalar .nan: a number must be finite, PyYAML {"a":{"$":"float"}}
    scalar 0o10.a: to be quoted
    scalar 1.5e3.a: to be quoted
    scalar 12e03.a: to be quoted
    scalar 1E5.a: to be quoted
    scalar 1e3.a: to be quoted
    scalar 2024-1-1.a: to be quoted
    scalar =: PyYAML refuses, Object {"a": String("=")}
    surrogate_escapes: not valid YAML: found invalid Unicode character escape code, while parsing a quoted scalar at line 1 column 4, PyYAML {"a":"😀"}
    tab_after_colon: PyYAML refuses, Object {"a": String("text")}
    tab_before_comment: PyYAML refuses, Object {"a": String("text")}
    "#);
}
