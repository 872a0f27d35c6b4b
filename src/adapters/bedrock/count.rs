//! How many input tokens a request has, as Bedrock counts them (`CountTokens`): for estimates.
//! Counting costs nothing; not every model supports it.

use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_bedrockruntime::types::{ConverseTokensRequest, CountTokensInput};

use super::{Bedrock, request};
use crate::model::Request;

impl Bedrock {
    /// The input tokens of a request.
    ///
    /// # Errors
    /// Why they could not be counted, in words: the model or the region does not support it, the
    /// identity may not (`bedrock:CountTokens`), Bedrock cannot be reached.
    pub async fn count_tokens(&self, request: &Request) -> Result<u64, String> {
        let converse = request::build(&self.client, request, false).map_err(|error| error.to_string())?;
        let call = converse.as_input();
        let asked = ConverseTokensRequest::builder()
            .set_messages(call.get_messages().clone())
            .set_system(call.get_system().clone())
            .set_tool_config(call.get_tool_config().clone())
            .set_additional_model_request_fields(call.get_additional_model_request_fields().clone())
            .build();
        let counting = self.client.count_tokens().model_id(&request.model);
        match counting.input(CountTokensInput::Converse(asked)).send().await {
            Ok(counted) => Ok(u64::try_from(counted.input_tokens).unwrap_or_default()),
            Err(error) => Err(match (error.code(), error.message()) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (Some(code), None) => code.to_owned(),
                (None, _) => DisplayErrorContext(&error).to_string(),
            }),
        }
    }
}
