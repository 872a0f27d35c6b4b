//! Text that is read otherwise than it looks in the file.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

#[test]
fn a_backspace_in_a_pattern_is_an_error() {
    let project = Project::edited();
    project.edit("golden/greet.yaml", "{contains: Ada}", "{regex: \"\\bAda\\b\"}");
    assert_snapshot!(project.eval().told(), @"");
    project.edit("golden/greet.yaml", "\"\\bAda\\b\"", "\"\\d+\"");
    assert_snapshot!(project.eval().told(), @"");
    let project = Project::edited();
    project.write("prompts.yaml", "greet: {text: \"Write \\frac{1}{2} for {{ name }}\"}\n");
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn text_that_a_comment_cuts_off_is_told() {
    let project = Project::edited();
    project.write("prompts.yaml", "greet:\n  text: Greet {{ name }}, tagged #urgent\n  user: Hi # a comment\n");
    project.edit("golden/greet.yaml", "input: Good morning", "input: Good #morning");
    project.edit("golden/greet.yaml", "    checks: [{contains: Ada}]", "    checks:\n      - contains: Ada #1");
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn a_heading_with_an_anchor_begins_a_comment() {
    let project = Project::edited();
    project.write(
        "prompts.yaml",
        "greet:\n  text: |\n    # Rules {#rules}\n    Greet {{ name }}.\n    {# a note #}\n    Be kind.\n  user: \"{{ input }}\"\n",
    );
    assert_snapshot!(project.eval().told(), @"");
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
    let diff: Vec<&str> = plan.stdout.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    assert_snapshot!(diff.join("\n"), @"");
}
