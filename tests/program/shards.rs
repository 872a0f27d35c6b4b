//! A plan divided among machines, through the real binary: eight merged shards give the report of one
//! run.

use std::fmt::Write;

use prompt_assay::report::json;
use prompt_assay_test_support::on_disk::Project;

const SHARDS: usize = 8;

const RULES: &str = r#"rules:
  - when: {system: broken}
    answers: [{p: 0.3, text: "yes"}, {text: "no"}]
  - when: {system: better}
    text: "yes"
  - when: {system: stead}
    answers: [{p: 0.9, text: "yes"}, {text: "no"}]
"#;

/// Eleven prompts: some break, some improve, some stay, one is new, one has no golden set.
fn catalog(edited: bool) -> String {
    let mut text = String::new();
    for n in 0..9 {
        let word = match (edited, n % 3) {
            (false, _) => "steady",
            (true, 0) => "broken",
            (true, 1) => "better",
            (true, _) => "steadier",
        };
        let _ = writeln!(text, "p{n}: \"You are {word} number {n}.\"");
    }
    if edited {
        text.push_str("fresh: \"You are steady and new.\"\nbare: \"You are broken, and nobody looks.\"\n");
    }
    text
}

fn project() -> Project {
    let mut golden = "cases:\n".to_owned();
    for case in 0..30 {
        let _ =
            writeln!(golden, "  - {{id: c{case}, input: \"question {case}\", checks: [{{contains: yes}}]}}");
    }
    let mut files = vec![
        ("prompts.yaml".to_owned(), catalog(false)),
        ("prompt-assay.yaml".to_owned(), "models: {branch: amazon.nova-lite-v1:0}\n".to_owned()),
        ("rules.yaml".to_owned(), RULES.to_owned()),
    ];
    for name in (0..9).map(|n| format!("p{n}")).chain(["fresh".to_owned()]) {
        files.push((format!("golden/{name}.yaml"), golden.clone()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let project = Project::new(&files);
    project.write("prompts.yaml", catalog(true));
    project.commit("edit");
    project
}

const EVAL: [&str; 9] =
    ["eval", "--base", "HEAD~1", "--head", "HEAD", "--scripted", "rules.yaml", "--format", "json"];

/// Evaluates every shard on a machine of its own; returns the reports' names.
fn shards(project: &Project) -> Vec<String> {
    let shard = |index: usize| {
        let machine = project.cloned(&[]);
        let ran = machine.run(&[&EVAL[..], &["--shard", &format!("{index}/{SHARDS}")]].concat());
        assert!(matches!(ran.status, 0 | 1), "{}", ran.told());
        let name = format!("out/{index}.json");
        project.write(&name, &ran.stdout);
        name
    };
    (1..=SHARDS).map(shard).collect()
}

#[test]
fn eight_shards_merged_say_what_one_run_says() {
    let project = project();
    let one = project.cloned(&[]).run(&EVAL);
    assert_eq!(one.status, 1, "{}", one.told());
    let reports = shards(&project);

    let mut backwards: Vec<&str> = reports.iter().map(String::as_str).rev().collect();
    let merged = project.run(&[&["merge", "--format", "json"], &backwards[..]].concat());
    assert_eq!(merged.status, one.status, "{}", merged.told());
    assert_eq!(json::stable(&merged.json()), json::stable(&one.json()));
    let directory = project.run(&["merge", "--format", "json", "out"]);
    assert_eq!(json::stable(&directory.json()), json::stable(&one.json()));

    // A shard that is missing is never a pass, and one that comes twice is a mistake.
    let lost = backwards.pop().expect("a report");
    let without = project.run(&[&["merge"], &backwards[..]].concat());
    assert!(matches!(without.status, 1 | 3), "{}", without.told());
    assert!(without.stdout.contains(&format!("Shard 1 of {SHARDS} left no report")), "{}", without.stdout);
    project.write("out/again.json", std::fs::read(project.root().join(lost)).expect("a report"));
    let twice = project.run(&["merge", "out"]);
    assert_eq!(twice.status, 2, "{}", twice.told());
}

#[test]
fn shards_of_two_plans_are_refused() {
    let project = project();
    let shard = |index: usize, seed: &str| {
        let part = format!("{index}/2");
        let divided = [&EVAL[..], &["--shard", part.as_str(), "--seed", seed]].concat();
        let name = format!("{index}.json");
        project.write(&name, project.run(&divided).stdout);
        name
    };
    let (first, second) = (shard(1, "0"), shard(2, "1"));
    let ran = project.run(&["merge", &first, &second]);
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.told());
}
