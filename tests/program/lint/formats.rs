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
    assert_snapshot!(format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr), @"
    exit status 1
    error[unbound-variable]: the case `a` of `greet`: the variable `name` has no value
      --> golden/greet.yaml:2:5
       |   - {id: a, input: Hi, vars: {nam: Ada}, checks: [{contains: Ada}]}
       = give it under `vars:`; it is used in `prompts.yaml`, line 3

    warning[unused-variable]: the variable `nam` (1 case) is not used by the prompt `greet`
      --> golden/greet.yaml:2:5
       |   - {id: a, input: Hi, vars: {nam: Ada}, checks: [{contains: Ada}]}
       = remove it, or use it in the prompt's text

    note[store-not-ignored]: `.gitignore` does not name the store, `.prompt-assay/`
      --> .gitignore
       = add the line `.prompt-assay/`; `prompt-assay lint --fix` does it

    1 error, 1 warning, 1 note
    ");
}

#[test]
fn as_json() {
    let ran = poor().run(&["lint", "--format", "json"]);
    assert_snapshot!(ran.stdout, @r#"
    {
      "schema_version": 1,
      "errors": 1,
      "warnings": 1,
      "notes": 1,
      "findings": [
        {
          "rule": "store-not-ignored",
          "severity": "note",
          "message": "`.gitignore` does not name the store, `.prompt-assay/`",
          "path": ".gitignore",
          "line": null,
          "column": null,
          "also_lines": [],
          "help": "add the line `.prompt-assay/`; `prompt-assay lint --fix` does it",
          "fixable": true
        },
        {
          "rule": "unbound-variable",
          "severity": "error",
          "message": "the case `a` of `greet`: the variable `name` has no value",
          "path": "golden/greet.yaml",
          "line": 2,
          "column": 5,
          "also_lines": [],
          "help": "give it under `vars:`; it is used in `prompts.yaml`, line 3",
          "fixable": false
        },
        {
          "rule": "unused-variable",
          "severity": "warning",
          "message": "the variable `nam` (1 case) is not used by the prompt `greet`",
          "path": "golden/greet.yaml",
          "line": 2,
          "column": 5,
          "also_lines": [],
          "help": "remove it, or use it in the prompt's text",
          "fixable": false
        }
      ],
      "unlisted": null
    }
    "#);
}

/// Every form of finding that `poor` and an empty repository have follows the schema, and the schema knows every rule.
#[test]
fn json_follows_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/lint.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let broken = with(&[("prompts.yaml", "greet: [\n"), ("golden/greet.yaml", "cases: 1\n")]);
    for project in [poor(), with(&[]), broken, Project::new(&[("README.md", "# Shop\n")])] {
        let mut json = project.run(&["lint", "--format", "json"]).json();
        let problems: Vec<String> = validator
            .iter_errors(&json)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert_eq!(problems, [""; 0]);
        json["findings"] = serde_json::json!([{"rule": "of-no-kind"}]);
        assert!(!validator.is_valid(&json), "the schema refuses what is no finding");
    }
    let rules: Vec<&str> = prompt_assay::lint::RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(schema["$defs"]["finding"]["properties"]["rule"]["enum"], serde_json::json!(rules));
}

#[test]
fn as_annotations() {
    let ran = poor().run(&["lint", "--format", "github"]);
    assert_snapshot!(ran.stdout, @"
    ::error title=prompt-assay%3A unbound-variable,file=golden/greet.yaml,line=2::the case `a` of `greet`: the variable `name` has no value – give it under `vars:`; it is used in `prompts.yaml`, line 3
    ::warning title=prompt-assay%3A unused-variable,file=golden/greet.yaml,line=2::the variable `nam` (1 case) is not used by the prompt `greet` – remove it, or use it in the prompt's text
    ::notice title=prompt-assay%3A store-not-ignored,file=.gitignore,line=1::`.gitignore` does not name the store, `.prompt-assay/` – add the line `.prompt-assay/`; `prompt-assay lint --fix` does it
    1 error, 1 warning, 1 note
    ");
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
    assert_snapshot!(serde_json::to_string_pretty(&results[0]).expect("JSON"), @r#"
    {
      "ruleId": "store-not-ignored",
      "ruleIndex": 17,
      "level": "note",
      "message": {
        "text": "`.gitignore` does not name the store, `.prompt-assay/` – add the line `.prompt-assay/`; `prompt-assay lint --fix` does it"
      },
      "partialFingerprints": {
        "finding/v1": "[fingerprint]"
      },
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": ".gitignore",
              "uriBaseId": "SRCROOT"
            },
            "region": {
              "startLine": 1
            }
          }
        }
      ]
    }
    "#);
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
    assert_snapshot!(format!("exit status {}\n{}{}", ran.status, ran.stdout, ran.stderr), @"
    exit status 1
    error[missing-catalog]: no prompt catalog found: looked for `prompts.yaml`, `prompts.yml`, `prompts.json` in the repository's root
       = write prompts.yaml (`prompt-assay init` proposes one), or name your catalogs under `catalogs` in prompt-assay.yaml

    note[store-not-ignored]: `.gitignore` does not name the store, `.prompt-assay/`
      --> .gitignore
       = add the line `.prompt-assay/`; `prompt-assay lint --fix` does it

    1 error, 1 note
    ");
}
