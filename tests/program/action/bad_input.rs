//! Everything that can be missing or malformed, and the resulting log.

use insta::assert_snapshot;
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, git};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::json;

/// The log between the commands, temporary paths left out.
fn said(left: &Left) -> String {
    left.log.lines().filter(|line| !line.starts_with("::")).collect::<Vec<_>>().join("\n")
}

fn refused(change: impl FnOnce(Step<'_>) -> Step<'_>) -> Left {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = change(Step::pull_request(&origin, &github)).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (2, "NOT MEASURED"), "{}", left.log);
    assert!(left.summary.contains("Not measured"));
    left
}

#[test]
fn malformed_inputs_are_all_named_at_once() {
    let left = refused(|step| {
        step.input("tier", "middle")
            .input("max-cost", "-1")
            .input("concurrency", "0")
            .input("comment", "yes")
            .input("break-glass", "because")
            .input("offline", "true")
            .input("fresh", "true")
            .input("batch", "true")
    });
    assert_snapshot!(said(&left), @r#"
    error: `tier` is `middle`; it may be `auto`, `branch`, `main`
    `max-cost` is `-1`; it must be 0 or more US dollars
    `concurrency` is `0`; it must be a whole number from 1 to 1000
    `comment` is `yes`; it may be `true`, `false`
    `break-glass` must be `COMMIT: REASON`: the full id of the one commit that may pass, and why
    `offline` and `fresh` exclude each other: leave one of them out
    `batch` goes with neither `offline` nor `fresh`: leave one of them out
    "#);
}

#[test]
fn unknown_inputs_are_reported_and_ignored() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github)
        .set("INPUT_FAIL_ON", "never")
        .set("INPUT_COLOUR", "red")
        .set("INPUT_ARGS", "")
        .run();
    assert_eq!(left.status, 0, "{}", left.log);
    assert!(left.log.contains("no input `fail_on`; did you mean `fail-on`?"), "{}", left.log);
    assert!(left.log.contains("no input `colour`; it is ignored"), "{}", left.log);
}

#[test]
fn an_event_of_another_shape() {
    let left = refused(|step| step.event("/pull_request", json!({"number": 1})));
    assert_snapshot!(said(&left), @"error: the event file has no usable `pull_request.base.repo.full_name`; is it the file of a `pull_request` event?");
}

#[test]
fn an_event_file_that_is_missing() {
    // `step.rs` writes the file it names; here another one is named.
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).set("GITHUB_EVENT_PATH", "/nowhere/event.json").run();
    assert_eq!(left.status, 2);
    assert_snapshot!(said(&left), @"error: cannot read the event file `/nowhere/event.json`: No such file or directory (os error 2)");
}

#[test]
fn an_event_that_has_no_prompts_to_compare() {
    let left = refused(|step| step.set("GITHUB_EVENT_NAME", "issue_comment"));
    assert_snapshot!(said(&left), @"error: the event `issue_comment` is not one this action runs on; use `pull_request`, `merge_group`, `push`, `workflow_dispatch`, `schedule` or, with care, `pull_request_target`");
}

#[test]
fn outside_of_actions() {
    let left = refused(|step| step.set("GITHUB_REPOSITORY", ""));
    assert_snapshot!(said(&left), @r#"
    error: `GITHUB_REPOSITORY` is not set
    this command runs inside GitHub Actions or AWS CodeBuild; elsewhere use `prompt-assay eval`
    "#);
}

#[test]
fn a_run_started_by_hand_needs_a_base() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let event = || ("workflow_dispatch", json!({"repository": {"default_branch": "main"}}));
    let left = Step::new(&origin, &github, event(), &origin.merge).run();
    assert_eq!(left.status, 2);
    assert_snapshot!(said(&left), @"error: a run that was started by hand or by a schedule has no base: set the input `base` to a branch, a tag or a commit");
    let left = Step::new(&origin, &github, event(), &origin.merge).input("base", "main").run();
    assert_eq!(left.status, 0, "{}", left.log);
}

