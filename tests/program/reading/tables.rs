//! Golden sets as tables: CSV as Excel writes it, JSON Lines with defaults.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

/// What an evaluation of the edited greeting says with this golden set.
fn eval(name: &str, text: &str) -> String {
    let project = Project::new(&[GREETING[0], GREETING[2], GREETING[3]]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project.write(&format!("golden/{name}"), text);
    project.git(&["add", "--all"]);
    let ran = project.eval();
    let passed = ran.stdout.lines().find(|line| line.contains("cases pass")).unwrap_or_default();
    format!("{}{}", ran.told(), passed.trim())
}

#[test]
fn semicolons_tabs_and_padding_are_read() {
    let table = "id;input;vars.name;contains;tags;;\n\
                 morning;Good morning;Ada;Ada;\"a;b\";;\n\
                 evening;\"Good\r\nevening\";Grace;Grace;;;\n;;;;;;\n;;;;;;\n";
    assert_snapshot!(eval("greet.csv", table), @"");
    assert_snapshot!(eval("greet.csv", &format!("\u{feff}{}", table.replace('\n', "\r\n"))), @"");
    assert_snapshot!(eval("greet.csv", &format!("sep=;\r\n{table}")), @"");
    assert_snapshot!(eval("greet.csv", "id\tinput\tvars.name\tcontains\na\tHi, you\tAda\tAda\n"), @"");
}

#[test]
fn lines_of_a_table_are_the_files() {
    let table = "id,input,vars.name,contains,must_pass\r\n\r\na,\"one\r\ntwo\",Ada,Ada,\r\n\r\nb,x,Grace,Grace,perhaps\r\nc,x\r\n";
    assert_snapshot!(eval("greet.csv", table), @"");
    assert_snapshot!(eval("greet.csv", "id,input,,contains\na,x,y,z,\nb,x,y,z,more\n"), @"");
}

#[test]
fn json_lines_may_begin_with_defaults() {
    let defaults = r#"{"defaults": {"checks": [{"contains": "Ada"}], "vars": {"name": "Ada"}}}"#;
    let cases = "{\"id\": \"a\", \"input\": \"x\"}\n{\"id\": \"b\", \"input\": \"y\"}\n";
    assert_snapshot!(eval("greet.jsonl", &format!("{defaults}\n{cases}")), @"");
    assert_snapshot!(eval("greet.jsonl", &format!("{cases}{defaults}\n")), @"");
    assert_snapshot!(eval("greet.jsonl", &format!("{{\"defaults\": {{\"cheks\": []}}, \"x\": 1}}\n{cases}")), @"");
}
