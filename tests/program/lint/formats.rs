//! The forms of the result, and the exit status.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;
use serde_json::Value;

use super::with;

/// An error, a warning and a note.
fn poor() -> Project {
    with(&[
        (
            "golden/greet.yaml",
            "cases:\n  - {id: a, input: Hi, vars: {nam: Ada}, checks: [{contains: Ada}]}\n",
        ),
        (".gitignore", ""),
    ])
}

#[test]
fn for_a_person() {
    let ran = poor().run(&["lint"]);
    assert_snapshot!(format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr), @"");
}

#[test]
fn as_json() {
    let ran = poor().run(&["lint", "--format", "json"]);
    assert_snapshot!(ran.stdout, @"");
}

#[test]
fn as_annotations() {
    let ran = poor().run(&["lint", "--format", "github"]);
    assert_snapshot!(ran.stdout, @"");
}

/// OASIS's schema of SARIF 2.1.0.
fn sarif_schema() -> jsonschema::Validator {
    // One of its patterns, of a key that is not used here, is not a regular expression for all readers.
    let text = include_str!("sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    jsonschema::draft7::new(&schema).expect("a schema")
}

fn assert_sarif(log: &Value) {
    let schema = sarif_schema();
    let errors: Vec<String> =
        schema.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn as_sarif() {
    let log = poor().run(&["lint", "--format", "sarif"]).json();
    assert_sarif(&log);
    assert!(
        !sarif_schema().is_valid(&serde_json::json!({"version": "2.1.0"})),
        "the schema refuses what is no log"
    );
    let mut results = log["runs"][0]["results"].clone();
    for result in results.as_array_mut().expect("a list") {
        result["partialFingerprints"]["finding/v1"] = "[fingerprint]".into();
    }
    assert_snapshot!(serde_json::to_string_pretty(&results[0]).expect("JSON"), @"");
    assert_sarif(&with(&[]).run(&["lint", "--format", "sarif"]).json());
}

/// Names that are links, commands and signs of the terminal.
#[test]
fn hostile_names_do_no_harm() {
    let prompts = "\"a](https://evil.example) ::error::x\": Hello {{ name }}\n\"b\\\" ##[error]x\": \"Hello \\u202e {you}\"\n";
    let project = with(&[("prompts.yaml", prompts), ("golden/greet.yaml", "")]);
    let log = project.run(&["lint", "--format", "sarif"]).json();
    assert_sarif(&log);
    let messages: Vec<&str> = log["runs"][0]["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|result| result["message"]["text"].as_str().expect("a text"))
        .collect();
    assert!(messages.iter().any(|message| message.contains("a\\](https://evil.example)")), "{messages:#?}");
    for format in ["text", "github", "json"] {
        let said = project.run(&["lint", "--format", format]).stdout;
        assert!(!said.contains("##[") && !said.contains('\u{202e}'), "{format}: {said}");
        let commands = said.lines().filter(|line| line.contains("::error::x"));
        assert_eq!(
            commands.filter(|line| line.trim_start().starts_with("::")).count(),
            0,
            "{format}: {said}"
        );
    }
}

#[test]
fn redacted_words_are_not_shown() {
    let project = with(&[
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\nredact: ['secret-\\w+']\n"),
        (
            "golden/greet.yaml",
            "cases:\n  - {id: secret-one, input: secret-two, vars: {nam: Ada}, checks: [{contains: Ada}]}\n",
        ),
    ]);
    for format in ["text", "github", "json", "sarif"] {
        let said = project.run(&["lint", "--format", format]).stdout;
        assert!(said.contains("unbound-variable") && !said.contains("secret-"), "{format}: {said}");
    }
}

#[test]
fn the_exit_status_says_how_bad_it_is() {
    let status = |project: &Project, arguments: &[&str]| project.run(&[&["lint"], arguments].concat()).status;
    let warned = with(&[("golden/gret.yaml", "cases: [{id: a, input: Hi, checks: [{contains: Ada}]}]\n")]);
    assert_eq!([status(&warned, &[]), status(&warned, &["--strict"])], [0, 1]);
    let noted = with(&[(".gitignore", "")]);
    assert_eq!([status(&noted, &[]), status(&noted, &["--strict"])], [0, 0]);
    assert_eq!([status(&poor(), &[]), status(&poor(), &["--strict"])], [1, 1]);
    assert_eq!(status(&poor(), &["--format", "yaml"]), 2);
    assert_eq!(Project::nowhere().run(&["lint"]).status, 2);
}

#[test]
fn other_names_are_the_same_command() {
    let project = poor();
    let said = |name: &str| project.run(&[name, "--format", "json"]).stdout;
    assert_eq!(said("lint"), said("validate"));
    assert_eq!(said("lint"), said("check"));
}

#[test]
fn an_empty_repository_is_told_where_to_begin() {
    let ran = Project::new(&[("README.md", "# Shop\n")]).run(&["lint"]);
    assert_snapshot!(format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr), @"");
}
