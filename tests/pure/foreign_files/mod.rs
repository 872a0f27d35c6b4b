//! Files of other tools as people write them: each is read as expected, or refused with file and line. Beside every
//! file `x` is `x.txt` with what is made of it; `UPDATE=1 cargo test --test pure foreign_files::` writes those again.

mod assertions;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay::catalog;
use prompt_assay::config::Config;
use prompt_assay::golden::{self, CaseInput};
use prompt_assay::problem::Problems;
use prompt_assay::prompt::{Prompt, TextSource};
use prompt_assay::tree::MemoryTree;

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pure/foreign_files").join(name)
}

/// What a catalog's reader and a golden set's reader make of a file.
fn read(name: &str, bytes: &[u8]) -> String {
    let tree = MemoryTree::new([(name, bytes)]);
    let config = Config { catalogs: vec![name.to_owned()], ..Config::default() };
    let mut problems = Problems::new();
    let catalogs = catalog::read(&tree, &config, &mut problems);
    let mut said = String::new();
    let mut sets = BTreeSet::new();
    for prompt in &catalogs.prompts {
        write_prompt(&mut said, prompt);
        sets.extend(prompt.golden.clone());
    }
    for path in sets {
        let Some(set) = golden::read(&tree, &path, &mut BTreeSet::new(), &mut problems) else { continue };
        for case in &set.cases {
            let input = match &case.input {
                CaseInput::Text(text) => format!("input {text:?}"),
                CaseInput::Variables => "variables".to_owned(),
                CaseInput::Messages(messages) => format!("{} messages", messages.len()),
            };
            let variables = serde_json::to_string(&case.variables).expect("JSON");
            writeln!(
                said,
                "case {} (line {}): {input} {variables} expected {:?}",
                case.id, case.mark.line, case.expected
            )
            .expect("text");
            for check in &case.checks {
                writeln!(said, "  {}", serde_json::to_string(&check).expect("JSON")).expect("text");
            }
        }
    }
    if !problems.is_empty() {
        writeln!(said, "{problems}").expect("text");
    }
    said
}

fn write_prompt(said: &mut String, prompt: &Prompt) {
    writeln!(said, "prompt {} (line {})", prompt.id, prompt.mark.line).expect("text");
    for message in &prompt.messages {
        let text = match &message.text {
            TextSource::Inline(text) => format!("{text:?}"),
            TextSource::File(path) => format!("file {path}"),
        };
        writeln!(said, "  {:?} (line {}): {text}", message.speaker, message.mark.line).expect("text");
    }
    let parameters = serde_json::to_string(&prompt.parameters).expect("JSON");
    let models = serde_json::to_string(&prompt.models).expect("JSON");
    writeln!(
        said,
        "  {:?} parameters {parameters} models {models} golden {:?}",
        prompt.engine, prompt.golden
    )
    .expect("text");
}

/// Compares every file of a directory with what is beside it; returns how many there are.
fn compare(name: &str) -> usize {
    let directory = directory(name);
    let files = fs::read_dir(&directory).expect("the directory").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_none_or(|ending| ending != "txt")).collect();
    files.sort();
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let said = read(name, &fs::read(path).expect("the file"));
        let beside = directory.join(format!("{name}.txt"));
        if update {
            fs::write(&beside, &said).expect("written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert!(said == expected, "{name} is read as\n{said}\nand not as expected:\n{expected}");
        let is_refused = said.lines().any(|line| line.starts_with("error: "));
        assert!(
            !is_refused || said.contains(&format!("--> {name}")),
            "{name} is refused without its place:\n{said}"
        );
    }
    files.len()
}

#[test]
fn prompt_yml_files_are_read_as_expected_or_refused_with_their_line() {
    assert!(compare("prompt_yml") >= 25);
}

#[test]
fn configurations_of_promptfoo_are_read_in_place_or_refused_with_their_line() {
    assert!(compare("promptfoo") >= 10);
}

#[test]
fn a_prompt_of_github_models_under_another_name_is_told_what_it_is() {
    let text = "name: A\nmessages:\n  - {role: user, content: Hi}\nmodel: openai/gpt-4o\n";
    let said = read("a.yaml", text.as_bytes());
    assert_eq!(
        said,
        "error: this is one prompt with its keys at the top, as in a .prompt.yml of GitHub Models\n  --> a.yaml:1:1\n   \
         | name: A\n   = name the file NAME.prompt.yml, or write the prompt's name above: `name: {messages: …}`\n"
    );
}

#[test]
fn what_every_case_gets_anew_is_bounded() {
    let evaluators = "  - {name: x, string: {contains: \"{{x}} and more\"}}\n".repeat(300);
    let rows: String = (0..3_000).map(|row| format!("  - {{input: a{row}, x: b}}\n")).collect();
    let text = format!(
        "messages: [{{role: user, content: \"{{{{input}}}}\"}}]\nevaluators:\n{evaluators}testData:\n{rows}"
    );
    let said = read("many.prompt.yml", text.as_bytes());
    assert!(
        said.contains("the evaluators with the values of the cases up to this one take too much"),
        "{said:.300}"
    );
    let values: Vec<String> = (0..30).map(|value| format!("v{value}")).collect();
    let list = values.join(", ");
    let asserted = "{type: contains, value: \"{{a}} {{b}}\"}, ".repeat(200);
    let test = format!("  - vars: {{a: [{list}], b: [{list}]}}\n    assert: [{asserted}]\n");
    let said = read("many.yaml", format!("prompts: [\"{{{{a}}}}\"]\ntests:\n{}", test.repeat(5)).as_bytes());
    assert!(
        said.contains("the tests, with every combination of their values and all assertions, take too much"),
        "{said:.300}"
    );
}
