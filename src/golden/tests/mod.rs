//! What a golden set may contain, and the errors for a wrong one.

mod notations;
mod scan;

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::model::Role;
use crate::problem::Problems;
use crate::tree::MemoryTree;

fn set(path: &str, text: &str) -> (Option<GoldenSet>, String) {
    let tree = MemoryTree::new([(path, text), ("golden/schema/a.json", "{}"), ("b.json", "{}")]);
    let (mut references, mut problems) = (BTreeSet::new(), Problems::new());
    let set = read(&tree, path, &mut references, &mut problems);
    assert_eq!(set.is_none(), problems.has_errors(), "{problems}");
    if let Some(set) = &set {
        assert_eq!(set.references, references.into_iter().collect::<Vec<_>>());
    }
    (set, problems.to_string())
}

fn good(path: &str, text: &str) -> GoldenSet {
    let (set, problems) = set(path, text);
    set.unwrap_or_else(|| panic!("{problems}"))
}

fn complaints(path: &str, text: &str) -> String {
    set(path, text).1
}

#[test]
fn a_set_in_yaml_with_defaults() {
    let set = good(
        "golden/a.yaml",
        "defaults:
  checks: [{json_schema: schema/a.json}]
  tags: [all]
  vars: {language: en}
cases:
  - id: late
    input: After 45 days?
    expected: Refuses.
    checks:
      - not: {contains: approved}
    tags: [refund, all]
    must_pass: true
  - vars: {language: de, count: 2}
  - id: talk
    messages: [{role: user, content: Hi}, {role: assistant, content: Hello}, {role: user, content: Bye}]
    exact: true
",
    );
    assert_eq!(set.references, ["golden/schema/a.json"]);
    let [late, plain, talk] = set.cases.as_slice() else { panic!("{set:?}") };
    assert_eq!((late.id.as_str(), late.mark.line, late.must_pass, late.exact), ("late", 6, true, false));
    assert_eq!((late.checks.len(), late.tags.as_slice()), (2, &["all".to_owned(), "refund".to_owned()][..]));
    assert_eq!(late.input, CaseInput::Text("After 45 days?".to_owned()));
    assert_eq!(
        late.values(),
        BTreeMap::from([("input".to_owned(), json!("After 45 days?")), ("language".to_owned(), json!("en"))])
    );
    assert_eq!(late.variables, BTreeMap::from([("language".to_owned(), json!("en"))]));
    assert_eq!(plain.input, CaseInput::Variables);
    assert_eq!(
        plain.variables,
        BTreeMap::from([("count".to_owned(), json!(2)), ("language".to_owned(), json!("de"))])
    );
    assert_snapshot!(plain.id, @"case-8f941ee7");
    let CaseInput::Messages(messages) = &talk.input else { panic!("{talk:?}") };
    assert_eq!((messages.len(), messages[2].role, talk.exact), (3, Role::User, true));
}

#[test]
fn a_csv_has_a_column_for_everything() {
    let csv = "id,input,expected,tags,must_pass,exact,contains,vars.city,checks\n\
        a,\"Where, exactly?\",Here.,x; y,TRUE,,Here,Rome,\n\
        b,\"two\nlines\",,,,true,,\"\",\"[{\"\"equals\"\": \"\"x\"\"}, {\"\"json_schema\"\": \"\"../b.json\"\"}]\"\n\
        c,last,,,,,text,,\n";
    let set = good("golden/a.csv", csv);
    let [a, b, c] = set.cases.as_slice() else { panic!("{set:?}") };
    assert_eq!(
        (a.must_pass, a.expected.as_deref(), a.tags.len(), a.checks.len()),
        (true, Some("Here."), 2, 1)
    );
    assert_eq!((a.variables["city"].clone(), b.variables["city"].clone()), (json!("Rome"), json!("")));
    assert_eq!(
        (b.input.clone(), b.exact, b.checks.len()),
        (CaseInput::Text("two\nlines".to_owned()), true, 2)
    );
    assert_eq!(set.references, ["b.json"]);
    assert_eq!((a.mark.line, b.mark.line, c.mark.line), (2, 3, 5));
}

