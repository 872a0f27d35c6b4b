//! `schemas/` for editors: each is learnt from the reader of its file, and refuses nothing that the reader takes.
//! `UPDATE=1 cargo test --test pure schemas::` writes them again.

mod checks;
mod descriptions;
mod learn;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay::config::Config;
use prompt_assay::document::{Format, parse};
use prompt_assay::problem::Problems;
use prompt_assay::release::settings;
use prompt_assay::script::Rules;
use prompt_assay::tree::MemoryTree;
use prompt_assay::{catalog, config, golden};
use serde_json::{Value, json};

use descriptions::Described;
use learn::{Learner, Read, Step};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read_config(text: &str) -> Problems {
    let tree = MemoryTree::new([("prompt-assay.json", text)]);
    let mut problems = Problems::new();
    if let Some(config) = config::read_into(&tree, Some("prompt-assay.json"), &mut problems) {
        settings::read(&tree, &config, &[], &mut problems);
    }
    problems
}

fn read_catalog(text: &str) -> Problems {
    let environments = "release: {environments: {prod: {ssm: \"/prod/{name}\"}}}";
    let tree = MemoryTree::new([("prompt-assay.yaml", environments), ("prompts.json", text)]);
    let mut problems = Problems::new();
    let config = config::read_into(&tree, None, &mut problems).unwrap_or_default();
    let config = Config { catalogs: vec!["prompts.json".to_owned()], ..config };
    let catalogs = catalog::read(&tree, &config, &mut problems);
    settings::read(&tree, &config, &catalogs.prompts, &mut problems);
    problems
}

fn read_golden(text: &str) -> Problems {
    let tree = MemoryTree::new([("golden/p.json", text), ("golden/x", "{}")]);
    let mut problems = Problems::new();
    golden::read(&tree, "golden/p.json", &mut BTreeSet::new(), &mut problems);
    problems
}

fn read_rules(text: &str) -> Problems {
    Rules::read("rules.yaml", text).err().unwrap_or_default()
}

/// A schema, and every file that was tried while it was learnt, with whether the reader took it.
struct Learnt {
    name: &'static str,
    schema: Value,
    tried: Vec<(Value, bool)>,
}

fn finished(name: &'static str, title: &str, schema: Value, learner: Learner) -> Learnt {
    let mut whole = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title});
    let parts = schema.as_object().expect("an object").clone();
    whole.as_object_mut().expect("an object").extend(parts);
    Learnt { name, schema: whole, tried: learner.tried.into_inner() }
}

fn of_config() -> Learnt {
    let described = Described::config();
    let learner = Learner::new(read_config, "prompt-assay.json", described.words());
    let mut schema = learner.learn(&json!({}), &[]);
    described.describe(&mut schema);
    finished("config", "prompt-assay.yaml", schema, learner)
}

fn of_rules() -> Learnt {
    let described = Described::rules();
    let learner = Learner::new(read_rules, "rules.yaml", described.words());
    let mut schema = learner.learn(&json!({}), &[]);
    described.describe(&mut schema);
    finished("rules", "rules of a scripted model", schema, learner)
}

/// The alternative that is a mapping with known keys.
fn mapping_of(schema: &Value) -> Value {
    let alternatives = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    let found = alternatives.into_iter().find(|one| one.get("properties").is_some());
    found.unwrap_or_else(|| panic!("no mapping in {schema}"))
}

fn of_golden() -> Learnt {
    let described = Described::golden();
    let learner = Learner::new(read_golden, "golden/p.json", Vec::new());
    let mut schema = learner.learn(&json!([]), &[]);
    let mut set = mapping_of(&schema);
    let mut case = mapping_of(&set["properties"]["cases"]["items"]);
    let mut defaults = mapping_of(&set["properties"]["defaults"]);
    for part in [&mut case, &mut defaults] {
        part["properties"]["checks"] = json!({"type": "array", "items": {"$ref": "#/$defs/check"}});
        described.describe(part);
    }
    set["properties"]["cases"] = json!({"type": "array", "items": {"$ref": "#/$defs/case"}});
    set["properties"]["defaults"] = defaults;
    let list = schema["anyOf"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == "array"));
    assert!(list, "a golden set may be a list of cases: {schema}");
    schema = json!({
        "anyOf": [set, {"type": "array", "items": {"$ref": "#/$defs/case"}}],
        "$defs": {"case": case, "check": checks::learn(&learner)},
    });
    finished("golden", "golden set of prompt-assay", schema, learner)
}

