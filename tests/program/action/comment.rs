//! The comment: posted at once, edited in place, never twice, never over a newer one.

use prompt_assay::action::Marker;
use prompt_assay_test_support::github::{BOT, Fault, GitHub};
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::Step;

/// What run 7 left.
fn old() -> String {
    Marker::new("default", "0", (7, 1)).comment("old")
}

/// What run 101 left, after ours had begun.
fn newer() -> String {
    Marker::new("default", "0", (101, 1)).comment("newer")
}

#[test]
fn the_first_run_posts_at_once_and_ends_with_the_result() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    let written: Vec<String> = github
        .state()
        .requests
        .iter()
        .filter(|seen| seen.method != "GET")
        .map(|seen| {
            let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
            let heading = body["body"].as_str().unwrap().lines().find(|line| line.starts_with("##"));
            format!("{} {}: {}", seen.method, seen.target, heading.unwrap())
        })
        .collect();
    insta::assert_snapshot!(written.join("\n"), @"
    POST /repos/shop/prompts/issues/1/comments: ## ⏳ prompt-assay: assaying 1 prompt, 30 cases …
    PATCH /repos/shop/prompts/issues/comments/1: ## ✅ No break found in <code>reply</code>
    ");
    assert_eq!(left.outputs["comment-url"], "https://github.example/shop/prompts/pull/1#issuecomment-1");
}

#[test]
fn the_second_run_edits() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).run();
    let first = github.comment();
    Step::pull_request(&origin, &github).set("GITHUB_RUN_ID", "101").run();
    let second = github.comment();
    assert!(first.contains("run=100.1") && second.contains("run=101.1"));
    assert_eq!(github.log().iter().filter(|line| line.starts_with("POST")).count(), 1);
}

#[test]
fn an_older_run_does_not_overwrite_a_newer_one() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().add(BOT, &newer());
    github.state().head = Some("f".repeat(40));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(github.comment(), newer());
    assert_eq!((left.status, left.outputs["comment-url"].as_str()), (1, ""));
    assert!(left.log.contains("a newer run has written the comment"));
}

#[test]
fn a_re_run_takes_the_comment_over() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).run();
    Step::pull_request(&origin, &github).set("GITHUB_RUN_ATTEMPT", "2").run();
    assert!(github.comment().contains("run=100.2"));
    assert_eq!(github.state().comments.len(), 1);
}

#[test]
fn the_comment_is_found_among_250() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    for n in 0..250 {
        github.state().add("person", &format!("remark {n}"));
    }
    let id = github.state().add(BOT, &old());
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("No break found"));
    assert!(github.log().contains(&format!("PATCH /repos/shop/prompts/issues/comments/{id}")));
    assert!(!github.log().iter().any(|line| line.starts_with("POST")));
}

#[test]
fn a_marker_that_somebody_else_wrote_is_ignored() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().add("mallory", &newer());
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("No break found"));
    assert_eq!(github.state().comments[0].body, newer(), "not ours to touch");
}

#[test]
fn two_keys_are_two_comments() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).run();
    Step::pull_request(&origin, &github).input("comment-key", "shop two").run();
    let keys: Vec<String> =
        github.state().comments.iter().map(|comment| comment.body[..40].to_owned()).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[1].starts_with("<!-- prompt-assay key=shop_two "), "{keys:?}");
}

#[test]
fn duplicates_are_healed() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().add(BOT, &old());
    github.state().add(BOT, &old());
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("No break found"));
}

#[test]
fn a_copy_made_at_the_same_moment_is_healed() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().raced_by = Some(old());
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("No break found"));
    assert_eq!(github.state().comments[0].id, 1, "the oldest is kept");
}

#[test]
fn a_pull_request_that_touches_no_prompt_hears_nothing() {
    let origin = Origin::of(&[("README.md", "# The new shop\n")]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "OK"), "{}", left.log);
    assert!(github.state().comments.is_empty());
    assert!(left.summary.contains("Nothing to check"));
}

#[test]
fn a_comment_that_became_wrong_is_corrected() {
    let origin = Origin::of(&[("README.md", "# The new shop\n")]);
    let github = GitHub::start(Some(origin.path()));
    github.state().add(BOT, &old());
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("Nothing to check"));
}

#[test]
fn a_token_without_permission_changes_no_verdict() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().is_read_only = true;
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    assert!(left.log.contains("permissions:\n         pull-requests: write"), "{}", left.log);
    assert!(left.summary.contains("Do not merge"));
}

#[test]
fn a_proxy_s_502_makes_no_second_comment() {
    let origin = Origin::with_prompt("Second version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().faults.push(("POST", "/comments", Fault::DoneBut502));
    Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains("No break found"));
}

/// The shop with other rules for its model, and the edit that breaks cases.
fn answering(rules: &str) -> Origin {
    let mut base = shop();
    base.iter_mut().find(|(path, _)| path == "rules.yaml").unwrap().1 = rules.to_owned();
    Origin::between(&base, &[("prompts.yaml", "reply: \"A broken version.\"\nother: \"Unchanged.\"\n")])
}

#[test]
fn what_is_too_long_for_a_comment_is_in_the_summary() {
    let long = "no, and this is why. ".repeat(400);
    let origin = answering(&format!(
        "rules:\n  - when: {{system: broken}}\n    text: \"{long}\"\ndefault: {{text: \"yes\"}}\n"
    ));
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 1, "{}", left.log);
    let comment = github.comment();
    assert!(comment.chars().count() <= 65_536);
    assert!(comment.contains("Do not merge"));
    assert!(left.summary.len() <= 1_048_576 && left.summary.contains("Do not merge"));
}

#[test]
fn a_cancelled_run_says_not_measured_before_the_runner_kills_it() {
    let origin = answering("rules:\n  - error: {class: throttled, times: 1000000}\n    text: \"yes\"\n");
    let github = GitHub::start(Some(origin.path()));
    let step = Step::pull_request(&origin, &github);
    let running = step.start();
    github.wait_for("POST");
    running.signal("INT");
    running.signal("TERM");
    let left = running.left();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (3, "NOT MEASURED"), "{}", left.log);
    assert!(github.comment().contains("Not measured"));
    assert!(left.summary.contains("Not measured"));
}
