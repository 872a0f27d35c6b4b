//! Stands before a service and writes down what every call asks of IAM: actions on resources. It knows the services'
//! interfaces, not the program.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use serde_json::Value;

use crate::emulator::REGION;
use crate::in_between::{self, Answer, InBetween};

/// The account of everything here.
pub const ACCOUNT: &str = "123456789012";

/// Regions that a profile of the geography `us` hands a call on to.
const BEHIND_US: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];

/// One action on one resource, and the keys of conditions that come with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub action: String,
    pub resource: String,
    pub context: BTreeMap<String, String>,
}

impl Asked {
    fn of(action: &str, resource: String) -> Self {
        Self { action: action.to_owned(), resource, context: BTreeMap::new() }
    }

    fn with(mut self, key: &str, value: &str) -> Self {
        self.context.insert(key.to_owned(), value.to_owned());
        self
    }
}

/// What was asked, by all recorders of a test.
#[derive(Clone, Default)]
pub struct Record(Arc<Mutex<Vec<Asked>>>);

impl Record {
    /// What was asked since the last time, each once.
    pub fn take(&self) -> Vec<Asked> {
        let mut asked = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        asked.sort();
        asked.dedup();
        asked
    }

    fn push(&self, asked: Vec<Asked>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
    }
}

/// The recorder before one service; it ends when it is dropped.
pub struct Recorder(InBetween);

impl Recorder {
    /// Listens before `url`, and writes into the record.
    pub fn before(url: &str, record: &Record) -> Self {
        let (behind, record) = (in_between::behind(url), record.clone());
        Self(InBetween::start(move |request| answer(request, behind, record.clone())))
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.0.url()
    }
}

