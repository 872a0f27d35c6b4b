//! Files that the action is configured to read, and how a commit replaces them: the rules of the
//! scripted model, the evidence of a release, the reports of shards.

use std::path::Path;

use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::on_disk::{GREETING, Project};
use prompt_assay_test_support::repository::{Origin, git, shop};
use prompt_assay_test_support::step::{Left, Step};

/// A file outside of the checkout that must not be shown.
const SECRET: &str = "canary-4711";

/// A pull request that breaks cases, and with it brings links: `(path, target)`.
fn linking(links: &[(&str, &str)]) -> Origin {
    let origin = Origin::with_prompt("A broken version.");
    let root = origin.path().to_path_buf();
    let run = |arguments: &[&str]| git(&root, arguments).unwrap_or_else(|| panic!("git {arguments:?}"));
    run(&["checkout", "--quiet", "edit"]);
    for (path, target) in links {
        let place = root.join(path);
        let _ = std::fs::remove_file(&place);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, &place).unwrap();
    }
    amended(origin)
}

/// The pull request's head and its test merge, after edits in the working directory of `edit`.
fn amended(mut origin: Origin) -> Origin {
    let root = origin.path().to_path_buf();
    let run = |arguments: &[&str]| git(&root, arguments).unwrap_or_else(|| panic!("git {arguments:?}"));
    run(&["add", "--all", "--force"]);
    run(&["commit", "--quiet", "-m", "Links"]);
    origin.head = run(&["rev-parse", "HEAD"]).trim().to_owned();
    run(&["checkout", "--quiet", "-B", "merged", &origin.base]);
    run(&["merge", "--quiet", "--no-ff", "-m", "Merge", &origin.head]);
    origin.merge = run(&["rev-parse", "HEAD"]).trim().to_owned();
    run(&["update-ref", "refs/pull/1/merge", &origin.merge]);
    run(&["checkout", "--quiet", "main"]);
    origin
}

/// Everything that people and later steps can read of a run.
fn shown(left: &Left, github: &GitHub) -> String {
    let comments: String = github.state().comments.iter().map(|comment| comment.body.clone()).collect();
    format!("{}{}{:?}{comments}", left.log, left.summary, left.outputs)
}

/// Where a link leads, from the repository's root; `OUT` is a directory beside the checkout.
const TARGETS: &[(&str, &[(&str, &str)])] = &[
    ("a file elsewhere", &[("rules.yaml", "OUT/secret.yaml")]),
    ("a text that is no YAML", &[("rules.yaml", "OUT/passwd")]),
    ("upwards", &[("rules.yaml", "../../../../../../../../../../etc/passwd")]),
    ("a link to a link", &[("rules.yaml", "second"), ("second", "OUT/secret.yaml")]),
    ("through a directory", &[("rules.yaml", "out/secret.yaml"), ("out", "OUT")]),
    ("the process", &[("rules.yaml", "/proc/self/environ")]),
    ("the clone's own files", &[("rules.yaml", ".git/config")]),
    ("no end", &[("rules.yaml", "/dev/zero")]),
    ("a directory", &[("rules.yaml", "golden")]),
    ("itself", &[("rules.yaml", "rules.yaml")]),
];

#[test]
fn a_link_out_of_the_checkout_is_not_read_for_rules() {
    let outside = prompt_assay_test_support::temporary::directory();
    let out = outside.path().to_str().unwrap();
    std::fs::write(outside.path().join("secret.yaml"), format!("password: {SECRET}\n{SECRET}: [\n")).unwrap();
    std::fs::write(outside.path().join("passwd"), format!("root:x:0:0:{SECRET}:/root:/bin/sh\n")).unwrap();
    for (name, links) in TARGETS {
        let links: Vec<(&str, String)> =
            links.iter().map(|(path, target)| (*path, target.replace("OUT", out))).collect();
        let links: Vec<(&str, &str)> = links.iter().map(|(path, target)| (*path, target.as_str())).collect();
        let origin = linking(&links);
        for by_input in [false, true] {
            let github = GitHub::start(Some(origin.path()));
            let mut step = Step::pull_request(&origin, &github).set("CANARY", SECRET);
            if by_input {
                step = step.input("scripted", "rules.yaml");
            }
            let left = step.run();
            let all = shown(&left, &github);
            assert_eq!(left.status, 2, "{name}: {all}");
            for word in [SECRET, "root:", "secret-token", "repositoryformatversion"] {
                assert!(!all.contains(word), "{name} ({by_input}): `{word}` got out: {all}");
            }
            assert!(left.outputs["verdict"] != "OK", "{name}: {all}");
        }
    }
}

