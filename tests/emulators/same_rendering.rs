//! The clients render byte for byte what the evaluation sent: 200 random templates with random variables, and the
//! catalogs of the tests, in Rust, Python and Node.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prompt_assay::prompt::Engine;
use prompt_assay::template::{Allowance, Parts, Place, Template};
use prompt_assay_client::{Found, Key, Prompts, Reading, Source};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use crate::python_environment;

/// Cases that both sides must render, not only refuse.
const WANTED: usize = 200;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A piece of a jinja template over the variables `s` (text), `n` (number), `b` (boolean), `l` (list) and `m`
/// (mapping).
fn piece() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        Just("Be kind. ".to_owned()),
        Just("\n".to_owned()),
        Just("ä {x} \"'<&>".to_owned()),
        "[ -~]{0,6}"
    ]
    .prop_map(|text| text.replace(['{', '}', '#', '%'], "."));
    let value = prop::sample::select(vec![
        "s", "n", "b", "l", "m", "m.k", "l[0]", "none", "n + 1", "n / 2", "n // 3", "n * 1.5", "s ~ n",
        "l[1:]", "[n, s]", "{'a': l}", "(n, b)", "n % 2",
    ]);
    let filter = prop::sample::select(vec![
        "",
        "|tojson",
        "|upper",
        "|length",
        "|string",
        "|trim",
        "|list",
        "|join(', ')",
        "|first",
        "|default('d')",
        "|title",
        "|replace('a', 'b')",
        "|pprint",
        "|int",
        "|round(1)",
        "|sort",
        "|reverse",
        "|tojson(indent=2)",
        "|dictsort",
        "|items|list",
        "|batch(2)|list",
        "|unique|list",
        "|e",
        "|abs",
        "|indent(2)",
        "|split(' ')",
        "|capitalize",
        "|max",
        "|bool",
    ]);
    let expression = (value, filter).prop_map(|(value, filter)| format!("{{{{ {value}{filter} }}}}"));
    let leaf = prop_oneof![plain, expression];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let condition = prop::sample::select(vec![
            "b",
            "not b",
            "n > 1",
            "s == 'a'",
            "l",
            "m",
            "n is odd",
            "s is string",
            "z is defined",
            "'a' in s",
        ]);
        let body = prop::collection::vec(inner, 1..3).prop_map(|pieces| pieces.concat());
        prop_oneof![
            (condition, body.clone(), body.clone())
                .prop_map(|(c, yes, no)| format!("{{% if {c} %}}{yes}{{%- else -%}}{no}{{% endif %}}")),
            body.clone().prop_map(|body| format!(
                "{{% for x in l %}}{{{{ loop.index }}}}{{{{ x }}}}{body}{{% endfor %}}"
            )),
            body.clone().prop_map(|body| format!(
                "{{% for k, v in m|items %}}{{{{ k }}}}={{{{ v }}}} {body}{{% endfor %}}"
            )),
            body.clone().prop_map(|body| format!("{{% set y = n %}}{body}{{{{ y }}}}")),
            body.prop_map(|body| format!(
                "{{% macro f(a) %}}{body}{{{{ a }}}}{{% endmacro %}}{{{{ f(s) }}}}"
            )),
        ]
    })
}

/// Values that all three languages have: JavaScript knows no 1.0.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["", "a", "Ada Lovelace", "ä ß 🙂", "it's \"so\"", "<b>&\n"])
            .prop_map(Value::from),
        (-1000_i64..1000).prop_map(Value::from),
        prop::sample::select(vec![0.1, -2.5, 1e-7, 123_456.789, 1.5e-5]).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

fn variables() -> impl Strategy<Value = Value> {
    let number = prop_oneof![(-50_i64..50).prop_map(Value::from), Just(json!(2.5))];
    let list = prop::collection::vec(scalar(), 0..4);
    // Not in the order of the alphabet: the order stays as given.
    let map = prop::collection::vec(scalar(), 3)
        .prop_map(|items| json!({"k": items[0], "a": items[1], "b": [items[2]]}));
    ("[a-zA-Zäß ]{0,8}", number, any::<bool>(), list, map)
        .prop_map(|(s, n, b, l, m)| json!({"s": s, "n": n, "b": b, "l": l, "m": m}))
}

fn python_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{s}",
        "{n}",
        "{b}",
        "{l[0]}",
        "{m[k]}",
        "{m[b][0]}",
        "{{",
        "}}",
        "Be kind. ",
        "\n",
        "ä",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

fn rendered(engine: Engine, text: &str, variables: &Value) -> Option<String> {
    let variables: BTreeMap<String, Value> = serde_json::from_value(variables.clone()).expect("variables");
    let place = Place { root: "", path: "prompt" };
    Template::compile(engine, place, text, &Parts::new()).ok()?.render(&variables, &Allowance::default()).ok()
}

