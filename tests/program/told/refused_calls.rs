//! Calls that the model refuses where there is no baseline: nothing tells whose fault it is.

use std::fmt::Write;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};

use super::{list, verdict};

/// A new prompt with so many cases, of which the model refuses those that `refused` matches.
fn new_prompt(cases: usize, refused: &str, class: &str) -> Ran {
    let golden = (1..=cases).fold("cases:\n".to_owned(), |mut text, n| {
        writeln!(text, "  - {{id: case-{n:02}, input: question {n}., checks: [{{contains: ok}}]}}")
            .expect("a text");
        text
    });
    let rules = format!(
        "rules:\n  - when: {{input: '{refused}'}}\n    error: {{class: {class}, message: Input is too long for \
         requested model.}}\ndefault: {{text: ok}}\n"
    );
    let project = Project::new(&[
        ("prompts.yaml", "answer: Answer.\n"),
        ("golden/answer.yaml", &golden),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: rules.yaml}\n"),
        ("rules.yaml", &rules),
    ]);
    project.run(&["eval", "--base", "none"])
}

#[test]
fn all_of_them() {
    assert_snapshot!(verdict(&new_prompt(5, "question", "invalid")), @"
    exit status 3
    ! Not measured: 5 cases of `answer` got no usable answer
    The calls of 5 of 5 cases failed, the first being `case-01`: Input is too long for requested model.
    This says nothing about the prompt.
    ");
}

#[test]
fn too_many_of_them() {
    assert_snapshot!(verdict(&new_prompt(5, "question 3\\.", "context_overflow")), @"
    exit status 3
    ! Not measured: 1 case of `answer` got no usable answer
    The calls of 1 of 5 cases failed, the first being `case-03`: Input is too long for requested model.
    This says nothing about the prompt.
    ");
}

#[test]
fn a_few_of_them_are_named_and_count_for_nothing() {
    let ran = new_prompt(20, "question 3\\.", "invalid");
    assert_snapshot!([verdict(&ran), list(&ran, "To know")].join("\n"), @"
    exit status 0
    ✓ `answer` is new and passes 19 of 19 cases
    There is no old prompt to compare with; the mean score is 100.0 %, the minimum 80.0 %. 1 case could
    not be measured and counts for nothing: `case-03` (Input is too long for requested model).
    ");
}
