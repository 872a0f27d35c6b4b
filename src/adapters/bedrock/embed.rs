//! Embeddings through `InvokeModel`, whose bodies are those of the model: Titan Text Embeddings and Cohere Embed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use aws_sdk_bedrockruntime::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;
use aws_sdk_bedrockruntime::primitives::Blob;
use serde_json::{Value, json};

use super::Bedrock;
use crate::model::{Embedding, ErrorClass, ModelError, Request, Response};

/// Where Bedrock says how many tokens the input had.
const TOKENS: &str = "x-amzn-bedrock-input-token-count";

/// Whose bodies a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Titan,
    Cohere,
}

impl Family {
    /// Of a model's own id.
    fn of(base: &str) -> Option<Self> {
        match base {
            _ if base.starts_with("amazon.titan-embed-text-") => Some(Self::Titan),
            _ if base.starts_with("cohere.embed-") => Some(Self::Cohere),
            _ => None,
        }
    }

    fn body(self, text: &str) -> Value {
        match self {
            Self::Titan => json!({"inputText": text}),
            // Both texts are of one kind; one that is too long is refused, not cut.
            Self::Cohere => json!({
                "texts": [text],
                "input_type": "clustering",
                "embedding_types": ["float"],
                "truncate": "NONE",
            }),
        }
    }

    /// The vector in an answer. Cohere writes it below its type, or without one.
    fn numbers(self, body: &Value) -> Option<Vec<f32>> {
        let vector = match self {
            Self::Titan => &body["embedding"],
            Self::Cohere if body["embeddings"].is_array() => &body["embeddings"][0],
            Self::Cohere => &body["embeddings"]["float"][0],
        };
        let number = |value: &Value| Some(value.as_f64()? as f32);
        vector.as_array()?.iter().map(number).collect()
    }
}

/// Keeps the header that says the number of tokens, which the SDK's output leaves out.
#[derive(Clone, Debug, Default)]
struct CountedTokens(Arc<Mutex<Option<u64>>>);

impl CountedTokens {
    fn get(&self) -> Option<u64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for CountedTokens {
    fn name(&self) -> &'static str {
        "counted tokens"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let tokens = context.response().headers().get(TOKENS).and_then(|tokens| tokens.parse().ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = tokens;
        Ok(())
    }
}

impl Bedrock {
    /// The embedding of a text.
    pub(super) async fn embed(&self, request: &Request, text: &str) -> Result<Response, ModelError> {
        let base = self.offers.base(&request.model);
        let Some(family) = Family::of(base) else {
            let message = format!("{base} is not known as a model for embeddings of texts");
            let help = "name one of amazon.titan-embed-text-… or cohere.embed-… under `semantic: {model: …}`";
            let help = Some(help.to_owned());
            return Err(ModelError { class: ErrorClass::Invalid, code: None, message, help });
        };
        let counted = CountedTokens::default();
        let call = self
            .client
            .invoke_model()
            .model_id(&request.model)
            .content_type("application/json")
            .accept("application/json")
            .body(Blob::new(family.body(text).to_string()))
            .customize()
            .interceptor(counted.clone());
        let started = Instant::now();
        let sent = call.send().await;
        let took = started.elapsed();
        let output = match sent {
            Ok(output) => output,
            Err(error) => {
                let error = self.place(request).explain(&error);
                return Err(self.with_profiles(error, &request.model).await);
            }
        };
        let body: Value = serde_json::from_slice(output.body.as_ref()).unwrap_or_default();
        let numbers = family.numbers(&body).ok_or_else(|| unreadable("the answer came without a vector"))?;
        let embedding =
            Embedding::new(numbers).map_err(|why| unreadable(&format!("of the answer, {why}")))?;
        let tokens = counted.get().or_else(|| body["inputTextTokenCount"].as_u64());
        let input = tokens.ok_or_else(|| unreadable("the answer came without token usage"))?;
        Ok(embedding.response(input, took))
    }
}

/// A response of unknown content or cost is not an answer.
fn unreadable(message: &str) -> ModelError {
    ModelError { class: ErrorClass::Transient, code: None, message: message.to_owned(), help: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_read_in_the_form_of_its_model() {
        let numbers = |family: Family, body: Value| family.numbers(&body);
        let two = Some(vec![0.5, -1.0]);
        assert_eq!(numbers(Family::Titan, json!({"embedding": [0.5, -1]})), two);
        assert_eq!(numbers(Family::Cohere, json!({"embeddings": [[0.5, -1]]})), two);
        assert_eq!(numbers(Family::Cohere, json!({"embeddings": {"float": [[0.5, -1]]}})), two);
        for nothing in [json!({}), json!({"embedding": ["a"], "embeddings": {"int8": [[1]]}}), json!([])] {
            assert_eq!(numbers(Family::Titan, nothing.clone()), None, "{nothing}");
            assert_eq!(numbers(Family::Cohere, nothing.clone()), None, "{nothing}");
        }
    }

    #[test]
    fn a_model_is_known_by_its_own_id() {
        assert_eq!(Family::of("amazon.titan-embed-text-v2:0"), Some(Family::Titan));
        assert_eq!(Family::of("cohere.embed-multilingual-v3"), Some(Family::Cohere));
        assert_eq!(Family::of("amazon.titan-embed-image-v1"), None);
        assert_eq!(Family::of("amazon.nova-lite-v1:0"), None);
    }
}