/// Random cases that the evaluation renders, always the same ones.
fn random() -> Vec<Value> {
    let config = Config { rng_seed: RngSeed::Fixed(16), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let jinja = prop::collection::vec(piece(), 1..5).prop_map(|pieces| ("jinja", pieces.concat()));
    let any_text = prop_oneof![3 => jinja, 1 => python_text().prop_map(|text| ("python", text))];
    let case = (any_text, variables());
    let mut cases = Vec::new();
    while cases.len() < WANTED {
        let ((template, text), variables) = case.new_tree(&mut runner).expect("a case").current();
        let engine = if template == "jinja" { Engine::Jinja } else { Engine::Python };
        if let Some(out) = rendered(engine, &text, &variables) {
            cases.push(json!({"template": template, "text": text, "variables": variables, "out": out}));
        }
    }
    cases
}

/// The prompts of the repository's own catalogs, each with every variable it may read.
fn of_catalogs() -> Vec<Value> {
    let mut cases = Vec::new();
    for path in ["prompts.yaml", "demo/base/prompts.yaml", "demo/head/prompts.yaml"] {
        let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let tree = prompt_assay::tree::MemoryTree::new([("prompts.yaml", text)]);
        let mut problems = prompt_assay::problem::Problems::new();
        let snapshot = prompt_assay::snapshot::Snapshot::read(&tree, None, &mut problems);
        for prompt in &snapshot.prompts {
            let choice = prompt_assay::snapshot::Choice::default();
            let mut ignored = prompt_assay::problem::Problems::new();
            let resolved =
                prompt_assay::snapshot::Resolved::read(&snapshot, prompt, &choice, Some("m"), &mut ignored);
            let Some(resolved) = resolved else { continue };
            let names = resolved.variables();
            let variables: BTreeMap<&String, &str> =
                names.iter().map(|name| (name, "größer \"als\"")).collect();
            for text in &resolved.texts {
                let variables = json!(variables);
                if let Some(out) = rendered(prompt.engine, &text.text, &variables) {
                    cases.push(json!({"template": prompt.engine, "text": text.text, "variables": variables, "out": out}));
                }
            }
        }
    }
    cases
}

const IN_PYTHON: &str = r"
import json, sys
from prompt_assay_client.template import compile_all, json_values
for case in json.load(open(sys.argv[1], encoding='utf-8')):
    out = compile_all(case['template'], [case['text']])(json_values(case['variables']))[0]
    if out != case['out']:
        sys.exit(f'{case}\nPython renders {out!r}')
print('same')
";

const IN_NODE: &str = r"
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const [file, client] = process.argv.slice(-2);
const { Prompts } = await import(pathToFileURL(client));
for (const { template, text, variables, out } of JSON.parse(readFileSync(file, 'utf8'))) {
  const content = JSON.stringify({ prompt: 2, template, messages: [{ role: 'system', content: text }] });
  const source = { kind: 'one', batch: 1, lag: 0, read: async () => [{ content, version: 1 }] };
  const found = (await new Prompts(source).get('p')).render(variables).text;
  if (found !== out) {
    console.error(JSON.stringify({ template, text, variables, out, found }, null, 1));
    process.exit(1);
  }
}
console.log('same');
";

fn says_same(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.trim() == "same", "{}", String::from_utf8_lossy(&output.stderr));
}

/// A content, as AppConfig gives it.
struct One(String);

impl Source for One {
    fn kind(&self) -> &'static str {
        "one"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        let found = Found { content: self.0.clone(), version: Some(1) };
        Box::pin(async move { vec![Ok(found); keys.len()] })
    }
}

async fn in_rust(case: &Value) -> Option<String> {
    let messages = [json!({"role": "system", "content": case["text"]})];
    let content = json!({"prompt": 2, "template": case["template"], "messages": messages});
    let prompt = Prompts::builder(One(content.to_string())).build().get("p").await.expect("a prompt");
    let rendered = prompt.render(&case["variables"]).unwrap_or_else(|error| panic!("{case}: {error}"));
    rendered.text().map(str::to_owned)
}

#[test]
fn all_three_languages_render_what_the_evaluation_sent() {
    let mut cases = of_catalogs();
    assert!(!cases.is_empty());
    cases.extend(random());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("Tokio");
    for case in &cases {
        assert_eq!(runtime.block_on(in_rust(case)).as_deref(), case["out"].as_str(), "{case}");
    }
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("same_rendering.json");
    fs::write(&file, json!(cases).to_string()).expect("a writable target directory");
    let packages = ["boto3==1.43.106", "botocore==1.43.106", "minijinja==3.1.0"];
    let python = python_environment::python("clients", &packages, "what the Python client needs");
    says_same(
        Command::new(python)
            .args(["-B", "-c", IN_PYTHON])
            .arg(&file)
            .env("PYTHONPATH", root().join("clients/python/src")),
    );
    says_same(
        Command::new("node")
            .args(["--input-type=module", "-e", IN_NODE])
            .arg(&file)
            .arg(root().join("clients/node/src/index.js")),
    );
}
