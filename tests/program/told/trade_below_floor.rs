//! A trade whose mean score is below the floor within chance asks two questions of a person: allowing the answer to one
//! of them does not answer the other.

use std::fmt::Write;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};

use super::{calm, verdict};

/// The edit makes case 36 fail and two others pass, of 50 cases; 36 pass before, and 40 would be enough.
fn traded(gate: &str, release: &str) -> Project {
    let golden = (1..=50).fold("cases:\n".to_owned(), |mut text, n| {
        let answer = if n <= 36 { "yes" } else { "no" };
        writeln!(text, "  - {{id: case-{n:02}, input: say {answer} {n}, checks: [{{contains: yes}}]}}")
            .expect("a text");
        text
    });
    let config = format!(
        "models: {{branch: small, main: large}}\nprovider: {{scripted: rules.yaml}}\ngate: {{{gate}}}\nrelease:\n  \
         release_on_scripted: true\n{release}  environments:\n    prod: {{directory: released, ssm: \"/prod/{{name}}\"}}\n"
    );
    let project = Project::new(&[
        ("prompts.yaml", "answer:\n  text: Answer.\n  min_score: 0.8\n"),
        ("golden/answer.yaml", &golden),
        ("prompt-assay.yaml", &config),
        (
            "rules.yaml",
            "rules:\n  - {when: {system: well, input: 'yes 36\\b'}, text: \"no\"}\n  \
             - {when: {system: well, input: 'no 3[78]\\b'}, text: \"yes\"}\n  \
             - {when: {input: say yes}, text: \"yes\"}\ndefault: {text: \"no\"}\n",
        ),
        (".gitignore", "released/\n.prompt-assay/\nevidence.json\n"),
    ]);
    // As on main before the edit: fixes are looked for where the old prompt's answers are stored.
    project.run(&["eval", "--base", "none", "--tier", "main"]);
    project.edit("prompts.yaml", "Answer.", "Answer well.");
    project.commit("Answer well");
    project
}

fn evaluate(project: &Project) -> Ran {
    project.run(&["eval", "--base", "HEAD~1", "--tier", "main", "--evidence", "evidence.json"])
}

#[test]
fn it_is_a_trade_below_its_floor_and_says_both() {
    let project = traded("", "  release_on_mixed: true\n");
    let evaluated = evaluate(&project);
    let released = project.run(&["release", "--evidence", "evidence.json"]);
    assert_snapshot!([verdict(&evaluated), calm(&released)].join("\n"), @"
    exit status 0
    ± Your decision: this edit of `answer` fixes 2 cases and breaks 1, and scores 74.0 %, below its
    minimum of 80.0 %, perhaps by chance
    Not luck: asked again, fresh, the 2 fixed cases stayed fixed (old 0 of 5, new 5 of 5), the 1 broken
    case stayed broken (old 5 of 5, new 0 of 5). On balance +0.4 cases of 50. The mean score is 74.0 %
    over 50 cases; with so few cases it could in truth be 84.1 %.

    exit status 1
    refused  answer  -  /prod/answer  did not pass: MIXED (EVIDENCE, trade_floor_unresolved)
      = a trade that leaves the minimum score or the budget per call open goes live only with both `release_on_mixed: true` and `release_on_inconclusive: true` under `release:`; or correct the broken cases
    prod: 1 refused; nothing was written, the live version stays
    ");
}

#[test]
fn it_goes_live_only_where_trades_and_undecided_floors_both_may() {
    for (release, status) in [
        ("  release_on_inconclusive: true\n", 1),
        ("  release_on_mixed: true\n", 1),
        ("  release_on_inconclusive: true\n  release_on_mixed: true\n", 0),
    ] {
        let project = traded("", release);
        assert_eq!(evaluate(&project).status, 0);
        let released = project.run(&["release", "--evidence", "evidence.json"]);
        assert_eq!(released.status, status, "{release}{}", released.stdout);
    }
}

#[test]
fn either_policy_fails_it() {
    for (gate, status) in [("", 0), ("on_mixed: fail", 1), ("on_inconclusive: fail", 1)] {
        assert_eq!(evaluate(&traded(gate, "")).status, status, "{gate}");
    }
}
