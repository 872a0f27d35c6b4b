//! What a configuration can ask of Bedrock beside sampling: guardrail, structured output, performance, service tier,
//! metadata for logs. The real binary and the real SDK against the stand-in.

use insta::assert_snapshot;
use prompt_assay_standin::{Answer, Config, Reply, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::Value;

const GOLDEN: &str = "cases:\n  - {id: a, input: Hi, checks: [{contains: Ada}]}\n";

fn project(config: &str, prompt: &str) -> Project {
    let catalog =
        format!("gr\u{fc}\u{df}:\n  text: Greet Ada warmly.\n  user: \"{{{{ input }}}}\"\n{prompt}");
    let project = Project::new(&[
        ("prompts.yaml", &catalog),
        ("golden/gr\u{fc}\u{df}.yaml", GOLDEN),
        ("prompt-assay.yaml", config),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project
}

fn standin() -> Standin {
    Standin::start(Config::default(), |_| Reply::from(Answer::text("{\"reply\": \"Ada\"}")))
        .expect("a free loopback port")
}

fn eval(project: &Project, standin: &Standin, more: &[&str]) -> Ran {
    let mut command = project.command(&[&["eval", "--base", "HEAD", "--format", "json"], more].concat());
    rules_over_http::at(&mut command, standin).env("GITHUB_RUN_ID", "42");
    let ran = project.ran(&mut command);
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.told());
    ran
}

fn sent(standin: &Standin) -> Value {
    standin.requests().pop().expect("a call").call.body
}

fn spent(ran: &Ran) -> f64 {
    ran.json()["cost"]["spent_usd"].as_f64().expect("an amount")
}

#[test]
fn everything_that_is_set_is_sent() {
    let config = "models: {branch: amazon.nova-pro-v1:0}\n\
                  parameters: {guardrail: {id: gr1, version: DRAFT}, performance: optimized}\n\
                  calls: {service_tier: flex}\n";
    let prompt = "  parameters:\n    guardrail: {id: gr1, version: 3}\n    response_format:\n      name: reply\n      \
                  schema: {type: object, properties: {reply: {type: string}}, additionalProperties: false}\n";
    let standin = standin();
    eval(&project(config, prompt), &standin, &[]);
    let mut body = sent(&standin);
    for known in ["messages", "system", "inferenceConfig"] {
        body.as_object_mut().expect("a mapping").remove(known);
    }
    assert_snapshot!(serde_json::to_string_pretty(&body).expect("JSON"), @r#"
    {
      "guardrailConfig": {
        "guardrailIdentifier": "gr1",
        "guardrailVersion": "3",
        "trace": "disabled"
      },
      "requestMetadata": {
        "prompt": "gr__",
        "run": "42"
      },
      "serviceTier": {
        "type": "flex"
      },
      "outputConfig": {
        "textFormat": {
          "type": "json_schema",
          "structure": {
            "jsonSchema": {
              "schema": "{\"type\":\"object\",\"properties\":{\"reply\":{\"type\":\"string\"}},\"additionalProperties\":false}",
              "name": "reply"
            }
          }
        }
      },
      "performanceConfig": {
        "latency": "optimized"
      }
    }
    "#);
}

#[test]
fn calls_name_run_commit_and_prompt_unless_that_is_switched_off() {
    let off = standin();
    eval(
        &project("models: {branch: amazon.nova-pro-v1:0}\ncalls: {request_metadata: false}\n", ""),
        &off,
        &[],
    );
    assert_eq!(sent(&off)["requestMetadata"], Value::Null);
    let on = standin();
    let project = project("models: {branch: amazon.nova-pro-v1:0}\n", "");
    let commit = project.commit("edit");
    let mut command = project.command(&["eval", "--base", "HEAD~1", "--head", "HEAD"]);
    rules_over_http::at(&mut command, &on).env("GITHUB_RUN_ID", "42");
    project.ran(&mut command);
    let told = sent(&on)["requestMetadata"].clone();
    assert_eq!(told, serde_json::json!({"commit": commit, "prompt": "gr__", "run": "42"}));
}

#[test]
fn flex_costs_half_is_said_and_changes_no_answer() {
    let standard = "models: {branch: amazon.nova-pro-v1:0}\n";
    let project = project(standard, "");
    let before = eval(&project, &standin(), &[]);
    let project = self::project(standard, "");
    project.write("prompt-assay.yaml", format!("{standard}calls: {{service_tier: {{branch: flex}}}}\n"));
    let (first, second) = (standin(), standin());
    let flex = eval(&project, &first, &[]);
    assert_eq!(sent(&first)["serviceTier"], serde_json::json!({"type": "flex"}));
    assert_eq!(spent(&flex), spent(&before) / 2.0);
    assert_snapshot!(flex.json()["warnings"].to_string(), @r#"["Calls are made in the service tier `flex`: `amazon.nova-pro-v1:0`."]"#);
    // The answers are those of the other tier.
    project.write("prompt-assay.yaml", standard);
    let again = eval(&project, &second, &[]);
    assert_eq!((second.counters().total, spent(&again)), (0, 0.0));
}

#[test]
fn a_model_without_the_tier_is_called_on_demand_and_that_is_said() {
    let config =
        "models: {branch: us.anthropic.claude-haiku-4-5-20251001-v1:0}\ncalls: {service_tier: flex}\n";
    let standin = standin();
    let ran = eval(&project(config, ""), &standin, &[]);
    assert_eq!(sent(&standin)["serviceTier"], Value::Null);
    assert_snapshot!(ran.json()["warnings"].to_string(), @r#"["Not known to have the service tier `flex`, so called on demand: `us.anthropic.claude-haiku-4-5-20251001-v1:0`."]"#);
}

#[test]
fn what_changes_answers_is_bought_anew() {
    let plain = "models: {branch: amazon.nova-pro-v1:0}\n";
    let project = project(plain, "");
    eval(&project, &standin(), &[]);
    for setting in [
        "guardrail: {id: gr1, version: 1}",
        "performance: optimized",
        "response_format: {schema: {type: object, additionalProperties: false}}",
    ] {
        let standin = standin();
        project.write("prompt-assay.yaml", format!("{plain}parameters: {{{setting}}}\n"));
        eval(&project, &standin, &[]);
        assert!(standin.counters().total > 0, "{setting}");
    }
}

#[test]
fn mistakes_in_them_are_named_with_their_place() {
    let config = "models: {branch: m}\nparameters:\n  guardrail: {id: Not An Id}\n  performance: fast\n  response_format: \
                  {name: reply}\ncalls: {service_tier: cheap, request_metadata: maybe}\njudge: {guardrail: {id: gr1, \
                  version: latest}}\n";
    assert_snapshot!(project(config, "").run(&["plan", "--base", "HEAD"]).told(), @"
    exit status 2
    error: `guardrail` needs `version`
      --> prompt-assay.yaml:3:14
       |   guardrail: {id: Not An Id}
       = write guardrail: {id: abc123, version: 1}

    error: `id` is neither the id nor the ARN of a guardrail
      --> prompt-assay.yaml:3:19
       |   guardrail: {id: Not An Id}

    error: `performance` must be one of `standard`, `optimized`, found `fast`
      --> prompt-assay.yaml:4:16
       |   performance: fast

    error: `response_format` needs `schema`
      --> prompt-assay.yaml:5:20
       |   response_format: {name: reply}
       = write the JSON Schema that answers must match: schema: {type: object, ...}

    error: `service_tier` must be one of `default`, `flex`, `priority`, found `cheap`
      --> prompt-assay.yaml:6:23
       | calls: {service_tier: cheap, request_metadata: maybe}

    error: `request_metadata` must be true or false, found the text `maybe`
      --> prompt-assay.yaml:6:48
       | calls: {service_tier: cheap, request_metadata: maybe}

    error: `version` must be the number of a version, or DRAFT
      --> prompt-assay.yaml:7:39
       | judge: {guardrail: {id: gr1, version: latest}}

    7 errors; nothing was evaluated
    ");
}
