//! Checks that are exact: numbers with all their digits, formats of a schema, letters in one form.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

/// How a check finds an answer: what a report says of the one case, or what is refused.
pub(super) fn found(check: &str, answer: &str) -> String {
    let project = Project::new(&[
        ("prompts.yaml", "ask: Answer.\n"),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
    ]);
    project.write(
        "golden/ask.yaml",
        format!("cases:\n  - id: one\n    input: x\n    checks:\n      - {check}\n"),
    );
    project.write("rules.yaml", format!("default: {{text: {}}}\n", serde_json::json!(answer)));
    project.git(&["add", "--all"]);
    let ran = project.run(&["eval", "--base", "none", "--scripted", "rules.yaml", "--format", "json"]);
    if ran.status == 2 {
        return ran.told();
    }
    let report = ran.json();
    let failures: Vec<&str> = report["prompts"][0]["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|case| case["candidate"]["failures"][0]["reason"].as_str())
        .collect();
    let warned = if ran.stderr.contains("warning") { ran.stderr.as_str() } else { "" };
    match failures.first() {
        Some(reason) => format!("{warned}fails: {reason}"),
        None => format!("{warned}passes"),
    }
}

#[test]
fn a_number_is_exact_in_all_its_digits() {
    assert_eq!(found("number: 1234567890123456789", "It is 1234567890123456789."), "passes");
    assert_snapshot!(found("number: 1234567890123456789", "It is 1234567890123456780."), @"fails: expected 1234567890123456789, found 1234567890123456780");
    assert_snapshot!(found("number: 0.12345678901234567891", "0.12345678901234567892"), @"fails: expected 0.12345678901234567891, found 0.12345678901234567892");
    assert_snapshot!(found("number: \"123456789012345678901234567890\"", "123456789012345678901234567891"), @"fails: expected 123456789012345678901234567890, found 123456789012345678901234567891");
    assert_eq!(found("number: {value: 3, tolerance: 0.1}", "3.1"), "passes");
    assert_snapshot!(found("number: {value: 3, tolerance: 0.1}", "3.1000000000000000001"), @"fails: expected 3 ± 0.1, found 3.1000000000000000001");
    assert_snapshot!(found("json_path: {path: id, equals: 9007199254740993}", "{\"id\": 9007199254740992.0}"), @"fails: at `id`: expected 9007199254740993, found 9007199254740992.0");
    assert_snapshot!(found("number: {value: 1234567890123456789, path: id}", "{\"id\": 1234567890123456780}"), @"fails: expected 1234567890123456789, found 1234567890123456780");
    assert_eq!(found("number: {value: 0.1, path: x}", "{\"x\": 0.1}"), "passes");
}

#[test]
fn the_format_of_a_schema_is_asserted() {
    let schema = "json_schema: {type: object, properties: {mail: {type: string, format: email}}}";
    assert_eq!(found(schema, "{\"mail\": \"ada@example.org\"}"), "passes");
    assert_snapshot!(found(schema, "{\"mail\": \"nobody\"}"), @r#"fails: /mail: "nobody" is not a "email""#);
    let dated = "json_schema: {properties: {day: {format: date}}}";
    assert_snapshot!(found(dated, "{\"day\": \"31.01.2026\"}"), @r#"fails: /day: "31.01.2026" is not a "date""#);
}

#[test]
fn letters_have_one_form_and_white_space_may_be_any() {
    for check in ["contains: café", "equals: \"cafe\\u0301\"", "regex: '^café$'", "one_of: [café]"] {
        assert_eq!(found(check, "cafe\u{301}"), "passes", "{check}");
        assert_eq!(found(check, "caf\u{e9}"), "passes", "{check}");
    }
    assert_snapshot!(found("equals: 30 days", "30\u{a0}days"), @r#"fails: expected "30⟨U+0020⟩days", found "30⟨U+00A0⟩days" (only white space differs; `whitespace: any` accepts that)"#);
    assert_snapshot!(found("contains: within 30 days", "Refunds within 30\u{a0}days."), @r#"fails: "within 30 days" not in "Refunds within 30 days." (only white space differs; `whitespace: any` accepts that)"#);
    assert_eq!(
        found("{contains: within 30 days, whitespace: any}", "Refunds within\n30\u{a0}days."),
        "passes"
    );
    assert_eq!(found("{equals: a b, whitespace: any, ignore_case: true}", " A\u{2003} B "), "passes");
    assert_snapshot!(found("{equals: a b, whitespace: some}", "a b"), @r"
    exit status 2
    error: `whitespace` takes `any` or `exact`, not text
      --> golden/ask.yaml:5:35
       |       - {equals: a b, whitespace: some}
       = write whitespace: any

    1 error; nothing was evaluated
    ");
    assert_snapshot!(found("equals: no", "n\u{200b}o"), @r#"fails: expected "no", found "n⟨U+200B⟩o""#);
}

#[test]
fn backticks_of_an_answer_reach_the_comment() {
    let project = Project::new(&[
        ("prompts.yaml", "ask: Answer.\n"),
        (
            "golden/ask.yaml",
            "- {id: one, input: x, must_pass: true, checks: [{equals: '{}'}, {json: true}]}\n",
        ),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\n"),
        ("rules.yaml", "default: {text: \"```json\\n{}\\n``` and `code`\"}\n"),
    ]);
    let ran = project.run(&["eval", "--base", "none", "--scripted", "rules.yaml", "--format", "markdown"]);
    let said: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("&#96;")).collect();
    assert_snapshot!(said.join("\n"), @r#"
    - **1** expected "{}", found "&#96;&#96;&#96;json&#92;n{}&#92;n&#96;&#96;&#96; and &#96;code&#96;" – <code>one</code>
    <details><summary>❌ <code>one</code> (must-pass) – expected "{}", found "&#96;&#96;&#96;json&#92;n{}&#92;n&#96;&#96;&#96; and &#96;code&#96;"</summary>
    - <code>equals "{}"</code>: expected "{}", found "&#96;&#96;&#96;json&#92;n{}&#92;n&#96;&#96;&#96; and &#96;code&#96;"
    - <code>json</code>: not JSON: "&#96;&#96;&#96;json&#92;n{}&#92;n&#96;&#96;&#96; and &#96;code&#96;"
    "#);
    assert!(!ran.stdout.contains("(empty)"), "{}", ran.stdout);
}
