//! Release by the action itself: what passed on the default branch goes live in the same job, and
//! what is live is the last thing to compare with (decisions.md#main-does-not-ratchet).

use prompt_assay_test_support::main_line::{Line, calls};
use prompt_assay_test_support::step::{Left, Step, queued};
use serde_json::{Value, json};

const CONFIG: &str = "provider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\n\
                      gate: {fail_fast: false}\n\
                      release: {release_on_scripted: true, environments: {prod: {directory: live, ssm: \"/prod/{name}\"}}}\n";

/// A line whose configuration knows an environment, and the commit that brought it.
fn line() -> (Line, String) {
    let line = Line::new();
    let configured = line.commit(&[("prompt-assay.yaml", CONFIG)], line.base());
    (line, configured)
}

fn releasing<'a>(line: &'a Line, before: &str, after: &str) -> Step<'a> {
    line.pushing(before, after).input("release", "prod")
}

/// Outcome and live version of `reply`.
fn outcome(left: &Left) -> (String, Option<u64>) {
    let prompts: Value = serde_json::from_str(&left.outputs["released"]).unwrap_or(Value::Null);
    let found = prompts.as_array().into_iter().flatten().find(|prompt| prompt["prompt"] == json!("reply"));
    let found = found.unwrap_or_else(|| panic!("nothing of a release: {}", left.log));
    (found["outcome"].as_str().unwrap().to_owned(), found["version"].as_u64())
}

#[test]
fn what_passed_is_released_in_the_same_job_and_what_did_not_stays_out() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let left = line.run(&releasing(&line, &configured, &second));
    assert_eq!((left.status, outcome(&left)), (0, ("released".to_owned(), Some(1))), "{}", left.log);
    insta::assert_snapshot!(release_section(&left), @"
    ## Release to <code>prod</code>

    **prod: 1 released, 1 not covered**

    | prompt | outcome | version | because |
    |---|---|---|---|
    | <code>reply</code> | released | 1 | OK, 24 of 30 (ev-…) |
    | <code>other</code> | not covered | - | has no golden set, so nothing can show that it is good |
    ");
    let broken = line.prompt("A broken version.", &second);
    line.github.state().merged = vec![broken.clone()];
    let left = line.run(&releasing(&line, &second, &broken));
    assert_eq!((left.status, left.outputs["released"].as_str()), (1, ""), "{}", left.log);
    insta::assert_snapshot!(release_section(&left), @"
    ## Release to <code>prod</code>

    Nothing was released. The check did not pass; the live versions stay unchanged.
    ");
    assert!(line.github.comment().contains("Nothing was released"), "{}", line.github.comment());
    let third = line.prompt("Third version.", &broken);
    let left = line.run(&releasing(&line, &broken, &third));
    assert_eq!((left.status, outcome(&left)), (0, ("released".to_owned(), Some(2))), "{}", left.log);
    let left = line.run(&releasing(&line, &broken, &third));
    assert_eq!((left.status, outcome(&left)), (0, ("unchanged".to_owned(), Some(2))), "{}", left.log);
}

#[test]
fn an_older_commit_never_takes_back_what_a_newer_one_released() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let third = line.prompt("Third version.", &second);
    line.run(&releasing(&line, &second, &third));
    let left = line.run(&releasing(&line, &configured, &second));
    assert_eq!((left.status, left.outputs["released"].as_str()), (0, ""), "{}", left.log);
    insta::assert_snapshot!(release_section(&left).replace(&third[..7], "THIRD"), @"
    ## Release to <code>prod</code>

    Nothing was released. Commit <code>THIRD</code> is live already, and it is newer than this one.
    ");
}

#[test]
fn a_rollback_in_the_console_stays_and_only_an_overwrite_of_this_commit_replaces_it() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    assert_eq!(outcome(&line.run(&releasing(&line, &configured, &second))).1, Some(1));
    let third = line.prompt("Third version.", &second);
    assert_eq!(outcome(&line.run(&releasing(&line, &second, &third))).1, Some(2));
    let labels = line.store.path().join("live/parameters/prod/reply/@/labels.json");
    let mut moved: Value = serde_json::from_slice(&std::fs::read(&labels).unwrap()).unwrap();
    moved["live"] = json!(1);
    std::fs::write(&labels, moved.to_string()).unwrap();
    let other = line.commit(&[("README.md", "Another change.")], &third);
    let step = || releasing(&line, &third, &other);
    let held = ("held".to_owned(), Some(1));
    let left = line.run(&step());
    assert_eq!((left.status, outcome(&left)), (0, held.clone()), "{}", left.log);
    assert!(left.log.contains("rolled back outside: version 1 is live instead of version 2"), "{}", left.log);
    let left = line.run(&step().input("overwrite", &format!("{third}: of this one")));
    assert_eq!((left.status, outcome(&left)), (0, held), "{}", left.log);
    assert!(
        left.log.contains(&format!("`overwrite` names the commit `{third}`, not this one")),
        "{}",
        left.log
    );
    let left = line.run(&step().input("overwrite", "for ever"));
    assert_eq!(left.status, 2, "{}", left.log);
    let left = line.run(&step().input("overwrite", &format!("{other}: grace agreed")));
    assert_eq!((left.status, outcome(&left)), (0, ("released".to_owned(), Some(3))), "{}", left.log);
}

#[test]
fn only_the_default_branch_releases() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let payload = queued(&second, &configured);
    let queue =
        Step::new(&line.origin, &line.github, ("merge_group", payload), &second).input("release", "prod");
    let on_a_branch = releasing(&line, &configured, &second)
        .set("GITHUB_REF_NAME", "topic")
        .event("/repository/default_branch", json!("main"));
    let pull_request = Step::pull_request(&line.origin, &line.github).input("release", "prod");
    for step in [queue, on_a_branch, pull_request] {
        let left = line.run(&step);
        assert_eq!((left.status, left.outputs["released"].as_str()), (0, ""), "{}", left.log);
        assert!(!left.summary.contains("Release to"), "{}", left.summary);
    }
    assert!(!line.store.path().join("live").exists());
}

