//! What makes a run trusted: only runs of the default branch or of its merge queue release, seal,
//! and write where such runs read. Every person with push access may push a tag with any name, and a
//! queue of another branch may have weaker rules.

use prompt_assay_test_support::repository::git;
use prompt_assay_test_support::step::{Left, Step, queued};
use serde_json::{Value, json};

use crate::trusted_line::{KEY, Line, Store};

/// How often a run sealed an answer.
fn sealed(store: &Store) -> u32 {
    store.count("SELECT count(*) FROM answers WHERE seal IS NOT NULL")
}

fn released(left: &Left) -> bool {
    left.outputs.get("released").is_some_and(|released| released.contains("\"released\""))
}

/// A run about the commit, in a store of its own.
fn run(line: &Line, (event, payload): (&'static str, Value), commit: &str, reference: &str) -> (Left, u32) {
    let step = Step::new(&line.origin, &line.github, (event, payload), commit)
        .set("GITHUB_REF", reference)
        .set("GITHUB_REF_NAME", "main")
        .input("branch-baselines", "false")
        .input("release", "prod")
        .input("base", if event == "workflow_dispatch" { &line.before } else { "" })
        .input("store-key", KEY);
    let store = Store::empty();
    let left = store.run(&step);
    let sealed = sealed(&store);
    (left, sealed)
}

#[test]
fn only_the_default_branch_itself_releases_and_seals() {
    let line = Line::new();
    let repository = json!({"default_branch": "main"});
    let zeros = "0".repeat(40);
    let push = |before: &str, reference: &str| {
        ("push", json!({"ref": reference, "before": before, "after": line.good, "repository": repository}))
    };
    let by_hand =
        |reference: &str| ("workflow_dispatch", json!({"ref": reference, "repository": repository}));
    for event in [push(&line.before, "refs/heads/main"), by_hand("refs/heads/main")] {
        let (left, sealed) = run(&line, event.clone(), &line.good, "refs/heads/main");
        assert_eq!((left.status, released(&left)), (0, true), "control: {}: {}", event.0, left.log);
        assert!(sealed > 0, "control: {}", event.0);
    }
    for (attempt, reference, event) in [
        ("a new tag", "refs/tags/main", push(&zeros, "refs/tags/main")),
        ("a tag that moved", "refs/tags/main", push(&line.before, "refs/tags/main")),
        ("started by hand from a tag", "refs/tags/main", by_hand("refs/tags/main")),
        ("a branch below", "refs/heads/x/main", push(&line.before, "refs/heads/x/main")),
        ("a branch named like the full name", "refs/heads/refs/heads/main", push(&line.before, "x")),
        ("another kind of name", "refs/notes/main", by_hand("refs/notes/main")),
        ("no name at all", "", push(&line.before, "refs/heads/main")),
    ] {
        let (left, sealed) = run(&line, event, &line.good, reference);
        assert_eq!((released(&left), sealed), (false, 0), "{attempt}: {}", left.log);
        assert_eq!(left.outputs.get("evidence").map_or("", String::as_str), "", "{attempt}: {}", left.log);
    }
}

/// The second job, which has the role that releases.
#[test]
fn a_tag_releases_no_evidence_of_an_earlier_job() {
    let line = Line::new();
    let first = line.good().input("store-key", KEY);
    assert_eq!(Store::empty().run(&first).status, 0);
    let evidence = std::fs::read(first.workspace().join(".prompt-assay/evidence.json")).unwrap();
    let release = |reference: &str| {
        let step = line.good().set("GITHUB_REF", reference).input("evidence", "evidence.json");
        let step = step.input("store-key", KEY);
        std::fs::write(step.workspace().join("evidence.json"), &evidence).unwrap();
        step.run()
    };
    let control = release("refs/heads/main");
    assert_eq!((control.status, released(&control)), (0, true), "{}", control.log);
    let left = release("refs/tags/main");
    assert_eq!((left.status, released(&left)), (2, false), "{}", left.log);
    assert!(left.log.contains("only a run on the default branch may"), "{}", left.log);
}

#[test]
fn the_queue_of_another_branch_seals_nothing() {
    let line = Line::new();
    let run = |payload: Value| {
        let step = Step::new(&line.origin, &line.github, ("merge_group", payload), &line.good);
        let store = Store::empty();
        let left = store.run(&step.input("store-key", KEY));
        assert_eq!(left.status, 0, "{}", left.log);
        sealed(&store)
    };
    let ours = queued(&line.good, &line.before);
    assert!(run(ours.clone()) > 0, "control");
    for base in [
        json!("refs/heads/develop"),
        json!("refs/heads/x/main"),
        json!("refs/tags/main"),
        json!("main"),
        Value::Null,
    ] {
        let mut other = ours.clone();
        other["merge_group"]["base_ref"].clone_from(&base);
        assert_eq!(run(other), 0, "{base}");
    }
    let mut nameless = ours;
    nameless["repository"] = Value::Null;
    assert_eq!(run(nameless), 0, "a repository without a default branch");
}

/// Two commits whose ids begin alike are a minute's work: who may let one through would let both.
#[test]
fn a_person_lets_through_the_commit_whose_full_id_is_named() {
    let line = Line::new();
    let store = line.with_the_broken_one(&line.honest(KEY), KEY);
    let run = |id: &str| {
        let step = line.broken().input("store-key", KEY).input("break-glass", &format!("{id}: incident 7"));
        store.copy().run(&step)
    };
    for id in [line.broken.clone(), line.broken.to_uppercase()] {
        let control = run(&id);
        assert_eq!((control.status, released(&control)), (0, true), "{id}: {}", control.log);
    }
    for digits in [7, 12, 39] {
        let left = run(&line.broken[..digits]);
        assert_eq!((left.status, released(&left)), (2, false), "{digits} digits: {}", left.log);
        assert!(left.log.contains("the full id of the one commit"), "{digits} digits: {}", left.log);
        let step = line.good().input("overwrite", &format!("{}: agreed", &line.good[..digits]));
        assert_eq!(step.run().status, 2, "{digits} digits");
    }
    let other = git(line.origin.path(), &["rev-parse", &format!("{}~1", line.broken)]).unwrap();
    let left = run(other.trim());
    assert_eq!((left.status, released(&left)), (1, false), "another commit: {}", left.log);
}

/// A directory in the place of AWS says what is live and what a person took back, so that a commit may not bring it.
#[test]
fn a_release_directory_that_is_committed_counts_for_nothing() {
    let line = Line::new();
    let first = line.good();
    assert_eq!(Store::empty().run(&first).status, 0);
    let live = first.workspace().join("live");
    let carry = |to: &std::path::Path| {
        let copied = std::process::Command::new("cp").arg("-r").args([&live, &to.join("live")]).status();
        assert!(copied.unwrap().success());
    };
    let control = line.broken();
    carry(control.workspace());
    let left = control.run();
    assert_eq!((left.status, released(&left)), (1, false), "control: {}", left.log);
    assert!(left.log.contains("Compared with the live version in `prod`"), "control: {}", left.log);

    let root = line.origin.path();
    git(root, &["checkout", "--quiet", "--detach", &line.good]).unwrap();
    carry(root);
    git(root, &["add", "--all"]).unwrap();
    git(root, &["commit", "--quiet", "--message", "More"]).unwrap();
    let committed = git(root, &["rev-parse", "HEAD"]).unwrap().trim().to_owned();
    let left = line.push(&line.before, &committed).run();
    assert_eq!((left.status, released(&left)), (2, false), "{}", left.log);
    assert!(left.log.contains("`live/parameters/prod/reply"), "{}", left.log);
    assert!(!left.log.contains("Compared with the live version"), "{}", left.log);
}

/// A workflow that checks out what somebody names: the run is about one commit, and sees another.
#[test]
fn a_verdict_on_another_commit_counts_for_nothing() {
    let line = Line::new();
    let repository = json!({"default_branch": "main"});
    let push =
        |commit: &str| ("push", json!({"before": line.good, "after": commit, "repository": repository}));
    let queue = |commit: &str| ("merge_group", queued(commit, &line.good));
    let by_hand = |_: &str| ("workflow_dispatch", json!({"repository": repository}));
    let request = |commit: &str| {
        let of =
            |sha: &str, name: &str| json!({"sha": sha, "ref": name, "repo": {"full_name": "shop/prompts"}});
        let request = json!({"number": 1, "base": of(&line.good, "main"), "head": of(commit, "edit")});
        ("pull_request", json!({"repository": repository, "pull_request": request}))
    };
    let events: [&dyn Fn(&str) -> (&'static str, Value); 4] = [&push, &queue, &by_hand, &request];
    for event in events {
        let run = |about: &str, seen: &str| {
            let step = Step::new(&line.origin, &line.github, event(about), about)
                .checkout(seen)
                .set("GITHUB_REF_NAME", "main")
                .input("branch-baselines", "false")
                .input("base", &line.good)
                .input("release", "prod");
            Store::empty().run(&step)
        };
        let name = event("").0;
        let control = run(&line.broken, &line.broken);
        assert_eq!(control.status, 1, "{name}: control: {}", control.log);
        for (about, seen) in
            [(&line.broken, &line.good), (&line.before, &line.good), (&line.good, &line.broken)]
        {
            let left = run(about, seen);
            assert_eq!((left.status, released(&left)), (2, false), "{name}: {}", left.log);
            assert!(left.log.contains("is checked out, and this run is about"), "{name}: {}", left.log);
        }
    }
}
