use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::problem::Problems;

fn yaml(text: &str) -> Result<Document, Problem> {
    parse("prompts.yaml", text.as_bytes(), Format::Yaml)
}

fn refusal(text: &str) -> String {
    yaml(text).unwrap_err().to_string()
}

fn json_refusal(text: &str) -> String {
    parse("prompts.json", text.as_bytes(), Format::Json).unwrap_err().to_string()
}

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
        serde_json::from_str(include_str!("../../tests/data/awkward_yaml.json")).unwrap();
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

#[test]
fn duplicate_keys_name_both_lines() {
    assert_snapshot!(refusal("a: one\nb: two\na: three\n"), @r"
    error: duplicate key `a`, first on line 1
      --> prompts.yaml:3:1
       | a: three
       = keep one of the two: readers disagree about which one counts
    ");
    assert_snapshot!(refusal("a:\n  x: {k: 1,\n    k: 2}\n"), @r"
    error: duplicate key `k`, first on line 2
      --> prompts.yaml:3:5
       |     k: 2}
       = keep one of the two: readers disagree about which one counts
    ");
    assert_snapshot!(json_refusal("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}"), @r#"
    error: duplicate key `a`, first on line 1
      --> prompts.json:3:2
       |  "a": 3}
       = keep one of the two: readers disagree about which one counts
    "#);
}

#[test]
fn broken_yaml_shows_the_line_and_a_cure() {
    assert_snapshot!(refusal("a: first: second\n"), @r"
    error: not valid YAML: mapping values are not allowed in this context
      --> prompts.yaml:1:9
       | a: first: second
       = a text that contains `: ` must be in quotes, or written as a block after `|`
    ");
    assert_snapshot!(refusal("a:\n\tb: x\n"), @r"
    error: not valid YAML: found character that cannot start any token, while scanning for the next token
      --> prompts.yaml:2:1
       | 	b: x
       = indent with spaces, not tabs
    ");
    assert_snapshot!(refusal("a: \"first\nb: x\n"), @r#"
    error: not valid YAML: found unexpected end of stream, while scanning a quoted scalar
      --> prompts.yaml:1:4
       | a: "first
       = close the quote that opens here
    "#);
    assert_snapshot!(refusal("a: @name\n"), @r"
    error: not valid YAML: found character that cannot start any token, while scanning for the next token
      --> prompts.yaml:1:4
       | a: @name
       = a text that starts with @, `, % or another sign of YAML must be in quotes
    ");
    assert_snapshot!(refusal("a: [one, two\nb: x\n"), @r"
    error: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence at line 1 column 4
      --> prompts.yaml:2:2
       | b: x
       = check quotes, brackets and indentation up to this line
    ");
    assert_snapshot!(refusal("a: *nothing\n"), @r"
    error: not valid YAML: unknown anchor
      --> prompts.yaml:1:4
       | a: *nothing
    ");
}

#[test]
fn broken_json_shows_the_line() {
    assert_snapshot!(json_refusal("{\n  \"ä\": 1,\n  \"b\": [1, 2,]\n}"), @r#"
    error: not valid JSON: trailing comma
      --> prompts.json:3:14
       |   "b": [1, 2,]
       = remove the comma before the closing bracket
    "#);
    assert_snapshot!(json_refusal("{\"a\": 'x'}"), @r#"
    error: not valid JSON: expected value
      --> prompts.json:1:7
       | {"a": 'x'}
    "#);
    assert_snapshot!(json_refusal("{a: 1}"), @r"
    error: not valid JSON: key must be a string
      --> prompts.json:1:2
       | {a: 1}
       = keys and texts of JSON stand in double quotes
    ");
    assert_snapshot!(json_refusal("{\"a\": 1} x"), @r#"
    error: not valid JSON: trailing characters
      --> prompts.json:1:10
       | {"a": 1} x
    "#);
    assert_snapshot!(json_refusal(""), @r"
    error: not valid JSON: EOF while parsing a value
      --> prompts.json:1:1
    ");
}

#[test]
fn tags_keys_and_documents_that_are_refused() {
    assert_snapshot!(refusal("a: !secret x\n"), @r"
    error: the tag `!secret` is not understood
      --> prompts.yaml:1:4
       | a: !secret x
       = write the value without it
    ");
    assert_snapshot!(refusal("a: x\n404: text\n"), @r#"
    error: the key `404` is not text
      --> prompts.yaml:2:1
       | 404: text
       = quote it: "404"
    "#);
    assert_snapshot!(refusal("a: {{ name }}\n"), @r"
    error: a key must be text, not a list or a mapping
      --> prompts.yaml:1:5
       | a: {{ name }}
       = if this was meant as a template such as {{ name }}, put the whole text in quotes
    ");
    assert_snapshot!(refusal("a: x\n# ---\nb: |\n  ---\n---\nb: y\n"), @r"
    error: the file holds more than one YAML document
      --> prompts.yaml:5:1
       | ---
       = keep one document per file: remove the `---` line or split the file
    ");
    assert_snapshot!(refusal("a:\n  <<: text\n"), @r"
    error: `<<` merges a mapping or a list of mappings, found text
      --> prompts.yaml:2:7
       |   <<: text
    ");
    assert_snapshot!(refusal("a: .nan\n"), @r"
    error: a number must be finite
      --> prompts.yaml:1:4
       | a: .nan
       = quote it if it is text
    ");
}

#[test]
fn not_utf8_says_which_byte() {
    let problem = parse("prompts.yaml", b"a: x\nb: caf\xe9\n", Format::Yaml).unwrap_err();
    assert_snapshot!(problem, @r"
    error: the file is not UTF-8: byte 12 (0xe9, line 2) is invalid
      --> prompts.yaml
       = save the file as UTF-8
    ");
    let utf16: Vec<u8> = "\u{feff}a: x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_snapshot!(parse("prompts.yaml", &utf16, Format::Yaml).unwrap_err(), @r"
    error: the file is not UTF-8: byte 1 (0xff, line 1) is invalid
      --> prompts.yaml
       = save the file as UTF-8
    ");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let document = yaml("\u{feff}a: x").unwrap();
    assert_eq!(document.root.to_value(), json!({"a": "x"}));
    assert_eq!(document.root.mark, Mark::new(1, 1));
}

#[test]
fn an_alias_bomb_is_bounded() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let part = format!("*a{}", i - 1);
        bomb.push_str(&format!("a{i}: &a{i} [{}]\n", [part.as_str(); 10].join(", ")));
    }
    assert_snapshot!(refusal(&bomb), @r"
    error: the document is too large with its aliases expanded
      --> prompts.yaml
       = at most 2000000 values and 64 MiB of text; remove aliases that repeat aliases
    ");
    let long = "x".repeat(2 << 20);
    let wide = format!("a: &a {long}\nb: [{}]\n", ["*a"; 99].join(", "));
    assert_snapshot!(yaml(&wide).unwrap_err().message, @"the document is too large with its aliases expanded");
}

#[test]
fn deep_nesting_is_bounded_and_quick() {
    let deep = |open: &str, n: usize| format!("a: {}", open.repeat(n));
    for text in [deep("[", 1 << 20), deep("{a: ", 200_000), format!("a:\n{}", "- ".repeat(200_000))] {
        assert_eq!(yaml(&text).unwrap_err().message, "the document is nested deeper than 100 levels");
    }
    assert_snapshot!(json_refusal(&"[".repeat(1 << 20)), @r"
    error: the document is nested deeper than 100 levels
      --> prompts.json:1:101
       | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
    ");
    let unreadable = format!("a: \"\\q{}", "[".repeat(1 << 20));
    assert!(yaml(&unreadable).is_err());
}

#[test]
fn large_files_are_refused() {
    let large = vec![b'x'; crate::tree::MAX_FILE_BYTES as usize + 1];
    assert_snapshot!(parse("prompts.yaml", &large, Format::Yaml).unwrap_err(), @r"
    error: `prompts.yaml` has 16777217 bytes; at most 16777216 are read
      --> prompts.yaml
       = split the file
    ");
}

#[test]
fn places_are_those_of_the_file() {
    let document = yaml("# c\nä: text\nlist:\n  - one\n  - {k: &x two}\nb: |\n  block\nc: *x\n").unwrap();
    let mut places = Vec::new();
    walk(&document.root, &mut places);
    assert_snapshot!(places.join("\n"), @r#"
    2:1 map
    2:1 key ä
    2:4 "text"
    3:1 key list
    4:3 list
    4:5 "one"
    5:5 map
    5:6 key k
    5:9 "two"
    6:1 key b
    6:4 "block\n"
    8:1 key c
    5:9 "two"
    "#);
    let text = "{\n \"ä\": [1, \"x\\\"]\",\n  {\"k\": null}], \"b\": true}";
    let document = parse("a.json", text.as_bytes(), Format::Json).unwrap();
    let mut places = Vec::new();
    walk(&document.root, &mut places);
    assert_snapshot!(places.join("\n"), @r#"
    1:1 map
    2:2 key ä
    2:7 list
    2:8 1
    2:11 "x\"]"
    3:3 map
    3:4 key k
    3:9 null
    3:17 key b
    3:22 true
    "#);
}

fn walk(node: &Node, places: &mut Vec<String>) {
    let place = |mark: Mark, what: &str| format!("{}:{} {what}", mark.line, mark.column);
    match &node.datum {
        Datum::List(items) => {
            places.push(place(node.mark, "list"));
            items.iter().for_each(|item| walk(item, places));
        }
        Datum::Map(entries) => {
            places.push(place(node.mark, "map"));
            for (key, value) in entries {
                places.push(place(key.mark, &format!("key {}", key.text)));
                walk(value, places);
            }
        }
        _ => places.push(place(node.mark, &node.to_value().to_string())),
    }
}

const SHAPE: Shape =
    Shape { name: "a thing", keys: &["name", "golden", "share", "count", "on", "kind", "all"] };

fn complaints(text: &str) -> String {
    let document = yaml(text).unwrap();
    let mut problems = Problems::new();
    if let Some(fields) = Fields::read(&document.source, &document.root, &SHAPE, &mut problems) {
        fields.text("name", &mut problems);
        fields.text("golden", &mut problems);
        fields.number(
            "share",
            (std::ops::Bound::Excluded(0.0), std::ops::Bound::Included(0.5)),
            &mut problems,
        );
        fields.integer("count", 1.., &mut problems);
        fields.flag("on", &mut problems);
        fields.choice("kind", &[("mean", 0), ("pass_fail", 1)], &mut problems);
        fields.texts("all", &mut problems);
    }
    problems.to_string()
}

#[test]
fn all_wrong_fields_are_reported_at_once() {
    assert_snapshot!(
        complaints("name: 1.0\ngoldn: x\ngolden: [a]\nshare: 0.7\ncount: -1\n\"on\": yes\nkind: pass\nall: [a, 0x10, no]\nzzz: 1\n"),
        @r#"
    error: `name` must be text, found the number 1.0
      --> prompts.yaml:1:7
       | name: 1.0
       = quote it: "1.0"

    error: unknown key `goldn` in a thing
      --> prompts.yaml:2:1
       | goldn: x
       = did you mean `golden`?

    error: `golden` must be text, found a list
      --> prompts.yaml:3:9
       | golden: [a]

    error: `share` must be a number, more than 0 and at most 0.5, found 0.7
      --> prompts.yaml:4:8
       | share: 0.7

    error: `count` must be a whole number, at least 1, found -1
      --> prompts.yaml:5:8
       | count: -1

    error: `on` must be true or false, found the text `yes`
      --> prompts.yaml:6:7
       | "on": yes

    error: `kind` must be one of `mean`, `pass_fail`, found `pass`
      --> prompts.yaml:7:7
       | kind: pass
       = did you mean `pass_fail`?

    error: each of `all` must be text, found the number 16
      --> prompts.yaml:8:10
       | all: [a, 0x10, no]
       = quote it: "0x10"

    error: each of `all` must be text, and many YAML readers take `no` for a boolean
      --> prompts.yaml:8:16
       | all: [a, 0x10, no]
       = quote it: "no"

    error: unknown key `zzz` in a thing
      --> prompts.yaml:9:1
       | zzz: 1
       = its keys are `name`, `golden`, `share`, `count`, `on`, `kind`, `all`
    "#
    );
}

#[test]
fn texts_that_are_none_are_to_be_quoted() {
    let mut told = Vec::new();
    for scalar in ["yes", "1.0", "null", "2024-01-01", "010", "1_000", "12:30", "true", "=", "&x no", "[a]"] {
        told.push(complaints(&format!("name: {scalar}\n")));
    }
    assert_snapshot!(told.join("\n"), @r#"
    error: `name` must be text, and many YAML readers take `yes` for a boolean
      --> prompts.yaml:1:7
       | name: yes
       = quote it: "yes"
    error: `name` must be text, found the number 1.0
      --> prompts.yaml:1:7
       | name: 1.0
       = quote it: "1.0"
    error: `name` must be text, found nothing
      --> prompts.yaml:1:7
       | name: null
       = write the text in quotes, or leave the key out
    error: `name` must be text, and many YAML readers take `2024-01-01` for a date
      --> prompts.yaml:1:7
       | name: 2024-01-01
       = quote it: "2024-01-01"
    error: `name` must be text, and many YAML readers take `010` for a number
      --> prompts.yaml:1:7
       | name: 010
       = quote it: "010"
    error: `name` must be text, and many YAML readers take `1_000` for a number
      --> prompts.yaml:1:7
       | name: 1_000
       = quote it: "1_000"
    error: `name` must be text, and many YAML readers take `12:30` for a number
      --> prompts.yaml:1:7
       | name: 12:30
       = quote it: "12:30"
    error: `name` must be text, found the boolean true
      --> prompts.yaml:1:7
       | name: true
       = quote it: "true"
    error: `name` must be text, and many YAML readers take `=` for a special value
      --> prompts.yaml:1:7
       | name: =
       = quote it: "="
    error: `name` must be text, and many YAML readers take `no` for a boolean
      --> prompts.yaml:1:7
       | name: &x no
       = quote it: "no"
    error: `name` must be text, found a list
      --> prompts.yaml:1:7
       | name: [a]
    "#);
    for scalar in ["\"yes\"", "'1.0'", "|\n  2024-01-01", "yes sir", "1.0.0", ">-\n  no", "!!str 12"] {
        assert_eq!(complaints(&format!("name: {scalar}\n")), "");
    }
}

#[test]
fn a_list_is_no_mapping() {
    assert_snapshot!(complaints("- a\n"), @r"
    error: a thing must be a mapping, found a list
      --> prompts.yaml:1:1
       | - a
       = its keys are `name`, `golden`, `share`, `count`, `on`, `kind`, `all`
    ");
}

fn values() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[ -~\\n\\t]{0,30}",
        prop::sample::select(vec![
            "yes",
            "null",
            "1.0",
            "- x",
            "a: b",
            "# c",
            "<<",
            "x\n",
            "\n x",
            "😀",
            "2024-01-01"
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| json!(n)),
        (-1.0e6..1.0e6).prop_map(|n: f64| json!(n)),
        text.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Control characters that YAML does not allow must be escaped; printed YAML does so.
fn printable(value: &Value) -> bool {
    let text = value.to_string();
    !text.chars().any(|c| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}'))
}

proptest! {
    #[test]
    fn json_and_yaml_of_a_value_give_the_value(value in values()) {
        let compact = parse("a.json", value.to_string().as_bytes(), Format::Json).unwrap();
        prop_assert_eq!(compact.root.to_value(), value.clone());
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let pretty = parse("a.json", pretty.as_bytes(), Format::Json).unwrap();
        prop_assert_eq!(pretty.root.to_value(), value.clone());
        if printable(&value) {
            let printed = serde_yaml::to_string(&value).unwrap();
            let merges = printed.contains("<<");
            match parse("a.yaml", printed.as_bytes(), Format::Yaml) {
                Ok(document) => prop_assert!(document.root.to_value() == value || merges, "{}", printed),
                Err(problem) => prop_assert!(merges, "{problem}\n{printed}"),
            }
        }
    }

    #[test]
    fn json_places_are_all_known(value in values()) {
        let document = parse("a.json", value.to_string().as_bytes(), Format::Json).unwrap();
        let mut places = Vec::new();
        walk(&document.root, &mut places);
        prop_assert!(places.iter().all(|place| !place.starts_with("0:")), "{:?}", places);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), symbols in "[-a:{}\\[\\]&*|>'\"!%@#?,<. \\t\\r\\n0\u{85}é]{0,60}") {
        for text in [text, symbols] {
            for format in [Format::Yaml, Format::Json] {
                if let Ok(document) = parse("a", text.as_bytes(), format) {
                    let mut problems = Problems::new();
                    if let Some(fields) = Fields::read(&document.source, &document.root, &SHAPE, &mut problems) {
                        for key in SHAPE.keys {
                            fields.text(key, &mut problems);
                            fields.texts(key, &mut problems);
                            fields.number(key, 0.0..1.0, &mut problems);
                        }
                    }
                    prop_assert!(problems.to_string().len() < 1_000_000);
                }
            }
        }
    }
}
