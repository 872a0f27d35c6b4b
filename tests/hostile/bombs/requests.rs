//! Bombs in what GitHub sends: a head of a thousand files under `pull_request_target`, an event of
//! any size.

use prompt_assay_test_support::github::{GitHub, REPOSITORY};
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::{Value, json};

fn event(origin: &Origin) -> Value {
    json!({"repository": {"default_branch": "main"}, "pull_request": {
        "number": 1,
        "base": {"sha": origin.base, "ref": "main", "repo": {"full_name": REPOSITORY}},
        "head": {"sha": origin.head, "ref": "edit", "repo": {"full_name": "somebody/prompts"}},
    }})
}

/// A run on a head whose catalog has that many texts in files of their own, all of them edited.
fn texts_in_files(files: usize) -> (Left, usize) {
    let text = |words: &str| {
        let named: Vec<(String, String)> =
            (0..files).map(|n| (format!("texts/t{n}.md"), format!("{words} number {n}."))).collect();
        named
    };
    let entries: String = (0..files).map(|n| format!("t{n}: {{file: texts/t{n}.md}}\n")).collect();
    let catalog = format!("reply: \"Answer the customer. First version.\"\n{entries}");
    let mut base = shop();
    base.retain(|(path, _)| path != "prompts.yaml");
    base.push(("prompts.yaml".to_owned(), catalog));
    base.extend(text("Text"));
    let edits = text("Edited text");
    let edits: Vec<(&str, &str)> = edits.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let origin = Origin::between(&base, &edits);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::new(&origin, &github, ("pull_request_target", event(&origin)), &origin.base).run();
    let requests = github.log().iter().filter(|line| line.contains("/git/")).count();
    (left, requests)
}

#[test]
fn requests_to_github_are_bounded() {
    let (left, requests) = texts_in_files(20);
    assert_eq!(left.status, 0, "{}", left.log);
    assert!((20..60).contains(&requests), "{requests}");
    let (left, requests) = texts_in_files(1_200);
    println!("{:<44} status {}, {requests} requests", "pull_request_target with 1,200 texts", left.status);
    assert_eq!(left.status, 2, "{}", left.log);
    assert!(left.log.contains("this run would make more than 500 requests to GitHub's API"), "{}", left.log);
    assert!(left.log.contains("split the pull request"), "{}", left.log);
    assert!(requests <= 500, "{requests}");
    assert_eq!(left.outputs["reason"], "configuration_error");
}

#[test]
fn an_event_of_any_size_is_bounded() {
    let origin = Origin::with_prompt("Another wording.");
    let github = GitHub::start(Some(origin.path()));
    let run = |bytes: usize| {
        Step::pull_request(&origin, &github).event("/pull_request/body", json!("x".repeat(bytes))).run()
    };
    let left = run(65_536);
    assert_eq!(left.status, 0, "{}", left.log);
    let left = run(40 << 20);
    assert_eq!(left.status, 2, "{}", left.log);
    assert!(left.log.contains("has more than 32 MiB; GitHub sends no such event"), "{}", left.log);
}
