//! Decisions (docs/decisions.md) about the action.

use prompt_assay_test_support::github::{GitHub, REPOSITORY};
use prompt_assay_test_support::repository::{Origin, edited, git, shop};
use prompt_assay_test_support::step::Step;
use serde_json::json;

#[test]
fn under_pull_request_target_the_head_is_data_and_the_base_sets_the_bar() {
    // The head breaks four cases, and removes them, and turns the gate off.
    let golden = shop().into_iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let easier: String = golden
        .lines()
        .filter(|line| !line.contains("question 1\""))
        .map(|line| format!("{line}\n"))
        .collect();
    let origin = Origin::of(&[
        ("prompts.yaml", &edited("A broken version.")),
        ("golden/reply.yaml", &easier),
        (
            "prompt-assay.yaml",
            "provider: {scripted: evil.yaml}\nmodels: {branch: dear}\ngate: {enforce: false}\n",
        ),
        ("evil.yaml", "default: {text: \"yes\"}\n"),
    ]);
    let github = GitHub::start(Some(origin.path()));
    let payload = json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": origin.base, "repo": {"full_name": REPOSITORY}},
        "head": {"sha": origin.head, "repo": {"full_name": "mallory/prompts"}},
    }});
    let left = Step::new(&origin, &github, ("pull_request_target", payload), &origin.base).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    assert!(left.outputs["prompts"].contains("case-01"), "{}", left.outputs["prompts"]);
    assert!(!left.log.contains("dear"), "the base's models: {}", left.log);
}

#[test]
fn a_push_that_deletes_a_branch_evaluates_nothing() {
    // The run is on the default branch's tip then, which the event does not speak of.
    let origin = Origin::of(&[("prompts.yaml", &edited("A broken version."))]);
    let github = GitHub::start(Some(origin.path()));
    let push = |deleted: bool| {
        let after = if deleted { "0".repeat(40) } else { origin.head.clone() };
        let payload = json!({
            "before": origin.base, "after": after, "deleted": deleted,
            "repository": {"default_branch": "main"},
        });
        Step::new(&origin, &github, ("push", payload), &origin.head).run()
    };
    let left = push(true);
    assert_eq!((left.status, left.outputs["reason"].as_str()), (0, "branch_deleted"), "{}", left.log);
    assert_eq!((left.outputs["verdict"].as_str(), left.outputs["exit-code"].as_str()), ("", "0"));
    assert!(left.log.contains("A branch was deleted: there is nothing to evaluate."), "{}", left.log);
    let kept = push(false);
    assert_eq!((kept.status, kept.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", kept.log);
}

#[test]
fn a_golden_set_cannot_be_removed_to_get_around_the_gate() {
    let origin = Origin::of(&[("prompts.yaml", &edited("A broken version.")), ("golden/reply.yaml", "")]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 1, "{}", left.log);
    assert!(github.comment().contains("lowers its own bar"));
}

#[test]
fn golden_changes_fail_asks_for_a_change_of_its_own() {
    let golden = shop().into_iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let fewer: String = golden.lines().take(25).map(|line| format!("{line}\n")).collect();
    let origin = Origin::of(&[("golden/reply.yaml", &fewer)]);
    let github = GitHub::start(Some(origin.path()));
    for (word, status) in [("allow", 0), ("warn", 0), ("fail", 1)] {
        let left = Step::pull_request(&origin, &github).input("golden-changes", word).run();
        assert_eq!(left.status, status, "{word}: {}", left.log);
        assert_eq!(left.log.contains("moved bar"), word != "allow", "{word}: {}", left.log);
        assert!(github.comment().contains("6 golden cases removed"), "{}", github.comment());
    }
}

#[test]
fn removed_cases_that_the_baseline_passes_are_named() {
    // Of the last seven cases the old prompt passes two; nothing is known of them before a run.
    let golden = shop().into_iter().find(|(path, _)| path == "golden/reply.yaml").unwrap().1;
    let fewer: String = golden.lines().take(21).map(|line| format!("{line}\n")).collect();
    let both = Origin::of(&[("prompts.yaml", &edited("Second version."))]);
    let github = GitHub::start(Some(both.path()));
    let before = Step::pull_request(&both, &github);
    before.run();
    let origin = Origin::of(&[("prompts.yaml", &edited("Second version.")), ("golden/reply.yaml", &fewer)]);
    let github = GitHub::start(Some(origin.path()));
    let run = |database: Option<&std::path::Path>| {
        let step = Step::pull_request(&origin, &github);
        if let Some(database) = database {
            std::fs::create_dir(step.workspace().join(".prompt-assay")).unwrap();
            std::fs::copy(database, step.workspace().join(".prompt-assay/assay.db")).unwrap();
        }
        step.run();
        let comment = github.comment();
        comment.lines().find(|line| line.contains("golden cases removed")).unwrap().to_owned()
    };
    let unknown = run(None);
    assert!(unknown.contains("whether the old prompt passes them is not known"), "{unknown}");
    let known = run(Some(&before.workspace().join(".prompt-assay/assay.db")));
    assert!(known.contains("10 golden cases removed"), "{known}");
    assert!(known.contains("the old prompt passes 2 of them") && known.contains("fails 8"), "{known}");
    assert!(known.contains("case-21") && known.contains("case-22"), "{known}");
}

#[test]
fn the_base_is_the_test_merge_s_first_parent_read_through_the_api() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    let (merge, base) = (&origin.merge[..7], &origin.base[..7]);
    assert!(left.summary.contains(merge) && left.summary.contains(base), "{}", left.summary);
    let read: Vec<String> = github
        .log()
        .into_iter()
        .filter(|line| line.contains("/git/") || line.contains("/compare/"))
        .collect();
    let catalog = git(origin.path(), &["rev-parse", &format!("{}:prompts.yaml", origin.base)]).unwrap();
    assert_eq!(
        read,
        [
            format!("GET /repos/shop/prompts/git/trees/{}?recursive=1", origin.base),
            format!("GET /repos/shop/prompts/git/blobs/{}", catalog.trim()),
        ],
        "one listing, and only the blob that differs"
    );
}

#[test]
fn where_the_head_itself_is_checked_out_the_base_is_the_merge_base() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).checkout(&origin.head).run();
    assert_eq!(left.status, 0, "{}", left.log);
    assert!(left.summary.contains(&origin.head[..7]) && left.summary.contains(&origin.base[..7]));
    assert!(github.log().iter().any(|line| line.contains("/compare/")));
}

