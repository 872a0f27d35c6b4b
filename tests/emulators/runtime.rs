//! What a release makes live is what the clients in Rust, Python and Node read through the real SDKs, from moto and
//! from MiniStack: the same content, and the very call that was evaluated.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use prompt_assay_client::{AppConfig, Prompts, Source, Ssm};
use prompt_assay_standin::{Config, Reply, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use serde_json::{Value, json};

use crate::appconfig_proxy::AppConfigProxy;
use crate::emulator::{self, Emulator, boto3_says, environment};
use crate::{node_environment, python_environment};

const CONFIG: &str = "\
models: {branch: amazon.nova-lite-v1:0, main: amazon.nova-pro-v1:0}
release:
  environments:
    prod: {region: us-east-1, ssm: \"/prod/llm/{name}\", s3: {bucket: prompts-of-the-test}}
    deployed:
      region: us-east-1
      appconfig: {application: shop, environment: prod, profile: \"llm-{name}\", strategy: at-once}
";

const BUCKET: &str = r"
import boto3
s3 = boto3.client('s3')
s3.create_bucket(Bucket='prompts-of-the-test')
s3.put_bucket_versioning(Bucket='prompts-of-the-test', VersioningConfiguration={'Status': 'Enabled'})
";

const APPLICATION: &str = r#"
import boto3
a = boto3.client("appconfig")
app = a.create_application(Name="shop")["Id"]
a.create_environment(ApplicationId=app, Name="prod")
for name in ["plain", "braces", "long", "chat"]:
    a.create_configuration_profile(ApplicationId=app, Name=f"llm-{name}", LocationUri="hosted", Type="AWS.Freeform")
a.create_deployment_strategy(
    Name="at-once", DeploymentDurationInMinutes=0, FinalBakeTimeInMinutes=0, GrowthFactor=100, ReplicateTo="NONE")
"#;

const NAMES: [&str; 4] = ["plain", "braces", "long", "chat"];
const MODEL: &str = "amazon.nova-pro-v1:0";

const IN_PYTHON: &str = r#"
import json, sys
from prompt_assay_client import AppConfig, Prompts, Ssm
if sys.argv[1] == "ssm":
    source = Ssm("/prod/llm/{name}", seconds=60)
else:
    source = AppConfig("shop", "prod", "llm-{name}", agent=False, seconds=60)
prompts, told = Prompts(source, timeout=120), {}
prompts.prefetch(sys.argv[2:])
for name in sys.argv[2:]:
    prompt = prompts.get(name)
    body = prompt.render(name="Ada").converse("Hi", model="amazon.nova-pro-v1:0")
    told[name] = {"model": body.pop("modelId"), "fingerprint": prompt.fingerprint, "body": body}
print(json.dumps(told))
"#;

const IN_NODE: &str = r#"
import { pathToFileURL } from "node:url";
const [client, kind, ...names] = process.argv.slice(process.argv.indexOf("--") + 1);
const { AppConfig, Prompts, Ssm } = await import(pathToFileURL(client));
const source =
  kind === "ssm"
    ? new Ssm("/prod/llm/{name}", { seconds: 60 })
    : new AppConfig("shop", "prod", { profile: "llm-{name}", agent: false, seconds: 60 });
const prompts = new Prompts(source, { timeout: 120 });
await prompts.prefetch(names);
const told = {};
for (const name of names) {
  const prompt = await prompts.get(name);
  const request = prompt.render({ name: "Ada" }).converse("Hi", { model: "amazon.nova-pro-v1:0" });
  const { modelId: model, ...body } = request;
  told[name] = { model, fingerprint: prompt.fingerprint, body };
}
console.log(JSON.stringify(told));
"#;

/// What each prompt came to: its fingerprint, and the call it makes.
type Told = BTreeMap<String, Value>;

struct Cloud {
    project: Project,
    bedrock: Standin,
    url: String,
}

impl Cloud {
    /// Prompts that have passed, released to one environment of an AWS at this address.
    fn released(url: String, env: &str) -> Self {
        let chat = json!({
            "messages": [
                {"role": "system", "content": "Classify for {name}."},
                {"role": "user", "content": "great"},
                {"role": "assistant", "content": "positive"},
            ],
            "template": "python",
            "parameters": {"max_tokens": 50, "temperature": 0.2, "top_p": 0.9, "stop": ["\n\n"], "extra": {"top_k": 20}},
            "tools": [{
                "name": "refund",
                "description": "Pays back.",
                "input_schema": {"type": "object", "properties": {"reason": {"type": "string"}, "amount": {"type": "number"}}},
            }],
            "tool_choice": "auto",
        });
        let long = "A long sentence about refunds. ".repeat(1300);
        let catalog = json!({"plain": "Be kind.", "braces": "Greet {{ name }}.", "long": long, "chat": chat});
        let project = Project::new(&[
            ("prompts.yaml", &catalog.to_string()),
            ("prompt-assay.yaml", CONFIG),
            (".gitignore", ".prompt-assay/\n"),
        ]);
        for name in NAMES {
            let case = "cases:\n  - {id: a, input: Hi, vars: {name: Ada}, checks: [{contains: Ada}]}\n";
            project.write(&format!("golden/{name}.yaml"), case);
        }
        project.commit("configure");
        let bedrock = Standin::start(Config::default(), |_| Reply::text("Hello Ada")).expect("a port");
        let cloud = Self { project, bedrock, url };
        cloud.ends(&["eval", "--tier", "main", "--base", "none"]);
        cloud.ends(&["release", "--env", env]);
        cloud
    }

    fn ends(&self, arguments: &[&str]) -> Ran {
        let mut command = self.project.command(arguments);
        command.envs(environment(&self.url)).env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", self.bedrock.url());
        let ran = self.project.ran(&mut command);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.told());
        ran
    }

    /// What a program says, with this AWS.
    fn says(&self, command: &mut Command) -> Told {
        let output = command.envs(environment(&self.url)).output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn in_python(&self, kind: &str) -> Told {
        let packages = ["boto3==1.43.106", "botocore==1.43.106", "minijinja==3.1.0"];
        let python = python_environment::python("clients", &packages, "what the Python client needs");
        let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python/src");
        let mut command = Command::new(python);
        self.says(command.args(["-B", "-c", IN_PYTHON, kind]).args(NAMES).env("PYTHONPATH", client))
    }

    fn in_node(&self, kind: &str) -> Told {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "-e", IN_NODE, "--", "--"]);
        self.says(command.arg(node_environment::client()).arg(kind).args(NAMES))
    }

    /// In Rust, by the client of Bedrock's SDK: the body is what arrived there.
    async fn in_rust(&self, prompts: &Prompts) -> Told {
        let connection = emulator::options(self.bedrock.url());
        let connection = prompt_assay::adapters::aws::Connection::open(connection).await.expect("a region");
        let bedrock = aws_sdk_bedrockruntime::Client::new(connection.config());
        let mut told = Told::new();
        prompts.prefetch(NAMES).await.expect("prompts");
        for name in NAMES {
            let prompt = prompts.get(name).await.expect("a prompt");
            let request =
                prompt.render(&json!({"name": "Ada"})).expect("a text").converse(["Hi"]).model(MODEL);
            request.send(&bedrock).await.expect("an answer");
            let call = self.bedrock.requests().pop().expect("a call").call;
            let fingerprint = prompt.fingerprint();
            told.insert(
                name.to_owned(),
                json!({"model": call.model, "fingerprint": fingerprint, "body": call.body}),
            );
        }
        told
    }

    /// Every language reads the same; Rust goes on with prompts that have been in memory for a while.
    async fn all_read(&self, kind: &str, prompts: &Prompts) -> Told {
        let told = self.in_rust(prompts).await;
        assert_eq!(self.in_python(kind), told);
        assert_eq!(self.in_node(kind), told);
        told
    }

    /// A release and a rollback, seen by each.
    async fn lives_on(&self, env: &str, kind: &str, source: impl Source) {
        let prompts = Prompts::builder(source).timeout(Duration::from_secs(120)).background(false).build();
        let evaluated: Vec<(String, Value)> = self
            .bedrock
            .requests()
            .into_iter()
            .map(|one| (one.call.model, unvaried(one.call.body)))
            .collect();
        let first = self.all_read(kind, &prompts).await;
        // The call of a prompt that names its model and parameters is the one that was evaluated.
        let of_chat = &first["chat"]["body"];
        let same = evaluated.iter().find(|(_, body)| body == of_chat);
        let (model, same) = same.unwrap_or_else(|| panic!("nothing that was evaluated is {of_chat}"));
        assert_eq!(model, MODEL);
        // The order of a schema's keys belongs to it.
        assert_eq!(same["toolConfig"].to_string(), of_chat["toolConfig"].to_string());
        for name in NAMES {
            let body = &first[name]["body"];
            let sent = |key: &str| evaluated.iter().any(|(_, sent)| sent[key] == body[key]);
            assert!(sent("system") && sent("messages"), "{body}");
        }

        self.project.edit("prompts.yaml", "Be kind.", "Be rude.");
        self.project.edit("prompts.yaml", "about refunds", "about returns");
        self.project.commit("edit");
        self.ends(&["eval", "--tier", "main", "--base", "HEAD~1"]);
        self.ends(&["release", "--env", env]);
        let early = self.in_rust(&prompts).await;
        assert_eq!(early, first, "from memory");
        pass(360).await;
        let second = self.all_read(kind, &prompts).await;
        assert_eq!(second["plain"]["body"]["system"], json!([{"text": "Be rude."}]));
        assert!(second["long"]["body"]["system"][0]["text"].as_str().expect("a text").contains("returns"));

        for name in ["plain", "long"] {
            self.ends(&["rollback", name, "--env", env, "--reason", "complaints"]);
        }
        pass(360).await;
        assert_eq!(self.all_read(kind, &prompts).await, first);
    }
}

/// A call without the white space by which an evaluation's calls for one case differ.
fn unvaried(mut body: Value) -> Value {
    if let Some(Value::String(text)) = body
        .pointer_mut("/messages")
        .and_then(|messages| messages.as_array_mut()?.last_mut()?.pointer_mut("/content/0/text"))
    {
        *text = text.trim().to_owned();
    }
    // What names the run in the logs of Bedrock is no part of the prompt.
    if let Some(body) = body.as_object_mut() {
        body.remove("requestMetadata");
    }
    body
}

/// Time passes at once for the prompts in memory; connections stay in real time.
async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

async fn ssm(url: String) {
    let cloud = Cloud::released(url, "prod");
    let connection = prompt_assay::adapters::aws::Connection::open(emulator::options(cloud.url.clone()));
    let config = connection.await.expect("a region").config().clone();
    let source = Ssm::builder("/prod/llm/{name}").config(config).extension(false).build().await;
    cloud.lives_on("prod", "ssm", source).await;
}

#[tokio::test]
async fn ssm_and_s3_of_moto_are_read_in_three_languages() {
    let moto = Emulator::moto();
    boto3_says(&moto.url(), BUCKET);
    ssm(moto.url()).await;
}

#[tokio::test]
async fn ssm_and_s3_of_ministack_are_read_in_three_languages() {
    let ministack = Emulator::ministack();
    boto3_says(&ministack.url(), BUCKET);
    ssm(ministack.url()).await;
}

#[tokio::test]
async fn appconfig_of_ministack_is_read_in_three_languages() {
    let ministack = Emulator::ministack();
    let proxy = AppConfigProxy::before(&ministack.url());
    boto3_says(&proxy.url(), APPLICATION);
    let cloud = Cloud::released(proxy.url(), "deployed");
    let connection = prompt_assay::adapters::aws::Connection::open(emulator::options(cloud.url.clone()));
    let config = connection.await.expect("a region").config().clone();
    let source = AppConfig::builder("shop", "prod", "llm-{name}").agent(None).config(config).build().await;
    cloud.lives_on("deployed", "appconfig", source).await;
}
