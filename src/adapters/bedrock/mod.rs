//! Amazon Bedrock as a [`Model`], through `Converse`.
//!
//! One call is one attempt: the SDK's own retries are off. The single exception: a sampling
//! parameter that a model refuses is left out at once, and for that model from then on.

mod answer;
mod cure;
mod document;
mod failure;
mod refused;
mod request;

use std::pin::Pin;
use std::time::Instant;

use aws_sdk_bedrockruntime::Client;

use self::failure::Place;
use self::refused::Refused;
pub use self::refused::{Parameter, RefusedParameter};
use crate::adapters::aws::Connection;
pub use crate::adapters::aws::{Keys, Options};
use crate::model::{Answering, Model, ModelError, Request, Response};

/// A connection to Bedrock in one region.
pub struct Bedrock {
    client: Client,
    connection: Connection,
    has_api_key: bool,
    refused: Refused,
}

impl Bedrock {
    /// Reads the configuration, as [`Connection::open`] does.
    ///
    /// # Errors
    /// [`NoCredentials`](crate::model::ErrorClass::NoCredentials) when there is no region.
    pub async fn connect(options: Options) -> Result<Self, ModelError> {
        let connection = Connection::open(options).await.map_err(failure::unconnected)?;
        // A Bedrock API key in the environment needs no other credentials.
        let has_api_key = !connection.has_given_keys()
            && std::env::var_os("AWS_BEARER_TOKEN_BEDROCK").is_some_and(|token| !token.is_empty());
        let client = Client::new(connection.config());
        Ok(Self { client, connection, has_api_key, refused: Refused::default() })
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        self.connection.region()
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
        let (region, attempt_timeout) = (self.connection.region(), self.connection.attempt_timeout());
        let place = Place { model: &request.model, region, attempt_timeout };
        let outcome =
            sent.map_err(|error| place.explain(&error)).and_then(|output| answer::response(output, took));
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
        Box::pin(async {
            if self.has_api_key {
                return Ok(());
            }
            self.connection.ready().await.map_err(failure::unconnected)
        })
    }

    fn provider(&self) -> &'static str {
        "bedrock"
    }
}
