//! Mistakes in checks, and their error messages.

use super::*;
use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problem, Problems};

/// A node of a one-line JSON text whose keys and scalars know their columns: each is found behind
/// the one before it.
fn node(value: &Value, text: &str, from: &mut usize) -> Node {
    let mut find = |written: &str| {
        let at = text[*from..].find(written).map_or(*from, |at| at + *from);
        *from = at + written.len().min(1);
        Mark::new(1, text[..at].chars().count() as u32 + 1)
    };
    match value {
        Value::Array(items) => {
            let mark = find("[");
            let items = items.iter().map(|item| node(item, text, from)).collect();
            Node { mark, datum: Datum::List(items) }
        }
        Value::Object(entries) => {
            let mark = find("{");
            let mut pairs = Vec::new();
            for (key, value) in entries {
                let at = text[*from..].find(&format!("\"{key}\"")).map_or(*from, |at| at + *from);
                *from = at + key.len() + 2;
                let key = Key { mark: Mark::new(1, at as u32 + 1), text: key.clone() };
                pairs.push((key, node(value, text, from)));
            }
            Node { mark, datum: Datum::Map(pairs) }
        }
        Value::Null => Node { mark: find("null"), datum: Datum::Null },
        Value::Bool(value) => Node { mark: find(&value.to_string()), datum: Datum::Bool(*value) },
        Value::Number(number) => {
            Node { mark: find(&number.to_string()), datum: Datum::Number(number.clone()) }
        }
        Value::String(string) => Node { mark: find("\""), datum: Datum::Text(string.clone()) },
    }
}

