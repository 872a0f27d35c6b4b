//! Every kind of check on ordinary and on unusual answers, and its reasons.

use super::*;

#[test]
fn texts() {
    table(&[
        (json!({"equals": "yes"}), " yes\n", true),
        (json!({"equals": "yes", "trim": false}), "yes\n", false),
        (json!({"equals": "yes"}), "Yes", false),
        (json!({"equals": "yes", "ignore_case": true}), "YES", true),
        (json!({"equals": "STRASSE", "ignore_case": true}), "straße", true),
        (json!({"equals": "ΟΔΟΣ", "ignore_case": true}), "οδος", true),
        (json!({"equals": ""}), " \n", true),
        (json!({"equals": "👩‍👩‍👧"}), "👩‍👩‍👧", true),
        (json!({"one_of": ["a", "b"]}), "b", true),
        (json!({"one_of": ["a", "b"]}), "ab", false),
        (json!({"contains": ["30", "days"]}), "30 days", true),
        (json!({"contains": ["30", "weeks"]}), "30 days", false),
        (json!({"contains": "a"}), "", false),
        (json!({"contains_any": ["weeks", "days"]}), "30 days", true),
        (json!({"starts_with": "Dear"}), "\n Dear Ann", true),
        (json!({"starts_with": "Dear", "trim": false}), "\n Dear Ann", false),
        (json!({"ends_with": "bye.\n"}), "Good bye.\n\n", true),
        (json!({"ends_with": "?"}), "Really", false),
    ]);
}

