//! Amazon Bedrock as a [`Model`], through `Converse`.
//!
//! One call is one attempt: the SDK's own retries are off. The single exception: a sampling
//! parameter that a model refuses is left out at once, and for that model from then on.

mod answer;
mod credentials;
mod cure;
mod document;
mod failure;
mod refused;
mod request;

use std::pin::Pin;
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region};
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::config::{Builder, StalledStreamProtectionConfig};

pub use self::credentials::Keys;
use self::credentials::Source;
use self::failure::Place;
use self::refused::Refused;
pub use self::refused::{Parameter, RefusedParameter};
use crate::model::{Answering, ErrorClass, Model, ModelError, Request, Response};

/// How to reach Bedrock. What is not set comes from the environment and the shared AWS
/// configuration files, as the AWS SDKs read them.
#[derive(Clone, Debug)]
pub struct Options {
    /// Instead of `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`, `AWS_ENDPOINT_URL` or Bedrock's own.
    pub endpoint_url: Option<String>,
    /// Instead of `AWS_REGION` and the profile's region.
    pub region: Option<String>,
    /// Instead of the whole credential chain.
    pub keys: Option<Keys>,
    /// Time limit of one attempt, from connecting to the last byte.
    pub attempt_timeout: Duration,
    /// Time limit of connecting, a part of the attempt.
    pub connect_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            endpoint_url: None,
            region: None,
            keys: None,
            attempt_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// A connection to Bedrock in one region.
pub struct Bedrock {
    client: Client,
    source: Source,
    region: String,
    attempt_timeout: Duration,
    refused: Refused,
}

impl Bedrock {
    /// Reads the configuration. Connects to nothing, except that without any configured region
    /// the EC2 metadata service is asked for it, which gives up within a few seconds;
    /// `AWS_EC2_METADATA_DISABLED=true` spares that.
    ///
    /// # Errors
    /// [`ErrorClass::NoCredentials`] when there is no region.
    pub async fn connect(options: Options) -> Result<Self, ModelError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(region) = options.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(keys) = &options.keys {
            loader = loader.credentials_provider(keys.for_sdk());
        }
        let shared = loader.load().await;
        let Some(region) = shared.region().map(ToString::to_string).filter(|region| !region.is_empty())
        else {
            return Err(no_region());
        };
        let source = Source::new(shared.credentials_provider(), options.keys.is_some());
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(options.attempt_timeout)
            .connect_timeout(options.connect_timeout)
            .build();
        // Set on the service and not on the loader, so that credential providers keep their own.
        // A model may think for minutes before its first byte; the attempt's limit is the guard.
        let config = Builder::from(&shared)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .credentials_provider(source.provider())
            .build();
        Ok(Self {
            client: Client::from_conf(config),
            source,
            region,
            attempt_timeout: options.attempt_timeout,
            refused: Refused::default(),
        })
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The parameters that were left out because a model refuses them, sorted: scores of such a
    /// model were not sampled as configured.
    pub fn refused_parameters(&self) -> Vec<RefusedParameter> {
        self.refused.list()
    }

    async fn answer_once(&self, request: &Request) -> Result<Response, ModelError> {
        loop {
            let left_out = self.refused.of(&request.model);
            let error = match self.attempt(&left_out.without(request)).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(parameter) = left_out.next_refusal(&error, request) else { return Err(error) };
            tracing::debug!(model = request.model, ?parameter, "parameter refused by the model, left out");
            self.refused.note(&request.model, parameter);
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Response, ModelError> {
        let call = request::call(&self.client, request)?;
        let started = Instant::now();
        let sent = call.send().await;
        let took = started.elapsed();
        let place =
            Place { model: &request.model, region: &self.region, attempt_timeout: self.attempt_timeout };
        let outcome =
            sent.map_err(|error| place.explain(error)).and_then(|output| answer::response(output, took));
        match &outcome {
            Ok(response) => {
                tracing::debug!(model = request.model, ?took, stop = ?response.stop, usage = ?response.usage, "answered");
            }
            Err(error) => {
                tracing::debug!(model = request.model, ?took, class = ?error.class, code = error.code, "failed")
            }
        }
        outcome
    }
}

impl Model for Bedrock {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(self.answer_once(request))
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(self.source.ready())
    }

    fn provider(&self) -> &'static str {
        "bedrock"
    }
}

fn no_region() -> ModelError {
    ModelError {
        class: ErrorClass::NoCredentials,
        code: None,
        message: "no AWS region is configured".to_owned(),
        cure: Some(cure::REGION.to_owned()),
    }
}
