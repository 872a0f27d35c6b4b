//! A judge of any model: what the model refuses is left out or asked for in another form, and what it answers is read or
//! reported as unreadable. The real binary and the real SDK against the stand-in, which refuses in AWS's words.

mod corrected;
mod pairwise;
mod panels;
mod requests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use insta::assert_snapshot;
use prompt_assay_standin::{Account, Answer, Block, Config, ConverseCall, Fault, Reply, Standin, ToolChoice};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http::{self, verdict};
use serde_json::{Value, json};

const UNDER_TEST: &str = "amazon.nova-lite-v1:0";

/// A project with two judged cases, whose prompt is edited.
fn project(judge: &str) -> Project {
    with_config(&format!("models: {{branch: {UNDER_TEST}, judge: {judge}}}\ncalls: {{concurrency: 1}}\n"))
}

fn with_config(config: &str) -> Project {
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet Ada warmly.\n  user: \"{{ input }}\"\n"),
        (
            "golden/greet.yaml",
            "cases:\n  - {id: morning, input: Good morning, checks: [{judge: Is a greeting.}]}\n  \
             - {id: evening, input: Good evening, checks: [{judge: Is a greeting.}]}\n",
        ),
        ("prompt-assay.yaml", config),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

fn eval(project: &Project, standin: &Standin) -> Ran {
    let mut command = project.command(&["eval", "--base", "HEAD"]);
    rules_over_http::at(&mut command, standin);
    project.ran(&mut command)
}

fn fine() -> Value {
    json!({"reasoning": "It greets.", "score": 1})
}

/// The form in which a call wants its verdict.
fn form(call: &ConverseCall) -> &'static str {
    let says = |words: &str| {
        call.system.as_deref().is_some_and(|system| system.contains(words))
            || call.messages.iter().any(|message| message.text.contains(words))
    };
    match &call.tool_choice {
        _ if call.body["outputConfig"].is_object() => "structured",
        Some(ToolChoice::Tool(_)) => "tool",
        Some(ToolChoice::Any) => "any",
        Some(ToolChoice::Auto) => "auto",
        None if says("End your answer with one JSON object") => "text",
        None => "none",
    }
}

/// Answers prompts, and judges with an object in the form that is asked for.
fn answered(call: &ConverseCall, object: Value) -> Reply {
    let written = |object: Value| verdict(call, object).to_string();
    match form(call) {
        "none" => Answer::text("Hello Ada").into(),
        "structured" => Answer::text(written(object)).into(),
        "text" => Answer::text(format!("It greets.\n```json\n{}\n```", written(object))).into(),
        _ => Reply::tool_use("score", verdict(call, object)),
    }
}

fn account(lacks_structured_output: bool) -> Config {
    Config { account: Account { lacks_structured_output, ..Account::default() }, ..Config::default() }
}

