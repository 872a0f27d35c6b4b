//! Text that is read otherwise than it looks in the file.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

#[test]
fn a_backspace_in_a_pattern_is_an_error() {
    let project = Project::edited();
    project.edit("golden/greet.yaml", "{contains: Ada}", "{regex: \"\\bAda\\b\"}");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: `regex` holds a backspace (U+0008), which `\b` in double quotes makes
      --> golden/greet.yaml:5:22
       |     checks: [{regex: "\bAda\b"}]
       = write the text in single quotes, or after `|`: there a backslash stays one

    1 error; nothing was evaluated
    "#);
    project.edit("golden/greet.yaml", "\"\\bAda\\b\"", "\"\\d+\"");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 2
    error: not valid YAML: found unknown escape character, while parsing a quoted scalar at line 5 column 22
      --> golden/greet.yaml:5:23
       |     checks: [{regex: "\d+"}]
       = write a text with a backslash in single quotes, or after `|`

    1 error; nothing was evaluated
    "#);
    let project = Project::edited();
    project.write("prompts.yaml", "greet: {text: \"Write \\frac{1}{2} for {{ name }}\"}\n");
    assert_snapshot!(project.eval().told(), @r#"
    exit status 0
    warning: `text` holds a form feed (U+000C), which `\f` in double quotes makes
      --> prompts.yaml:1:15
       | greet: {text: "Write \frac{1}{2} for {{ name }}"}
       = write the text in single quotes, or after `|`: there a backslash stays one
    "#);
}

#[test]
fn text_that_a_comment_cuts_off_is_told() {
    let project = Project::edited();
    project
        .write("prompts.yaml", "greet:\n  text: Greet {{ name }}, tagged #urgent\n  user: Hi # a comment\n");
    project.edit("golden/greet.yaml", "input: Good morning", "input: Good #morning");
    project.edit(
        "golden/greet.yaml",
        "    checks: [{contains: Ada}]",
        "    checks:\n      - contains: Ada #1",
    );
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    warning: `input` ends before `#morning`: in YAML a comment begins there
      --> golden/greet.yaml:3:12
       |     input: Good #morning
       = put the whole text in quotes; if it is a comment, write a space after `#`

    warning: `contains` ends before `#1`: in YAML a comment begins there
      --> golden/greet.yaml:6:19
       |       - contains: Ada #1
       = put the whole text in quotes; if it is a comment, write a space after `#`

    warning: `text` ends before `#urgent`: in YAML a comment begins there
      --> prompts.yaml:2:9
       |   text: Greet {{ name }}, tagged #urgent
       = put the whole text in quotes; if it is a comment, write a space after `#`

    error: the `input` of 2 cases of `greet` is never sent: the prompt's user message does not use it
      --> prompts.yaml:3:9
       | Hi
       = write `{{ input }}` where it belongs; or remove the user message, and the input is sent as it; or set `input: none` on the prompt if its cases are meant to ask the same

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_heading_with_an_anchor_begins_a_comment() {
    let project = Project::edited();
    project.write(
        "prompts.yaml",
        "greet:\n  text: |\n    # Rules {#rules}\n    Greet {{ name }}.\n    {# a note #}\n    Be kind.\n  user: \"{{ input }}\"\n",
    );
    assert_snapshot!(project.eval().told(), @r"
    exit status 0
    warning: the variable `name` (2 cases) is not used by the prompt `greet`
      --> golden/greet.yaml:2:5
       |   - id: morning
       = remove it, or use it in the prompt's text

    warning: what begins with `{#rules}`, to the `#}` 2 lines below, is a comment of Jinja: it is not sent
      --> prompts.yaml:3:1
       | # Rules {#rules}
       = set `template: none` or `braces` if it is text; put a space after `{#` if it is a comment
    ");
}

#[test]
fn line_endings_of_another_system_change_nothing() {
    let text = "Greet {{ name }} warmly.\nBe brief.\n";
    let project = Project::new(&[
        ("prompts.yaml", "greet: {file: greet.md}\n"),
        ("greet.md", text),
        GREETING[1],
        GREETING[2],
        GREETING[3],
    ]);
    project.write("greet.md", text.replace('\n', "\r\n"));
    project.write("golden/greet.yaml", GREETING[1].1.replace('\n', "\r\n"));
    project.git(&["-c", "core.autocrlf=false", "add", "--all"]);
    let plan = project.run(&["plan", "--base", "HEAD"]);
    assert_eq!(plan.stdout.lines().next(), Some("No prompt is affected (1 unaffected); nothing would run."));
}

#[test]
fn lines_that_look_alike_are_told_apart_by_code_point() {
    let project = Project::new(&[
        ("prompts.yaml", "greet: {file: greet.md}\n"),
        ("greet.md", "Greet within 30 days.\nCafé\n"),
        GREETING[1],
        GREETING[2],
        GREETING[3],
    ]);
    project.write("greet.md", "Greet within 30\u{a0}days.\nCafe\u{301}\n");
    let plan = project.run(&["plan", "--base", "HEAD", "--format", "markdown"]);
    let diff: Vec<&str> =
        plan.stdout.lines().filter(|line| line.starts_with(['+', '-']) && !line.starts_with("- ")).collect();
    assert_snapshot!(diff.join("\n"), @r"
        -Greet within 30⟨U+0020⟩days.
        -Caf⟨U+00E9⟩
        +Greet within 30⟨U+00A0⟩days.
        +Cafe⟨U+0301⟩
        ");
}
