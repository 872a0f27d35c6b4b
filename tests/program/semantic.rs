//! The check `semantic`: a model for embeddings is asked like a judge, over every provider.

use std::sync::Mutex;

use prompt_assay_standin::{Answer, ChatCall, ChatReply, ChatStandin, Config, Operation, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::{Value, json};

const RULES: &str = "rules:
  - {when: {model: embed}, embedding: words}
  - {when: {system: kindly, input: evening}, text: Go away now}
default: {text: Hello dear Ada}
";

fn project(config: &str, model: &str) -> Project {
    let check = format!("{{semantic: {{to: Hello Ada, model: {model:?}, threshold: 0.5}}}}");
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet Ada warmly.\n  user: \"{{ input }}\"\n"),
        (
            "golden/greet.yaml",
            &format!(
                "cases:\n  - {{id: morning, input: Good morning, checks: [{check}]}}\n  \
                 - {{id: evening, input: Good evening, must_pass: true, checks: [{check}]}}\n"
            ),
        ),
        ("prompt-assay.yaml", config),
        ("rules.yaml", RULES),
        (".gitignore", ".prompt-assay/\n"),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

const TITAN: &str = "amazon.titan-embed-text-v2:0";
const MODELS: &str = "models: {branch: amazon.nova-lite-v1:0}\ncalls: {concurrency: 1}\n";

fn scripted(project: &Project, more: &[&str]) -> Ran {
    let mut arguments = vec!["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--format", "json"];
    arguments.extend(more);
    project.run(&arguments)
}

/// The calls of a report that were bought: of prompts on both sides, and of embeddings.
fn calls(report: &Value) -> (u64, u64) {
    let calls = |key: &str| report["calls"][key].as_u64().unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(calls("judge"), 0, "no judge is asked: {report:#}");
    (calls("baseline") + calls("candidate"), report["calls"]["embedding"].as_u64().unwrap_or_default())
}

#[test]
fn an_answer_that_means_something_else_fails_and_what_was_embedded_is_kept() {
    let project = project(MODELS, TITAN);
    let first = scripted(&project, &[]);
    assert_eq!(first.status, 1, "{}{}", first.stdout, first.stderr);
    let shown = "semantic similarity 0 is below 0.5: wanted \\\"Hello Ada\\\", found \\\"Go away now\\\"";
    assert!(first.stdout.contains(shown), "{}", first.stdout);
    let (_, embedded) = calls(&first.json());
    // The text that is wanted, and each of two answers: once, whichever cases and sides have them.
    assert_eq!(embedded, 3, "{}", first.stdout);
    let again = scripted(&project, &["--offline"]);
    assert_eq!((again.status, calls(&again.json())), (1, (0, 0)), "{}{}", again.stdout, again.stderr);
}

#[test]
fn a_text_that_is_not_embedded_neither_passes_nor_fails() {
    let project = project(MODELS, TITAN);
    project.write("rules.yaml", RULES.replace("embedding: words", "error: invalid"));
    let ran = scripted(&project, &[]);
    assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
    let why =
        "amazon.titan-embed-text-v2:0 gave no embedding of \\\"Hello Ada\\\": the rules script this error";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
    project.write("rules.yaml", RULES.replace("  - {when: {model: embed}, embedding: words}\n", ""));
    let ran = scripted(&project, &["--no-cache"]);
    assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("add a rule such as {when: {model: embed}, embedding: words}"),
        "{}",
        ran.stdout
    );
}

/// Four answers and two embeddings: of the text that is wanted, and of the answer that all cases and sides have.
#[test]
fn a_budget_that_ends_before_the_embeddings_is_no_verdict() {
    let project = project(MODELS, TITAN);
    project.write(
        "rules.yaml",
        "rules: [{when: {model: embed}, embedding: words}]\ndefault: {text: Hello dear Ada}\n",
    );
    let mut told = String::new();
    for calls in 0..6 {
        let ran = scripted(&project, &["--no-cache", "--max-calls", &calls.to_string()]);
        let report = ran.json();
        let prompt = &report["prompts"][0];
        let said = (ran.status, &prompt["verdict"], &prompt["reason"]);
        assert_eq!(said, (3, &json!("NOT_MEASURED"), &json!("budget")), "{calls}: {report:#}");
        told = prompt["sentence"].as_str().expect("a sentence").to_owned();
    }
    assert_eq!(
        told,
        "The budget ended the run before a verdict (max_calls: all 5 calls are used): 0 of 2 cases asked. The answers were not \
         stored (`--no-cache`), so the next run buys them again."
    );
    let enough = scripted(&project, &["--no-cache", "--max-calls", "6"]);
    assert_eq!((enough.status, calls(&enough.json())), (0, (4, 2)), "{}", enough.stdout);
    // What was paid is stored: with three calls each, the second run ends what the first began.
    let first = scripted(&project, &["--max-calls", "3"]);
    let second = scripted(&project, &["--max-calls", "3"]);
    assert_eq!((first.status, second.status), (3, 0), "{}{}", first.stdout, second.stdout);
}

