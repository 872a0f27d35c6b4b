//! What is refused, with which message, and where.

mod fields;
mod properties;
mod pyyaml;

use insta::assert_snapshot;
use serde_json::json;

use super::*;

fn yaml(text: &str) -> Result<Document, Problem> {
    parse("prompts.yaml", text.as_bytes(), Format::Yaml)
}

fn refusal(text: &str) -> String {
    yaml(text).unwrap_err().to_string()
}

fn json_refusal(text: &str) -> String {
    parse("prompts.json", text.as_bytes(), Format::Json).unwrap_err().to_string()
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
fn broken_yaml_shows_the_line_and_a_help() {
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
    error: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence, noticed in line 2
      --> prompts.yaml:1:4
       | a: [one, two
       = close the bracket that opens here, and separate what is in it with commas
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
       = keys and texts of JSON are written in double quotes
    ");
    assert_snapshot!(json_refusal("{\"a\": 1} x"), @r#"
    error: not valid JSON: trailing characters
      --> prompts.json:1:10
       | {"a": 1} x
    "#);
    assert_snapshot!(json_refusal(""), @r"
    error: not valid JSON: EOF while parsing a value
      --> prompts.json:1:1
       = the text ends too early: close every bracket and quote
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
       = at most 500000 values and 32 MiB of text; split the file, or remove aliases that repeat aliases
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
    error: `prompts.yaml` has 16777217 bytes; at most 16777216 (16 MiB) are read
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
