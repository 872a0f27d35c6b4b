//! How many input tokens a request has, as Bedrock counts them (`CountTokens`): for estimates.
//! Counting costs nothing; not every model can be asked, and most not by the id of a profile.

use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_bedrockruntime::types::{ConverseTokensRequest, CountTokensInput};

use super::request::Wrapping;
use super::{Bedrock, request};
use crate::model::Request;

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Input tokens.
    pub tokens: u64,
    /// The id by which the model could be asked: the request's own, or of the model behind the profile.
    pub model: String,
}

impl Bedrock {
    /// The input tokens of a request, by the model that it names, else by the one behind that profile.
    ///
    /// # Errors
    /// Why they could not be counted, in words: the model or the region cannot, the identity may
    /// not (`bedrock:CountTokens`), Bedrock cannot be reached.
    pub async fn count_tokens(&self, request: &Request) -> Result<Counted, String> {
        let base = self.offers.base(&request.model);
        match self.count_as(request, &request.model).await {
            Err(Refusal { is_about_model: true, .. }) if base != request.model => {
                self.count_as(request, base).await
            }
            counted => counted,
        }
        .map_err(|refusal| refusal.message)
    }

    async fn count_as(&self, request: &Request, model: &str) -> Result<Counted, Refusal> {
        let fault = |message: String| Refusal { message, is_about_model: false };
        let converse = request::build(&self.client, request, Wrapping::default())
            .map_err(|error| fault(error.to_string()))?;
        let call = converse.as_input();
        let asked = ConverseTokensRequest::builder()
            .set_messages(call.get_messages().clone())
            .set_system(call.get_system().clone())
            .set_tool_config(call.get_tool_config().clone())
            .set_additional_model_request_fields(call.get_additional_model_request_fields().clone())
            .build();
        let counting = self.client.count_tokens().model_id(model);
        match counting.input(CountTokensInput::Converse(asked)).send().await {
            Ok(counted) => Ok(Counted {
                tokens: u64::try_from(counted.input_tokens).unwrap_or_default(),
                model: model.to_owned(),
            }),
            Err(error) => {
                let is_about_model =
                    matches!(error.code(), Some("ValidationException" | "ResourceNotFoundException"));
                let message = match (error.code(), error.message()) {
                    (Some(code), Some(message)) => format!("{code}: {message}"),
                    (Some(code), None) => code.to_owned(),
                    (None, _) => DisplayErrorContext(&error).to_string(),
                };
                Err(Refusal { message, is_about_model })
            }
        }
    }
}

struct Refusal {
    message: String,
    /// Whether another id of the model may be counted.
    is_about_model: bool,
}
