//! Every call that the product makes of AWS, and every answer of the stand-in, is what AWS's own service models say: the
//! real binary and the real SDK through a proxy that writes down what went over the wire, and botocore's models to hold
//! it against (shapes, required members, enumerations, patterns, lengths).

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use http_body_util::BodyExt;
use prompt_assay_standin::{Answer, Config, ConverseCall, Reply, Standin, ToolChoice};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::rules_over_http;
use serde_json::{Value, json};

use crate::appconfig_proxy::AppConfigProxy;
use crate::emulator::{Emulator, boto3_says, environment};
use crate::in_between::{self, InBetween};
use crate::python_environment;

const PACKAGES: [&str; 2] = ["botocore==1.44.8", "regex==2026.11.19"];

const READER: &str = include_str!("../data/service_models.py");

/// How answers differ from the models where AWS itself or an emulator does not keep to them: the beginning and the end
/// of a problem, and why the product does not mind.
const DIFFERENT: [(&str, &str, &str); 4] = [
    (
        "appconfig ListDeploymentStrategies: response.Items",
        "'AppConfig.",
        "the ids of AWS's own strategies are longer",
    ),
    ("ssm GetParameterHistory: response.Parameters", "Labels is 0, not", "no label is an empty list"),
    ("ssm LabelParameterVersion: response.InvalidLabels", "is 0, not", "no invalid label is an empty list"),
    ("bedrock ", "lacks the required submitTime", "the emulator knows no time; the product reads none"),
];