/// A catalog's entries are learnt. Its levels have no keys of their own; what they may be called follows from those of
/// an entry.
fn of_catalog() -> Learnt {
    let described = Described::catalog();
    let learner = Learner::new(read_catalog, "prompts.json", Vec::new());
    let least = [json!({"text": "x"}), json!({"user": "x"})];
    let mut prompt = learner.learn_mapping(&json!({}), &[Step::Key("p".to_owned())], &least);
    described.describe(&mut prompt);
    let keys: Vec<&String> = prompt["properties"].as_object().expect("keys").keys().collect();
    let makes_a_prompt =
        |key: &&&String| !learner.takes(&json!({"level": {**key: "a text", "other": "a text"}}));
    let marks: Vec<&String> = keys.iter().filter(makes_a_prompt).copied().collect();
    let level = json!({
        "type": "object",
        "propertyNames": {"not": {"enum": marks}},
        "patternProperties": {"^x-": {}},
        "additionalProperties": {"$ref": "#/$defs/entry"},
    });
    let schema = json!({
        "anyOf": [{"$ref": "#/$defs/wrapper"}, {"$ref": "#/$defs/catalog"}, {"$ref": "#/$defs/list"}],
        "$defs": {
            "prompt": prompt,
            "entry": {"anyOf": [
                {"type": "string", "description": "the system text"},
                {"$ref": "#/$defs/prompt"},
                {"$ref": "#/$defs/level"},
                {"$ref": "#/$defs/list"},
            ]},
            "level": level.clone(),
            "list": {
                "type": "array",
                "minItems": 1,
                "items": {"allOf": [
                    {"$ref": "#/$defs/prompt"},
                    {"anyOf": [{"required": ["name"]}, {"required": ["id"]}]},
                ]},
            },
            "catalog": {
                "type": "object",
                "patternProperties": {"^x-": {}},
                "properties": {"version": {}},
                "additionalProperties": {"$ref": "#/$defs/entry"},
            },
            "wrapper": {
                "type": "object",
                "required": ["prompts"],
                "properties": {
                    "prompts": {"anyOf": [{"$ref": "#/$defs/level"}, {"$ref": "#/$defs/list"}]},
                    "version": {}, "name": {}, "description": {}, "metadata": {}, "$schema": {},
                },
                "patternProperties": {"^x-": {}},
                "additionalProperties": false,
            },
        },
    });
    finished("catalog", "catalog of prompts of prompt-assay", schema, learner)
}

fn all() -> Vec<Learnt> {
    vec![of_config(), of_catalog(), of_golden(), of_rules()]
}

fn path(name: &str) -> PathBuf {
    root().join(format!("schemas/{name}.schema.json"))
}

fn written(name: &str) -> Value {
    let text = fs::read_to_string(path(name)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).expect("a valid schema");
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn they_are_what_the_readers_ask_and_refuse_nothing_that_they_take() {
    for Learnt { name, schema, tried } in all() {
        if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
            let text = serde_json::to_string_pretty(&schema).expect("JSON");
            fs::write(path(name), text + "\n").expect("the schema can be written");
        }
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            written(name) == schema,
            "schemas/{name}.schema.json is out of date: run `UPDATE=1 cargo test --test pure schemas::`"
        );
        let taken: Vec<&Value> = tried.iter().filter(|(_, takes)| *takes).map(|(file, _)| file).collect();
        assert!(taken.len() > 10, "{name}: only {} files were taken", taken.len());
        let validator = jsonschema::draft202012::new(&schema).expect("a valid schema");
        for file in taken {
            let found: Vec<String> = validator.iter_errors(file).map(|error| error.to_string()).collect();
            assert!(found.is_empty(), "{name}: the reader takes {file}, the schema does not: {found:?}");
        }
    }
}

