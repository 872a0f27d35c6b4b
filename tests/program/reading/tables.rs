//! Golden sets as tables: CSV as Excel writes it, JSON Lines with defaults.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

/// What an evaluation of the edited greeting says with this golden set.
fn eval(name: &str, text: &str) -> String {
    let project = Project::new(&[GREETING[0], GREETING[2], GREETING[3]]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project.write(&format!("golden/{name}"), text);
    project.git(&["add", "--all"]);
    let ran = project.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "json"]);
    match ran.status {
        0 => format!("{}{}", ran.stderr, ran.json()["prompts"][0]["candidate"]),
        _ => ran.told(),
    }
}

#[test]
fn semicolons_tabs_and_padding_are_read() {
    let table = "id;input;vars.name;contains;tags;;\n\
                 morning;Good morning;Ada;Ada;\"a;b\";;\n\
                 evening;\"Good\r\nevening\";Grace;Grace;;;\n;;;;;;\n;;;;;;\n";
    assert_snapshot!(eval("greet.csv", table), @r#"{"passed":2,"of":2}"#);
    assert_snapshot!(eval("greet.csv", &format!("\u{feff}{}", table.replace('\n', "\r\n"))), @r#"{"passed":2,"of":2}"#);
    assert_snapshot!(eval("greet.csv", &format!("sep=;\r\n{table}")), @r#"{"passed":2,"of":2}"#);
    assert_snapshot!(eval("greet.csv", "id\tinput\tvars.name\tcontains\na\tHi, you\tAda\tAda\n"), @r#"{"passed":1,"of":1}"#);
}

#[test]
fn lines_of_a_table_are_the_files() {
    let table = "id,input,vars.name,contains,must_pass\r\n\r\na,\"one\r\ntwo\",Ada,Ada,\r\n\r\nb,x,Grace,Grace,perhaps\r\nc,x\r\n";
    assert_snapshot!(eval("greet.csv", table), @r"
    exit status 2
    error: `must_pass` must be true or false, found the text `perhaps`
      --> golden/greet.csv:6:1
       | b,x,Grace,Grace,perhaps

    error: the record has 2 cells, the header 5
      --> golden/greet.csv:7:1
       | c,x
       = put cells that hold the separator, quotes or line breaks in double quotes

    2 errors; nothing was evaluated
    ");
    assert_snapshot!(eval("greet.csv", "id,input,,contains\na,x,y,z,\nb,x,y,z,more\n"), @r"
    exit status 2
    error: a column between others has no name
      --> golden/greet.csv:1:1
       | id,input,,contains
       = give it a name, or remove the column

    1 error; nothing was evaluated
    ");
}

#[test]
fn json_lines_may_begin_with_defaults() {
    let defaults = r#"{"defaults": {"checks": [{"contains": "Ada"}], "vars": {"name": "Ada"}}}"#;
    let cases = "{\"id\": \"a\", \"input\": \"x\"}\n{\"id\": \"b\", \"input\": \"y\"}\n";
    assert_snapshot!(eval("greet.jsonl", &format!("{defaults}\n{cases}")), @r#"{"passed":2,"of":2}"#);
    assert_snapshot!(eval("greet.jsonl", &format!("{cases}{defaults}\n")), @r#"
    exit status 2
    error: `defaults` must be in the first line, above their cases
      --> golden/greet.jsonl:3:1
       | {"defaults": {"checks": [{"contains": "Ada"}], "vars": {"name": "Ada"}}}
       = move the line to the top of the file

    1 error; nothing was evaluated
    "#);
    assert_snapshot!(eval("greet.jsonl", &format!("{{\"defaults\": {{\"cheks\": []}}, \"x\": 1}}\n{cases}")), @r#"
    exit status 2
    error: unknown key `cheks` in `defaults`
      --> golden/greet.jsonl:1:15
       | {"defaults": {"cheks": []}, "x": 1}
       = did you mean `checks`?

    error: unknown key `x` in the line of `defaults`
      --> golden/greet.jsonl:1:29
       | {"defaults": {"cheks": []}, "x": 1}
       = its keys are `defaults`

    2 errors; nothing was evaluated
    "#);
}