#[test]
fn an_empty_golden_set_is_an_error() {
    for (path, text) in [
        ("golden/a.yaml", ""),
        ("golden/a.yaml", "cases: []\n"),
        ("golden/a.json", "[]"),
        ("golden/a.jsonl", "\n\n"),
        ("golden/a.csv", "id,input\n"),
    ] {
        let told = complaints(path, text);
        assert!(told.starts_with("error: the golden set holds no cases\n  --> golden/a."), "{told}");
    }
    assert_snapshot!(complaints("golden/a.jsonl", ""), @r"
    error: the golden set holds no cases
      --> golden/a.jsonl
       = add a case with `input` and `checks`, or remove the file and the prompt's `golden`
    ");
    assert_snapshot!(complaints("golden/a.yaml", "defaults: {}\n"), @r"
    error: a golden set needs `cases`
      --> golden/a.yaml:1:1
       | defaults: {}
    ");
    assert_snapshot!(complaints("golden/a.txt", "x"), @r"
    error: `golden/a.txt` is not a golden set's name
      --> golden/a.txt
       = golden sets end in .yaml, .yml, .json, .jsonl or .csv
    ");
    assert_snapshot!(complaints("golden/a.yaml", "text"), @r"
    error: a golden set must be a list of cases, found text
      --> golden/a.yaml:1:1
       | text
       = write cases: [{id, input, checks}]
    ");
}

#[test]
fn every_mistake_of_a_case_is_reported() {
    let text = "defaults: {check: []}
cases:
  - {id: a, input: x}
  - {id: a, input: x, checks: [{contains: x}]}
  - {input: x, checks: [{contains: x}], must_pass: true}
  - {input: y, checks: [{contains: x}]}
  - {input: y, checks: [{contains: x}]}
  - {id: b, checks: [{contains: x}]}
  - {id: c, input: x, expected: 42, checks: []}
  - {id: d, input: x, checks: [{contains: x}], must_pass: yes, tag: [x]}
  - {id: e, vars: {flag: no}, checks: [{contains: x}]}
  - {id: f, input: {a: b}, checks: [{contains: x}]}
  - {id: g, messages: [{role: user, content: x}, {role: assistant, content: y}], checks: [{contains: x}]}
  - {id: h, input: x, vars: {input: y}, checks: [{contains: x}]}
  - {id: ' ', input: x, messages: [], checks: [{contains: x}]}
  - just text
  - {id: i, input: x, vars: {a: b}, variables: {a: b}, checks: {contains: x}}
";
    assert_snapshot!(complaints("golden/a.yaml", text), @r#"
    error: unknown key `check` in `defaults`
      --> golden/a.yaml:1:12
       | defaults: {check: []}
       = did you mean `checks`?

    error: duplicate case id `a`, first on line 3
      --> golden/a.yaml:4:5
       |   - {id: a, input: x, checks: [{contains: x}]}
       = every case of a golden set needs its own id

    error: a case with `must_pass: true` needs an `id`
      --> golden/a.yaml:5:5
       |   - {input: x, checks: [{contains: x}], must_pass: true}
       = add `id: a-short-name`

    error: a case without `id` has the same input as the one on line 6
      --> golden/a.yaml:7:5
       |   - {input: y, checks: [{contains: x}]}
       = give both an `id`, or remove one

    error: the case has no input
      --> golden/a.yaml:8:5
       |   - {id: b, checks: [{contains: x}]}
       = add `input: "text"`, `vars: {name: value}` or `messages: [...]`

    error: the case has no checks: nothing could fail
      --> golden/a.yaml:9:5
       |   - {id: c, input: x, expected: 42, checks: []}
       = add `checks` to the case, or to the golden set's `defaults`

    error: `expected` must be text, found the number 42
      --> golden/a.yaml:9:33
       |   - {id: c, input: x, expected: 42, checks: []}
       = quote it: "42"

    error: `must_pass` must be true or false, found the text `yes`
      --> golden/a.yaml:10:59
       |   - {id: d, input: x, checks: [{contains: x}], must_pass: yes, tag: [x]}

    error: unknown key `tag` in a case
      --> golden/a.yaml:10:64
       |   - {id: d, input: x, checks: [{contains: x}], must_pass: yes, tag: [x]}
       = did you mean `tags`?

    error: many YAML readers take `no` for a boolean, this one for text
      --> golden/a.yaml:11:26
       |   - {id: e, vars: {flag: no}, checks: [{contains: x}]}
       = write true or false, or quote it: "no"

    error: `input` must be text, found a mapping
      --> golden/a.yaml:12:20
       |   - {id: f, input: {a: b}, checks: [{contains: x}]}

    error: the last message of a case must be the user's
      --> golden/a.yaml:13:23
       |   - {id: g, messages: [{role: user, content: x}, {role: assistant, content: y}], checks: [{contains: x}]}
       = end the list with `role: user`

    error: the variable `input` is the case's `input`; it cannot be given twice
      --> golden/a.yaml:14:5
       |   - {id: h, input: x, vars: {input: y}, checks: [{contains: x}]}

    error: the case id " " is not usable
      --> golden/a.yaml:15:10
       |   - {id: ' ', input: x, messages: [], checks: [{contains: x}]}
       = write a short name without spaces around it

    error: `input` and `messages` exclude each other
      --> golden/a.yaml:15:25
       |   - {id: ' ', input: x, messages: [], checks: [{contains: x}]}
       = keep one of the two

    error: a case must be a mapping, found text
      --> golden/a.yaml:16:5
       |   - just text
       = its keys are `id`, `input`, `vars`, `variables`, `messages`, `expected`, `checks`, `tags`, `must_pass`, `exact`

    error: `vars` and `variables` exclude each other
      --> golden/a.yaml:17:37
       |   - {id: i, input: x, vars: {a: b}, variables: {a: b}, checks: {contains: x}}
       = keep one of the two

    error: `checks` must be a list, found a mapping
      --> golden/a.yaml:17:64
       |   - {id: i, input: x, vars: {a: b}, variables: {a: b}, checks: {contains: x}}
    "#);
}

#[test]
fn jsonl_places_are_lines() {
    let text = "{\"id\": \"a\", \"input\": \"x\", \"checks\": [{\"contains\": \"x\"}]}\r\n\n\
        {\"id\": \"b\", \"id\": \"c\"}\n{\"id\": \"c\",\n\
        {\"id\": \"a\", \"input\": \"x\", \"checks\": [{\"contains\": \"x\"}]}\n";
    assert_snapshot!(complaints("golden/a.jsonl", text), @r#"
    error: duplicate key `id`, first on line 3
      --> golden/a.jsonl:3:13
       | {"id": "b", "id": "c"}
       = keep one of the two: readers disagree about which one counts

    error: not valid JSON: EOF while parsing a value
      --> golden/a.jsonl:4:11
       | {"id": "c",
       = the text ends too early: close every bracket and quote

    error: duplicate case id `a`, first on line 1
      --> golden/a.jsonl:5:1
       | {"id": "a", "input": "x", "checks": [{"contains": "x"}]}
       = every case of a golden set needs its own id
    "#);
}

#[test]
fn mistakes_of_a_csv_show_their_line() {
    assert_snapshot!(complaints("golden/a.csv", "id,inptu,id,city\na,b,c,d\n"), @r"
    error: unknown column `inptu`
      --> golden/a.csv:1:1
       | id,inptu,id,city
       = did you mean `input`? (a variable: `vars.inptu`)

    error: two columns are named `id`
      --> golden/a.csv:1:1
       | id,inptu,id,city

    error: unknown column `city`
      --> golden/a.csv:1:1
       | id,inptu,id,city
       = a variable's column is called `vars.city`
    ");
    let text = "id,input,checks,vars,must_pass\na,x,\"[{]\",,\nb,x\nc,x,,\"{\"\"input\"\": 1}\",perhaps\n";
    assert_snapshot!(complaints("golden/a.csv", text), @r#"
    error: the column `checks` must hold JSON: not valid JSON: key must be a string
      --> golden/a.csv:2:1
       | a,x,"[{]",,

    error: the case has no checks: nothing could fail
      --> golden/a.csv:2:1 (also in line 4)
       | a,x,"[{]",,
       = add `checks` to the case, or to the golden set's `defaults`

    error: the record has 2 cells, the header 5
      --> golden/a.csv:3:1
       | b,x
       = put cells that hold the separator, quotes or line breaks in double quotes

    error: `must_pass` must be true or false, found the text `perhaps`
      --> golden/a.csv:4:1
       | c,x,,"{""input"": 1}",perhaps

    error: the variable `input` is the case's `input`; it cannot be given twice
      --> golden/a.csv:4:1
       | c,x,,"{""input"": 1}",perhaps
    "#);
}

#[test]
fn files_that_checks_name_stay_inside_and_exist() {
    let case = |path: &str| format!("- {{id: a, input: x, checks: [{{json_schema: {path}}}]}}\n");
    let outside = complaints("golden/a.yaml", &case("../../secret.json"));
    assert!(
        outside.contains("error: `../../secret.json` is outside the repository\n  --> golden/a.yaml:1:"),
        "{outside}"
    );
    let missing = complaints("golden/a.yaml", &case("gone.json"));
    assert!(missing.contains("gone.json") && missing.contains("--> golden/a.yaml:1:"), "{missing}");
}

#[test]
fn a_missing_file_is_a_problem() {
    let mut problems = Problems::new();
    let set = read(&MemoryTree::default(), "golden/a.yaml", &mut BTreeSet::new(), &mut problems);
    assert!(set.is_none());
    assert_snapshot!(problems, @r"
    error: the golden set `golden/a.yaml` does not exist
      --> golden/a.yaml
    ");
}