/// The YAML of a page after a heading.
fn block(page: &str, heading: &str, number: usize) -> String {
    let page = fs::read_to_string(root().join("docs").join(page)).expect("a page");
    let after = page.split_once(&format!("\n## {heading}\n")).expect("a heading").1;
    after.split("```yaml\n").nth(number).expect("a block").split("```").next().expect("its text").to_owned()
}

#[test]
fn they_take_the_files_of_this_repository_and_of_its_pages() {
    let file =
        |path: &str| fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut files: Vec<(&str, String)> = vec![
        ("config", file("prompt-assay.yaml")),
        ("config", file("demo/base/prompt-assay.yaml")),
        ("config", block("configuration.md", "prompt-assay.yaml", 1)),
        ("catalog", file("prompts.yaml")),
        ("catalog", file("demo/base/prompts.yaml")),
        ("catalog", block("configuration.md", "Catalogs", 1)),
        ("catalog", block("configuration.md", "Catalogs", 2)),
        ("golden", block("configuration.md", "Golden sets", 1)),
        ("rules", file("demo/base/rules.yaml")),
        ("rules", block("configuration.md", "A scripted model", 1)),
    ];
    for directory in ["golden", "demo/base/golden"] {
        for entry in fs::read_dir(root().join(directory)).expect(directory) {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(("golden", fs::read_to_string(&path).expect("a golden set")));
            }
        }
    }
    for (name, text) in &files {
        let value = parse("file.yaml", text.as_bytes(), Format::Yaml).expect("YAML").root.to_value();
        let found = faults(&written(name), &value);
        assert!(found.is_empty(), "{name}: {found:?}\n{text}");
    }
    assert!(files.len() > 15, "{} files: are they still found?", files.len());
}

/// Mistakes that an editor should mark while they are typed; the reader refuses them, too.
#[test]
fn they_refuse_the_usual_mistakes() {
    let mistakes: &[(&str, Read, &str)] = &[
        ("config", read_config, r#"{"modles": {"branch": "a"}}"#),
        ("config", read_config, r#"{"gate": {"alpha": 0.9}}"#),
        ("config", read_config, r#"{"gate": {"on_mixed": "maybe"}}"#),
        ("config", read_config, r#"{"calls": {"concurrency": 0}}"#),
        ("config", read_config, r#"{"budget": {"max_calls": 1.5}}"#),
        ("config", read_config, r#"{"provider": "bedrok"}"#),
        ("config", read_config, r#"{"prices": {"a": {"input": "1"}}}"#),
        ("config", read_config, r#"{"release": {"environments": {"prod": {"smm": "/x/{name}"}}}}"#),
        ("catalog", read_catalog, r#"{"p": {"text": "a", "goldn": "x.yaml"}}"#),
        ("catalog", read_catalog, r#"{"p": {"text": ["a"]}}"#),
        ("catalog", read_catalog, r#"{"p": {"text": "a", "parameters": {"temperature": 3}}}"#),
        ("catalog", read_catalog, r#"{"p": {"messages": [{"role": "robot", "content": "a"}]}}"#),
        ("catalog", read_catalog, r#"{"p": 7}"#),
        ("golden", read_golden, r#"{"cases": [{"input": "a", "cheks": [{"json": true}]}]}"#),
        ("golden", read_golden, r#"{"cases": [{"input": "a", "checks": [{"contians": "b"}]}]}"#),
        (
            "golden",
            read_golden,
            r#"{"cases": [{"input": "a", "checks": [{"contains": "b", "ignore_cse": true}]}]}"#,
        ),
        ("golden", read_golden, r#"{"cases": [{"input": "a", "checks": ["b"]}]}"#),
        (
            "golden",
            read_golden,
            r#"[{"input": "a", "must_pass": "yes", "id": "a", "checks": [{"json": true}]}]"#,
        ),
        ("rules", read_rules, r#"{"rules": [{"when": {"inptu": "a"}, "text": "b"}]}"#),
        ("rules", read_rules, r#"{"rules": [{"error": "throtled"}]}"#),
        ("rules", read_rules, r#"{"rules": [{"answers": [{"p": 2, "text": "a"}]}]}"#),
    ];
    for (name, read, text) in mistakes {
        assert!(read(text).has_errors(), "{name}: the reader takes {text}");
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert!(!faults(&written(name), &value).is_empty(), "{name}: the schema takes {text}");
    }
}
