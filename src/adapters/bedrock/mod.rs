//! Amazon Bedrock as a [`Model`], through `Converse`.
//!
//! One call is one attempt: the SDK's own retries are off. There is one exception: if a model
//! refuses a sampling parameter or a cache point, it is left out at once, and in all later calls of
//! that model.

mod answer;
mod caching;
mod count;
mod document;
mod failure;
mod help;
mod refused;
mod request;

use std::pin::Pin;
use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::Client;

use self::caching::Caching;
use self::refused::Refused;
use crate::adapters::aws::Connection;
pub use crate::adapters::aws::{Keys, Options};
use crate::model::{Answering, Model, ModelError, Request, Response};

/// Where a call was made.
#[derive(Clone, Copy)]
struct Place<'a> {
    model: &'a str,
    region: &'a str,
    attempt_timeout: Duration,
}

/// A connection to Bedrock in one region.
pub struct Bedrock {
    client: Client,
    connection: Connection,
    has_api_key: bool,
    refused: Refused,
    caching: Caching,
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
        let (refused, caching) = (Refused::default(), Caching::new(true));
        Ok(Self { client, connection, has_api_key, refused, caching })
    }

    /// The same, with or without cache points in long requests that begin alike; the answers are
    /// the same either way.
    pub fn caching_prompts(self, on: bool) -> Self {
        Self { caching: Caching::new(on), ..self }
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        self.connection.region()
    }

    fn place<'p>(&'p self, model: &'p str) -> Place<'p> {
        let (region, attempt_timeout) = (self.connection.region(), self.connection.attempt_timeout());
        Place { model, region, attempt_timeout }
    }

    async fn answer_once(&self, request: &Request) -> Result<Response, ModelError> {
        let beginning = self.caching.begin(request);
        let answered = self.answer_as_allowed(request, beginning.is_some()).await;
        if let Some(beginning) = beginning {
            self.caching.ended(beginning, answered.is_ok());
        }
        answered
    }

    /// Sends a request without what its model refuses.
    async fn answer_as_allowed(&self, request: &Request, cached: bool) -> Result<Response, ModelError> {
        loop {
            let left_out = self.refused.of(&request.model);
            let cached = cached && left_out.allows_cache_point();
            let error = match self.attempt(&left_out.without(request), cached).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(parameter) = left_out.next_refusal(&error, request, cached) else { return Err(error) };
            tracing::debug!(model = request.model, ?parameter, "parameter refused by the model, left out");
            self.refused.note(&request.model, parameter);
        }
    }

    async fn attempt(&self, request: &Request, cached: bool) -> Result<Response, ModelError> {
        let call = request::call(&self.client, request, cached)?;
        let started = Instant::now();
        let sent = call.send().await;
        let took = started.elapsed();
        let place = self.place(&request.model);
        sent.map_err(|error| place.explain(&error)).and_then(|output| answer::response(output, took))
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
}
