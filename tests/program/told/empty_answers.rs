//! Answers that are empty, or that broke off for want of tokens.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};

use super::{list, verdict};

/// Eight cases with a negative check, and rules that answer the prompts "old", "new" and others.
fn project(rules: &str) -> Project {
    let golden: String = (1..=8)
        .map(|n| {
            format!("  - {{id: case-{n}, input: question {n}, checks: [{{not: {{contains: refund}}}}]}}\n")
        })
        .collect();
    Project::new(&[
        ("prompts.yaml", "answer: The old prompt.\n"),
        ("golden/answer.yaml", &format!("cases:\n{golden}")),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nprovider: {scripted: rules.yaml}\n"),
        ("rules.yaml", rules),
    ])
}

/// The edit from the old prompt to the new one.
fn edited(rules: &str) -> Ran {
    let project = project(rules);
    project.edit("prompts.yaml", "old", "new");
    project.run(&["eval", "--base", "HEAD"])
}

fn told(ran: &Ran) -> String {
    [verdict(ran), list(ran, "Notes")].join("\n")
}

const SILENT: &str = "answers: [{text: \"\", stop: max_tokens}]";

#[test]
fn both_sides_are_empty_and_cut() {
    assert_snapshot!(told(&edited(&format!("default: {{{SILENT}}}\n"))), @"");
}

#[test]
fn a_new_prompt_is_cut() {
    let rules = "default: {answers: [{text: \"Well, let me think about\", stop: max_tokens}]}\n";
    assert_snapshot!(told(&project(rules).run(&["eval", "--base", "none"])), @"");
}

#[test]
fn the_new_prompt_alone_is_empty_whatever_the_checks_say() {
    let rules = format!(
        "rules:\n  - {{when: {{system: new, input: 'question [34]'}}, answers: [{{text: \"\"}}]}}\ndefault: {{text: Certainly.}}\n"
    );
    let ran = edited(&rules);
    let case = ran.stdout.split("\n\n").find(|part| part.starts_with("BROKEN case-3")).expect("the case");
    assert_snapshot!([told(&ran), case.to_owned()].join("\n"), @"");
}

#[test]
fn what_mends_an_empty_baseline_passes() {
    let rules = format!("rules:\n  - {{when: {{system: old}}, {SILENT}}}\ndefault: {{text: Certainly.}}\n");
    assert_snapshot!(told(&edited(&rules)), @"");
}

#[test]
fn a_few_cut_answers_are_counted() {
    let rules = "rules:\n  - {when: {input: 'question 5'}, answers: [{text: Let me, stop: max_tokens}]}\ndefault: {text: Certainly.}\n";
    assert_snapshot!(told(&edited(rules)), @"");
}