#[test]
fn texts_in_words() {
    let long = "word ".repeat(200_000);
    insta::assert_snapshot!(all_told(&[
        told(json!({"equals": "refund"}), &["refund", "Refund!", "", &long]),
        told(json!({"one_of": ["refund", "exchange"]}), &["exchange", "neither\nnor"]),
        told(json!({"contains": ["thirty", "days"]}), &["thirty days", "thirty weeks"]),
        told(json!({"contains_any": ["thirty", "30"]}), &["in 30 days", "soon"]),
        told(json!({"starts_with": "Dear"}), &["Dear Ann", "Hi"]),
        told(json!({"ends_with": "bye"}), &["good bye", &long]),
        told(json!({"contains": {"expected": true}}), &["In about 30 days.", "soon"]),
    ]), @r#"
    equals "refund"
      Passed: is "refund"
      Failed: expected "refund", found "Refund!"
      Failed: expected "refund", found ""
      Failed: expected "refund", found "word word word word word word word word word word word word word word word word…"
    one of "refund", "exchange"
      Passed: is "exchange"
      Failed: expected one of "refund", "exchange", found "neither\nnor"
    contains "thirty", "days"
      Passed: contains "thirty", "days"
      Failed: "days" not in "thirty weeks"
    contains any of "thirty", "30"
      Passed: contains "30"
      Failed: none of "thirty", "30" in "soon"
    starts with "Dear"
      Passed: starts with "Dear"
      Failed: expected to start with "Dear", found "Hi"
    ends with "bye"
      Passed: ends with "bye"
      Failed: expected to end with "bye", found "…word word word word word word word word word word word word word word word word"
    contains expected
      Passed: contains "about 30 days"
      Failed: "about 30 days" not in "soon"
    "#);
}

#[test]
fn patterns() {
    table(&[
        (json!({"regex": "\\b30 days?\\b"}), "within 30 days.", true),
        (json!({"regex": "^30"}), "within 30 days.", false),
        (json!({"regex": "(?m)^30"}), "within\n30 days.", true),
        (json!({"regex": "REFUND", "ignore_case": true}), "no refund", true),
        (json!({"regex": "^$"}), "", true),
        (json!({"regex": "(a+)+$"}), &format!("{}b", "a".repeat(100_000)), false),
    ]);
    insta::assert_snapshot!(told(json!({"regex": "3\\d days"}), &["in 30 days", "soon"]), @r#"
    regex /3\d days/
      Passed: "30 days" matches /3\d days/
      Failed: nothing matches /3\d days/ in "soon"
    "#);
}

#[test]
fn lengths() {
    table(&[
        (json!({"length": {"min_words": 1}}), "", false),
        (json!({"length": {"min_words": 2, "max_words": 3}}), " one\n two ", true),
        (json!({"length": {"max_chars": 1}}), "👩‍👩‍👧", true),
        (json!({"length": {"max_chars": 4}}), "naïve", false),
        (json!({"length": {"min_chars": 100_000}}), &"x".repeat(100_000), true),
    ]);
    insta::assert_snapshot!(all_told(&[
        told(json!({"length": {"min_words": 2, "max_words": 3, "max_chars": 8}}), &["one two", "one two three"]),
        told(json!({"length": {"min_words": 1}}), &[""]),
    ]), @r#"
    length 2 to 3 words, at most 8 characters
      Passed: has 2 words, 7 characters
      Failed: expected 2 to 3 words, at most 8 characters, found 3 words, 13 characters
    length at least 1 word
      Failed: expected at least 1 word, found 0 words
    "#);
}

#[test]
fn numbers() {
    for (text, found) in [
        ("It costs $1,234.50 today", Some(1234.5)),
        ("−5 °C", Some(-5.0)),
        ("-$3", Some(-3.0)),
        ("covid-19", Some(19.0)),
        ("2024-05-01", Some(2024.0)),
        ("between 10–20", Some(10.0)),
        ("GPT4 says 7", Some(7.0)),
        ("H2O, v1.2.3 and 8", Some(8.0)),
        ("共100元", Some(100.0)),
        ("1.5e-3 mol", Some(0.0015)),
        ("2e", Some(2.0)),
        ("3em", Some(3.0)),
        (".5", Some(0.5)),
        ("5.", Some(5.0)),
        ("**42**", Some(42.0)),
        ("1 234 567", Some(1.0)),
        ("1\u{a0}234\u{a0}567", Some(1_234_567.0)),
        ("1’234’567.8", Some(1_234_567.8)),
        ("1_000", Some(1000.0)),
        ("1,2345", Some(1.0)),
        ("1,234,5678", Some(1234.0)),
        ("0,250", Some(0.0)),
        ("1e999 or 6", Some(6.0)),
        ("NaN", None),
        ("inf and -Infinity", None),
        ("٣", None),
        ("", None),
        ("-", None),
    ] {
        assert_eq!(
            numeral::first_number(text, false),
            found.map(super::super::decimal::Decimal::of),
            "{text}"
        );
    }
    for (text, found) in [("12,5 %", 12.5), ("1.234,56 €", 1234.56), ("1.234", 1234.0), ("−0,25", -0.25)]
    {
        assert_eq!(
            numeral::first_number(text, true),
            Some(super::super::decimal::Decimal::of(found)),
            "{text}"
        );
    }
}

#[test]
fn numbers_near_enough() {
    table(&[
        (json!({"number": 42}), "The answer is 42.", true),
        (json!({"number": {"value": 3, "tolerance": 0.1}}), "3.1", true),
        (json!({"number": {"value": 3, "tolerance": 0.1}}), "3.11", false),
        (json!({"number": {"value": -200, "relative": 0.05}}), "−190", true),
        (json!({"number": {"value": -200, "relative": 0.05}}), "190", false),
        (json!({"number": {"value": 9007199254740993i64}}), "9007199254740993", true),
        (json!({"number": {"value": 3, "path": "total"}}), r#"{"n": 9, "total": "EUR 3.00"}"#, true),
        (json!({"number": {"value": 3, "path": "total"}}), r#"{"n": 3}"#, false),
        (
            json!({"number": {"value": 3, "path": "total", "fenced": true}}),
            "```json\n{\"total\": 3}\n```",
            true,
        ),
        (json!({"number": {"value": 1.5, "decimal_comma": true}}), "1,5 kg", true),
    ]);
    insta::assert_snapshot!(all_told(&[
        told(json!({"number": {"value": 42, "tolerance": 0.5}}), &["42.3", "43", "many", ""]),
        told(json!({"number": {"value": 200, "relative": 0.05, "path": "total"}}), &[r#"{"total": 1}"#, r#"{"total": null}"#, "{}", "200"]),
        told(json!({"number": {"expected": true}}), &["30", "31"]),
    ]), @r#"
    number 42 ± 0.5
      Passed: found 42.3
      Failed: expected 42 ± 0.5, found 43
      Failed: expected 42 ± 0.5, found no number in "many"
      Failed: expected 42 ± 0.5, found no number in ""
    number 200 ± 5 % at total
      Failed: expected 200 ± 5 %, found 1
      Failed: expected 200 ± 5 %, found null at `total`
      Failed: expected 200 ± 5 %, found nothing at `total` in {}
      Failed: expected 200 ± 5 %, found nothing at `total` in 200
    number expected
      Passed: found 30
      Failed: expected 30, found 31
    "#);
}

#[test]
fn similar_texts() {
    assert_eq!(similarity::ratio("abcd", "bcde"), 0.75);
    assert_eq!(similarity::ratio("", ""), 1.0);
    assert_eq!(similarity::ratio("a", ""), 0.0);
    assert_eq!(similarity::ratio("👩‍👩‍👧a", "👩‍👩‍👦a"), 0.5);
    let words: Vec<String> = (0..50_000).map(|n| n.to_string()).collect();
    let long = words.join(" ");
    let edited = long.replace(" 25000 ", " changed ");
    assert_eq!(similarity::ratio(&long, &edited), 2.0 * 49_999.0 / 100_000.0);
    let other = words.iter().rev().cloned().collect::<Vec<_>>().join(" ");
    assert!(similarity::ratio(&long, &other) < 0.01);
    insta::assert_snapshot!(all_told(&[
        told(json!({"similarity": "within 30 days"}), &["Within 30 days.", "never", ""]),
        told(json!({"similarity": {"threshold": 0.95, "ignore_case": true}}), &["ABOUT 30 DAYS"]),
    ]), @r#"
    similarity 0.8 to "within 30 days"
      Passed: similarity 0.896
      Failed: similarity 0.105 is below 0.8: wanted "within 30 days", found "never"
      Failed: similarity 0 is below 0.8: wanted "within 30 days", found ""
    similarity 0.95 to expected
      Passed: similarity 1
    "#);
}

#[test]
fn overlap_of_words() {
    insta::assert_snapshot!(all_told(&[
        told(json!({"rouge": true}), &["It takes about 30 days.", "30 about", "never", ""]),
        told(json!({"rouge": {"metric": "rouge1", "measure": "recall", "threshold": 1}}), &["30 days, about.", "30 days"]),
        told(json!({"rouge": {"metric": "rouge2", "to": "in 30 days"}}), &["In 30 days!"]),
    ]), @r#"
    rougeL f1 0.5 to expected
      Passed: rougeL f1 0.75
      Failed: rougeL f1 0.4 is below 0.5: wanted "about 30 days", found "30 about"
      Failed: rougeL f1 0 is below 0.5: wanted "about 30 days", found "never"
      Failed: rougeL f1 0 is below 0.5: wanted "about 30 days", found ""
    rouge1 recall 1 to expected
      Passed: rouge1 recall 1
      Failed: rouge1 recall 0.666 is below 1: wanted "about 30 days", found "30 days"
    rouge2 f1 0.5 to "in 30 days"
      Passed: rouge2 f1 1
    "#);
    let pairs = check(json!({"rouge": {"metric": "rouge2"}}));
    let of = |expected| result_of(&pairs, &answer("Hello there"), expected).reason;
    insta::assert_snapshot!([of(None), of(Some("Hello!")), of(Some("…"))].join("\n"), @"
    the case has no `expected` to compare with
    the case's `expected` has only one word, and `rouge2` compares pairs
    the case's `expected` has no words
    ");
}

#[test]
fn tool_calls_and_stop_reasons() {
    let response = call("find_order", json!({"order": "A-17", "filter": {"open": true, "limit": 5}}));
    let found = |value: Value, response: &Response| {
        let check = check(value);
        let result = result_of(&check, response, None);
        format!("{}\n  {:?}: {}", check.label(), result.outcome, result.reason)
    };
    let cut = Response { stop: StopReason::MaxTokens, ..answer("Dear") };
    insta::assert_snapshot!(all_told(&[
        found(json!({"tool_call": "find_order"}), &response),
        found(json!({"tool_call": true}), &answer("no")),
        found(json!({"not": {"tool_call": true}}), &response),
        found(json!({"tool_call": "refund"}), &response),
        found(json!({"tool_call": {"name": "find_order", "arguments": {"filter": {"limit": 5.0}}}}), &response),
        found(json!({"tool_call": {"name": "find_order", "arguments": {"filter": {"limit": 6}}}}), &response),
        found(json!({"tool_call": {"name": "find_order", "arguments": {"city": "Oslo"}}}), &response),
        found(json!({"stop_reason": "end_turn"}), &cut),
        found(json!({"tool_call": "x", "name": "finds order"}), &answer("")),
        found(json!({"stop_reason": ["end_turn", "max_tokens"]}), &cut),
        found(json!({"ends_with": "."}), &cut),
    ]), @r#"
    call of `find_order`
      Passed: called `find_order`
    call of any tool
      Failed: expected a call of any tool, found no call
    not call of any tool
      Failed: unwanted: called `find_order`
    call of `refund`
      Failed: expected a call of `refund`, found `find_order`
    call of `find_order` with {"filter":{"limit":5}}
      Passed: called `find_order`
    call of `find_order` with {"filter":{"limit":6}}
      Failed: called `find_order`, but for `/filter/limit` expected 6, found 5
    call of `find_order` with {"city":"Oslo"}
      Failed: called `find_order`, but for `/city` expected "Oslo", found nothing
    stop reason end_turn
      Failed: expected to stop with end_turn, found max_tokens
    finds order
      Failed: expected a call of `x`, found no call
    stop reason end_turn or max_tokens
      Passed: stopped with max_tokens
    ends with "."
      Failed: expected to end with ".", found "Dear" (the model stopped with max_tokens)
    "#);
}

#[test]
fn logic_in_words() {
    insta::assert_snapshot!(all_told(&[
        told(json!({"not": {"contains": "refund approved"}}), &["No.", "Your refund approved."]),
        told(json!({"any": [{"contains": "yes"}, {"name": "German", "contains": "ja"}]}), &["ja", "no"]),
        told(json!({"all": [{"contains": "yes"}, {"name": "German", "contains": "ja"}]}), &["yes ja", "yes"]),
        told(json!({"not": {"any": [{"json": true}, {"regex": "\\d"}]}}), &["text", "{}"]),
    ]), @r#"
    not contains "refund approved"
      Passed: "refund approved" not in "No."
      Failed: unwanted: contains "refund approved"
    any of (contains "yes"; German)
      Passed: German: contains "ja"
      Failed: "yes" not in "no"; "ja" not in "no"
    all of (contains "yes"; German)
      Passed: contains "yes"; contains "ja"
      Failed: German: "ja" not in "yes"
    not any of (json; regex /\d/)
      Passed: not JSON: "text"; nothing matches /\d/ in "text"
      Failed: unwanted: is JSON, an object
    "#);
}