#[test]
fn no_token_means_no_comment_and_a_base_that_must_be_public() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).input("github-token", "").run();
    assert_eq!(left.status, 1, "{}", left.log);
    assert!(github.state().comments.is_empty());
}

#[test]
fn a_token_that_may_not_read_contents_is_told_the_lines_to_add() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(None);
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 3, "{}", left.log);
    assert!(said(&left).contains("permissions:\n         contents: read"), "{}", left.log);
}

#[test]
fn a_base_that_was_force_pushed_away_does_not_matter_to_a_test_merge() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let gone = "1234567890123456789012345678901234567890";
    let left = Step::pull_request(&origin, &github).event("/pull_request/base/sha", json!(gone)).run();
    assert_eq!(left.status, 0, "{}", left.log);
    let left = Step::pull_request(&origin, &github)
        .event("/pull_request/base/sha", json!(gone))
        .checkout(&origin.head)
        .run();
    assert_eq!(left.status, 3, "never a pass: {}", left.log);
}

#[test]
fn a_catalog_under_another_name_is_still_compared() {
    let origin = Origin::of(&[
        ("prompts.yaml", ""),
        ("texts.yaml", "reply: \"Answer the customer. A broken version.\"\nother: \"Unchanged.\"\n"),
        (
            "prompt-assay.yaml",
            "catalogs: [\"texts.yaml\"]\nprovider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\n",
        ),
    ]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
}

#[test]
fn a_mistake_in_the_catalog_is_shown_in_the_comment() {
    let origin = Origin::of(&[("prompts.yaml", "reply: {sytem: \"Answer.\"}\n")]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 2, "{}", left.log);
    assert!(github.comment().contains("prompts.yaml:1:"), "{}", github.comment());
}

#[test]
fn no_checkout() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let step = Step::pull_request(&origin, &github);
    std::fs::remove_dir_all(step.workspace().join(".git")).unwrap();
    let left = step.run();
    assert_eq!(left.status, 2);
    assert_snapshot!(said(&left), @"error: the workspace holds no Git repository: add a step `uses: actions/checkout` before this one");
}

#[test]
fn a_cache_that_leads_out_of_the_workspace() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let step = Step::pull_request(&origin, &github);
    let elsewhere = prompt_assay_test_support::temporary::directory();
    std::os::unix::fs::symlink(elsewhere.path(), step.workspace().join(".prompt-assay")).unwrap();
    let left = step.run();
    assert_eq!(left.status, 2);
    assert_snapshot!(said(&left), @"error: `.prompt-assay` is a symbolic link, and no link is followed here: remove it, or name another path");
    assert!(
        git(elsewhere.path(), &["status"]).is_none() && elsewhere.path().read_dir().unwrap().next().is_none()
    );
}

#[test]
fn every_input_given_as_an_empty_text_is_every_input_left_out() {
    let origin = Origin::with_prompt("Second version.");
    let left = |empty: bool| {
        let github = GitHub::start(Some(origin.path()));
        let mut step = Step::pull_request(&origin, &github);
        for name in
            prompt_assay::action::Inputs::names().into_iter().filter(|name| empty && *name != "github-token")
        {
            step = step.input(name, " ");
        }
        let mut left = step.run();
        left.outputs.retain(|name, _| name != "comment-url");
        (left.status, left.outputs)
    };
    assert_eq!(left(true), left(false));
    assert_eq!(left(true).0, 0);
}

#[test]
fn a_repository_without_any_catalog() {
    let files = [("README.md".to_owned(), "# No prompts\n".to_owned())];
    let origin = Origin::between(&files, &[("README.md", "# Still no prompts\n")]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 2, "{}", left.log);
    assert_snapshot!(said(&left), @r#"
    error: no prompt catalog found: looked for `prompts.yaml`, `prompts.yml`, `prompts.json` in the repository's root
       = write prompts.yaml (`prompt-assay init` proposes one), or name your catalogs under `catalogs` in prompt-assay.yaml

    1 error; nothing was evaluated
    "#);
}
