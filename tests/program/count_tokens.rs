//! `plan --count-tokens`: the provider counts some requests, and the estimate follows.

use insta::assert_snapshot;
use prompt_assay_standin::{Operation, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};

fn plan(project: &Project, standin: &Standin, more: &[&str]) -> Ran {
    let plan = ["plan", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];
    project.ran(rules_over_http::at(&mut project.command(&[&plan[..], more].concat()), standin))
}

/// A project whose calls go to Bedrock, and a stand-in for it.
fn scene() -> (Project, Standin) {
    (sixty_cases::briefer(), rules_over_http::start(sixty_cases::RULES))
}

#[test]
fn bedrock_counts_some_requests_and_the_rest_is_estimated_by_them() {
    let (project, standin) = scene();
    let rough = plan(&project, &standin, &[]).json();
    assert_eq!(standin.counters().total, 0, "a plan asks nobody");
    let counted = plan(&project, &standin, &["--count-tokens"]).json();
    let requests = standin.requests();
    assert_eq!(requests.len(), 8);
    assert!(requests.iter().all(|request| request.operation == Operation::CountTokens));
    assert_snapshot!(counted["warnings"][0].as_str().expect("a note"), @"Input tokens of `amazon.nova-lite-v1:0` are estimated from 8 requests that the provider counted.");
    let tokens = |plan: &serde_json::Value| plan["estimate"]["input_tokens"].as_u64().expect("a count");
    assert_ne!(tokens(&counted), tokens(&rough));
    assert_eq!(counted["estimate"]["calls_typical"], rough["estimate"]["calls_typical"]);
}

#[test]
fn a_profile_is_counted_by_the_model_behind_it() {
    let (project, standin) = scene();
    let profile = ["--count-tokens", "--model", "us.anthropic.claude-haiku-4-5-20251001-v1:0"];
    let counted = plan(&project, &standin, &profile).json();
    assert_snapshot!(counted["warnings"][0].as_str().expect("a note"), @"Input tokens of `us.anthropic.claude-haiku-4-5-20251001-v1:0` are estimated from 8 requests that the provider counted as `anthropic.claude-haiku-4-5-20251001-v1:0`.");
    // Each is asked for by the profile, refused, and asked for by the model.
    let asked: Vec<String> = standin.requests().iter().map(|request| request.call.model.clone()).collect();
    assert_eq!(asked.len(), 16, "{asked:?}");
    assert!(asked.iter().any(|model| model == "anthropic.claude-haiku-4-5-20251001-v1:0"), "{asked:?}");
}

#[test]
fn what_cannot_be_counted_is_a_note_and_the_estimate_stays_rough() {
    let (project, standin) = scene();
    let rough = plan(&project, &standin, &[]).json();
    let mut command = project.command(&[
        "plan",
        "--base",
        "HEAD~1",
        "--head",
        "HEAD",
        "--format",
        "json",
        "--count-tokens",
    ]);
    rules_over_http::at(&mut command, &standin).env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9");
    let ran = project.ran(&mut command);
    assert_eq!(ran.status, 0, "{}", ran.told());
    let note = ran.json()["warnings"][0].as_str().expect("a note").to_owned();
    assert!(note.starts_with("Input tokens of `amazon.nova-lite-v1:0` could not be counted"), "{note}");
    assert_eq!(ran.json()["estimate"], rough["estimate"]);
}

#[test]
fn rules_in_a_file_count_nothing() {
    let project = Project::edited();
    project.write("prompt-assay.yaml", "models: {branch: m}\nprovider: {scripted: rules.yaml}\n");
    assert_snapshot!(project.run(&["plan", "--base", "HEAD", "--count-tokens"]).told(), @"
    exit status 2
    error: `--count-tokens`: the configuration's provider, `scripted`, counts no tokens: leave the option out
    ");
}