#[test]
fn a_release_that_does_not_go_through_fails_the_check_and_says_so_where_it_was_merged() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    line.github.state().merged = vec![second.clone()];
    let left = line.run(&line.pushing(&configured, &second).input("release", "production"));
    let verdict = (left.status, left.outputs["verdict"].as_str(), left.outputs["released"].as_str());
    assert_eq!(verdict, (2, "OK", ""), "{}", left.log);
    insta::assert_snapshot!(release_section(&left), @"
    ## Release to <code>production</code>

    Nothing was released. The live versions stay unchanged.

    ````text
    error: there is no environment `production`
       = there are `prod`

    1 error; nothing was released
    ````
    ");
    let comment = line.github.comment();
    assert!(comment.contains("this passed") && comment.contains("Nothing was released"), "{comment}");
    // After it is fixed, the re-run corrects the comment.
    let again = releasing(&line, &configured, &second).set("GITHUB_RUN_ATTEMPT", "2");
    assert_eq!(outcome(&line.run(&again)), ("released".to_owned(), Some(1)));
    assert!(!line.github.comment().contains("Nothing was released"), "{}", line.github.comment());
}

#[test]
fn the_branch_tier_releases_nothing_and_asking_for_both_is_a_mistake() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let left = line.run(&releasing(&line, &configured, &second).input("tier", "branch"));
    assert_eq!(left.status, 2);
    assert!(left.log.contains("`release` needs the main tier"), "{}", left.log);
}

#[test]
fn where_nothing_is_known_to_have_passed_the_baseline_is_what_is_live() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    assert_eq!(line.run(&releasing(&line, &configured, &second)).status, 0);
    let broken = line.prompt("A broken version.", &second);
    let still = line.prompt("Still a broken version.", &broken);
    // The store is lost; what is live is not.
    std::fs::remove_dir_all(line.store.path().join(".prompt-assay")).unwrap();
    let left = line.run(&releasing(&line, &broken, &still));
    let reason = left.outputs["reason"].as_str();
    assert_eq!((left.status, reason), (1, "confirmed_breaks"), "{}", left.log);
    let note = format!("Compared with the live version in `prod`, version 1 of commit {}", &second[..7]);
    assert!(left.log.contains(&note), "{}", left.log);
    // The environment that is the only one is meant without the input, too.
    std::fs::remove_dir_all(line.store.path().join(".prompt-assay")).unwrap();
    let left = line.push(&broken, &still);
    assert!(left.log.contains(&note), "{}", left.log);
}

#[test]
fn what_is_live_and_was_never_shown_to_pass_is_no_baseline_for_itself() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    assert_eq!(line.run(&releasing(&line, &configured, &second)).status, 0);
    std::fs::remove_dir_all(line.store.path().join(".prompt-assay")).unwrap();
    let left = line.push(&configured, &second);
    assert_eq!((left.status, calls(&left) > 0), (0, true), "{}", left.log);
    assert!(left.log.contains("its floor decides"), "{}", left.log);
}

#[test]
fn a_second_job_with_another_role_releases_from_the_evidence_of_the_first() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let first = line.pushing(&configured, &second);
    assert_eq!(first.run().status, 0);
    let sealed = std::fs::read_to_string(first.workspace().join(".prompt-assay/evidence.json")).unwrap();
    let job = |commit: &str, text: &str| {
        let step = releasing(&line, &configured, commit).input("evidence", "evidence.json");
        std::fs::write(step.workspace().join("evidence.json"), text).unwrap();
        step
    };
    let left = line.run(&job(&second, &sealed));
    assert_eq!((left.status, outcome(&left)), (0, ("released".to_owned(), Some(1))), "{}", left.log);
    assert_eq!((left.outputs["verdict"].as_str(), left.outputs["reason"].as_str()), ("", "released"));
    assert!(!left.log.contains("assaying"), "{}", left.log);
    // Of another content, edited, or on a branch: nothing.
    let third = line.prompt("Third version.", &second);
    let left = line.run(&job(&third, &sealed));
    assert_eq!((left.status, outcome(&left).0.as_str()), (1, "refused"), "{}", left.log);
    let left = line.run(&job(&second, &sealed.replace("\"OK\"", "\"IMPROVED\"")));
    assert_eq!(left.status, 2, "{}", left.log);
    let left = line.run(&job(&second, &sealed).set("GITHUB_REF_NAME", "topic"));
    assert_eq!(left.status, 2, "{}", left.log);
}

#[test]
fn evidence_without_an_environment_and_a_file_that_is_not_there_are_told() {
    let (line, configured) = line();
    let second = line.prompt("Second version.", &configured);
    let left = line.run(&line.pushing(&configured, &second).input("evidence", "evidence.json"));
    assert_eq!(left.status, 2);
    assert!(left.log.contains("name the environment in `release`"), "{}", left.log);
    let left = line.run(&releasing(&line, &configured, &second).input("evidence", "evidence.json"));
    assert_eq!(left.status, 2);
    assert!(left.log.contains("cannot read the evidence `evidence.json`"), "{}", left.log);
}

/// The summary from the release's heading on. The evidence's id depends on the hour.
fn release_section(left: &Left) -> String {
    let at = left.summary.find("## Release to").unwrap_or_else(|| panic!("{}", left.summary));
    let section = &left.summary[at..];
    match section.split_once("ev-") {
        Some((before, rest)) => {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            format!("{before}ev-…{after}")
        }
        None => section.to_owned(),
    }
}
