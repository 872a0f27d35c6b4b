//! The contract between releases and readers, `clients/contract`: the written values equal those in the
//! files, every value is read as described there, and a template renders as in the evaluation. The
//! clients test their readers with the same files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::problem::Problems;
use prompt_assay::prompt::{Engine, Tier};
use prompt_assay::release::content::content;
use prompt_assay::release::content::{PACKAGE_MARK, language};
use prompt_assay::release::value::{self, Held};
use prompt_assay::snapshot::{Choice, Resolved, Snapshot};
use prompt_assay::template::{Allowance, Parts, Place, Template};
use prompt_assay::tree::MemoryTree;
use serde_json::Value;

fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/contract").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut contract: Value = serde_json::from_str(&text).expect("JSON");
    serde_json::from_value(contract["cases"].take()).expect("a list of cases")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

fn engine(value: &Value) -> Engine {
    serde_json::from_value(value["template"].clone()).expect("a template language")
}

/// What a release makes of a catalog's only prompt.
fn released(catalog: &Value) -> String {
    let tree = MemoryTree::new([("prompts.yaml", catalog.to_string())]);
    let mut problems = Problems::new();
    let snapshot = Snapshot::read(&tree, None, &mut problems);
    let choice = Choice { tier: Tier::Main, ..Choice::default() };
    let prompt = snapshot.prompts.first().unwrap_or_else(|| panic!("no prompt: {problems}"));
    let resolved = Resolved::read(&snapshot, prompt, &choice, Some("amazon.nova-pro-v1:0"), &mut problems);
    content(prompt, &resolved.unwrap_or_else(|| panic!("{problems}"))).expect("one text")
}

#[test]
fn a_release_writes_what_the_contract_says() {
    let mut written = 0;
    for case in cases("values.json").iter().filter(|case| case.get("catalog").is_some()) {
        let name = text(case, "name");
        let content = released(&case["catalog"]);
        assert_eq!(
            value::digest(&content).to_string(),
            text(&case["want"], "fingerprint"),
            "{name}: {content}"
        );
        assert_eq!(content, text(case, "content"), "{name}: AppConfig takes the content as it is");
        let Held::Object(pointer) = value::decode(text(case, "value")).expect(name) else {
            assert_eq!(value::encode(&content), text(case, "value"), "{name}");
            written += 1;
            continue;
        };
        assert!(value::encode(&content).len() > value::ADVANCED_BYTES, "{name}: it would not be a pointer");
        assert_eq!(value::point(&pointer), text(case, "value"), "{name}");
        written += 1;
    }
    assert!(written > 15, "{written}");
}

#[test]
fn every_value_is_read_as_the_contract_says() {
    for case in cases("values.json") {
        let name = text(&case, "name");
        let held = value::decode(text(&case, "value"));
        let digest = held.as_ref().ok().map(|held| match held {
            Held::Text(text) => value::digest(text),
            Held::Object(pointer) => pointer.sha256,
            Held::Prompt(pointer) => pointer.sha256,
        });
        if let Some(want) = case.get("want") {
            assert_eq!(
                digest.map(|sha| sha.to_string()).as_deref(),
                Some(text(want, "fingerprint")),
                "{name}"
            );
        }
        if let (Some(want), Ok(Held::Text(plain))) = (case.get("want"), &held)
            && !plain.starts_with(PACKAGE_MARK)
        {
            assert_eq!(language(plain), engine(want), "{name}");
        }
        for object in case["objects"].as_array().into_iter().flatten() {
            let is_whole = digest == Some(Fingerprint::of_bytes(text(object, "content").as_bytes()));
            assert_eq!(is_whole, case.get("want").is_some(), "{name}");
        }
    }
}

#[test]
fn templates_render_as_the_contract_says() {
    for case in cases("rendering.json") {
        let variables: BTreeMap<String, Value> =
            serde_json::from_value(case["variables"].clone()).expect("variables");
        let place = Place { root: "", path: "prompt" };
        let rendered = Template::compile(engine(&case), place, text(&case, "text"), &Parts::new())
            .and_then(|template| template.render(&variables, &Allowance::default()));
        match (rendered, case["out"].as_str()) {
            (Ok(rendered), Some(out)) => assert_eq!(rendered, out, "{case}"),
            (Err(error), None) => {
                let says = text(&case, "error");
                assert!(error.message.contains(says), "{case}: {error}");
            }
            (rendered, _) => panic!("{case}: {rendered:?}"),
        }
    }
}
