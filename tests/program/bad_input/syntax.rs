//! Files with syntax errors.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

fn with(path: &str, text: impl AsRef<[u8]>) -> String {
    let project = Project::edited();
    project.write(path, text);
    project.eval().told()
}

#[test]
fn broken_yaml() {
    assert_snapshot!(with("prompts.yaml", "greet:\n  text: \"Greet\n  user: x\n"), @r#"
    exit status 2
    error: not valid YAML: found unexpected end of stream, while scanning a quoted scalar
      --> prompts.yaml:2:9
       |   text: "Greet
       = close the quote that opens here

    1 error; nothing was evaluated
    "#);
    assert_snapshot!(with("prompts.yaml", "greet:\n\ttext: Hello\n"), @r"
    exit status 2
    error: not valid YAML: found character that cannot start any token, while scanning for the next token
      --> prompts.yaml:2:1
       |     text: Hello
       = indent with spaces, not tabs

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("golden/greet.yaml", "cases:\n  - input: Say: hello\n"), @r"
    exit status 2
    error: not valid YAML: mapping values are not allowed in this context
      --> golden/greet.yaml:2:15
       |   - input: Say: hello
       = a text that contains `: ` must be in quotes, or written as a block after `|`

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("prompt-assay.yaml", "models: {branch: x\n"), @r"
    exit status 2
    error: not valid YAML: did not find expected ',' or '}', while parsing a flow mapping, noticed in line 2
      --> prompt-assay.yaml:1:9
       | models: {branch: x
       = close the bracket that opens here, and separate what is in it with commas

    1 error; nothing was evaluated
    ");
}

#[test]
fn broken_json() {
    let project = Project::edited();
    project.remove("prompts.yaml");
    project.write("prompts.json", "{\"greet\": {\"text\": \"Hello\",}\n}");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: not valid JSON: trailing comma
      --> prompts.json:1:28
       | {"greet": {"text": "Hello",}
       = remove the comma before the closing bracket

    1 error; nothing was evaluated
    "#);
    let project = Project::edited();
    project.remove("golden/greet.yaml");
    project.write("golden/greet.jsonl", "{\"id\": \"a\", \"input\": \"x\"\n");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: not valid JSON: EOF while parsing an object
      --> golden/greet.jsonl:1:24
       | {"id": "a", "input": "x"
       = the text ends too early: close every bracket and quote

    1 error; nothing was evaluated
    "#);
}

#[test]
fn duplicate_keys() {
    assert_snapshot!(with("prompts.yaml", "greet: Hello\nbye: Farewell\ngreet: Hi\n"), @r"
    exit status 2
    error: duplicate key `greet`, first on line 1
      --> prompts.yaml:3:1
       | greet: Hi
       = keep one of the two: readers disagree about which one counts

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("prompt-assay.yaml", "models: {branch: a, branch: b}\n"), @r"
    exit status 2
    error: duplicate key `branch`, first on line 1
      --> prompt-assay.yaml:1:21
       | models: {branch: a, branch: b}
       = keep one of the two: readers disagree about which one counts

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.remove("prompts.yaml");
    project.write("prompts.json", "{\"greet\": \"Hello\",\n \"greet\": \"Hi\"}");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: duplicate key `greet`, first on line 1
      --> prompts.json:2:2
       |  "greet": "Hi"}
       = keep one of the two: readers disagree about which one counts

    1 error; nothing was evaluated
    "#);
}

#[test]
fn text_that_is_not_utf_8() {
    assert_snapshot!(with("prompts.yaml", b"greet: Gr\xfc\xdfe\n"), @r"
    exit status 2
    error: the file is not UTF-8: byte 10 (0xfc, line 1) is invalid
      --> prompts.yaml
       = save the file as UTF-8

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("golden/greet.yaml", b"cases:\n  - input: Gr\xfc\xdfe\n"), @r"
    exit status 2
    error: the file is not UTF-8: byte 21 (0xfc, line 2) is invalid
      --> golden/greet.yaml
       = save the file as UTF-8

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.write("greet.md", b"Hello,\nGr\xfc\xdfe\n");
    project.write("prompts.yaml", "greet: {file: greet.md}\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: the file is not UTF-8: byte 10 (0xfc, line 2) is invalid
      --> greet.md
       = save the file as UTF-8

    1 error; nothing was evaluated
    ");
}

#[test]
fn an_alias_bomb() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, inner) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip("abcdefgh".chars()) {
        let aliases = vec![format!("*{inner}"); 9].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    assert_snapshot!(with("prompts.yaml", &bomb), @r"
    exit status 2
    error: the document is too large with its aliases expanded
      --> prompts.yaml
       = at most 500000 values and 32 MiB of text; split the file, or remove aliases that repeat aliases

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("golden/greet.yaml", &bomb), @r"
    exit status 2
    error: the document is too large with its aliases expanded
      --> golden/greet.yaml
       = at most 500000 values and 32 MiB of text; split the file, or remove aliases that repeat aliases

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_file_over_the_limit() {
    let much = "a".repeat(16 * 1024 * 1024);
    assert_snapshot!(with("prompts.yaml", format!("greet: {much}")), @r"
    exit status 2
    error: `prompts.yaml` has 16777223 bytes; at most 16777216 (16 MiB) are read
      --> prompts.yaml
       = split the file

    1 error; nothing was evaluated
    ");
    assert_snapshot!(with("golden/greet.yaml", format!("cases: {much}")), @r"
    exit status 2
    error: `golden/greet.yaml` has 16777223 bytes; at most 16777216 (16 MiB) are read
      --> golden/greet.yaml
       = split the file

    1 error; nothing was evaluated
    ");
    let project = Project::new(GREETING);
    project.write("greet.md", format!("Hello {much}"));
    project.write("prompts.yaml", "greet: {file: greet.md}\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `greet.md` has 16777222 bytes; at most 16777216 (16 MiB) are read
      --> prompts.yaml:1:15
       | greet: {file: greet.md}
       = split the file

    1 error; nothing was evaluated
    ");
    project.commit("Both sides are read alike");
    let both = project.run(&["eval", "--base", "HEAD~1", "--head", "HEAD", "--scripted", "rules.yaml"]);
    assert_eq!(both.told(), project.run(&["eval", "--base", "HEAD~1", "--scripted", "rules.yaml"]).told());
}

#[test]
fn control_characters_of_a_file_never_reach_the_terminal() {
    let told = with("prompts.yaml", "greet: {text: Hello, \"\\e[31mred\": 1}\n");
    assert!(told.contains("unknown key `␛[31mred`") && !told.contains('\u{1b}'), "{told}");
}