fn on_bedrock(project: &Project, standin: &Standin, arguments: &[&str]) -> Ran {
    let mut command = project.command(arguments);
    project.ran(rules_over_http::at(&mut command, standin))
}

#[test]
fn titan_and_cohere_are_asked_in_their_own_forms() {
    for (model, body, usd) in [
        (TITAN, json!({"inputText": "Hello Ada"}), 0.02e-6),
        (
            "cohere.embed-multilingual-v3",
            json!({
                "texts": ["Hello Ada"],
                "input_type": "clustering",
                "embedding_types": ["float"],
                "truncate": "NONE",
            }),
            0.1e-6,
        ),
    ] {
        let project = project(&format!("{MODELS}budget: {{max_cost: 1}}\n"), model);
        let standin = Standin::start(Config::default(), |_| Answer::text("Hello dear Ada").into());
        let standin = standin.expect("a free loopback port");
        let ran = on_bedrock(&project, &standin, &["eval", "--base", "HEAD", "--format", "json"]);
        assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
        let requests = standin.requests();
        let embedded: Vec<_> =
            requests.iter().filter(|request| request.operation == Operation::InvokeModel).collect();
        assert_eq!(embedded.len(), 2, "the text that is wanted, and the one answer");
        assert!(embedded.iter().any(|request| request.call.body == body), "{embedded:#?}");
        let report = ran.json();
        let lines = report["calls"]["lines"].as_array().expect("lines");
        let of_model = lines.iter().filter(|line| line["model"] == model);
        // "Hello Ada" has 3 tokens and "Hello dear Ada" 4, as the stand-in counts.
        let cost: f64 = of_model.filter_map(|line| line["spent_usd"].as_f64()).sum();
        assert!((cost - 7.0 * usd).abs() < 1e-12, "{cost}");
    }
}

#[test]
fn a_model_that_embeds_nothing_is_named() {
    let project = project(MODELS, "amazon.nova-lite-v1:0");
    let standin = Standin::start(Config::default(), |_| Answer::text("Hello dear Ada").into());
    let standin = standin.expect("a free loopback port");
    let ran = on_bedrock(&project, &standin, &["eval", "--base", "HEAD", "--format", "json"]);
    assert_eq!(ran.status, 3, "{}{}", ran.stdout, ran.stderr);
    let why = "amazon.nova-lite-v1:0 is not known as a model for embeddings of texts";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
}

#[test]
fn another_server_is_asked_at_its_own_address_for_embeddings() {
    let bodies = std::sync::Arc::new(Mutex::new(Vec::new()));
    let noted = std::sync::Arc::clone(&bodies);
    let reply = move |call: &ChatCall| match call.path.as_str() {
        "/v1/embeddings" => {
            noted.lock().expect("no panic").push(call.body.clone());
            let usage = json!({"prompt_tokens": 3, "total_tokens": 3});
            ChatReply::json(200, json!({"data": [{"index": 0, "embedding": [0.6, 0.8]}], "usage": usage}))
        }
        _ => ChatReply::text("Hello dear Ada"),
    };
    let server = ChatStandin::start(&["small", "nomic-embed-text"], reply).expect("a free loopback port");
    let config = format!(
        "provider: {{openai: {{base_url: \"{}\"}}}}\nmodels: {{branch: small}}\ncalls: {{concurrency: 1}}\n",
        server.base_url()
    );
    let project = project(&config, "nomic-embed-text");
    let ran = project.run(&["eval", "--base", "HEAD"]);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let bodies = bodies.lock().expect("no panic");
    let body = |text: &str| json!({"model": "nomic-embed-text", "input": [text], "encoding_format": "float"});
    assert_eq!(bodies.len(), 2, "{bodies:?}");
    assert!(bodies.contains(&body("Hello Ada")) && bodies.contains(&body("Hello dear Ada")), "{bodies:?}");
}

#[test]
fn the_policy_of_a_role_covers_the_model() {
    let project = project(MODELS, TITAN);
    let arguments = ["iam", "evaluation", "--region", "eu-central-1", "--account", "123456789012"];
    let ran = project.run(&arguments);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    let arn = format!("arn:aws:bedrock:eu-central-1::foundation-model/{TITAN}");
    assert!(ran.stdout.contains(&arn), "{}", ran.stdout);
}