/// A shop whose answers come from Bedrock: without secrets there are no answers.
fn bedrock_fork(on_fork: &str) -> (prompt_assay_test_support::step::Left, GitHub) {
    let mut base = shop();
    base.iter_mut().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1 =
        "models: {branch: amazon.nova-lite-v1:0}\n".to_owned();
    let origin = Origin::between(&base, &[("prompts.yaml", &edited("Second version."))]);
    let github = GitHub::start(Some(origin.path()));
    github.state().is_read_only = true;
    let left = Step::pull_request(&origin, &github)
        .event("/pull_request/head/repo", json!({"full_name": "mallory/prompts"}))
        .input("on-fork", on_fork)
        .run();
    (left, github)
}

#[test]
fn a_fork_is_not_measured_and_says_what_a_maintainer_can_do() {
    let (left, _github) = bedrock_fork("");
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (3, "NOT MEASURED"), "{}", left.log);
    assert!(left.summary.contains("comes from a fork"), "{}", left.summary);
    assert!(left.summary.contains("A maintainer can have it evaluated"));
    assert!(!left.log.contains("::warning"), "a read-only token is no news on a fork: {}", left.log);
}

#[test]
fn on_fork_skip_passes_and_still_says_not_measured() {
    let (left, _github) = bedrock_fork("skip");
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "NOT MEASURED"), "{}", left.log);
    assert!(left.summary.contains("safe only behind a merge queue"));
}

#[test]
fn a_deleted_head_repository_counts_as_a_fork() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left =
        Step::pull_request(&origin, &github).event("/pull_request/head/repo", serde_json::Value::Null).run();
    assert_eq!(left.status, 0, "scripted answers need no secrets: {}", left.log);
}

#[test]
fn fail_on_never_reports_without_blocking() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).input("fail-on", "never").run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "REGRESSION"), "{}", left.log);
    assert!(github.comment().contains("Not enforced"));
}
