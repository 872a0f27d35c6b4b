//! The demo's files are consistent: every case of its golden sets has its own rule, on both sides,
//! and no rule is unused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use prompt_assay::model::{Parameters, Request, Tool};
use prompt_assay::script::Rules;
use prompt_assay::variation::Variation;
use serde_json::{Value, json};

fn demo(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(demo(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn rules() -> Rules {
    Rules::read("rules.yaml", &text("base/rules.yaml")).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Prompt name to system text, with includes unchanged.
fn systems(side: &str) -> BTreeMap<String, String> {
    let catalog: BTreeMap<String, Value> =
        serde_yaml::from_str(&text(&format!("{side}/prompts.yaml"))).unwrap();
    let system = |entry: &Value| entry.as_str().or(entry["system"].as_str()).map(str::to_owned);
    catalog.iter().map(|(name, entry)| (name.clone(), system(entry).expect("a system text"))).collect()
}

/// Case id to the last user message.
fn inputs(prompt: &str) -> BTreeMap<String, String> {
    let jsonl = demo(&format!("base/golden/{prompt}.jsonl"));
    let cases: Vec<Value> = if jsonl.exists() {
        let lines = fs::read_to_string(jsonl).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    } else {
        let set: Value = serde_yaml::from_str(&text(&format!("base/golden/{prompt}.yaml"))).unwrap();
        set["cases"].as_array().unwrap().clone()
    };
    let said = |case: &Value| {
        let last = case["messages"].as_array().and_then(|turns| turns.last()).map(|turn| &turn["content"]);
        let single = last.and_then(Value::as_str).or(case["input"].as_str()).map(str::to_owned);
        let variables =
            || case["vars"].as_object().unwrap().values().filter_map(Value::as_str).collect::<Vec<_>>();
        single.unwrap_or_else(|| variables().join("\n"))
    };
    cases.iter().map(|case| (case["id"].as_str().unwrap().to_owned(), said(case))).collect()
}

fn request(system: &str, input: &str) -> Request {
    Request {
        system: Some(system.to_owned()),
        parameters: Parameters { max_tokens: 500, temperature: Some(0.0), ..Parameters::default() },
        ..Request::new("amazon.nova-lite-v1:0", input)
    }
}

const COVERED: [&str; 4] = ["customer_service_prompt", "delay_notice", "review_reply", "ticket_title"];

#[test]
fn every_case_has_a_rule_of_its_own_and_no_rule_is_dead() {
    let rules = rules();
    let mut used = BTreeSet::new();
    for side in ["base", "head"] {
        let systems = systems(side);
        let mut owners = BTreeMap::new();
        for prompt in COVERED {
            for (case, input) in inputs(prompt) {
                let request = request(&systems[prompt], &input);
                let rule = rules.matching(&request).unwrap_or_else(|| panic!("{side} {case}: no rule"));
                if let Some(other) = owners.insert(rule, case.clone()) {
                    panic!("{side}: `{case}` and `{other}` share rule {rule}");
                }
                used.insert(rule);
                assert!(rules.answer(&request, 1).is_ok(), "{side} {case}");
            }
        }
    }
    let judge = rules.matching(&judged("an answer like any other")).expect("the judge answers anything");
    // Judge rules come before all others.
    let dead: Vec<usize> = (judge + 1..rules.len()).filter(|rule| !used.contains(rule)).collect();
    assert!(dead.is_empty(), "rules that no case reaches: {dead:?}");
}

/// A judge's request about an answer.
fn judged(answer: &str) -> Request {
    let tool = Tool { name: "score".to_owned(), description: None, input_schema: json!({"type": "object"}) };
    Request { tools: vec![tool], ..request("You are the judge.", answer) }
}

#[test]
fn the_edit_tells_the_story_of_the_readme() {
    let rules = rules();
    let (base, head) = (systems("base"), systems("head"));
    let inputs = inputs("customer_service_prompt");
    let name = "customer_service_prompt";
    let parses = |system: &str, case: &str| {
        let often = (0..20_u64).filter(|n| {
            let request = Variation::member(*n).applied_to(&request(system, &inputs[case]));
            serde_json::from_str::<Value>(&rules.answer(&request, 1).unwrap().text).is_ok()
        });
        often.count()
    };
    for case in inputs.keys() {
        assert_eq!(parses(&base[name], case), 20, "{case} is JSON before the edit");
        let breaks = ["angry-caps-late", "angry-third-contact", "legal-threat"].contains(&case.as_str());
        let often = parses(&head[name], case);
        assert!(
            if breaks { often <= 4 } else { often == 20 },
            "{case}: JSON {often} of 20 times after the edit"
        );
    }
    let score = |system: &str, case: &str| {
        let answer = rules.answer(&request(system, &inputs[case]), 1).unwrap().text;
        let verdict = rules.answer(&judged(&format!("Rubric: see above.\nAnswer:\n{answer}")), 1).unwrap();
        verdict.tool_calls[0].input["score"].as_f64().unwrap()
    };
    assert!(score(&base[name], "price-drop-two-days-later") >= 0.7);
    assert!(score(&head[name], "price-drop-two-days-later") < 0.7);
    assert!(score(&base[name], "bereavement-order") < 0.7);
    assert!(score(&head[name], "bereavement-order") >= 0.7);
}

#[test]
fn only_one_prompt_is_edited() {
    let (base, head) = (systems("base"), systems("head"));
    let edited: Vec<&String> = base.keys().filter(|name| base[*name] != head[*name]).collect();
    assert_eq!(edited, ["customer_service_prompt"]);
    assert!(base.keys().eq(head.keys()));
}