/// The control: a link that stays in the repository is a file like any other, and the gate holds.
#[test]
fn a_link_inside_the_repository_is_followed() {
    let mut base = shop();
    let rules = base.iter().find(|(path, _)| path == "rules.yaml").unwrap().1.clone();
    base.push(("models/rules.yaml".to_owned(), rules));
    for by_input in [false, true] {
        let origin = Origin::between(
            &base,
            &[("prompts.yaml", "reply: \"A broken version.\"\nother: \"Unchanged.\"\n")],
        );
        git(origin.path(), &["checkout", "--quiet", "edit"]).unwrap();
        std::fs::remove_file(origin.path().join("rules.yaml")).unwrap();
        std::os::unix::fs::symlink("models/rules.yaml", origin.path().join("rules.yaml")).unwrap();
        let origin = amended(origin);
        let github = GitHub::start(Some(origin.path()));
        let mut step = Step::pull_request(&origin, &github);
        if by_input {
            step = step.input("scripted", "rules.yaml");
        }
        let left = step.run();
        assert_eq!((left.status, left.outputs["verdict"].as_str()), (1, "REGRESSION"), "{}", left.log);
    }
}

/// What stands on disk beside the commit: an earlier step of the job, which runs the pull request's
/// own code, can have written it.
#[test]
fn rules_on_disk_are_not_those_of_the_commit() {
    let always = "default: {text: \"yes\"}\n";
    for input in [None, Some("rules.yaml"), Some("other.yaml")] {
        let origin = Origin::with_prompt("A broken version.");
        let github = GitHub::start(Some(origin.path()));
        let mut step = Step::pull_request(&origin, &github);
        if let Some(path) = input {
            step = step.input("scripted", path);
        }
        for path in ["rules.yaml", "other.yaml"] {
            std::fs::write(step.workspace().join(path), always).unwrap();
        }
        let left = step.run();
        // `other.yaml` is in no commit.
        let expected = if input == Some("other.yaml") { 2 } else { 1 };
        assert_eq!(left.status, expected, "{input:?}: {}", left.log);
    }
}

#[test]
fn rules_that_are_too_large_are_refused() {
    let huge = format!("default: {{text: \"yes\"}}\n# {}\n", "x".repeat(17 * 1024 * 1024));
    let origin =
        Origin::of(&[("rules.yaml", &huge), ("prompts.yaml", "reply: \"broken\"\nother: \"Unchanged.\"\n")]);
    let github = GitHub::start(Some(origin.path()));
    let left = Step::pull_request(&origin, &github).run();
    assert_eq!(left.status, 2, "{}", left.log);
    assert!(left.log.contains("at most 16777216 (16 MiB) are read"), "{}", left.log);
}

