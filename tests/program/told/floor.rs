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
    ? Cannot tell: `answer` scores 72.0 %, below its minimum of 80.0 %, perhaps by chance
    The mean score is 72.0 % over 50 cases; with so few cases it could in truth be 82.5 %.

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
    ## ❓ Cannot tell: <code>answer</code> scores 72.0 %, below its minimum of 80.0 %, perhaps by chance

    **No language model was called: answers come from a rules file (provider scripted).**

    The mean score is 72.0 % over 50 cases; with so few cases it could in truth be 82.5 %.
    ");
}

#[test]
fn a_compared_prompt_below_its_floor_is_no_pass_either() {
    let project = project(36);
    project.edit("prompts.yaml", "Answer.", "Answer well.");
    let ran = project.run(&["eval", "--base", "HEAD"]);
    assert_snapshot!(verdict(&ran), @"
    exit status 0
    ? Cannot tell: `answer` scores 72.0 %, below its minimum of 80.0 %, perhaps by chance
    Compared with the old prompt no break was found (36 → 36 of 50 pass). But the mean score is 72.0 %
    over 50 cases; with so few cases it could in truth be 82.5 %.
    ");
}

#[test]
fn on_the_floor_it_passes_and_far_below_it_fails() {
    assert_eq!(project(40).run(&["eval", "--base", "none"]).status, 0);
    assert_snapshot!(verdict(&project(25).run(&["eval", "--base", "none"])), @"
    exit status 1
    ✗ Do not merge: `answer` scores 50.0 %, below its minimum of 80.0 %
    Not bad luck: the mean score is 50.0 % over 50 cases; with luck it could be 63.4 %, and that is
    still too low.
    ");
}
