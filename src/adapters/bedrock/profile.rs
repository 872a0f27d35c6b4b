//! What stands behind an application inference profile.

use aws_sdk_bedrock::Client;

use super::Bedrock;
use crate::adapters::aws::Call;
use crate::cloud::Failure;

impl Bedrock {
    /// The ARNs of the models that an application inference profile calls.
    ///
    /// # Errors
    /// When it does not exist, or the identity may not look (`bedrock:GetInferenceProfile`).
    pub async fn models_behind(&self, profile: &str) -> Result<Vec<String>, Failure> {
        let client = Client::new(self.connection.config());
        let call = Call {
            action: "bedrock:GetInferenceProfile",
            resource: profile.to_owned(),
            arn: profile.to_owned(),
            region: self.connection.region(),
            attempt_timeout: self.connection.attempt_timeout(),
        };
        match client.get_inference_profile().inference_profile_identifier(profile).send().await {
            Ok(found) => Ok(found.models.into_iter().filter_map(|model| model.model_arn).collect()),
            Err(error) => Err(call.failed(&error)),
        }
    }
}