/// A person may name any file, but a link of the checkout must not make the program show it.
#[test]
fn a_file_that_a_person_names_is_shown_only_inside_the_repository() {
    for (name, is_link) in [("a path", false), ("a link of the checkout", true)] {
        for content in
            [format!("{SECRET}: [\n"), format!("root:x:0:0:{SECRET}:/root\n"), format!("rules: {SECRET}\n")]
        {
            let project = Project::edited();
            let outside = project.root().join("../secret");
            std::fs::write(&outside, &content).unwrap();
            let given = match is_link {
                false => "../secret",
                true => {
                    project.remove("rules.yaml");
                    std::os::unix::fs::symlink(&outside, project.root().join("rules.yaml")).unwrap();
                    "rules.yaml"
                }
            };
            let ran = project.run(&["eval", "--base", "HEAD", "--scripted", given]);
            assert_eq!(ran.status, 2, "{name}: {}", ran.stderr);
            assert!(!ran.stderr.contains(SECRET), "{name}: {}", ran.stderr);
            assert!(ran.stderr.contains("lies outside of the repository"), "{name}: {}", ran.stderr);
        }
    }
    let inside = Project::edited();
    inside.write("rules.yaml", "rules: canary\n");
    let ran = inside.run(&["eval", "--base", "HEAD", "--scripted", "rules.yaml"]);
    assert!(ran.stderr.contains("| rules: canary"), "the control: {}", ran.stderr);
    let git = Project::edited();
    git.git(&["config", "http.extraheader", SECRET]);
    let ran = git.run(&["eval", "--base", "HEAD", "--scripted", ".git/config"]);
    assert!(ran.status == 2 && !ran.stderr.contains(SECRET), "{}", ran.stderr);
    let outside = Project::edited();
    outside.write("../rules.yaml", GREETING[3].1);
    let ran = outside.run(&["eval", "--base", "HEAD", "--scripted", "../rules.yaml"]);
    assert_eq!(ran.status, 0, "the control: good rules may lie anywhere: {}", ran.stderr);
}

/// Where a commit puts what only an earlier job may bring, and which input names it.
#[test]
fn evidence_and_reports_of_a_commit_are_not_believed() {
    let attempts: &[(&str, &str, &str, bool)] = &[
        ("merge", "shards", "shards/report.json", false),
        ("merge", "shards", "shards/deep/report.json", false),
        ("merge", "shards/report.json", "shards/report.json", false),
        ("merge", "./shards", "shards/report.json", false),
        ("merge", "shards", "shards", true),
        ("merge", "out/shards", "out", true),
        ("merge", ".git", "README.md", false),
        ("evidence", "evidence.json", "evidence.json", false),
        ("evidence", "evidence.json", "evidence.json", true),
        ("evidence", "out/evidence.json", "out", true),
    ];
    for (input, given, path, is_link) in attempts {
        let origin = Origin::with_prompt("A broken version.");
        git(origin.path(), &["checkout", "--quiet", "edit"]).unwrap();
        let place = origin.path().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        match is_link {
            true => std::os::unix::fs::symlink("/proc/self", &place).unwrap(),
            false => std::fs::write(&place, "{\"schema_version\": 1}\n").unwrap(),
        }
        let origin = amended(origin);
        let github = GitHub::start(Some(origin.path()));
        let left = believing(&origin, &github, input, given).run();
        assert_eq!(left.status, 2, "{input}: {given}: {}", left.log);
        let why = match *given {
            // No commit brings anything there.
            ".git" => ["there is no report to merge"],
            _ => ["may not come with the repository"],
        };
        assert!(why.iter().any(|why| left.log.contains(why)), "{input}: {given}: {}", left.log);
    }
    // The control: the same file, left by an earlier job, is read, and found to be no report.
    for (input, given) in [("merge", "shards"), ("evidence", "shards/report.json")] {
        let origin = Origin::with_prompt("A broken version.");
        let github = GitHub::start(Some(origin.path()));
        let step = believing(&origin, &github, input, given);
        written(step.workspace(), "shards/report.json", "{\"schema_version\": 1}\n");
        let left = step.run();
        assert!(!left.log.contains("not believed"), "{}", left.log);
        assert!(left.log.contains("shards/report.json"), "{input}: it is read: {}", left.log);
    }
}

fn written(root: &Path, path: &str, text: &str) {
    let place = root.join(path);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, text).unwrap();
}

/// A job that puts reports together, or one on the default branch that releases from evidence.
fn believing<'a>(origin: &'a Origin, github: &'a GitHub, input: &str, given: &str) -> Step<'a> {
    if input == "merge" {
        return Step::pull_request(origin, github).input(input, given);
    }
    let payload = serde_json::json!({
        "ref": "refs/heads/main", "before": origin.base, "after": origin.merge,
        "repository": {"default_branch": "main"},
    });
    Step::new(origin, github, ("push", payload), &origin.merge)
        .set("GITHUB_REF_NAME", "main")
        .set("GITHUB_REF", "refs/heads/main")
        .input("release", "prod")
        .input(input, given)
}
