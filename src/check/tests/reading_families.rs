//! Mistakes in the values of each family of checks, and their error messages.

use super::reading::all_problems;

#[test]
fn patterns_and_schemas_that_do_not_compile() {
    insta::assert_snapshot!(all_problems(&[
        r#"{"regex": "(refund"}"#,
        r#"{"regex": "a(?!b)"}"#,
        r#"{"regex": "(a)\\1"}"#,
        r#"{"regex": "[z-a]", "ignore_case": true}"#,
        r#"{"regex": "\\w{1000}{1000}"}"#,
        r#"{"regex": ""}"#,
        r#"{"json_schema": "missing.json"}"#,
        r#"{"json_schema": "broken.json"}"#,
        r#"{"json_schema": "wrong.json"}"#,
        r#"{"json_schema": "../out.json"}"#,
        r#"{"json_schema": {"type": "objekt"}}"#,
        r#"{"json_schema": {"properties": {"a": {"minimum": "3"}}}}"#,
        r#"{"json_schema": {"pattern": "(a"}}"#,
        r#"{"json_schema": {"$ref": "other.json"}}"#,
        r#"{"json_schema": {"$ref": "https://example.com/schema.json"}}"#,
        r#"{"json_schema": {"$ref": "file:///etc/passwd"}}"#,
        r#"{"json_schema": 3}"#,
    ]), @r#"
    {"regex": "(refund"}
      11: the regular expression does not compile: unclosed group
         = at character 1 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"regex": "a(?!b)"}
      11: the regular expression does not compile: look-around, including look-ahead and look-behind, is not supported
         = at character 2 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"regex": "(a)\\1"}
      11: the regular expression does not compile: backreferences are not supported
         = at character 4 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"regex": "[z-a]", "ignore_case": true}
      11: the regular expression does not compile: invalid character class range, the start must be <= the end
         = at character 2 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"regex": "\\w{1000}{1000}"}
      11: the regular expression is too large: more than 1048576 bytes compiled
         = lower its repetition counts
    {"regex": ""}
      11: `regex` with an empty pattern holds for every answer
         = write a pattern
    {"json_schema": "missing.json"}
      17: there is no file `missing.json`
         = correct the path, or write the schema here as a mapping
    {"json_schema": "broken.json"}
      17: `broken.json` is not JSON: EOF while parsing an object at line 1 column 1
         = a schema file holds one JSON value
    {"json_schema": "wrong.json"}
      17: `wrong.json` does not compile: "objekt" is not valid under any of the schemas listed in the 'anyOf' keyword (at /type)
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": "../out.json"}
      17: `../out.json` is outside the repository
         = move it inside
    {"json_schema": {"type": "objekt"}}
      17: the JSON Schema does not compile: "objekt" is not valid under any of the schemas listed in the 'anyOf' keyword (at /type)
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": {"properties": {"a": {"minimum": "3"}}}}
      17: the JSON Schema does not compile: "3" is not of type "number" (at /properties/a/minimum)
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": {"pattern": "(a"}}
      17: the JSON Schema does not compile: "(a" is not a "regex" (at /pattern)
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": {"$ref": "other.json"}}
      17: the JSON Schema does not compile: Resource 'other.json' is not present in a registry and retrieving it failed: No base URI is available
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": {"$ref": "https://example.com/schema.json"}}
      17: the JSON Schema does not compile: Resource 'https://example.com/schema.json' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch https://example.com/schema.json
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": {"$ref": "file:///etc/passwd"}}
      17: the JSON Schema does not compile: Resource 'file:///etc/passwd' is not present in a registry and retrieving it failed: Retrieval is disabled, cannot fetch file:///etc/passwd
         = correct the schema; parts of it may be shared through `$defs`, other files cannot
    {"json_schema": 3}
      17: `json_schema` takes the path of a JSON file or a schema, not 3
         = for example json_schema: schema/reply.json
    "#);
}

