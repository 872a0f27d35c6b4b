//! The scan for references never misses one.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The files that a document names, by reading it: every text below the key.
fn named(node: &Value, found: &mut BTreeSet<String>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::Object(map) => {
            if let Some(Value::String(path)) = map.get("json_schema") {
                found.insert(path.clone());
            }
            map.values().for_each(|value| named(value, found));
        }
        _ => {}
    }
}

fn by_reading(path: &str, text: &str) -> Option<BTreeSet<String>> {
    let format = crate::document::Format::of_path(path)?;
    let document = crate::document::parse(path, text.as_bytes(), format).ok()?;
    let mut found = BTreeSet::new();
    named(&document.root.to_value(), &mut found);
    Some(found)
}

fn agree(path: &str, text: &str) -> Result<(), TestCaseError> {
    let Some(truth) = by_reading(path, text) else { return Ok(()) };
    match references(text.as_bytes(), path) {
        References::Unknown => {}
        References::None => prop_assert!(truth.is_empty(), "{text:?} names {truth:?}"),
        References::Listed(paths) => {
            for named in truth {
                let resolved = crate::tree::resolve("golden", &named);
                prop_assert!(
                    resolved.is_ok_and(|path| paths.contains(&path)),
                    "{named:?} is not in {paths:?}: {text:?}"
                );
            }
        }
    }
    Ok(())
}

/// Pieces that are likely to build references, plain and devious.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "json_schema",
        "json_schema: a.json",
        "\"json_schema\": \"a.json\"",
        "'json_schema': 'a'",
        "json_schema: &x a",
        "json_schema: *x",
        "&x b",
        "json\\u005fschema",
        "\"json\\\n_schema\": z",
        ": ",
        " a.json",
        "b/c",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        ",\n",
        "? ",
        "# c",
        " # c,",
        "|",
        "\"",
        "'",
        "x: ",
        "x: y",
        "\t",
        "json_schema: 'a''b'",
        "json_schema:\n  a",
        "!t ",
        "\r",
        "\u{2028}",
        "<<: *x",
    ]);
    prop::collection::vec(piece, 1..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn a_scan_never_misses_a_reference(text in pieces()) {
        agree("golden/a.yaml", &text)?;
        agree("golden/a.json", &text)?;
    }

    #[test]
    fn a_scan_of_printed_sets_never_misses(paths in prop::collection::vec("[a-z./ \\\\é_-]{1,8}", 1..4), flow in any::<bool>()) {
        let checks: Vec<Value> = paths.iter().map(|path| json!({"json_schema": path, "not": {"contains": "x"}})).collect();
        let value = json!({"cases": [{"id": "a", "checks": checks}]});
        let json = if flow { value.to_string() } else { serde_json::to_string_pretty(&value).unwrap() };
        agree("golden/a.json", &json)?;
        agree("golden/a.yaml", &json)?;
        agree("golden/a.yaml", &serde_yaml::to_string(&value).unwrap())?;
    }
}

#[test]
fn plain_references_are_listed_without_reading() {
    let listed = |paths: &[&str]| References::Listed(paths.iter().map(|path| (*path).to_owned()).collect());
    let scan = |path: &str, text: &str| references(text.as_bytes(), path);
    let usual = "defaults:\n  checks: [{json_schema: schema/a.json}]\ncases:\n  - id: a\n    checks:\n      - json_schema: ../b.json\n      - contains: x\n";
    assert_eq!(scan("golden/a.yaml", usual), listed(&["b.json", "golden/schema/a.json"]));
    assert_eq!(scan("golden/a.yaml", "cases:\n  - id: a\n"), References::None);
    assert_eq!(
        scan("golden/a.jsonl", "{\"checks\": [{\"json_schema\": \"a.json\"}]}\n"),
        listed(&["golden/a.json"])
    );
    assert_eq!(scan("golden/a.json", "{\"a\": \"caf\\u00e9 \\n\"}"), References::None);
    for unknown in [
        "- json_schema:\n    type: object\n",
        "- json_schema: {type: object}\n",
        "- json_schema: *path\n",
        "- \"json\\x5fschema\": a\n",
        "- json_schema: a\n    b\n",
        "- {x: y,\n  json_schema: a\n  b}\n",
        "- json_schema: ../../a.json\n",
    ] {
        assert_eq!(scan("golden/a.yaml", unknown), References::Unknown, "{unknown}");
    }
    assert_eq!(scan("golden/a.csv", "id,json_schema\n"), References::Unknown);
    assert_eq!(scan("golden/a.csv", "id,\"js\"on_schema\n"), References::Unknown);
    assert_eq!(references(b"\xff", "golden/a.yaml"), References::Unknown);
}
