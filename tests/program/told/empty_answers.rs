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
    NOT MEASURED
    Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.
    Raise `max_tokens` under `parameters` of the prompt or the configuration (reasoning counts, too), or
    ask for shorter answers.
    No language model was called: answers come from a rules file (provider scripted).

    Notes
      - Of 8 answers of the old prompt at screening: 8 empty; 8 stopped with max_tokens. Most of them are
        empty or cut, so that there is little to compare with.
      - Of 8 answers of the new prompt at screening: 8 empty; 8 stopped with max_tokens.
    ");
}

#[test]
fn a_new_prompt_is_cut() {
    let rules = "default: {text: \"Well, let me think about\", stop: max_tokens}\n";
    assert_snapshot!(told(&project(rules).run(&["eval", "--base", "none"])), @"
    exit status 3
    NOT MEASURED
    Most answers with the new prompt are empty or cut, so what the checks say of them is no measure.
    Raise `max_tokens` under `parameters` of the prompt or the configuration (reasoning counts, too), or
    ask for shorter answers.
    No language model was called: answers come from a rules file (provider scripted).

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
    REGRESSION - 2 broken
    2 of 8 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh
    A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this
    strong (49, limit 25) would appear in fewer than 1 of 20 evaluations.
    No language model was called: answers come from a rules file (provider scripted).

    Notes
      - Of 8 answers of the new prompt at screening: 2 empty.
    BROKEN case-3, baseline 3/3, candidate 0/3 on re-run
      - answer: the answer is empty, and the old prompt's is not
      input      question 3
      baseline   Certainly.
    ");
}

#[test]
fn what_mends_an_empty_baseline_passes() {
    let rules = format!(
        "rules:\n  - {{when: {{system: old}}, answers: [{{{SILENT}}}]}}\ndefault: {{text: Certainly.}}\n"
    );
    assert_snapshot!(told(&edited(&rules)), @"
    exit status 0
    OK
    No regression found. No case got worse. 8 -> 8 of 8 pass, change 0.0 pt (95 % CI -27.7 to +27.7); a
    drop of more than 23.3 pt is ruled out (95 %).
    No language model was called: answers come from a rules file (provider scripted).

    Notes
      - Of 8 answers of the old prompt at screening: 8 empty; 8 stopped with max_tokens. Most of them are
        empty or cut, so that there is little to compare with.
    ");
}

#[test]
fn a_few_cut_answers_are_counted() {
    let rules = "rules:\n  - {when: {input: 'question 5'}, answers: [{text: Let me, stop: max_tokens}]}\ndefault: {text: Certainly.}\n";
    assert_snapshot!(told(&edited(rules)), @"
    exit status 0
    OK
    No regression found. No case got worse. 8 -> 8 of 8 pass, change 0.0 pt (95 % CI -27.7 to +27.7); a
    drop of more than 23.3 pt is ruled out (95 %).
    No language model was called: answers come from a rules file (provider scripted).

    Notes
      - Of 8 answers of the old prompt at screening: 1 stopped with max_tokens.
      - Of 8 answers of the new prompt at screening: 1 stopped with max_tokens.
    ");
}
