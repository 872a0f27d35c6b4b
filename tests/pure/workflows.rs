//! The workflows of the documents and of this repository: paid answers of a failed or cancelled run are saved, and the
//! actions they use are of versions that the runner still runs.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The state of the job when a step is considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Job {
    Green,
    Red,
    Cancelled,
}

/// Whether a step runs, as the runner decides it: without a status function in its condition a step asks for
/// `success()`, too.
fn runs(step: &Value, job: Job) -> bool {
    match step["if"].as_str().unwrap_or_default() {
        "always()" => true,
        condition if condition.contains("always()") || condition.contains("failure()") => {
            panic!("say here what `{condition}` means")
        }
        _ => job == Job::Green,
    }
}

/// The action of a step, without its version.
fn action(step: &Value) -> &str {
    step["uses"].as_str().unwrap_or_default().split('@').next().unwrap_or_default()
}

fn is_ours(step: &Value) -> bool {
    matches!(action(step), "./" | "prompt-assay/prompt-assay")
}

/// What the steps of a job leave in the cache when ours ends like that: the keys that are saved.
fn saved(steps: &[Value], end: Job) -> Vec<String> {
    let (mut job, mut saved) = (Job::Green, Vec::new());
    for step in steps {
        if !runs(step, job) {
            continue;
        }
        match action(step) {
            "actions/cache/save" => saved.push(step["with"]["key"].as_str().expect("a key").to_owned()),
            _ if is_ours(step) => job = end,
            _ => {}
        }
    }
    // `actions/cache` saves at the end of the job: `post-if: success()`.
    let whole = steps.iter().filter(|step| action(step) == "actions/cache");
    saved.extend(
        whole
            .filter(|_| job == Job::Green)
            .map(|step| step["with"]["key"].as_str().expect("a key").to_owned()),
    );
    saved
}

/// Every YAML text of the repository that shows or is a workflow, with its name.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read =
        |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let files = |directory: &str| {
        let mut found: Vec<_> = fs::read_dir(root.join(directory))
            .expect(directory)
            .map(|entry| entry.expect("an entry").path())
            .collect();
        found.sort();
        found
    };
    let mut texts: Vec<(String, String)> = files(".github/workflows")
        .iter()
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), read(path)))
        .collect();
    let documents = files("docs").into_iter().chain([root.join("README.md")]);
    for path in documents.filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let page = read(&path);
        let blocks = page.split("```").skip(1).step_by(2);
        let yaml = blocks.filter_map(|block| block.strip_prefix("yaml\n").or(block.strip_prefix("yml\n")));
        texts.extend(
            yaml.filter(|block| block.contains("uses:")).map(|block| (name.clone(), block.to_owned())),
        );
    }
    texts
}

/// The steps of every job of a workflow, or of a fragment that is a whole job or its steps.
fn jobs(text: &str) -> Vec<Vec<Value>> {
    let whole: Value = serde_yaml::from_str(text).unwrap_or(Value::Null);
    let listed = |jobs: &Value| -> Vec<Vec<Value>> {
        let jobs = jobs.as_object().into_iter().flatten();
        jobs.filter_map(|(_, job)| job["steps"].as_array().cloned()).collect()
    };
    match whole.get("jobs") {
        Some(found) => listed(found),
        None => listed(&whole),
    }
}

#[test]
fn a_red_or_cancelled_run_keeps_what_it_paid_for() {
    let mut seen = Vec::new();
    for (name, text) in texts() {
        for steps in jobs(&text) {
            let restored = steps.iter().find(|step| action(step).starts_with("actions/cache"));
            let Some(restored) = restored.filter(|_| steps.iter().any(is_ours)) else { continue };
            let prefix = restored["with"]["restore-keys"].as_str().expect("restore-keys").trim().to_owned();
            for end in [Job::Green, Job::Red, Job::Cancelled] {
                let saved = saved(&steps, end);
                assert!(
                    saved.len() == 1 && saved[0].starts_with(&prefix),
                    "{name}: a run that ends {end:?} saves {saved:?}; the next one looks for {prefix}"
                );
            }
            let path = |step: &Value| step["with"]["path"].clone();
            let save =
                steps.iter().find(|step| action(step) == "actions/cache/save").expect("a step that saves");
            assert_eq!(path(save), path(restored), "{name}");
            seen.push(name.clone());
        }
    }
    assert_eq!(seen, ["prompts.yml", "action.md"], "the workflows that keep a cache");
}

#[test]
fn the_simulated_runner_sees_what_actions_cache_loses() {
    let steps: Vec<Value> = serde_yaml::from_str(
        "[{uses: actions/cache@v6, with: {path: .prompt-assay, key: k}}, {uses: prompt-assay/prompt-assay@v1}]",
    )
    .expect("steps");
    assert_eq!(saved(&steps, Job::Green), ["k"]);
    assert!(saved(&steps, Job::Red).is_empty() && saved(&steps, Job::Cancelled).is_empty());
}

/// The oldest major version of each action that runs on Node 24: the runner has removed Node 20.
const OLDEST: &[(&str, u32)] = &[
    ("actions/checkout", 6),
    ("actions/cache/restore", 5),
    ("actions/cache/save", 5),
    ("actions/upload-artifact", 7),
    ("actions/download-artifact", 8),
    ("aws-actions/configure-aws-credentials", 6),
    ("docker/setup-buildx-action", 4),
    ("actions/attest", 4),
    ("actions/attest-build-provenance", 4),
    ("prompt-assay/prompt-assay", 1),
    ("prompt-assay/prompt-assay/setup", 1),
];

#[test]
fn every_action_is_of_a_version_that_the_runner_still_runs() {
    let mut count = 0;
    for (name, text) in texts() {
        for line in text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, uses)| uses) {
            if line.starts_with("./") {
                continue;
            }
            let (action, version) =
                line.split_once('@').unwrap_or_else(|| panic!("{name}: `{line}` has no version"));
            let version = version.split_once("# ").map_or(version, |(_, comment)| comment);
            let major =
                version.trim().trim_start_matches('v').split(['.', ' ', '}', ',']).next().unwrap_or_default();
            let oldest = OLDEST.iter().find(|(known, _)| *known == action);
            let (_, oldest) =
                oldest.unwrap_or_else(|| panic!("{name}: say from which version on `{action}` runs"));
            assert!(major.parse::<u32>().is_ok_and(|major| major >= *oldest), "{name}: {line}");
            count += 1;
        }
    }
    assert!(count > 20, "{count} actions are used");
}

#[test]
fn the_marketplace_takes_the_description() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).expect("action.yml");
    let action: Value = serde_yaml::from_str(&text).expect("YAML");
    let length = action["description"].as_str().expect("a description").chars().count();
    assert!(length < 125, "the description has {length} characters; the Marketplace takes fewer than 125");
}
