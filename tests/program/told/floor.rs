//! A mean score below the floor that chance could explain: neither a regression nor a pass.

use std::fmt::Write;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

use super::{calm, verdict};

const CONFIG: &str = "\
models: {branch: small, main: large}
provider: {scripted: rules.yaml}
release:
  release_on_scripted: true
  environments:
    prod: {directory: released, ssm: \"/prod/{name}\"}
";

/// A prompt with `min_score: 0.8` and 50 cases, of which the model passes those up to `passing`.
fn project(passing: usize) -> Project {
    let golden = (1..=50).fold("cases:\n".to_owned(), |mut text, n| {
        let answer = if n <= passing { "yes" } else { "no" };
        writeln!(text, "  - {{id: case-{n:02}, input: say {answer} {n}, checks: [{{contains: yes}}]}}")
            .expect("a text");
        text
    });
    Project::new(&[
        ("prompts.yaml", "answer:\n  text: Answer.\n  min_score: 0.8\n"),
        ("golden/answer.yaml", &golden),
        ("prompt-assay.yaml", CONFIG),
        ("rules.yaml", "rules: [{when: {input: say yes}, text: \"yes\"}]\ndefault: {text: \"no\"}\n"),
        (".gitignore", "released/\n.prompt-assay/\n"),
    ])
}

#[test]
fn it_is_told_and_does_not_go_live() {
    let project = project(36);
    let evaluated = project.run(&["eval", "--tier", "main", "--evidence", "evidence.json"]);
    let released = project.run(&["release", "--evidence", "evidence.json"]);
    project.edit(
        "prompt-assay.yaml",
        "release:\n",
        "gate: {on_inconclusive: fail}\nrelease:\n  release_on_inconclusive: true\n",
    );
    project.commit("undecided may go live");
    let failed = project.run(&["eval", "--tier", "main"]);
    let lenient = project.run(&["release", "--evidence", "evidence.json"]);
    assert_eq!(failed.status, 1, "{}", failed.stdout);
    assert_snapshot!([verdict(&evaluated), calm(&released), calm(&lenient)].join("\n"), @"
    exit status 0
    INCONCLUSIVE
    The mean score 72.0 % over 50 cases is below the floor 80.0 %; with so few cases that could be
    chance (95 % upper bound 82.5 %), so it is neither a regression nor a pass. It is not released,
    unless `release_on_inconclusive: true`. Mend the failing cases, or add cases.
    No language model was called: answers come from a rules file (provider scripted).

    exit status 1
    refused  answer  -  /prod/answer  did not pass: INCONCLUSIVE (EVIDENCE, floor_unresolved)
      = set `release_on_inconclusive: true` under `release:` if undecided may go live, or add cases
    prod: 1 refused; nothing was written, the live version stays

    exit status 2
    error: `evidence.json` is a committed file, and files that this program trusts may not come with the repository: a person who commits them chooses the answers
       = remove it from the repository (`git rm -r --cached` with that path), or name a path that Git does not track: `cache` or the corresponding input in a workflow, `database:` in prompt-assay.yaml
    ");
}

#[test]
fn the_comment_says_the_same() {
    let ran = project(36).run(&["eval", "--base", "none", "--format", "markdown"]);
    let head: Vec<&str> = ran.stdout.split("\n\n").filter(|part| !part.starts_with("| ")).take(3).collect();
    assert_snapshot!(head.join("\n\n"), @"
    ## ? prompt-assay: INCONCLUSIVE

    The mean score 72.0 % over 50 cases is below the floor 80.0 %; with so few cases that could be chance (95 % upper bound 82.5 %), so it is neither a regression nor a pass. It is not released, unless <code>release_on_inconclusive: true</code>. Mend the failing cases, or add cases.
    ");
}

#[test]
fn a_compared_prompt_below_its_floor_is_no_pass_either() {
    let project = project(36);
    project.edit("prompts.yaml", "Answer.", "Answer well.");
    let ran = project.run(&["eval", "--base", "HEAD"]);
    assert_snapshot!(verdict(&ran), @"
    exit status 0
    INCONCLUSIVE
    No regression found: 36 -> 36 of 50 pass. But the floor is missed. The mean score 72.0 % over 50
    cases is below the floor 80.0 %; with so few cases that could be chance (95 % upper bound 82.5 %),
    so it is neither a regression nor a pass. It is not released, unless `release_on_inconclusive:
    true`. Mend the failing cases, or add cases.
    No language model was called: answers come from a rules file (provider scripted).
    ");
}

#[test]
fn on_the_floor_it_passes_and_far_below_it_fails() {
    assert_eq!(project(40).run(&["eval", "--base", "none"]).status, 0);
    assert_snapshot!(verdict(&project(25).run(&["eval", "--base", "none"])), @"
    exit status 1
    REGRESSION
    The mean score 50.0 % over 50 cases is below the floor 80.0 % even at its 95 % upper bound 63.4 %.
    No language model was called: answers come from a rules file (provider scripted).
    ");
}
