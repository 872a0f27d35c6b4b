//! The JSON checks on ordinary and on unusual answers, and their reasons.

use super::*;

#[test]
fn json_answers() {
    table(&[
        (json!({"json": true}), " {\"a\": 1}\n", true),
        (json!({"json": true}), "[]", true),
        (json!({"json": true}), "3", true),
        (json!({"json": true}), "", false),
        (json!({"json": true}), "{\"a\": NaN}", false),
        (json!({"json": true}), "{\"a\": 1e999}", false),
        (json!({"json": true}), "{'a': 1}", false),
        (json!({"json": true}), "{} {}", false),
        (json!({"json": true}), "```json\n{}\n```", false),
        (json!({"json": true, "fenced": true}), "```json\n{}\n```", true),
        (json!({"json": true, "fenced": true}), "```\n{}\n```\n", true),
        (json!({"json": true, "fenced": true}), "{}", true),
        (json!({"json": true, "fenced": true}), "Here:\n```json\n{}\n```", false),
        (json!({"json": true, "fenced": true}), "```yaml\n{}\n```", false),
        (json!({"json": true, "fenced": true}), "``````", false),
        (json!({"json": true}), &"[".repeat(100_000), false),
        (json!({"json_keys": ["a", "b.c"]}), r#"{"a": null, "b": {"c": 0}}"#, true),
        (json!({"json_keys": ["a", "b.c"]}), r#"{"a": 1, "b": {"d": 0}}"#, false),
        (json!({"json_keys": "items[*].id"}), r#"{"items": [{}, {"id": 1}]}"#, true),
        (json!({"json_keys": "a"}), r#"["a"]"#, false),
    ]);
}

#[test]
fn of_repeated_keys_the_last_counts() {
    let text = r#"{"intent": "refund", "intent": "other"}"#;
    table(&[
        (json!({"json": true}), text, true),
        (json!({"json_path": {"path": "intent", "equals": "other"}}), text, true),
    ]);
}

#[test]
fn json_answers_in_words() {
    insta::assert_snapshot!(all_told(&[
        told(json!({"json": true}), &["{}", "", "Sure! {}", "```json\n{}\n```"]),
        told(json!({"json_keys": ["intent", "reply.text"]}), &[r#"{"intent": 1, "reply": {"text": ""}}"#, r#"{"reply": "x"}"#, "[1]"]),
    ]), @r#"
    json
      Passed: is JSON, an object
      Failed: not JSON: the answer is empty
      Failed: not JSON: "Sure! {}"
      Failed: not JSON but JSON in a code fence (`fenced: true` accepts it): "```json\n{}\n```"
    json keys intent, reply.text
      Passed: has `intent`, `reply.text`
      Failed: missing `intent`, `reply.text` in {"reply":"x"}
      Failed: missing `intent`, `reply.text` in [1]
    "#);
}

#[test]
fn values_at_paths() {
    let reply = r#"{"intent": "refund", "days": 30, "tags": ["late", "angry"], "text": "It is 45 days.", "none": null}"#;
    table(&[
        (json!({"json_path": {"path": "intent", "equals": "refund"}}), reply, true),
        (json!({"json_path": {"path": "intent", "one_of": ["refund", 3]}}), reply, true),
        (json!({"json_path": {"path": "days", "equals": 30.0}}), reply, true),
        (json!({"json_path": {"path": "days", "equals": "30"}}), reply, false),
        (json!({"json_path": {"path": "none", "equals": null}}), reply, true),
        (json!({"json_path": {"path": "tags", "equals": ["late", "angry"]}}), reply, true),
        (json!({"json_path": {"path": "tags[*]", "equals": "angry"}}), reply, true),
        (json!({"json_path": {"path": "tags[*]", "equals": "calm"}}), reply, false),
        (json!({"json_path": {"path": "$", "exists": true}}), reply, true),
        (json!({"json_path": {"path": "gone", "exists": false}}), reply, true),
        (json!({"json_path": {"path": "none", "exists": false}}), reply, false),
        (json!({"json_path": {"path": "text", "contains": "45 DAYS", "ignore_case": true}}), reply, true),
        (json!({"json_path": {"path": "text", "regex": "^\\d"}}), reply, false),
        (json!({"json_path": {"path": "text", "number": 45}}), reply, true),
        (json!({"json_path": {"path": "days", "number": {"value": 31, "tolerance": 1}}}), reply, true),
        (json!({"json_path": {"path": "text", "length": {"max_words": 4}}}), reply, true),
        (json!({"json_path": {"path": "tags", "contains": "\"late\""}}), reply, true),
    ]);
    insta::assert_snapshot!(all_told(&[
        told(json!({"json_path": {"path": "intent", "equals": "exchange"}}), &[reply, "{}", "no"]),
        told(json!({"json_path": {"path": "days", "one_of": ["30", "60"]}}), &[reply]),
        told(json!({"json_path": {"path": "tags[*]", "contains": "calm"}}), &[reply]),
        told(json!({"json_path": {"path": "gone", "exists": true}}), &[reply]),
        told(json!({"json_path": {"path": "text", "exists": false}}), &[reply]),
    ]), @r#"
    json intent equals "exchange"
      Failed: at `intent`: expected "exchange", found "refund"
      Failed: nothing at `intent` in {}
      Failed: not JSON: "no"
    json days one of "30", "60"
      Failed: at `days`: expected one of "30", "60", found 30
    json tags[*] contains "calm"
      Failed: at `tags[*]`: "calm" not in "late"
    json gone exists
      Failed: nothing at `gone` in {"intent":"refund","days":30,"tags":["late","angry"],"text":"It is 45 days.","n…
    json text is absent
      Failed: at `text`: found "It is 45 days."
    "#);
}

#[test]
fn schemas() {
    let schema = json!({
        "type": "object",
        "required": ["intent", "reply"],
        "properties": {
            "intent": {"enum": ["refund", "other"]},
            "reply": {"type": "string", "minLength": 1},
            "next": {"$ref": "#"}
        },
        "additionalProperties": false
    });
    table(&[
        (json!({"json_schema": schema}), r#"{"intent": "refund", "reply": "x"}"#, true),
        (
            json!({"json_schema": schema}),
            r#"{"intent": "refund", "reply": "x", "next": {"intent": 1}}"#,
            false,
        ),
        (json!({"json_schema": {"$ref": "#"}}), "{}", true),
        (json!({"json_schema": {"pattern": "^(?!no)(a+)+$"}}), &format!("\"{}b\"", "a".repeat(40)), false),
    ]);
    insta::assert_snapshot!(told(json!({"json_schema": schema}), &[
        r#"{"intent": "refund", "reply": "x"}"#,
        r#"{"intent": "praise", "reply": "", "mood": 1, "next": {}}"#,
        "[]",
        "I cannot help with that.",
    ]), @r#"
    json schema (inline)
      Passed: follows the schema
      Failed: /intent: "praise" is not one of "refund" or "other"; /reply: "" is shorter than 1 character; /next: "intent" is a required property; and 2 more
      Failed: /: [] is not of type "object"
      Failed: not JSON: "I cannot help with that."
    "#);
}
