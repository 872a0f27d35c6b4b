//! Third-party clients accept the stand-in: boto3 and the AWS CLI.
//!
//! The first run in a target directory installs both, pinned, into a virtual environment there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use prompt_assay_standin::{Answer, Config, Fault, Reply, Standin, Usage};
use serde_json::{Value, json};

use crate::python_environment;

const PACKAGES: [&str; 3] = ["boto3==1.43.11", "botocore==1.43.11", "awscli==1.45.11"];

/// The virtual environment's `python`.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| python_environment::python("standin-clients", &PACKAGES, "boto3 and awscli"))
}

fn client(standin: &Standin, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a directory");
    Command::new(python())
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", standin.url())
        .output()
        .expect("the virtual environment's python")
}

fn json_of(output: &Output) -> Value {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"))
}

fn scripted() -> Standin {
    Standin::start(Config::default(), |call| match call.last_user_text() {
        "too fast" => Fault::Throttling.into(),
        "broken" => Fault::ModelError { original_status: 503 }.into(),
        text if call.tools.is_empty() => {
            let usage = Usage { input: 9, output: 2, cache_read: Some(5), cache_write: Some(0) };
            Answer::text(format!("{text}, {:?}", call.system)).stop("max_tokens").usage(usage).into()
        }
        text => Reply::tool_use("grade", json!({"said": text, "score": 0.5, "points": [1, 2]})),
    })
    .expect("a free loopback port")
}

const BOTO3: &str = r#"
import boto3, json
runtime = boto3.client("bedrock-runtime")
model = "us.amazon.nova-lite-v1:0"
def said(text): return [{"role": "user", "content": [{"text": text}]}]
def code(text):
    try: runtime.converse(modelId=model, messages=said(text))
    except runtime.exceptions.ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return [type(error).__name__, status, error.response.get("originalStatusCode")]
plain = runtime.converse(
    modelId=model, messages=said("Hi"), system=[{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
    inferenceConfig={"maxTokens": 2, "temperature": 0.0})
tool = {"toolSpec": {"name": "grade", "inputSchema": {"json": {"type": "object"}}}}
called = runtime.converse(
    modelId=model, messages=said("grade me"), toolConfig={"tools": [tool], "toolChoice": {"any": {}}})
tokens = runtime.count_tokens(modelId=model, input={"converse": {"messages": said("12345678")}})
print(json.dumps({
    "request_id": plain["ResponseMetadata"]["RequestId"], "text": plain["output"]["message"]["content"][0]["text"],
    "stop": plain["stopReason"], "usage": plain["usage"], "latency": plain["metrics"]["latencyMs"],
    "called": [called["stopReason"], called["output"]["message"]["content"][0]["toolUse"]["input"]],
    "tokens": tokens["inputTokens"], "errors": [code("too fast"), code("broken"), code(" ")],
}))
"#;

#[test]
fn boto3_accepts_the_stand_in() {
    let standin = scripted();
    let seen = json_of(&client(&standin, &["-c", BOTO3]));
    let usage = json!({
        "inputTokens": 9, "outputTokens": 2, "totalTokens": 16, "cacheReadInputTokens": 5, "cacheWriteInputTokens": 0
    });
    let expected = json!({
        "request_id": "00000000-0000-4000-8000-000000000000", "text": "Hi, Some(\"Be brief.\")",
        "stop": "max_tokens", "usage": usage, "latency": 0,
        "called": ["tool_use", {"said": "grade me", "score": 0.5, "points": [1, 2]}],
        "tokens": 2,
        "errors": [
            ["ThrottlingException", 429, null], ["ModelErrorException", 424, 503], ["ValidationException", 400, null]
        ],
    });
    assert_eq!(seen, expected);
    assert_eq!(standin.requests()[0].call.model, "us.amazon.nova-lite-v1:0");
}

#[test]
fn the_aws_cli_accepts_the_stand_in() {
    let standin = scripted();
    let url = standin.url();
    let converse = |text: &str| {
        let messages = json!([{"role": "user", "content": [{"text": text}]}]).to_string();
        let call = ["-m", "awscli", "bedrock-runtime", "converse", "--endpoint-url", &url, "--model-id", "m"];
        let rest = [
            "--messages",
            &messages,
            "--inference-config",
            "maxTokens=2,temperature=0.5",
            "--output",
            "json",
        ];
        client(&standin, &[&call[..], &rest[..]].concat())
    };
    let seen = json_of(&converse("Hi"));
    assert_eq!(seen["output"]["message"], json!({"role": "assistant", "content": [{"text": "Hi, None"}]}));
    assert_eq!((&seen["stopReason"], &seen["usage"]["totalTokens"]), (&json!("max_tokens"), &json!(16)));
    let parameters = &standin.requests()[0].call.parameters;
    assert_eq!((parameters.max_tokens, parameters.temperature), (Some(2), Some(0.5)));

    let throttled = converse("too fast");
    let told = String::from_utf8_lossy(&throttled.stderr);
    assert!(!throttled.status.success() && told.contains("(ThrottlingException)"), "{told}");
}
