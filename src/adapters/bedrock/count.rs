//! How many input tokens a request has, as Bedrock counts them (`CountTokens`): for estimates.
//! Counting costs nothing; not every model supports it.

use aws_sdk_bedrockruntime::types::{ConverseTokensRequest, CountTokensInput};

use super::{Bedrock, request};
use crate::model::{ModelError, Request};

impl Bedrock {
    /// The input tokens of a request.
    ///
    /// # Errors
    /// Why they could not be counted: the model or the region does not support it, the identity may
    /// not
    /// (`bedrock:CountTokens`), Bedrock cannot be reached.
    pub async fn count_tokens(&self, request: &Request) -> Result<u64, ModelError> {
        let converse =
            request::build(&self.client, request, false).map_err(|error| request::not_built(&error))?;
        let call = converse.as_input();
        let asked = ConverseTokensRequest::builder()
            .set_messages(call.get_messages().clone())
            .set_system(call.get_system().clone())
            .set_tool_config(call.get_tool_config().clone())
            .set_additional_model_request_fields(call.get_additional_model_request_fields().clone())
            .build();
        let counting = self.client.count_tokens().model_id(&request.model);
        let counted = counting.input(CountTokensInput::Converse(asked)).send().await;
        let counted = counted.map_err(|error| self.place(&request.model).explain(&error))?;
        Ok(u64::try_from(counted.input_tokens).unwrap_or_default())
    }
}
