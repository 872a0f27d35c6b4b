//! SSM Parameter Store, with S3 behind its pointers; inside Lambda through AWS's extension if it is there.

use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::ProvideErrorMetadata;
use serde::Deserialize;

use super::aws::{PATIENCE, configuration, explained};
use super::loopback::{escaped, get};
#[cfg(feature = "s3")]
use super::s3::Objects;
use super::{Answer, Found, Key, Reading, Source, Which};
use crate::Error;
use crate::stored::{self, Held};

/// The extension's port.
const EXTENSION_PORT: u16 = 2773;
/// Seconds for which the extension keeps a parameter by default.
const EXTENSION_TTL: u64 = 300;

/// Parameters, by the pattern of the release's environment.
#[derive(Debug)]
pub struct Ssm {
    pattern: String,
    label: Option<String>,
    client: Client,
    #[cfg(feature = "s3")]
    objects: Objects,
    extension: Option<Extension>,
}

#[derive(Debug)]
struct Extension {
    token: String,
    port: u16,
    ttl: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    parameter: Parameter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    value: String,
    #[serde(default)]
    version: Option<u64>,
}

/// How parameters are found.
#[derive(Debug)]
pub struct SsmBuilder {
    pattern: String,
    label: Option<String>,
    config: Option<SdkConfig>,
    extension: Option<bool>,
}

impl SsmBuilder {
    /// Another label than `live`, the one that a release moves; `None`: the newest version.
    #[must_use]
    pub fn label(mut self, label: Option<&str>) -> Self {
        self.label = label.map(str::to_owned);
        self
    }

    /// The application's own configuration of the SDK. Check its timeouts and retries.
    #[must_use]
    pub fn config(mut self, config: SdkConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// Whether to ask the Parameters and Secrets extension first; by default inside Lambda.
    #[must_use]
    pub fn extension(mut self, extension: bool) -> Self {
        self.extension = Some(extension);
        self
    }

    /// Finds credentials and region as the SDK does.
    pub async fn build(self) -> Ssm {
        let config = configuration(self.config).await;
        let in_lambda = env::var_os("AWS_LAMBDA_FUNCTION_NAME").is_some();
        let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let token = env::var("AWS_SESSION_TOKEN").ok().filter(|_| self.extension.unwrap_or(in_lambda));
        let port = number("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT").and_then(|port| u16::try_from(port).ok());
        let ttl = Duration::from_secs(number("SSM_PARAMETER_STORE_TTL").unwrap_or(EXTENSION_TTL));
        let extension = token.map(|token| Extension { token, port: port.unwrap_or(EXTENSION_PORT), ttl });
        Ssm {
            pattern: self.pattern,
            label: self.label,
            client: Client::new(&config),
            #[cfg(feature = "s3")]
            objects: Objects::new(s3_client(&config)),
            extension,
        }
    }
}

/// A custom endpoint (an emulator, MinIO) seldom has a host name per bucket.
#[cfg(feature = "s3")]
fn s3_client(config: &SdkConfig) -> aws_sdk_s3::Client {
    let is_own = config.endpoint_url().is_some()
        || ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].iter().any(|name| env::var_os(name).is_some());
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(is_own).build();
    aws_sdk_s3::Client::from_conf(config)
}

impl Ssm {
    /// Parameters by a pattern, `/prod/llm/{name}`. A name that begins with `/`, or an ARN, is a
    /// parameter's own.
    pub fn builder(pattern: impl Into<String>) -> SsmBuilder {
        SsmBuilder { pattern: pattern.into(), label: Some("live".to_owned()), config: None, extension: None }
    }

    /// A parameter's name, and its version or label.
    fn parameter(&self, key: &Key) -> (String, Option<String>) {
        let is_whole = key.name.starts_with('/') || key.name.starts_with("arn:");
        let name = if is_whole { key.name.clone() } else { self.pattern.replace("{name}", &key.name) };
        let which = match &key.which {
            Which::Live => self.label.clone(),
            Which::Version(version) => Some(version.to_string()),
            Which::Label(label) => Some(label.clone()),
        };
        (name, which)
    }