async fn answer(request: Request<Incoming>, behind: SocketAddr, record: Record) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let header = |name: &str| {
        head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let call = Call {
        // The scope of the signature: KEY/DATE/REGION/SERVICE/aws4_request.
        service: header("authorization").split('/').nth(3).unwrap_or_default().to_owned(),
        target: header("x-amz-target"),
        method: head.method.to_string(),
        path: decoded(head.uri.path()),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let answer = in_between::forward(head, body, behind).await?;
    let mut asked = call.asked();
    assert!(!asked.is_empty(), "not known what IAM is asked for: {call:?}");
    if call.service == "s3" && answer.status() == 404 {
        // Without the listing S3 would have said "denied" instead of "not there".
        asked.push(Asked::of("s3:ListBucket", call.bucket()));
    }
    record.push(asked);
    Ok(answer)
}

#[derive(Debug)]
struct Call {
    service: String,
    target: String,
    method: String,
    path: String,
    query: String,
    body: Value,
}

impl Call {
    fn asked(&self) -> Vec<Asked> {
        match self.service.as_str() {
            "ssm" => self.of_ssm(),
            "s3" => self.of_s3(),
            "bedrock" if self.path.starts_with("/model/") => self.of_models(),
            "bedrock" if self.path.starts_with("/prompts/") => self.of_prompts(),
            "bedrock" => self.of_jobs(),
            "appconfig" | "appconfigdata" => self.of_appconfig(),
            _ => Vec::new(),
        }
    }

    fn text(&self, key: &str) -> &str {
        self.body[key].as_str().unwrap_or_default()
    }

    fn of_ssm(&self) -> Vec<Asked> {
        let Some((_, operation)) = self.target.split_once('.') else { return Vec::new() };
        let action = format!("ssm:{operation}");
        let of = |name: &str| {
            let name = name.split(':').next().unwrap_or_default().trim_start_matches('/');
            Asked::of(&action, format!("arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name}"))
        };
        match operation {
            "DescribeParameters" => vec![Asked::of(&action, "*".to_owned())],
            "GetParameters" => {
                let names = self.body["Names"].as_array().into_iter().flatten();
                names.filter_map(Value::as_str).map(of).collect()
            }
            "AddTagsToResource" => vec![of(self.text("ResourceId"))],
            _ => vec![of(self.text("Name"))],
        }
    }

    fn bucket(&self) -> String {
        format!("arn:aws:s3:::{}", self.path.trim_start_matches('/').split('/').next().unwrap_or_default())
    }

    fn of_s3(&self) -> Vec<Asked> {
        let object = || format!("arn:aws:s3:::{}", self.path.trim_start_matches('/'));
        let is_of_bucket = !self.path.trim_matches('/').contains('/');
        match self.method.as_str() {
            "GET" if is_of_bucket => vec![Asked::of("s3:ListBucket", self.bucket())],
            "GET" | "HEAD" if self.query.contains("versionId") => {
                vec![Asked::of("s3:GetObjectVersion", object())]
            }
            "GET" | "HEAD" => vec![Asked::of("s3:GetObject", object())],
            "PUT" if !is_of_bucket => vec![Asked::of("s3:PutObject", object())],
            _ => Vec::new(),
        }
    }

    fn of_prompts(&self) -> Vec<Asked> {
        let parts: Vec<&str> = self.path.trim_matches('/').split('/').collect();
        let version = self.query.split('&').find_map(|pair| pair.strip_prefix("promptVersion="));
        let (action, id) = match (self.method.as_str(), &parts[..]) {
            ("GET", ["prompts"]) => return vec![Asked::of("bedrock:ListPrompts", "*".to_owned())],
            ("POST", ["prompts"]) => return vec![Asked::of("bedrock:CreatePrompt", "*".to_owned())],
            ("GET", ["prompts", id]) => ("bedrock:GetPrompt", id),
            ("PUT", ["prompts", id]) => ("bedrock:UpdatePrompt", id),
            ("DELETE", ["prompts", id]) => ("bedrock:DeletePrompt", id),
            ("POST", ["prompts", id, "versions"]) => ("bedrock:CreatePromptVersion", id),
            _ => return Vec::new(),
        };
        let version = version.map(|version| format!(":{version}")).unwrap_or_default();
        vec![Asked::of(action, format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:prompt/{id}{version}"))]
    }

    fn of_models(&self) -> Vec<Asked> {
        let Some((model, operation)) = self
            .path
            .trim_start_matches("/model/")
            .rsplit_once('/')
            .map(|(model, end)| (model.to_owned(), end))
        else {
            return Vec::new();
        };
        let action = match operation {
            "converse" => "bedrock:InvokeModel",
            "count-tokens" => "bedrock:CountTokens",
            _ => return Vec::new(),
        };
        touched(&model, action)
    }

    fn of_jobs(&self) -> Vec<Asked> {
        let jobs = format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:model-invocation-job/*");
        match (self.method.as_str(), self.path.as_str()) {
            ("GET", "/inference-profiles") => {
                vec![Asked::of("bedrock:ListInferenceProfiles", "*".to_owned())]
            }
            ("GET", path) if path.starts_with("/inference-profiles/") => {
                let profile = path.trim_start_matches("/inference-profiles/").to_owned();
                vec![Asked::of("bedrock:GetInferenceProfile", profile)]
            }
            ("GET", "/model-invocation-jobs") => {
                vec![Asked::of("bedrock:ListModelInvocationJobs", "*".to_owned())]
            }
            ("GET", _) => vec![Asked::of("bedrock:GetModelInvocationJob", jobs)],
            ("POST", "/model-invocation-job") => {
                let action = "bedrock:CreateModelInvocationJob";
                let pass = Asked::of("iam:PassRole", self.text("roleArn").to_owned());
                let mut asked =
                    vec![Asked::of(action, jobs), pass.with("iam:PassedToService", "bedrock.amazonaws.com")];
                asked.extend(touched(self.text("modelId"), action));
                asked
            }
            _ => Vec::new(),
        }
    }

    fn of_appconfig(&self) -> Vec<Asked> {
        let parts: Vec<&str> = self.path.trim_matches('/').split('/').collect();
        let arn = |resource: &str| format!("arn:aws:appconfig:{REGION}:{ACCOUNT}:{resource}");
        let one = |action: &str, resource: String| vec![Asked::of(action, resource)];
        match (self.method.as_str(), parts.as_slice()) {
            ("GET", ["applications"]) => one("appconfig:ListApplications", "*".to_owned()),
            ("GET", ["deploymentstrategies"]) => one("appconfig:ListDeploymentStrategies", "*".to_owned()),
            ("GET", ["applications", id, "environments"]) => {
                one("appconfig:ListEnvironments", arn(&format!("application/{id}")))
            }
            ("GET", ["applications", id, "configurationprofiles"]) => {
                one("appconfig:ListConfigurationProfiles", arn(&format!("application/{id}")))
            }
            (
                method,
                [
                    "applications",
                    id,
                    "configurationprofiles",
                    profile,
                    "hostedconfigurationversions",
                    rest @ ..,
                ],
            ) => {
                let action = match (method, rest.is_empty()) {
                    ("GET", true) => "appconfig:ListHostedConfigurationVersions",
                    ("GET", false) => "appconfig:GetHostedConfigurationVersion",
                    _ => "appconfig:CreateHostedConfigurationVersion",
                };
                one(action, arn(&format!("application/{id}/configurationprofile/{profile}")))
            }
            (method, ["applications", id, "environments", environment, "deployments", rest @ ..]) => {
                let place = arn(&format!("application/{id}/environment/{environment}"));
                match (method, rest.is_empty()) {
                    ("GET", true) => one("appconfig:ListDeployments", place),
                    ("GET", false) => one("appconfig:GetDeployment", place),
                    _ => {
                        let action = "appconfig:StartDeployment";
                        let strategy = format!("deploymentstrategy/{}", self.text("DeploymentStrategyId"));
                        let profile = self.text("ConfigurationProfileId");
                        let profile = format!("application/{id}/configurationprofile/{profile}");
                        [place, arn(&strategy), arn(&profile)]
                            .map(|resource| Asked::of(action, resource))
                            .into()
                    }
                }
            }
            (method, ["configurationsessions"] | ["configuration"]) => {
                let action = match method {
                    "POST" => "appconfig:StartConfigurationSession",
                    _ => "appconfig:GetLatestConfiguration",
                };
                one(action, arn("application/some/environment/some/configuration/some"))
            }
            _ => Vec::new(),
        }
    }
}

/// A model; or a profile, and the model behind it in every region.
fn touched(model: &str, action: &str) -> Vec<Asked> {
    let of_model = |region: &str, model: &str| format!("arn:aws:bedrock:{region}::foundation-model/{model}");
    if model.contains(":application-inference-profile/") {
        let mut asked = vec![Asked::of(action, model.to_owned())];
        if action != "bedrock:CountTokens" {
            let behind = Asked::of(action, of_model(REGION, "amazon.nova-lite-v1:0"));
            asked.push(behind.with("bedrock:InferenceProfileArn", model));
        }
        return asked;
    }
    let Some(behind) = model.strip_prefix("us.") else {
        return vec![Asked::of(action, of_model(REGION, model))];
    };
    let profile = format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{model}");
    let mut asked = vec![Asked::of(action, profile.clone())];
    if action != "bedrock:CountTokens" {
        let handed = |region: &str| {
            Asked::of(action, of_model(region, behind)).with("bedrock:InferenceProfileArn", &profile)
        };
        asked.extend(BEHIND_US.map(handed));
    }
    asked
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or(0) as u8;
        bytes.push(if byte == b'%' { hex(rest.next()) * 16 + hex(rest.next()) } else { byte });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
