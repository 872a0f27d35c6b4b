//! Amazon Bedrock as a [`Model`], through `Converse`; embeddings through `InvokeModel`.
//!
//! One call is one attempt: the SDK's own retries are off. There is one exception: if a model
//! refuses a sampling parameter, a cache point or a form to ask for an object, it is left out or replaced at once,
//! and in all later calls of that model.

mod answer;
mod caching;
mod count;
mod document;
mod embed;
mod failure;
mod help;
mod messages;
mod permission;
mod profile;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::Client;
use tokio::sync::OnceCell;

use self::caching::Caching;
use self::request::Wrapping;
use crate::adapters::aws::Connection;
pub use crate::adapters::aws::{Keys, Options};
use crate::adapters::refused::{Parameter, Refused};
use crate::model::ladder::Rung;
use crate::model::{Answering, Counting, Model, ModelError, Request, Response};
use crate::price::PriceTable;
use crate::store::Store;

/// Where a call was made.
#[derive(Clone, Copy)]
struct Place<'a> {
    model: &'a str,
    region: &'a str,
    /// Whether the call named a guardrail.
    is_guarded: bool,
    attempt_timeout: Duration,
}

/// A connection to Bedrock in one region.
pub struct Bedrock {
    client: Client,
    connection: Connection,
    has_api_key: bool,
    refused: Refused,
    caching: Caching,
    offers: PriceTable,
    metadata: Option<BTreeMap<String, String>>,
    /// AWS's inference profiles of the region, once they were listed.
    profiles: OnceCell<BTreeSet<String>>,
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
        let (refused, caching) = (Refused::new(Rung::first, None), Caching::new(true));
        let offers = PriceTable::built_in().in_region(Some(connection.region()));
        let (metadata, profiles) = (None, OnceCell::new());
        Ok(Self { client, connection, has_api_key, refused, caching, offers, metadata, profiles })
    }

    /// The same, with or without cache points in long requests that begin alike; the answers are
    /// the same either way.
    pub fn caching_prompts(self, on: bool) -> Self {
        Self { caching: Caching::new(on), ..self }
    }

    /// The same, knowing what models offer: cache points, the service tier that is wanted, what stands behind
    /// application inference profiles.
    pub fn knowing(self, offers: PriceTable) -> Self {
        Self { offers, ..self }
    }

    /// The same, naming this and the prompt in every call, for logs of invocations.
    pub fn telling(self, metadata: BTreeMap<String, String>) -> Self {
        let metadata = metadata.into_iter().map(|(key, value)| (key, loggable(&value)));
        Self { metadata: Some(metadata.collect()), ..self }
    }

    /// The same, remembering in a store what models refuse.
    pub fn remembering(self, store: Arc<dyn Store>) -> Self {
        Self { refused: Refused::new(Rung::first, Some(store)), ..self }
    }

    /// The region requests go to.
    pub fn region(&self) -> &str {
        self.connection.region()
    }

    fn place<'p>(&'p self, request: &'p Request) -> Place<'p> {
        Place {
            model: &request.model,
            region: self.connection.region(),
            is_guarded: request.parameters.guardrail.is_some(),
            attempt_timeout: self.connection.attempt_timeout(),
        }
    }

    async fn answer_once(&self, request: &Request, prompt: Option<&str>) -> Result<Response, ModelError> {
        if let Some(text) = request.embedded() {
            return self.embed(request, text).await;
        }
        let metadata = self.metadata.as_ref().map(|metadata| {
            let prompt = prompt.map(|prompt| ("prompt".to_owned(), loggable(prompt)));
            metadata.clone().into_iter().chain(prompt).collect()
        });
        let beginning = self.caching.begin(request, self.offers.cache_from(&request.model));
        let wrapping = Wrapping {
            cached: beginning.is_some(),
            tier: self.offers.tier(&request.model),
            metadata: metadata.as_ref(),
        };
        let answered = self.answer_as_allowed(request, wrapping).await;
        if let Some(beginning) = beginning {
            self.caching.ended(beginning, answered.is_ok());
        }
        answered
    }

    /// Sends a request without what its model refuses.
    async fn answer_as_allowed(
        &self,
        request: &Request,
        wrapping: Wrapping<'_>,
    ) -> Result<Response, ModelError> {
        loop {
            let left_out = self.refused.of(&request.model);
            let cached = wrapping.cached && !left_out.has(Parameter::CachePoint);
            let sent = Wrapping { cached, ..wrapping };
            let error = match self.attempt(&left_out.without(request), sent).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(parameter) = left_out.next_refusal(&error, request, cached) else {
                return Err(self.with_profiles(error, &request.model).await);
            };
            tracing::debug!(model = request.model, ?parameter, "parameter refused by the model, left out");
            self.refused.note(&request.model, parameter);
        }
    }

    async fn attempt(&self, request: &Request, wrapping: Wrapping<'_>) -> Result<Response, ModelError> {
        let call = request::call(&self.client, request, wrapping)?;
        let started = Instant::now();
        let sent = call.send().await;
        let took = started.elapsed();
        let place = self.place(request);
        sent.map_err(|error| place.explain(&error)).and_then(|output| answer::response(output, took))
    }
}

/// A request in the form that its model takes, without what it refuses, as a store remembers it.
pub fn as_sent(store: Arc<dyn Store>) -> impl Fn(&Request) -> Request {
    let refused = Refused::new(Rung::first, Some(store));
    move |request| refused.of(&request.model).without(request).into_owned()
}

/// A value of request metadata: at most 256 characters of those that Bedrock takes there.
fn loggable(text: &str) -> String {
    let takes = |c: char| c.is_ascii_alphanumeric() || c == ' ' || ":_@$#=/+,-.".contains(c);
    text.chars().take(256).map(|c| if takes(c) { c } else { '_' }).collect()
}

impl Model for Bedrock {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(self.answer_once(request, None))
    }

    fn answer_for<'a>(&'a self, request: &'a Request, prompt: &'a str) -> Answering<'a> {
        Box::pin(self.answer_once(request, Some(prompt)))
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async {
            if self.has_api_key {
                return Ok(());
            }
            self.connection.ready().await.map_err(failure::unconnected)
        })
    }

    fn count_tokens<'a>(&'a self, request: &'a Request) -> Counting<'a> {
        Box::pin(self.counted(request))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::batch::body;
    use crate::model::{Parameters, Tool, ToolChoice};
    use crate::store::MemoryStore;

    #[test]
    fn a_job_asks_in_the_form_that_single_calls_found_out() {
        let tool =
            Tool { name: "score".to_owned(), description: None, input_schema: json!({"type": "object"}) };
        let request = Request {
            system: Some("Judge.".to_owned()),
            parameters: Parameters { temperature: Some(0.0), ..Parameters::default() },
            tools: vec![tool],
            tool_choice: Some(ToolChoice::Object("score".to_owned())),
            ..Request::new("mistral.mistral-large-2407-v1:0", "Hello")
        };
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let body = || body(&as_sent(Arc::clone(&store))(&request));
        assert_eq!(body()["toolConfig"]["toolChoice"], json!({"tool": {"name": "score"}}));
        let refused = Refused::new(Rung::first, Some(Arc::clone(&store)));
        refused.note(&request.model, Parameter::FormsAbove(Rung::Any));
        refused.note(&request.model, Parameter::Temperature);
        assert_eq!(body()["toolConfig"]["toolChoice"], json!({"any": {}}));
        assert_eq!(body()["inferenceConfig"], json!({"maxTokens": 1024}));
    }
}
