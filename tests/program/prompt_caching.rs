//! Bedrock's prompt cache, with the real binary and the real SDK against the stand-in, which caches as Bedrock does:
//! repeated beginnings are written once and then read, and are counted and priced so; the verdict does not change.

use std::time::Duration;

use prompt_assay::report::json;
use prompt_assay_standin::{Answer, Config, ConverseCall, Fault, Reply, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::Value;

/// Its price is known in all four parts: 1.10, 5.50, 0.11 to read and 1.375 to write, per million tokens.
const MODEL: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const CASES: u64 = 12;
/// Tokens of the system text, of a question as it is written and of an answer, at four characters each.
const SYSTEM: u64 = 4_500;
const QUESTION: u64 = 4;
const ANSWER: u64 = 3;

const EVAL: [&str; 5] = ["eval", "--base", "HEAD", "--format", "json"];

/// One prompt with a long system text that is edited, and twelve cases; `calls` are the settings.
fn project(calls: &str) -> Project {
    let system = "All of it. ".repeat(4 * SYSTEM as usize / 11 + 1);
    let system = &system[..4 * SYSTEM as usize - 1];
    let golden: String = (10..10 + CASES)
        .map(|number| {
            format!(
                "  - {{id: case-{number}, input: \"Question no. {number}.\", checks: [{{contains: fine}}]}}\n"
            )
        })
        .collect();
    let project = Project::new(&[
        ("prompts.yaml", &format!("answer:\n  text: \"{system}!\"\n  user: \"{{{{ input }}}}\"\n")),
        ("golden/answer.yaml", &format!("cases:\n{golden}")),
        ("prompt-assay.yaml", &format!("models: {{branch: {MODEL}}}\ncalls: {{concurrency: 1{calls}}}\n")),
    ]);
    project.edit("prompts.yaml", "!\"", "?\"");
    project
}

fn willing() -> Standin {
    answering(|_| Reply::text("It's fine"))
}

fn answering(answer: impl Fn(&ConverseCall) -> Reply + Send + Sync + 'static) -> Standin {
    Standin::start(Config::default(), answer).expect("a free loopback port")
}

fn eval(project: &Project, standin: &Standin) -> Ran {
    let ran = project.ran(rules_over_http::at(&mut project.command(&EVAL), standin));
    assert_eq!(ran.status, 0, "{}", ran.told());
    ran
}

fn spent(ran: &Ran) -> f64 {
    ran.json()["cost"]["spent_usd"].as_f64().expect("an amount")
}

/// How many calls carried a cache point.
fn points(standin: &Standin) -> u64 {
    standin.requests().iter().filter(|request| has_point(&request.call)).count() as u64
}

fn has_point(call: &ConverseCall) -> bool {
    call.body["system"][1] == serde_json::json!({"cachePoint": {"type": "default"}})
}

/// Tokens that the white space adds which calls vary by.
fn white(standin: &Standin) -> f64 {
    let asked = |call: &ConverseCall| call.messages[0].text.chars().count().div_ceil(4) as u64;
    standin.requests().iter().map(|request| asked(&request.call) - QUESTION).sum::<u64>() as f64
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn a_long_system_text_is_written_once_a_side_and_read_from_then_on() {
    let (cached, plain) = (willing(), willing());
    let (with, without) = (project(""), project(", prompt_caching: off"));
    let (auto, off) = (eval(&with, &cached), eval(&without, &plain));
    assert_eq!((points(&cached), points(&plain)), (2 * (CASES - 1), 0));
    assert_eq!(cached.counters().by_status, plain.counters().by_status);

    // On each side the first call is plain, the second writes, ten read.
    assert!(near(white(&cached), white(&plain)));
    let rest = 2.0 * CASES as f64 * (QUESTION as f64 * 1.10 + ANSWER as f64 * 5.50) + white(&plain) * 1.10;
    let system = |per_million: f64| 2.0 * SYSTEM as f64 * per_million;
    let reads = (CASES - 2) as f64;
    let expected = rest + system(1.10) + system(1.375) + reads * system(0.11);
    assert!(near(spent(&auto), expected * 1e-6), "{} for {}", spent(&auto), expected * 1e-6);
    let expected = rest + CASES as f64 * system(1.10);
    assert!(near(spent(&off), expected * 1e-6), "{} for {}", spent(&off), expected * 1e-6);
    assert!(spent(&auto) < spent(&off) / 3.0);

    // Nothing else differs, and what one of them bought answers the other.
    // What a case cost is what caching changes.
    let content = |ran: &Ran| -> Value {
        let mut content = json::stable(&ran.json());
        for prompt in content["prompts"].as_array_mut().expect("prompts") {
            for result in prompt["results"].as_array_mut().expect("results") {
                for side in ["baseline", "candidate"] {
                    result[side]
                        .as_object_mut()
                        .expect("a measured side")
                        .retain(|key, _| !key.starts_with("cost"));
                }
            }
        }
        content
    };
    let same = |a: &Ran, b: &Ran| {
        assert_eq!(content(a)["prompts"], content(b)["prompts"]);
        assert_eq!(content(a)["cost"], content(b)["cost"]);
    };
    same(&auto, &off);
    with.edit("prompt-assay.yaml", "concurrency: 1", "concurrency: 1, prompt_caching: off");
    let again = eval(&with, &cached);
    assert_eq!((spent(&again), cached.counters().total), (0.0, 2 * CASES));
    same(&again, &auto);
}

#[test]
fn of_calls_side_by_side_one_writes_and_the_others_do_not_pay_for_writing() {
    // Who writes takes so long that others go by.
    let standin = answering(|call| {
        let latency = Duration::from_millis(if has_point(call) { 400 } else { 0 });
        Answer::text("It's fine").latency(latency).into()
    });
    let project = project("");
    project.edit("prompt-assay.yaml", "concurrency: 1", "concurrency: 8");
    let ran = eval(&project, &standin);
    let with = points(&standin);
    let plain = 2 * CASES - with;
    assert!(with >= 2 && plain > 2, "{with} of {}", 2 * CASES);
    let system = plain as f64 * 1.10 + 2.0 * 1.375 + (with - 2) as f64 * 0.11;
    let asked = 2.0 * CASES as f64 * QUESTION as f64 + white(&standin);
    let rest = asked * 1.10 + 2.0 * CASES as f64 * ANSWER as f64 * 5.50;
    let expected = (rest + SYSTEM as f64 * system) * 1e-6;
    assert!(near(spent(&ran), expected), "{} for {expected}", spent(&ran));
}

#[test]
fn a_model_that_refuses_cache_points_is_asked_without_them_from_then_on() {
    let standin = answering(|call| {
        if has_point(call) {
            let message = "You invoked an unsupported model or your request did not allow prompt caching. See the \
                           documentation for more information.";
            let code = "AccessDeniedException".to_owned();
            return Fault::Error { status: 403, code, message: message.to_owned() }.into();
        }
        Reply::text("It's fine")
    });
    let ran = eval(&project(""), &standin);
    assert_eq!((points(&standin), standin.counters().total), (1, 2 * CASES + 1), "{}", ran.told());
}

#[test]
fn a_text_that_differs_in_every_case_gets_no_cache_point() {
    let standin = willing();
    let project = project("");
    project.edit("prompts.yaml", "text: \"", "text: \"{{ input }} ");
    project.edit("prompts.yaml", "  user: \"{{ input }}\"\n", "  user: \"Well?\"\n");
    project.commit("Begin with what differs");
    project.edit("prompts.yaml", "?\"", "!!\"");
    eval(&project, &standin);
    assert_eq!((points(&standin), standin.counters().total), (0, 2 * CASES));
}

#[test]
fn a_budget_is_kept_though_writing_costs_more_than_input() {
    let standin = willing();
    let project = project("");
    // Less than all of it costs: the run ends before the cap, whatever was written.
    let capped = [&EVAL[..], &["--max-cost", "0.06"]].concat();
    let ran = project.ran(rules_over_http::at(&mut project.command(&capped), &standin));
    assert!(spent(&ran) <= 0.06, "{}", spent(&ran));
    assert!(points(&standin) > 0);
}