/// A proxy that writes down what passes.
pub struct Recorder {
    server: InBetween,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Recorder {
    /// Before `url`; `ours`: the stand-in, whose answers must have nothing that the model does not know.
    pub fn before(url: &str, ours: bool) -> Self {
        let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (behind, kept) = (in_between::behind(url), Arc::clone(&lines));
        let server = InBetween::start(move |request| {
            let kept = Arc::clone(&kept);
            async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
                let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
                let headers = |map: &hyper::HeaderMap| -> BTreeMap<String, String> {
                    let text = |value: &hyper::header::HeaderValue| {
                        String::from_utf8_lossy(value.as_bytes()).into_owned()
                    };
                    map.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
                };
                let mut line = json!({
                    "method": head.method.as_str(),
                    "path": head.uri.path(),
                    "query": head.uri.query().unwrap_or_default(),
                    "headers": headers(&head.headers),
                    "body": base64(&body),
                    "ours": ours,
                });
                let answer = in_between::forward(head, body, behind).await?;
                let (head, body) = answer.into_parts();
                let bytes = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
                line["status"] = head.status.as_u16().into();
                line["response_headers"] = json!(headers(&head.headers));
                line["response_body"] = base64(&bytes).into();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                Ok(hyper::Response::from_parts(head, http_body_util::Full::new(bytes)))
            }
        });
        Self { server, lines }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The operations that passed, and what is wrong with any of them.
    pub fn held_against_botocore(&self) -> (Vec<String>, Vec<String>) {
        let python = python_environment::python("service-models", &PACKAGES, "botocore and regex");
        let mut reader = Command::new(python)
            .args(["-c", READER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment's python");
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut input = reader.stdin.take().expect("its input");
        for line in &lines {
            writeln!(input, "{line}").expect("it reads");
        }
        drop(input);
        let output = reader.wait_with_output().expect("it ends");
        let said: Value = serde_json::from_slice(&output.stdout).expect("what it says");
        let seen = said["seen"].as_object().expect("operations").keys().cloned().collect();
        let problems = said["problems"].as_array().expect("problems").iter().filter_map(Value::as_str);
        let is_known = |problem: &&str| {
            DIFFERENT.iter().any(|(begins, holds, _)| problem.starts_with(begins) && problem.contains(holds))
        };
        (seen, problems.filter(|problem| !is_known(problem)).map(str::to_owned).collect())
    }
}

fn willing(call: &ConverseCall) -> Reply {
    match &call.tool_choice {
        Some(ToolChoice::Tool(name)) => {
            let verdict = json!({"reasoning": "Fine.", "score": 1});
            Reply::tool_use(name, rules_over_http::verdict(call, verdict))
        }
        _ => Answer::text("Hello Ada").into(),
    }
}

fn fine(ran: &Ran) {
    assert_eq!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn calls_of_bedrock_are_what_its_models_say() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
    let model = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0";
    let config = Config {
        application_profiles: vec![(arn.to_owned(), vec![model.to_owned()])],
        profiles: Some(vec!["us.amazon.nova-2-lite-v1:0".to_owned()]),
        ..Config::default()
    };
    let standin = Standin::start(config, willing).expect("a free loopback port");
    let recorder = Recorder::before(&standin.url(), true);
    let catalog = format!(
        "greet:\n  text: \"Greet Ada warmly. {}\"\n  user: \"{{{{ input }}}}\"\n  tools:\n    - {{name: look_up, description: \
         Looks up., input_schema: {{type: object, properties: {{id: {{type: string}}}}}}}}\n  tool_choice: auto\n  \
         parameters:\n    stop: [END]\n    temperature: 0.5\n    top_p: 0.9\n    extra: {{top_k: 5}}\n    performance: \
         optimized\n    response_format:\n      name: reply\n      description: A reply.\n      schema: {{type: object, \
         properties: {{}}, additionalProperties: false}}\n",
        "Be kind. ".repeat(700)
    );
    let settings = format!(
        "models: {{branch: {arn:?}, judge: us.amazon.nova-pro-v1:0}}\nparameters: {{guardrail: {{id: gr1, version: 2}}}}\n\
         judge: {{guardrail: {{id: gr1, version: DRAFT}}}}\ncalls: {{service_tier: flex, concurrency: 1}}\nbudget: \
         {{max_cost: 5}}\n"
    );
    let cases: String = (0..4)
        .map(|n| {
            format!(
                "  - {{id: c{n}, input: Hi {n}, checks: [{{judge: Is a greeting.}}, {{contains: Ada}}, \
                 {{semantic: {{to: Hello, model: \"amazon.titan-embed-text-v2:0\", threshold: 0.1}}}}, \
                 {{semantic: {{to: Hello, model: cohere.embed-english-v3, threshold: 0.1}}}}]}}\n"
            )
        })
        .collect();
    let project = Project::new(&[
        ("prompts.yaml", &catalog),
        ("golden/greet.yaml", &format!("cases:\n{cases}")),
        ("prompt-assay.yaml", &settings),
    ]);
    project.edit("prompts.yaml", "warmly", "kindly");
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        project.ran(command.envs(environment(&recorder.url())).env("GITHUB_RUN_ID", "42"))
    };
    fine(&run(&["plan", "--base", "HEAD", "--count-tokens"]));
    fine(&run(&["eval", "--base", "HEAD"]));
    // What is refused is an answer, too.
    project.write("prompt-assay.yaml", settings.replace(arn, "amazon.nova-2-lite-v1:0"));
    assert_eq!(run(&["eval", "--base", "HEAD", "--no-cache"]).status, 3);
    let (seen, problems) = recorder.held_against_botocore();
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(
        seen,
        [
            "bedrock GetInferenceProfile",
            "bedrock ListInferenceProfiles",
            "bedrock-runtime Converse",
            "bedrock-runtime CountTokens",
            "bedrock-runtime InvokeModel"
        ]
    );
    let sent = standin.requests();
    let sends = |key: &str| sent.iter().any(|request| !request.call.body[key].is_null());
    for key in [
        "guardrailConfig",
        "outputConfig",
        "performanceConfig",
        "requestMetadata",
        "serviceTier",
        "toolConfig",
    ] {
        assert!(sends(key), "{key} is never sent, so nothing was shown about it");
    }
}

/// A repository whose prompts have passed, for a release.
fn passed(config: &str) -> Project {
    let long = "A long sentence about refunds. ".repeat(400);
    let catalog = format!("plain: \"Be kind.\"\nbraces: \"Greet {{{{ name }}}}.\"\nlong: \"{long}\"\n");
    let project = Project::new(&[("prompts.yaml", &catalog), ("prompt-assay.yaml", config)]);
    project.write("rules.yaml", "default: {text: \"Hello Ada\"}\n");
    for name in ["plain", "braces", "long"] {
        let case = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n";
        project.write(&format!("golden/{name}.yaml"), case);
    }
    project.write(".gitignore", ".prompt-assay/\n");
    project.commit("configure");
    fine(&project.run(&["eval", "--tier", "main", "--base", "none"]));
    project
}

/// Releases, edits, releases again, rolls back and looks.
fn released(project: &Project, recorder: &Recorder) {
    let run = |arguments: &[&str]| project.ran(project.command(arguments).envs(environment(&recorder.url())));
    fine(&run(&["release", "--env", "prod"]));
    project.edit("prompts.yaml", "Be kind.", "Be rude.");
    project.commit("edit");
    fine(&project.run(&["eval", "--tier", "main", "--base", "HEAD~1"]));
    fine(&run(&["release", "--env", "prod"]));
    fine(&run(&["rollback", "plain", "--env", "prod", "--reason", "complaints"]));
    fine(&run(&["history", "plain", "--env", "prod"]));
    fine(&run(&["show", "long", "--env", "prod"]));
}

#[test]
fn calls_of_ssm_and_s3_are_what_their_models_say() {
    let moto = Emulator::moto();
    boto3_says(&moto.url(), "import boto3\nboto3.client('s3').create_bucket(Bucket='prompts-of-the-test')\n");
    let recorder = Recorder::before(&moto.url(), false);
    let project = passed(
        "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\nprovider: {scripted: rules.yaml}\nrelease:\n  \
         release_on_scripted: true\n  environments:\n    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", s3: {bucket: prompts-of-the-test}}\n",
    );
    released(&project, &recorder);
    let (seen, problems) = recorder.held_against_botocore();
    assert!(problems.is_empty(), "{problems:#?}");
    insta::assert_snapshot!(seen.join("\n"), @"
    s3 GetObject
    s3 PutObject
    ssm AddTagsToResource
    ssm GetParameterHistory
    ssm LabelParameterVersion
    ssm PutParameter
    ");
}

#[test]
fn calls_of_prompt_management_are_what_its_model_says() {
    let moto = Emulator::moto();
    let config = Config { most_versions: 3, ..Config::default() };
    let standin = Standin::start(config, willing).expect("a free loopback port");
    let recorder = Recorder::before(&standin.url(), true);
    let project = passed(
        "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\nprovider: {scripted: rules.yaml}\nparameters: \
         {temperature: 0.1, top_p: 0.9, stop: [END], extra: {top_k: 5}}\nrelease:\n  release_on_scripted: true\n  environments:\n    \
         prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", prompt_management: {}}\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        project
            .ran(command.envs(environment(&moto.url())).env("AWS_ENDPOINT_URL_BEDROCK_AGENT", recorder.url()))
    };
    // More prompts than a page lists.
    for number in 0..12 {
        standin.library().edit(&format!("other-{number}"), |_| {});
    }
    fine(&run(&["release", "--env", "prod"]));
    for (old, new) in [("Be kind.", "Be rude."), ("Be rude.", "Be calm."), ("Be calm.", "Be fair.")] {
        project.edit("prompts.yaml", old, new);
        project.commit("edit");
        fine(&project.run(&["eval", "--tier", "main", "--base", "HEAD~1"]));
        // The last finds a full prompt.
        run(&["release", "--env", "prod"]);
    }
    project.edit("prompt-assay.yaml", "prompt_management: {}", "prompt_management: {keep: 3}");
    project.commit("let releases make room");
    fine(&run(&["release", "--env", "prod"]));
    let (seen, problems) = recorder.held_against_botocore();
    assert!(problems.is_empty(), "{problems:#?}");
    insta::assert_snapshot!(seen.join("\n"), @"
    bedrock-agent CreatePrompt
    bedrock-agent CreatePromptVersion
    bedrock-agent DeletePrompt
    bedrock-agent GetPrompt
    bedrock-agent ListPrompts
    bedrock-agent UpdatePrompt
    ");
    assert_eq!(standin.counters().by_status.get(&402), Some(&1), "the quota was met");
}

#[test]
fn calls_of_appconfig_are_what_its_model_says() {
    let ministack = Emulator::ministack();
    boto3_says(
        &ministack.url(),
        r#"
import boto3
a = boto3.client("appconfig")
app = a.create_application(Name="shop")["Id"]
a.create_environment(ApplicationId=app, Name="prod")
for name in ["llm-plain", "llm-braces", "llm-long"]:
    a.create_configuration_profile(ApplicationId=app, Name=name, LocationUri="hosted", Type="AWS.Freeform")
a.create_deployment_strategy(
    Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE")
"#,
    );
    let proxy = AppConfigProxy::before(&ministack.url());
    let recorder = Recorder::before(&proxy.url(), false);
    let project = passed(
        "models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}\nprovider: {scripted: rules.yaml}\nrelease:\n  \
         release_on_scripted: true\n  default: prod\n  environments:\n    prod:\n      region: us-east-1\n      appconfig: {application: shop, environment: \
         prod, profile: \"llm-{name}\", strategy: at-once}\n",
    );
    released(&project, &recorder);
    let (seen, problems) = recorder.held_against_botocore();
    assert!(problems.is_empty(), "{problems:#?}");
    insta::assert_snapshot!(seen.join("\n"), @"
    appconfig CreateHostedConfigurationVersion
    appconfig GetDeployment
    appconfig GetHostedConfigurationVersion
    appconfig ListApplications
    appconfig ListConfigurationProfiles
    appconfig ListDeploymentStrategies
    appconfig ListDeployments
    appconfig ListEnvironments
    appconfig ListHostedConfigurationVersions
    appconfig StartDeployment
    ");
}
