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

const SILENT: &str = "text: \"\", stop: max_tokens";

#[test]
fn both_sides_are_empty_and_cut() {
    assert_snapshot!(told(&edited(&format!("default: {{{SILENT}}}\n"))), @"
    exit status 3
    ! Not measured: most new answers of `answer` are empty or cut
    Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.

    Notes
      - Of 8 answers of the old prompt at screening: 8 empty; 8 stopped with max_tokens. Most of them
        are empty or cut, so that there is little to compare with.
      - Of 8 answers of the new prompt at screening: 8 empty; 8 stopped with max_tokens.
    ");
}

#[test]
fn a_new_prompt_is_cut() {
    let rules = "default: {text: \"Well, let me think about\", stop: max_tokens}\n";
    assert_snapshot!(told(&project(rules).run(&["eval", "--base", "none"])), @"
    exit status 3
    ! Not measured: most new answers of `answer` are empty or cut
    Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.

    Notes
      - Of 8 answers of the new prompt at screening: 8 stopped with max_tokens.
    ");
}

#[test]
fn the_new_prompt_alone_is_empty_whatever_the_checks_say() {
    let rules = "rules:\n  - {when: {system: new, input: 'question [34]'}, answers: [{text: \"\"}]}\ndefault: {text: Certainly.}\n";
    let ran = edited(rules);
    let case = ran.stdout.split("\n\n").find(|part| part.starts_with("✗ case-3")).expect("the case");
    assert_snapshot!([told(&ran), case.to_owned()].join("\n"), @"
    exit status 1
    ✗ Do not merge: this edit breaks 2 of 8 cases of `answer`
    Not bad luck: the 2 cases were asked again, fresh: the old prompt passed 6 of 6, the new one 0 of 6.

    Notes
      - Of 8 answers of the new prompt at screening: 2 empty.
    ✗ case-3
        because  the answer is empty, and the old prompt's is not
        again    old 3 of 3, new 0 of 3
        input    question 3
        old      Certainly.
    ");
}

#[test]
fn what_mends_an_empty_baseline_passes() {
    let rules = format!(
        "rules:\n  - {{when: {{system: old}}, answers: [{{{SILENT}}}]}}\ndefault: {{text: Certainly.}}\n"
    );
    assert_snapshot!(told(&edited(&rules)), @"
    exit status 0
    ✓ No break found in `answer`
    No case got worse. With 8 cases only large drops are visible.

    To know
      - `answer`: Of 8 answers of the old prompt at screening: 8 empty; 8 stopped with max_tokens. Most
        of them are empty or cut, so that there is little to compare with.
    ");
}

#[test]
fn a_few_cut_answers_are_counted() {
    let rules = "rules:\n  - {when: {input: 'question 5'}, answers: [{text: Let me, stop: max_tokens}]}\ndefault: {text: Certainly.}\n";
    assert_snapshot!(told(&edited(rules)), @"
    exit status 0
    ✓ No break found in `answer`
    No case got worse. With 8 cases only large drops are visible.

    To know
      - `answer`: Of 8 answers of the old prompt at screening: 1 stopped with max_tokens.
      - `answer`: Of 8 answers of the new prompt at screening: 1 stopped with max_tokens.
    ");
}
