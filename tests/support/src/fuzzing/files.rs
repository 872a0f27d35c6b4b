//! Files of a repository, and GitHub's event file.

use std::collections::{BTreeMap, BTreeSet};

use prompt_assay::action::evaluations::Told;
use prompt_assay::action::{Event, Marker};
use prompt_assay::catalog;
use prompt_assay::config::{self, Config};
use prompt_assay::document::{Format, Source, parse};
use prompt_assay::golden;
use prompt_assay::import::{logs, openai_evals, promptfoo};
use prompt_assay::init::{Language, literals};
use prompt_assay::problem::{Problems, Severity};
use prompt_assay::prompt::Engine;
use prompt_assay::report::untrusted;
use prompt_assay::script::Rules;
use prompt_assay::template::{Allowance, Parts, Place, Template};
use prompt_assay::tree::MemoryTree;
use serde_json::json;

/// Bytes of problems that a person may be shown.
const MOST_SAID: usize = 2 << 20;

/// What holds for problems of a file: each error has a place, and what is shown does nothing.
fn assert_useful(problems: &Problems) {
    for problem in problems.sorted() {
        let is_placed = problem.path.is_some() || problem.severity == Severity::Warning;
        assert!(is_placed, "no place: {}", problem.message);
        assert!(!problem.message.trim().is_empty(), "nothing is said");
    }
    let shown = untrusted::terminal(&problems.to_string());
    assert!(shown.len() <= MOST_SAID, "{} bytes are said", shown.len());
    let acts = |c: char| c.is_control() && c != '\n';
    assert!(!shown.contains(acts), "{shown:?} would act on a terminal");
}

/// The file, beside a golden set of its own name and a part to include.
fn beside_others(path: &str, bytes: &[u8]) -> MemoryTree {
    let mut tree = MemoryTree::new([
        ("golden/greet.yaml", "cases: [{id: a, input: Hi, checks: [{contains: Hi}]}]\n"),
        ("parts/tone.txt", "Be kind to {{ name }}.\n"),
    ]);
    tree.insert(path, bytes);
    tree
}

/// The extension that such a text would have.
fn extension(bytes: &[u8]) -> &'static str {
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => "json",
        _ => "yaml",
    }
}

pub fn catalogs(bytes: &[u8]) {
    let path = format!("prompts.{}", extension(bytes));
    let config = Config { catalogs: vec![path.clone()], ..Config::default() };
    let mut problems = Problems::new();
    let tree = beside_others(&path, bytes);
    let read = catalog::read(&tree, &config, &mut problems);
    let ids: BTreeSet<&str> = read.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    assert_eq!(ids.len(), read.prompts.len(), "two prompts have one id");
    assert_useful(&problems);
}

pub fn golden_sets(bytes: &[u8]) {
    for path in ["golden/a.yaml", "golden/a.json", "golden/a.jsonl", "golden/a.csv"] {
        let mut problems = Problems::new();
        let tree = beside_others(path, bytes);
        let set = golden::read(&tree, path, &mut BTreeSet::new(), &mut problems);
        assert!(set.is_some() || problems.has_errors(), "a set is lost in silence");
        assert!(set.is_none_or(|set| !set.cases.is_empty()), "a set without cases passes everything");
        assert_useful(&problems);
    }
}

pub fn configuration(bytes: &[u8]) {
    let path = format!("prompt-assay.{}", extension(bytes));
    if let Err(problems) = config::read(&beside_others(&path, bytes), Some(&path)) {
        assert!(problems.has_errors(), "refused without an error");
        assert_useful(&problems);
    }
}

pub fn rules(bytes: &[u8]) {
    if let Err(problems) = Rules::read("rules.yaml", &String::from_utf8_lossy(bytes)) {
        assert_useful(&problems);
    }
}

pub fn templates(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let variables = [
        ("name", json!("Ada")),
        ("input", json!("Where is my parcel?")),
        ("items", json!([1, "two", null, {"three": 3.5}])),
        ("person", json!({"name": "Grace", "tags": ["a", "b"]})),
    ];
    let variables: BTreeMap<_, _> =
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let parts = Parts::from([("parts/tone.txt".to_owned(), "Be kind to {{ name }}.".to_owned())]);
    for engine in [Engine::Jinja, Engine::Python, Engine::Braces, Engine::None] {
        let place = Place { root: "", path: "prompts.yaml" };
        let allowance = Allowance::default();
        let rendered = Template::compile(engine, place, &text, &parts).and_then(|template| {
            template.variables();
            template.render(&variables, &allowance)
        });
        match rendered {
            Ok(rendered) => assert!(rendered.len() <= 8 << 20, "{} bytes", rendered.len()),
            Err(error) => assert!(error.path.is_some(), "no place: {error}"),
        }
    }
}

pub fn events(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in ["pull_request", "pull_request_target", "merge_group", "push", "workflow_dispatch"] {
        if let Err(error) = Event::read(name, &text, "main") {
            assert!(!error.to_string().is_empty());
        }
    }
    // Comments of a pull request, which anybody can write.
    let known = Marker::of(&text);
    assert!(known.is_none() || text.starts_with("<!--"), "a marker in the middle of a comment counts");
    Told::parse(&text);
}

pub fn other_tools(bytes: &[u8]) {
    for path in ["greet.prompt.yml", "promptfooconfig.yaml"] {
        let tree = beside_others(path, bytes);
        let config = Config { catalogs: vec![path.to_owned()], ..Config::default() };
        let mut problems = Problems::new();
        catalog::read(&tree, &config, &mut problems);
        golden::read(&tree, path, &mut BTreeSet::new(), &mut problems);
        assert_useful(&problems);
        if let Ok(document) = parse(path, bytes, Format::Yaml) {
            let places = promptfoo::Places {
                catalog: "prompts.yaml".to_owned(),
                golden: "golden/greet.yaml".to_owned(),
            };
            if let Err(problems) = promptfoo::import(&document, &tree, &places) {
                assert_useful(&problems);
            }
        }
    }
}

pub fn imports(bytes: &[u8]) {
    let source = Source::new("log.jsonl", String::from_utf8_lossy(bytes));
    let wanted = logs::Wanted {
        input: "$.input".to_owned(),
        output: Some("$.output".to_owned()),
        cases: 20,
        to: "golden/greet.yaml".to_owned(),
    };
    if let Err(problems) = logs::import(&source, &wanted) {
        assert_useful(&problems);
    }
    for class in [openai_evals::Class::Match, openai_evals::Class::Includes] {
        if let Err(problems) = openai_evals::import(&source, class, "golden/greet.yaml") {
            assert_useful(&problems);
        }
    }
}

pub fn source_code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for language in [Language::Python, Language::JavaScript, Language::Rust] {
        literals(language, &text);
    }
}