fn files(path: &str) -> Result<Option<String>, Problem> {
    match path {
        "reply.json" => Ok(Some(r#"{"type": "object"}"#.to_owned())),
        "broken.json" => Ok(Some("{".to_owned())),
        "wrong.json" => Ok(Some(r#"{"type": "objekt"}"#.to_owned())),
        "../out.json" => {
            Err(Problem::error("`../out.json` is outside the repository").help("move it inside"))
        }
        _ => Ok(None),
    }
}

/// The problems of a check written as JSON, each on a line of its own.
fn problems(text: &str) -> String {
    let source = Source::new("golden/x.yaml", text);
    let value: Value = serde_json::from_str(text).unwrap();
    let mut found = Problems::new();
    let check = read(&source, &node(&value, text, &mut 0), &mut Resources::new(&mut files), &mut found);
    assert_eq!(check.is_none(), found.has_errors(), "{text}");
    let told = found.sorted().into_iter().map(|problem| {
        let help = problem.help.as_deref().unwrap_or("NO HELP");
        format!("  {}: {}\n     = {help}", problem.mark.column, problem.message)
    });
    format!("{text}\n{}\n", told.collect::<Vec<_>>().join("\n"))
}

pub(super) fn all_problems(texts: &[&str]) -> String {
    texts.iter().map(|text| problems(text)).collect()
}

#[test]
fn a_problem_is_shown_with_its_line() {
    let text = r#"{"contians": "thirty days"}"#;
    let source = Source::new("golden/x.yaml", text);
    let mut found = Problems::new();
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(read(&source, &node(&value, text, &mut 0), &mut Resources::new(&mut files), &mut found), None);
    insta::assert_snapshot!(found.to_string(), @r#"
    error: unknown check `contians`
      --> golden/x.yaml:1:2
       | {"contians": "thirty days"}
       = did you mean `contains`?
    "#);
}

#[test]
fn shapes_and_kinds() {
    insta::assert_snapshot!(all_problems(&[
        r#""json""#,
        r#""contains""#,
        r#""thirty days""#,
        r#"["contains"]"#,
        r#"{}"#,
        r#"{"name": "x"}"#,
        r#"{"frobnicate": 1}"#,
        r#"{"contians": "x", "ignore_case": true}"#,
        r#"{"contains": "a", "regex": "b"}"#,
        r#"{"json_path": "a.b", "equals": 3}"#,
        r#"{"json": true, "weight": 0}"#,
        r#"{"json": true, "weight": "heavy"}"#,
        r#"{"not": {"json": true, "weight": 2}}"#,
        r#"{"judge": {"rubric": "polite", "weight": 2}}"#,
    ]), @r#"
    "json"
      1: a check is a mapping, not text
         = write `json: true`
    "contains"
      1: a check is a mapping, not text
         = write `contains:` and what it asks for
    "thirty days"
      1: a check is a mapping, not text
         = to look for this text, write `contains:` before it
    ["contains"]
      1: a check is a mapping, not a list
         = a check is its kind and what it asks for, for example `contains: thirty days`
    {}
      1: a check without a kind
         = add one of: equals, one_of, contains, contains_any, starts_with, ends_with, regex, json, json_keys, json_schema, json_path, number, similarity, semantic, rouge, length, tool_call, stop_reason, judge, criteria, factuality, faithfulness, pairwise, not, any, all, latency, cost
    {"name": "x"}
      1: a check without a kind
         = add one of: equals, one_of, contains, contains_any, starts_with, ends_with, regex, json, json_keys, json_schema, json_path, number, similarity, semantic, rouge, length, tool_call, stop_reason, judge, criteria, factuality, faithfulness, pairwise, not, any, all, latency, cost
    {"frobnicate": 1}
      2: unknown check `frobnicate`
         = the kinds of checks: equals, one_of, contains, contains_any, starts_with, ends_with, regex, json, json_keys, json_schema, json_path, number, similarity, semantic, rouge, length, tool_call, stop_reason, judge, criteria, factuality, faithfulness, pairwise, not, any, all, latency, cost
    {"contians": "x", "ignore_case": true}
      2: unknown check `contians`
         = did you mean `contains`?
    {"contains": "a", "regex": "b"}
      19: a check has one kind; this one has `contains` and `regex`
         = write two checks, each with a dash of its own
    {"json_path": "a.b", "equals": 3}
      22: a check has one kind; this one has `json_path` and `equals`
         = put `equals` inside: `json_path: {path: ..., equals: ...}`
    {"json": true, "weight": 0}
      26: `weight` takes a number above 0, not 0
         = write a number above 0
    {"json": true, "weight": "heavy"}
      26: `weight` takes a number above 0, not text
         = write a number above 0
    {"not": {"json": true, "weight": 2}}
      34: a check inside another has no `weight`
         = write `weight` beside the outermost kind
    {"judge": {"rubric": "polite", "weight": 2}}
      32: `judge` has no option `weight`
         = write `weight` beside `judge`, not inside it
    "#);
}

#[test]
fn options() {
    insta::assert_snapshot!(all_problems(&[
        r#"{"contains": "x", "ignorecase": true}"#,
        r#"{"contains": "x", "ignore_case": "yes"}"#,
        r#"{"contains": "x", "trim": true}"#,
        r#"{"equals": {"value": "x", "trim": false}, "trim": true}"#,
        r#"{"equals": 42}"#,
        r#"{"equals": null}"#,
        r#"{"equals": {"vlaue": "x"}}"#,
        r#"{"equals": {"value": "x", "expected": true}}"#,
        r#"{"contains": {"expected": false}}"#,
        r#"{"contains": []}"#,
        r#"{"contains": ["a", 3]}"#,
        r#"{"contains": ""}"#,
        r#"{"starts_with": "  "}"#,
        r#"{"json": false}"#,
        r#"{"json": "yes"}"#,
        r#"{"json_keys": []}"#,
        r#"{"json_keys": "a..b"}"#,
        r#"{"length": {}}"#,
        r#"{"length": {"min_word": 3}}"#,
        r#"{"length": {"min_words": 5, "max_words": 3}}"#,
        r#"{"length": {"min_words": -1}}"#,
    ]), @r#"
    {"contains": "x", "ignorecase": true}
      19: `contains` has no option `ignorecase`
         = did you mean `ignore_case`?
    {"contains": "x", "ignore_case": "yes"}
      34: `ignore_case` takes true or false, not text
         = write ignore_case: true
    {"contains": "x", "trim": true}
      19: `contains` has no option `trim`
         = `contains` takes: ignore_case, whitespace
    {"equals": {"value": "x", "trim": false}, "trim": true}
      27: `trim` is given twice
         = keep one of the two
    {"equals": 42}
      12: `equals` takes text, not 42
         = put it in quotation marks: "42"
    {"equals": null}
      12: `equals` takes text, not nothing
         = for example equals: "thirty days"
    {"equals": {"vlaue": "x"}}
      12: `equals` has no `value`
         = for example equals: "thirty days"
      13: `equals` has no option `vlaue`
         = did you mean `value`?
    {"equals": {"value": "x", "expected": true}}
      22: `equals` has both `value` and `expected: true`
         = keep one of the two
    {"contains": {"expected": false}}
      27: `expected: false` asks for nothing
         = remove it, or write `not: {contains: {expected: true}}`
    {"contains": []}
      14: `contains` has an empty list
         = name at least one, or remove the check
    {"contains": ["a", 3]}
      20: `contains` takes text, not 3
         = put it in quotation marks: "3"
    {"contains": ""}
      14: `contains` with an empty text holds for every answer
         = write the text to look for, or remove the check
    {"starts_with": "  "}
      17: `starts_with` with an empty text holds for every answer
         = write the text to look for, or remove the check
    {"json": false}
      10: `json: false` asks for nothing
         = write `not: {json: true}`
    {"json": "yes"}
      10: `json` takes true or false, not text
         = write json: true
    {"json_keys": []}
      15: `json_keys` has an empty list
         = name at least one, or remove the check
    {"json_keys": "a..b"}
      15: `a..b` is not a path: a key between dots is empty
         = for example reply.items[0].id, items[*].id or ["key.with.dots"]
    {"length": {}}
      12: `length` has no `min_words`, `max_words`, `min_chars` or `max_chars`
         = for example length: {min_words: 5, max_words: 80}
    {"length": {"min_word": 3}}
      12: `length` has no `min_words`, `max_words`, `min_chars` or `max_chars`
         = for example length: {min_words: 5, max_words: 80}
      13: `length` has no option `min_word`
         = did you mean `min_words`?
    {"length": {"min_words": 5, "max_words": 3}}
      42: `min_words` 5 is more than `max_words` 3
         = no answer can have such a length: exchange the two
    {"length": {"min_words": -1}}
      26: `min_words` takes a whole number from 0, not -1
         = for example min_words: 50
    "#);
}

#[test]
fn nesting_is_bounded() {
    let mut value = json!({"json": true});
    for _ in 0..100 {
        value = json!({"not": value});
    }
    let problems = parse(&value).unwrap_err();
    insta::assert_snapshot!(problems.to_string(), @r#"
    error: checks are nested more than 32 deep
      --> check
       = write the condition with fewer `not`, `any` and `all`
    "#);
}

#[test]
fn a_schema_file_counts_by_its_content() {
    let text = r#"{"json_schema": "reply.json"}"#;
    let source = Source::new("x", text);
    let value: Value = serde_json::from_str(text).unwrap();
    let mut given = files;
    let mut resources = Resources::new(&mut given);
    let from_file = read(&source, &node(&value, text, &mut 0), &mut resources, &mut Problems::new());
    assert_eq!(from_file, Some(check(json!({"json_schema": {"type": "object"}}))));
}