    async fn all(&self, keys: &[Key]) -> Vec<Answer> {
        let mut answers: BTreeMap<&Key, Answer> = BTreeMap::new();
        for key in keys {
            if let Some(parameter) = self.ask_extension(key).await {
                answers.insert(key, self.found(key, parameter).await);
            }
        }
        // One call has one answer per name; other versions of a name go into the next.
        loop {
            let mut call: BTreeMap<String, &Key> = BTreeMap::new();
            for key in keys.iter().filter(|key| !answers.contains_key(key)) {
                call.entry(self.parameter(key).0).or_insert(key);
            }
            if call.is_empty() {
                break;
            }
            self.ask_ssm(&call, &mut answers).await;
        }
        let none = || Err(Error::Unavailable("no answer".to_owned()));
        keys.iter().map(|key| answers.get(key).cloned().unwrap_or_else(none)).collect()
    }

    async fn ask_extension(&self, key: &Key) -> Option<Parameter> {
        let extension = self.extension.as_ref()?;
        let (name, which) = self.parameter(key);
        let mut path = format!("/systemsmanager/parameters/get?name={}&withDecryption=true", escaped(&name));
        if let Some(which) = which {
            let kind = if matches!(key.which, Which::Version(_)) { "version" } else { "label" };
            path += &format!("&{kind}={}", escaped(&which));
        }
        let headers = [("X-Aws-Parameters-Secrets-Token", extension.token.as_str())];
        let reply = get(extension.port, &path, &headers, PATIENCE).await?;
        serde_json::from_slice::<Reply>(&reply.body).ok().map(|reply| reply.parameter)
    }

    async fn ask_ssm<'k>(&self, call: &BTreeMap<String, &'k Key>, answers: &mut BTreeMap<&'k Key, Answer>) {
        let asked = |name: &String, key: &Key| match self.parameter(key).1 {
            Some(which) => format!("{name}:{which}"),
            None => name.clone(),
        };
        let names: Vec<String> = call.iter().map(|(name, key)| asked(name, key)).collect();
        let sent =
            self.client.get_parameters().set_names(Some(names.clone())).with_decryption(true).send().await;
        let found = match sent {
            Ok(found) => found,
            Err(error) => {
                let code = error.code().unwrap_or_default();
                let is_server_s =
                    error.raw_response().is_none_or(|response| response.status().is_server_error());
                let is_everybody_s =
                    is_server_s || code.contains("Throttl") || code == "RequestLimitExceeded";
                if call.len() > 1 && !is_everybody_s {
                    // One name that is denied or refused must not take the others with it.
                    for (name, key) in call {
                        let one = BTreeMap::from([(name.clone(), *key)]);
                        Box::pin(self.ask_ssm(&one, answers)).await;
                    }
                    return;
                }
                let what = format!("the parameter {}", names.join(" and the parameter "));
                let problem = explained(&error, &what, "ssm:GetParameters");
                answers.extend(call.values().map(|key| (*key, Err(problem.clone()))));
                return;
            }
        };
        for (name, key) in call {
            let is_it = |one: &&aws_sdk_ssm::types::Parameter| {
                one.name() == Some(name.as_str()) || one.arn() == Some(name.as_str())
            };
            let answer = match found.parameters().iter().find(is_it) {
                Some(one) => {
                    let version = u64::try_from(one.version()).ok().filter(|version| *version > 0);
                    let value = one.value().unwrap_or_default().to_owned();
                    self.found(key, Parameter { value, version }).await
                }
                None => {
                    let asked = asked(name, key);
                    Err(Error::NotFound(format!("the parameter {asked} does not exist: is it released?")))
                }
            };
            answers.insert(key, answer);
        }
    }

    async fn found(&self, key: &Key, parameter: Parameter) -> Answer {
        let content = match stored::open(&parameter.value) {
            Ok(Held::Content(content)) => Ok(content),
            #[cfg(feature = "s3")]
            Ok(Held::Pointer(pointer)) => self.objects.read(&pointer).await,
            #[cfg(not(feature = "s3"))]
            Ok(Held::Pointer(pointer)) => Err(Error::Unavailable(format!(
                "{pointer}: reading it needs the feature `s3` of prompt-assay-client"
            ))),
            Err(error) => Err(error),
        };
        let before = format!("the parameter {}: ", self.parameter(key).0);
        Ok(Found { content: content.map_err(|error| error.after(&before))?, version: parameter.version })
    }
}

impl Source for Ssm {
    fn kind(&self) -> &'static str {
        "ssm"
    }

    fn lag(&self) -> Duration {
        self.extension.as_ref().map_or(Duration::ZERO, |extension| extension.ttl)
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        Box::pin(self.all(keys))
    }
}