#[test]
fn the_other_families() {
    insta::assert_snapshot!(all_problems(&[
        r#"{"json_path": {"equals": 3}}"#,
        r#"{"json_path": {"path": "a[x]", "equals": 3}}"#,
        r#"{"json_path": {"path": "a", "equals": 3, "exists": true}}"#,
        r#"{"json_path": {"path": "a", "eqals": 3}}"#,
        r#"{"json_path": {"path": "a", "one_of": []}}"#,
        r#"{"json_path": {"path": "a", "regex": "("}}"#,
        r#"{"json_path": {"path": "a", "contains": "x", "ignorecase": true}}"#,
        r#"{"number": "forty"}"#,
        r#"{"number": {"value": 3, "tolerance": 1, "relative": 0.1}}"#,
        r#"{"number": {"value": 0, "relative": 0.1}}"#,
        r#"{"number": {"value": 3, "tolerance": -1}}"#,
        r#"{"number": {"tolerance": 1}}"#,
        r#"{"similarity": 0.8}"#,
        r#"{"similarity": {"to": "x", "threshold": 80}}"#,
        r#"{"rouge": 0.8}"#,
        r#"{"rouge": {"metric": "rougeX"}}"#,
        r#"{"rouge": {"measure": 1}}"#,
        r#"{"rouge": {"to": "Hello!", "metric": "rouge2"}}"#,
        r#"{"rouge": "?!"}"#,
        r#"{"tool_call": {"arguments": {}}}"#,
        r#"{"tool_call": {"name": "x", "arguments": [1]}}"#,
        r#"{"tool_call": false}"#,
        r#"{"stop_reason": "end-turn"}"#,
        r#"{"stop_reason": "done"}"#,
        r#"{"judge": ""}"#,
        r#"{"judge": {"threshold": 0.5}}"#,
        r#"{"judge": "polite", "threshold": 7}"#,
        r#"{"not": [{"json": true}]}"#,
        r#"{"not": "json"}"#,
        r#"{"any": []}"#,
        r#"{"all": {"json": true}}"#,
        r#"{"any": [{"contians": "x"}, {"regex": "("}]}"#,
        r#"{"not": {"latency": {"max_ms": 5}}}"#,
        r#"{"latency": {}}"#,
        r#"{"cost": {"max_usd": 0}}"#,
    ]), @r#"
    {"json_path": {"equals": 3}}
      15: `json_path` has no `path`
         = for example json_path: {path: reply.intent, equals: refund}
    {"json_path": {"path": "a[x]", "equals": 3}}
      24: `a[x]` is not a path: `[x]` is neither an index nor `[*]`; a key goes in quotation marks
         = for example reply.items[0].id, items[*].id or ["key.with.dots"]
    {"json_path": {"path": "a", "equals": 3, "exists": true}}
      2: `json_path` has more than one expectation
         = write one check for each, or `all: [...]`
    {"json_path": {"path": "a", "eqals": 3}}
      29: `json_path` has no option `eqals`
         = did you mean `equals`?
    {"json_path": {"path": "a", "one_of": []}}
      39: `one_of` takes a list of at least one value, not an empty list
         = for example one_of: [refund, exchange]
    {"json_path": {"path": "a", "regex": "("}}
      38: the regular expression does not compile: unclosed group
         = at character 1 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"json_path": {"path": "a", "contains": "x", "ignorecase": true}}
      46: `contains` has no option `ignorecase`
         = did you mean `ignore_case`?
    {"number": "forty"}
      12: `number` takes a number, not text
         = write a number
    {"number": {"value": 3, "tolerance": 1, "relative": 0.1}}
      53: `number` has both `tolerance` and `relative`
         = keep one: `tolerance` is in the number's own unit, `relative` a share of it
    {"number": {"value": 0, "relative": 0.1}}
      37: a share of 0 is 0: only exactly 0 would pass
         = use `tolerance` in place of `relative`
    {"number": {"value": 3, "tolerance": -1}}
      38: `tolerance` takes a number from 0, not -1
         = write a number from 0
    {"number": {"tolerance": 1}}
      12: `number` has no `value`
         = for example number: {value: 42, tolerance: 0.5}
    {"similarity": 0.8}
      16: `similarity` takes a text, `true` or a mapping, not 0.8
         = write similarity: {threshold: 0.8}
    {"similarity": {"to": "x", "threshold": 80}}
      41: `threshold` takes a number above 0, at most 1, not 80
         = write a number above 0, at most 1
    {"rouge": 0.8}
      11: `rouge` takes a text, `true` or a mapping, not 0.8
         = write rouge: {threshold: 0.8}
    {"rouge": {"metric": "rougeX"}}
      22: unknown metric `rougeX`
         = did you mean `rougeL`?
    {"rouge": {"measure": 1}}
      23: `measure` takes one of f1, precision, recall, not 1
         = for example measure: f1
    {"rouge": {"to": "Hello!", "metric": "rouge2"}}
      11: the text of `rouge` has only one word, and `rouge2` compares pairs
         = write a longer text
    {"rouge": "?!"}
      11: the text of `rouge` has no words
         = write a longer text
    {"tool_call": {"arguments": {}}}
      15: `tool_call` has no `name`
         = for example tool_call: {name: find_order, arguments: {order: A-17}}
    {"tool_call": {"name": "x", "arguments": [1]}}
      42: `arguments` takes a mapping, not a list
         = for example tool_call: {name: find_order, arguments: {order: A-17}}
    {"tool_call": false}
      15: `tool_call: false` asks for nothing
         = write `not: {tool_call: true}`
    {"stop_reason": "end-turn"}
      17: unknown stop reason `end-turn`
         = did you mean `end_turn`?
    {"stop_reason": "done"}
      17: unknown stop reason `done`
         = the reasons: end_turn, tool_use, stop_sequence, max_tokens, guardrail_intervened, content_filtered, malformed_model_output, malformed_tool_use, context_window_exceeded
    {"judge": ""}
      11: `judge` has an empty rubric
         = say what a good answer does
    {"judge": {"threshold": 0.5}}
      11: `judge` has no `rubric`
         = for example judge: "Names the 30-day window. Promises no money."
    {"judge": "polite", "threshold": 7}
      34: `threshold` takes a number above 0, at most 1, not 7
         = write a number above 0, at most 1
    {"not": [{"json": true}]}
      9: `not` takes one check, not a list
         = for none of several, write `not: {any: [...]}`
    {"not": "json"}
      9: a check is a mapping, not text
         = write `json: true`
    {"any": []}
      9: `any` has an empty list
         = name at least one check
    {"all": {"json": true}}
      9: `all` takes a list of checks, not a mapping
         = for example all: [{contains: yes}, {contains: ja}]
    {"any": [{"contians": "x"}, {"regex": "("}]}
      11: unknown check `contians`
         = did you mean `contains`?
      39: the regular expression does not compile: unclosed group
         = at character 1 of the pattern; the syntax is that of https://docs.rs/regex: no look-around, no back-references
    {"not": {"latency": {"max_ms": 5}}}
      10: `latency` is advisory and cannot be inside another check
         = write it as a separate check: it is reported and never scored
    {"latency": {}}
      13: `latency` has no `max_ms`
         = for example latency: {max_ms: 2000}
    {"cost": {"max_usd": 0}}
      22: `max_usd` takes a number above 0, not 0
         = write a number above 0
    "#);
}
