//! Overrides that leave a trace (decisions.md#adoption-and-emergencies): break-glass by input and by label, accepted breaks.

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, edited, git, shop};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::{Value, json};

#[test]
fn break_glass_passes_one_commit_with_reason_and_name() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    let glass = format!("{}: incident 7, @team agreed", origin.head);
    let left = Step::pull_request(&origin, &github).input("break-glass", &glass).run();
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "REGRESSION"), "{}", left.log);
    let note = github.comment().lines().find(|line| line.contains("Break-glass")).unwrap().to_owned();
    assert!(note.contains("alex") && note.contains("incident 7") && !note.contains("@team"), "{note}");
    let told: Value = serde_json::from_str(&left.outputs["break-glass"]).unwrap();
    assert_eq!(
        told,
        json!({"commit": origin.head, "actor": "alex", "reason": "incident 7, @team agreed", "label": null})
    );
    let left = Step::pull_request(&origin, &github)
        .input("break-glass", &format!("{}: another commit", "a".repeat(40)))
        .run();
    assert_eq!((left.status, left.outputs["break-glass"].as_str()), (1, ""), "{}", left.log);
}

#[test]
fn an_accepted_break_is_shown() {
    let accepted = "accepted_breaks:\n  - {prompt: reply, case: case-01, reason: \"the new policy\", until: 2999-12-31}\n";
    let config = shop().into_iter().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1;
    let origin = Origin::of(&[
        ("prompts.yaml", &edited("A broken version.")),
        ("prompt-assay.yaml", &format!("{config}{accepted}")),
    ]);
    let github = GitHub::start(Some(origin.path()));
    Step::pull_request(&origin, &github).run();
    let comment = github.comment();
    assert!(comment.contains("accepted as broken") && comment.contains("the new policy"), "{comment}");
}

const PUSHED: &str = "2026-01-05T09:00:00Z";

/// A run on a pull request that breaks cases; `change` says what happened to its labels.
fn labelled(github: &GitHub, origin: &Origin, action: &str) -> Left {
    let label = json!({"name": "break-glass"});
    Step::pull_request(origin, github)
        .event("/action", json!(action))
        .event("/label", label.clone())
        .event("/sender", json!({"login": "morgan"}))
        .event("/pull_request/updated_at", json!(PUSHED))
        .event("/pull_request/labels", json!([label]))
        .event("/pull_request/body", json!("Break-glass: incident 9"))
        .input("break-glass-label", "break-glass")
        .run()
}

#[test]
fn a_label_passes_the_commit_it_was_put_on_for() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().labels = vec![(true, "break-glass", PUSHED)];
    github.state().description = "Fixes the shop.\r\nBreak-glass: incident 7, @team agreed\r\n".to_owned();
    let left = labelled(&github, &origin, "labeled");
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (0, "REGRESSION"), "{}", left.log);
    let note = github.comment().lines().find(|line| line.contains("Break-glass")).unwrap().to_owned();
    assert!(note.contains("was added by") && note.contains("morgan"), "{note}");
    assert!(note.contains("incident 7") && !note.contains("@team"), "{note}");
    let told: Value = serde_json::from_str(&left.outputs["break-glass"]).unwrap();
    assert_eq!((&told["actor"], &told["label"]), (&json!("morgan"), &json!("break-glass")));
    assert_eq!(told["commit"], json!(origin.head));
}

#[test]
fn the_next_push_needs_the_label_anew() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().labels = vec![(true, "break-glass", "2026-01-05T08:00:00Z")];
    github.state().description = "Break-glass: incident 7".to_owned();
    let left = labelled(&github, &origin, "synchronize");
    assert_eq!((left.status, left.outputs["break-glass"].as_str()), (1, ""), "{}", left.log);
    assert!(left.log.contains("was added before this commit"), "{}", left.log);
    // Put on again, and the job is re-run with the event it had.
    github.state().labels.push((false, "break-glass", "2026-01-05T09:10:00Z"));
    github.state().labels.push((true, "break-glass", "2026-01-05T09:11:00Z"));
    assert_eq!(labelled(&github, &origin, "synchronize").status, 0);
}

#[test]
fn without_permission_to_ask_the_event_tells_who() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().forbidden = Some("/issues/1/events");
    let left = labelled(&github, &origin, "labeled");
    assert_eq!(left.status, 0, "{}", left.log);
    assert!(left.outputs["break-glass"].contains("incident 9"), "{}", left.outputs["break-glass"]);
    assert!(left.log.contains("pull-requests: read"), "names the permission: {}", left.log);
    assert_eq!(labelled(&github, &origin, "synchronize").status, 1, "a label that may be old does nothing");
}

#[test]
fn a_label_without_a_reason_does_nothing_and_says_what_is_missing() {
    let origin = Origin::with_prompt("A broken version.");
    let github = GitHub::start(Some(origin.path()));
    github.state().labels = vec![(true, "break-glass", PUSHED)];
    let left = labelled(&github, &origin, "labeled");
    assert_eq!(left.status, 1, "{}", left.log);
    assert!(left.log.contains("add a line `Break-glass: REASON`"), "{}", left.log);
}

/// Four commits on the base: the break is accepted in the second.
fn accepting() -> Origin {
    let config = shop().into_iter().find(|(path, _)| path == "prompt-assay.yaml").unwrap().1;
    let origin = Origin::of(&[("prompts.yaml", &edited("A broken version."))]);
    let root = origin.path();
    let accepted = "accepted_breaks:\n  - {prompt: reply, case: case-01, reason: \"the new policy\"}\n";
    let later = format!("{config}{accepted}# more\n");
    git(root, &["checkout", "--quiet", "--detach", &origin.base]).unwrap();
    for text in [format!("{config}{accepted}"), later] {
        std::fs::write(root.join("prompt-assay.yaml"), text).unwrap();
        git(root, &["commit", "--quiet", "--all", "--message", "Accept"]).unwrap();
    }
    let base = git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned();
    git(root, &["merge", "--quiet", "--no-ff", "-m", "Merge", &origin.head]).unwrap();
    let merge = git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned();
    Origin { base, merge, ..origin }
}

#[test]
fn an_accepted_break_is_shown_with_who_accepted_it_and_when() {
    let origin = accepting();
    let github = GitHub::start(Some(origin.path()));
    let who = git(origin.path(), &["rev-parse", &format!("{}~1", origin.base)]).unwrap();
    let expected = format!("the new policy (accepted by Alex on 2026-01-05 in {})", &who[..7]);
    // The clone is shallow: through the API.
    let left = Step::pull_request(&origin, &github).run();
    assert!(github.comment().contains(&expected), "{}\n{}", github.comment(), left.log);
    assert!(github.log().iter().any(|line| line.contains("/contents/prompt-assay.yaml")));
    // The clone has the history: from Git.
    github.state().requests.clear();
    let step = Step::pull_request(&origin, &github);
    git(
        step.workspace(),
        &["fetch", "--quiet", "--unshallow", origin.path().to_str().unwrap(), &origin.merge],
    )
    .unwrap();
    step.run();
    assert!(github.comment().contains(&expected), "{}", github.comment());
    assert!(!github.log().iter().any(|line| line.contains("/contents/")), "{:?}", github.log());
}

#[test]
fn who_accepted_a_break_may_be_unknown_and_then_the_comment_says_so() {
    let origin = accepting();
    let github = GitHub::start(Some(origin.path()));
    github.state().forbidden = Some("path=prompt-assay.yaml");
    let left = Step::pull_request(&origin, &github).run();
    let comment = github.comment();
    assert!(comment.contains("the new policy (who accepted it is not known"), "{comment}\n{}", left.log);
}
