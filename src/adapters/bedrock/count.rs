//! How many input tokens a request has, as Bedrock counts them (`CountTokens`): for estimates.
//! Counting costs nothing; not every model can be asked, and most not by the id of a profile.

use aws_sdk_bedrockruntime::types::{ConverseTokensRequest, CountTokensInput};

use super::request::Wrapping;
use super::{Bedrock, request};
use crate::model::{Counted, ModelError, Request};

impl Bedrock {
    /// The input tokens of a request, by the model that it names, else by the one behind that profile.
    ///
    /// # Errors
    /// Why they could not be counted, with what to do: the model or the region does not support it, the identity
    /// may not (`bedrock:CountTokens`), Bedrock cannot be reached.
    pub(super) async fn counted(&self, request: &Request) -> Result<Counted, ModelError> {
        let base = self.offers.base(&request.model);
        let counted = match self.count_as(request, &request.model).await {
            Err(error) if is_about_model(&error) && base != request.model => {
                self.count_as(request, base).await
            }
            counted => counted,
        };
        match counted {
            // The model may be there where the profile is not.
            Ok(counted) => self.absent(&request.model).await.map_or(Ok(counted), Err),
            Err(error) => Err(self.with_profiles(error, &request.model).await),
        }
    }

    async fn count_as(&self, request: &Request, model: &str) -> Result<Counted, ModelError> {
        let converse = request::build(&self.client, request, Wrapping::default())
            .map_err(|error| request::not_built(&error))?;
        let call = converse.as_input();
        let asked = ConverseTokensRequest::builder()
            .set_messages(call.get_messages().clone())
            .set_system(call.get_system().clone())
            .set_tool_config(call.get_tool_config().clone())
            .set_additional_model_request_fields(call.get_additional_model_request_fields().clone())
            .build();
        let counting = self.client.count_tokens().model_id(model);
        let counted = counting.input(CountTokensInput::Converse(asked)).send().await;
        let counted = counted.map_err(|error| self.place(request).explain(&error))?;
        let tokens = u64::try_from(counted.input_tokens).unwrap_or_default();
        Ok(Counted { tokens, model: model.to_owned() })
    }
}

/// Whether another id of the model may be counted.
fn is_about_model(error: &ModelError) -> bool {
    matches!(error.code.as_deref(), Some("ValidationException" | "ResourceNotFoundException"))
}
