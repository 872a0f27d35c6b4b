//! A matrix of jobs: each evaluates a shard without a comment, and the job after them reports for
//! all.

use std::path::Path;

use prompt_assay::report::json;
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::{Left, Step};
use serde_json::Value;

/// A pull request that edits three prompts, one of them for the worse.
fn pull_request() -> Origin {
    let mut base = shop();
    let golden = base.iter().find(|(path, _)| path == "golden/reply.yaml").expect("a golden set").1.clone();
    let catalog = |words: [&str; 3]| {
        let [reply, thank, greet] = words;
        format!("reply: \"Answer. {reply}\"\nthank: \"Thank. {thank}\"\ngreet: \"Greet. {greet}\"\n")
    };
    base.retain(|(path, _)| path != "prompts.yaml");
    base.push(("prompts.yaml".to_owned(), catalog(["First.", "First.", "First."])));
    for name in ["thank", "greet"] {
        base.push((format!("golden/{name}.yaml"), golden.clone()));
    }
    Origin::between(&base, &[("prompts.yaml", &catalog(["Second.", "A broken one.", "A perfect one."]))])
}

fn shard<'a>(origin: &'a Origin, github: &'a GitHub, index: usize) -> (Step<'a>, Left) {
    let step = Step::pull_request(origin, github).input("shard", &format!("{index}/3"));
    let left = step.run();
    (step, left)
}

fn report(workspace: &Path) -> String {
    std::fs::read_to_string(workspace.join(".prompt-assay/report.json")).expect("a report")
}

/// The job after the matrix, which found these reports.
fn merge<'a>(origin: &'a Origin, github: &'a GitHub, reports: &[String]) -> (Step<'a>, Left) {
    let step = Step::pull_request(origin, github).input("merge", "shards");
    for (number, report) in reports.iter().enumerate() {
        let directory = step.workspace().join(format!("shards/shard-{number}"));
        std::fs::create_dir_all(&directory).expect("a directory");
        std::fs::write(directory.join("report.json"), report).expect("a file");
    }
    let left = step.run();
    (step, left)
}

fn stable(report: &str) -> Value {
    json::stable(&serde_json::from_str(report).expect("JSON"))
}

#[test]
fn the_job_after_the_matrix_reports_what_one_job_would() {
    let origin = pull_request();
    let alone = GitHub::start(Some(origin.path()));
    let one = Step::pull_request(&origin, &alone);
    let expected = one.run();
    assert_eq!(expected.status, 1, "{}", expected.log);

    let github = GitHub::start(Some(origin.path()));
    let shards: Vec<(Step<'_>, Left)> = (1..=3).map(|index| shard(&origin, &github, index)).collect();
    let statuses: Vec<i32> = shards.iter().map(|(_, left)| left.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 1).count(), 1, "{statuses:?}");
    assert_eq!(github.state().comments, vec![], "shards are silent");
    assert!(shards.iter().all(|(_, left)| !left.log.contains("::error")), "no annotations");

    let reports: Vec<String> = shards.iter().map(|(step, _)| report(step.workspace())).collect();
    let (step, left) = merge(&origin, &github, &reports);
    assert_eq!(left.status, 1, "{}", left.log);
    assert_eq!(stable(&report(step.workspace())), stable(&report(one.workspace())));
    assert_eq!(left.outputs["verdict"], expected.outputs["verdict"]);
    assert_eq!(left.outputs["prompts"], expected.outputs["prompts"]);
    assert!(github.comment().contains("Do not merge"), "{}", github.comment());
    assert!(left.summary.contains("Do not merge"), "{}", left.summary);
}

#[test]
fn a_shard_that_left_no_report_is_no_pass() {
    let origin = pull_request();
    let github = GitHub::start(Some(origin.path()));
    let mut reports = Vec::new();
    for index in 1..=3 {
        let (step, left) = shard(&origin, &github, index);
        if left.status == 0 {
            reports.push(report(step.workspace()));
        }
    }
    assert_eq!(reports.len(), 2);
    let (_, left) = merge(&origin, &github, &reports);
    assert_eq!((left.status, left.outputs["verdict"].as_str()), (3, "NOT MEASURED"), "{}", left.log);
    assert!(github.comment().contains("left no report"), "{}", github.comment());
}

#[test]
fn reports_of_another_commit_are_refused() {
    let origin = pull_request();
    let github = GitHub::start(Some(origin.path()));
    let (step, _) = shard(&origin, &github, 1);
    let other = Origin::with_prompt("Another one.");
    let elsewhere = GitHub::start(Some(other.path()));
    let (_, left) = merge(&other, &elsewhere, &[report(step.workspace())]);
    assert_eq!(left.status, 2, "{}", left.log);
    assert!(left.log.contains("give both jobs the same checkout"), "{}", left.log);
    let (_, left) = merge(&other, &elsewhere, &[]);
    assert_eq!(left.status, 2, "{}", left.log);
}

#[test]
fn a_report_that_a_cache_brought_is_not_taken_for_this_runs() {
    let origin = pull_request();
    let github = GitHub::start(Some(origin.path()));
    let step = Step::pull_request(&origin, &github).input("shard", "1/3").input("scripted", "missing.yaml");
    std::fs::create_dir_all(step.workspace().join(".prompt-assay")).expect("a directory");
    std::fs::write(step.workspace().join(".prompt-assay/report.json"), "{}").expect("a file");
    assert_eq!(step.run().status, 2);
    assert!(!step.workspace().join(".prompt-assay/report.json").exists());
}

#[test]
fn a_job_is_one_shard_or_merges() {
    let origin = pull_request();
    let github = GitHub::start(Some(origin.path()));
    let both = Step::pull_request(&origin, &github).input("shard", "4/3").input("merge", "shards").run();
    assert_eq!(both.status, 2);
    assert!(both.log.contains("`shard` is `4/3`; a shard is written `2/8`"), "{}", both.log);
    let outside = Step::pull_request(&origin, &github).input("merge", "../shards").run();
    assert_eq!(outside.status, 2);
    assert!(outside.log.contains("`../shards` is outside the repository"), "{}", outside.log);
}