#[test]
fn every_model_is_asked_in_a_form_that_it_takes_and_only_once_in_another() {
    let haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
    let mut told = Vec::new();
    for (judge, lacks) in [
        ("amazon.nova-pro-v1:0", false),
        (haiku, false),
        (haiku, true),
        ("global.anthropic.claude-opus-5", false),
        ("mistral.mistral-large-2407-v1:0", false),
        ("deepseek.v3-v1:0", false),
        ("us.meta.llama4-scout-17b-instruct-v1:0", false),
        ("mistral.mixtral-8x7b-instruct-v0:1", false),
    ] {
        let standin =
            Standin::start(account(lacks), |call| answered(call, fine())).expect("a free loopback port");
        let project = project(judge);
        let ran = eval(&project, &standin);
        assert_eq!(ran.status, 0, "{judge}: {}{}", ran.stdout, ran.stderr);
        let refused = |standin: &Standin| standin.counters().by_status.get(&400).copied().unwrap_or(0);
        let first = refused(&standin);
        // Another edit: what the model refuses is known.
        project.edit("prompts.yaml", "kindly", "briefly");
        let again = eval(&project, &standin);
        assert_eq!(again.status, 0, "{judge}: {}{}", again.stdout, again.stderr);
        let last =
            standin.requests().iter().rev().map(|request| form(&request.call)).find(|form| *form != "none");
        told.push(format!("{judge}: {}, {first} refused, then {}", last.unwrap(), refused(&standin) - first));
    }
    assert_snapshot!(told.join("\n"), @r#"
    amazon.nova-pro-v1:0: tool, 0 refused, then 0
    us.anthropic.claude-haiku-4-5-20251001-v1:0: structured, 0 refused, then 0
    us.anthropic.claude-haiku-4-5-20251001-v1:0: tool, 1 refused, then 0
    global.anthropic.claude-opus-5: structured, 1 refused, then 0
    mistral.mistral-large-2407-v1:0: any, 1 refused, then 0
    deepseek.v3-v1:0: structured, 0 refused, then 0
    us.meta.llama4-scout-17b-instruct-v1:0: auto, 2 refused, then 0
    mistral.mixtral-8x7b-instruct-v0:1: text, 2 refused, then 0
    "#);
}

#[test]
fn what_cannot_be_read_is_asked_again_twice_and_then_not_measured() {
    type Malformed<'a> = (&'a str, Box<dyn Fn(&ConverseCall) -> Reply + Send + Sync>);
    let tool = |object: fn(&ConverseCall) -> Value| -> Box<dyn Fn(&ConverseCall) -> Reply + Send + Sync> {
        Box::new(move |call| Reply::tool_use("score", object(call)))
    };
    let malformed: Vec<Malformed<'_>> = vec![
        ("prose only", Box::new(|_| Answer::text("A fine greeting, score 1.").into())),
        ("a refusal", Box::new(|_| Answer::text("I cannot help with that.").into())),
        ("nothing", Box::new(|_| Answer::default().into())),
        ("reasoning only", Box::new(|_| Answer::default().block(Block::Reasoning("Hm.".to_owned())).into())),
        ("out of range", tool(|call| verdict(call, json!({"score": 7})))),
        ("a wrong type", tool(|call| verdict(call, json!({"score": "high"})))),
        ("no control code", tool(|_| json!({"score": 1}))),
        (
            "two verdicts",
            Box::new(|call| {
                let block = |score| Block::ToolUse {
                    name: "score".to_owned(),
                    input: verdict(call, json!({"score": score})),
                };
                Answer::default().block(block(1)).block(block(0)).into()
            }),
        ),
        (
            "cut",
            Box::new(|call| {
                Answer::tool_use("score", verdict(call, json!({"score": 1}))).stop("max_tokens").into()
            }),
        ),
        ("malformed_tool_use", Box::new(|_| Answer::default().stop("malformed_tool_use").into())),
        ("an outage", Box::new(|_| Fault::InternalServer.into())),
    ];
    let mut told = Vec::new();
    for (name, reply) in malformed {
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        let standin = Standin::start(Config::default(), move |call| match form(call) {
            "none" => Answer::text("Hello Ada").into(),
            _ => {
                counted.fetch_add(1, Ordering::Relaxed);
                reply(call)
            }
        });
        let standin = standin.expect("a free loopback port");
        let project = project("amazon.nova-pro-v1:0");
        if name == "an outage" {
            project.edit(
                "prompt-assay.yaml",
                "concurrency: 1",
                "concurrency: 1, attempt_timeout_s: 1, trial_timeout_s: 1",
            );
        }
        let ran = eval(&project, &standin);
        assert_eq!(ran.status, 3, "{name}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.to_lowercase().contains("not measured"), "{name}: {}", ran.stdout);
        let asked = asked.load(Ordering::Relaxed);
        told.push(if name == "an outage" { name.to_owned() } else { format!("{name}: asked {asked} times") });
    }
    assert_snapshot!(told.join("\n"), @r#"
    prose only: asked 6 times
    a refusal: asked 6 times
    nothing: asked 6 times
    reasoning only: asked 6 times
    out of range: asked 6 times
    a wrong type: asked 6 times
    no control code: asked 6 times
    two verdicts: asked 6 times
    cut: asked 6 times
    malformed_tool_use: asked 6 times
    an outage
    "#);
}

#[test]
fn an_unreadable_answer_of_an_earlier_run_counts_as_missing() {
    let standin = |readable: bool| {
        Standin::start(Config::default(), move |call| match (form(call), readable) {
            ("none", _) | (_, true) => answered(call, fine()),
            _ => Answer::text("I would rather not.").into(),
        })
        .expect("a free loopback port")
    };
    let project = project("amazon.nova-pro-v1:0");
    let (broken, mended) = (standin(false), standin(true));
    assert_eq!(eval(&project, &broken).status, 3);
    let ran = eval(&project, &mended);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    assert!(
        mended.requests().iter().all(|request| form(&request.call) != "none"),
        "only the judge is asked again"
    );
}

#[test]
fn a_model_does_not_judge_itself_unless_that_is_allowed() {
    let standin =
        Standin::start(Config::default(), |call| answered(call, fine())).expect("a free loopback port");
    let project = project(&format!("us.{UNDER_TEST}"));
    let ran = eval(&project, &standin);
    assert_eq!(ran.status, 2, "{}{}", ran.stdout, ran.stderr);
    assert_snapshot!(ran.stderr, @r#"
    error: `us.amazon.nova-lite-v1:0` would judge its own answers, and models prefer what they write themselves
      --> prompt-assay.yaml
       = name another model under `models: {judge: ...}`, or allow it with `judge: {allow_self_judge: true}`

    1 error; nothing was evaluated
    "#);
    project.edit("prompt-assay.yaml", "calls:", "judge: {allow_self_judge: true}\ncalls:");
    assert_eq!(eval(&project, &standin).status, 0);
}
