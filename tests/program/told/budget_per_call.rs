//! Budgets of single calls through the binary: blocked beyond chance, not released, never passed unmeasured in silence.

use std::fmt::Write;
use std::time::Duration;

use insta::assert_snapshot;
use prompt_assay_standin::{Reply, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;

use super::{calm, verdict};

const RULES: &str = "rules:
  - {when: {system: carefully}, text: 'yes', tokens: {input: 100, output: 200}}
  - {when: {}, text: 'yes', tokens: {input: 100, output: 20}}
";
const MODEL: &str = "amazon.nova-micro-v1:0";

/// A prompt with 12 cases; the edit makes its answers ten times as long.
fn edited(model: &str, budget: &str) -> Project {
    let golden = (1..=12).fold("cases:\n".to_owned(), |mut text, n| {
        writeln!(text, "  - {{id: case-{n:02}, input: question {n}, checks: [{{contains: yes}}]}}")
            .expect("a text");
        text
    });
    let config = format!(
        "models: {{branch: {model}, main: {model}}}\ngate:\n  budget_per_call: {budget}\nrelease:\n  environments:\n    \
         prod: {{directory: released, ssm: \"/prod/{{name}}\"}}\n"
    );
    let project = Project::new(&[
        ("prompts.yaml", "answer: Answer.\n"),
        ("golden/answer.yaml", &golden),
        ("prompt-assay.yaml", &config),
        ("rules.yaml", RULES),
        (".gitignore", "released/\n.prompt-assay/\nevidence.json\n"),
    ]);
    project.edit("prompts.yaml", "Answer.", "Answer carefully.");
    project.commit("Answer carefully");
    project
}

fn eval(project: &Project, standin: &Standin, more: &[&str]) -> Ran {
    let base: &[&str] = if more.contains(&"--base") { &[] } else { &["--base", "HEAD~1"] };
    let arguments = [&["eval"], base, more].concat();
    project.ran(rules_over_http::at(&mut project.command(&arguments), standin))
}

#[test]
fn dear_calls_block_are_not_released_and_pass_by_no_second_run() {
    // 100 tokens in and 200 out: 0.0000315 USD.
    let project = edited(MODEL, "{cost_usd: {p95: 0.00001}}");
    let standin = rules_over_http::start(RULES);
    let first = eval(&project, &standin, &["--tier", "main", "--evidence", "evidence.json"]);
    let bought = standin.requests().len();
    let again = eval(&project, &standin, &["--tier", "main"]);
    assert_eq!((again.status, standin.requests().len()), (1, bought), "{}", again.stdout);
    let released = project.run(&["release", "--evidence", "evidence.json"]);
    let evidence = std::fs::read_to_string(project.root().join("evidence.json")).expect("evidence");
    let evidence: serde_json::Value = serde_json::from_str(&evidence).expect("JSON");
    let measured = &evidence["evidence"][0]["claim"]["budget_per_call"];
    assert_snapshot!([verdict(&first), calm(&released), measured.to_string()].join("\n"), @r#"
    exit status 1
    ✗ Blocked: calls of `answer` cost 0.0000315 USD at p95, over the limit of 0.00001 USD
    Not bad luck: of 12 fresh calls 12 cost more than 0.00001 USD, where 5 in 100 may.

    exit status 1
    refused  answer  -  /prod/answer  did not pass: REGRESSION (EVIDENCE, over_budget_per_call)
      = fix the prompt; the live versions stay unchanged
    prod: 1 refused; nothing was written, the live version stays

    [{"quantity":"cost_usd","percentile":"p95","at_most":0.00001,"measured":0.0000315,"over":12,"of":12,"cases":12,"standing":"exceeded"}]
    "#);
}

/// A golden case more asks the model nothing that both prompts are not asked, so no call is measured: what was measured
/// before stands, under the same limits only.
#[test]
fn what_was_measured_before_carries_a_release_only_under_the_same_limits() {
    let project = edited(MODEL, "{cost_usd: {p95: 0.01}}");
    let standin = rules_over_http::start(RULES);
    let main = |more: &[&str]| eval(&project, &standin, &[&["--tier", "main"], more].concat()).status;
    let add = |id: &str| {
        let golden = std::fs::read_to_string(project.root().join("golden/answer.yaml")).expect("cases");
        let case = format!("  - {{id: {id}, input: question {id}, checks: [{{contains: yes}}]}}\n");
        project.write("golden/answer.yaml", golden + &case);
    };
    assert_eq!(main(&[]), 0);
    add("case-13");
    project.commit("A case more");
    assert_eq!(main(&[]), 0);
    let kept = project.run(&["release", "--dry-run"]);
    add("case-14");
    project.edit("prompt-assay.yaml", "p95: 0.01", "p95: 0.00001");
    project.commit("A tighter limit, and a case more");
    assert_eq!(main(&[]), 0);
    let tightened = project.run(&["release"]);
    assert_eq!(main(&["--base", "none", "--fresh"]), 1);
    let measured = project.run(&["release"]);
    assert_snapshot!([&kept, &tightened, &measured].map(calm).join("\n"), @"
    exit status 0
    to be released  answer  -  /prod/answer  OK, 1 of 1 (EVIDENCE)
    prod: 1 to be released; nothing was written (--dry-run)

    exit status 1
    refused  answer  -  /prod/answer  was never held against its budget per call (EVIDENCE)
      = run `prompt-assay eval --tier main --base none --fresh`, which buys and measures all answers
    prod: 1 refused; nothing was written, the live version stays

    exit status 1
    refused  answer  -  /prod/answer  did not pass: REGRESSION (EVIDENCE, over_budget_per_call)
      = fix the prompt; the live versions stay unchanged
    prod: 1 refused; nothing was written, the live version stays
    ");
}

#[test]
fn slow_calls_within_chance_are_undecided_and_the_numbers_are_told() {
    let project = edited(MODEL, "{latency_ms: {p90: 20, p50: 15}}");
    let standin = rules_over_http::start_with(RULES, |call, reply| {
        let is_slow = call.last_user_text().contains("question 1");
        match reply {
            Reply::Answer(answer) => {
                answer.latency(Duration::from_millis(if is_slow { 25 } else { 5 })).into()
            }
            fault => fault,
        }
    });
    let ran = eval(&project, &standin, &["--format", "json"]);
    let report = ran.json();
    let prompt = &report["prompts"][0];
    assert_eq!((ran.status, &prompt["reason"]), (0, &"budget_per_call_unresolved".into()), "{report:#}");
    // The questions 1, 10, 11 and 12.
    assert_snapshot!(prompt["budget_per_call"].to_string(), @r#"[{"quantity":"latency_ms","percentile":"p50","at_most":15.0,"measured":5.0,"over":4,"of":12,"cases":12,"standing":"kept"},{"quantity":"latency_ms","percentile":"p90","at_most":20.0,"measured":25.0,"over":4,"of":12,"cases":12,"standing":"unresolved"}]"#);
    let told = eval(&project, &standin, &["--verbose"]);
    let lines =
        told.stdout.lines().filter(|line| line.contains("Budget per call") || line.contains("limit of"));
    assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
      - Budget per call, p50 of the latency: 5 ms over 12 fresh calls, 4 of them over the limit of 15
      - Budget per call, p90 of the latency: 25 ms over 12 fresh calls, 4 of them over the limit of 20
    ? Cannot tell: calls of `answer` take 25 ms at p90, over the limit of 20 ms, perhaps by chance
    ");
}

#[test]
fn what_a_rules_file_answers_is_no_measurement() {
    let project = edited(MODEL, "{latency_ms: {p95: 2000}}");
    let ran = project.run(&["eval", "--base", "HEAD~1", "--scripted", "rules.yaml"]);
    let next = ran.stdout.split("What to do now").nth(1).unwrap_or_default().trim().to_owned();
    assert_snapshot!([verdict(&ran), next].join("\n"), @"
    exit status 0
    ? Cannot tell: too few fresh calls to say whether `answer` keeps its budget per call
    Compared with the old prompt no break was found (12 → 12 of 12 pass). The limit of 2,000 ms at p95
    was held against 0 of 12 cases, and only all of them can show that it is kept: rules of a file take
    no time and cost nothing.

    : run it with a model, without `--scripted`. Until then it is not released, unless
    `release_on_inconclusive: true`. Nothing is blocked.
    ");
}

#[test]
fn a_model_without_a_price_is_an_error_before_anything_is_bought() {
    let project = edited("my.own-model-v1:0", "{cost_usd: {p95: 0.002}}");
    let standin = rules_over_http::start(RULES);
    let ran = eval(&project, &standin, &[]);
    let planned = project.run(&["plan", "--base", "HEAD~1"]);
    assert_eq!((standin.requests().len(), planned.status), (0, ran.status));
    assert_snapshot!(calm(&ran), @"
    exit status 2
    error: the price of model `my.own-model-v1:0` is unknown, so the limit `cost_usd` of `budget_per_call` cannot be kept; if the id is right, add the price that AWS states (https://aws.amazon.com/bedrock/pricing), in US dollars per million tokens, under `prices:` in prompt-assay.yaml
      prices:
        my.own-model-v1:0: {input: …, output: …}
    ");
}
