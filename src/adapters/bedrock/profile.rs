//! Inference profiles: what stands behind one of the account's own, and which ones AWS offers in the region.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_bedrock::Client;
use aws_sdk_bedrock::types::InferenceProfileType;

use super::{Bedrock, messages};
use crate::adapters::aws::Call;
use crate::cloud::{Failure, FailureClass};
use crate::model::{ErrorClass, ModelError};
use crate::price;

/// For a list that only makes a message better.
const PATIENCE: Duration = Duration::from_secs(5);

impl Bedrock {
    /// The ARNs of the models that an application inference profile calls.
    ///
    /// # Errors
    /// When it does not exist, or the identity may not look (`bedrock:GetInferenceProfile`).
    pub async fn models_behind(&self, profile: &str) -> Result<Vec<String>, Failure> {
        let client = Client::new(self.connection.config());
        let call = self.call("bedrock:GetInferenceProfile", profile, profile);
        match client.get_inference_profile().inference_profile_identifier(profile).send().await {
            Ok(found) => Ok(found.models.into_iter().filter_map(|model| model.model_arn).collect()),
            Err(error) => Err(call.failed(&error)),
        }
    }

    /// The ids of AWS's own inference profiles that can be called from the region. It is asked once.
    ///
    /// # Errors
    /// When the identity may not look (`bedrock:ListInferenceProfiles`), or there is no answer within seconds.
    pub async fn profiles(&self) -> Result<&BTreeSet<String>, Failure> {
        self.profiles.get_or_try_init(|| self.list_profiles()).await
    }

    async fn list_profiles(&self) -> Result<BTreeSet<String>, Failure> {
        let client = Client::new(self.connection.config());
        let call = self.call("bedrock:ListInferenceProfiles", self.connection.region(), "*");
        let asked = client.list_inference_profiles().type_equals(InferenceProfileType::SystemDefined);
        let mut pages = asked.into_paginator().items().send();
        let listing = async {
            let mut ids = BTreeSet::new();
            while let Some(next) = pages.next().await {
                ids.insert(next.map_err(|error| call.failed(&error))?.inference_profile_id);
            }
            Ok(ids)
        };
        let late = |_| Err(call.fails(FailureClass::Unclear, format!("no answer within {PATIENCE:?}")));
        tokio::time::timeout(PATIENCE, listing).await.unwrap_or_else(late)
    }

    /// The same failure; where it blames a model's id, the help names what AWS lists, if the identity may know.
    pub(super) async fn with_profiles(&self, mut error: ModelError, model: &str) -> ModelError {
        if error.class != ErrorClass::NotFound || !messages::is_about_id(&error.message) {
            return error;
        }
        if let Ok(profiles) = self.profiles().await {
            error.help = Some(instead(model, profiles, self.region()));
        }
        error
    }

    /// What is wrong with a profile that the region does not have, as far as the identity may know; `None`: nothing.
    pub(super) async fn absent(&self, model: &str) -> Option<ModelError> {
        price::of_profile(model)?;
        let profiles = self.profiles().await.ok().filter(|profiles| !profiles.contains(model))?;
        let message = format!("{} has no inference profile {model}", self.region());
        let help = Some(instead(model, profiles, self.region()));
        Some(ModelError { class: ErrorClass::NotFound, code: None, message, help })
    }

    fn call<'a>(&'a self, action: &'static str, resource: &str, arn: &str) -> Call<'a> {
        Call {
            action,
            resource: resource.to_owned(),
            arn: arn.to_owned(),
            region: self.connection.region(),
            attempt_timeout: self.connection.attempt_timeout(),
        }
    }
}

/// What to call instead of a model that cannot be called, by the list of a region.
fn instead(model: &str, profiles: &BTreeSet<String>, region: &str) -> String {
    let id = model.rsplit('/').next().unwrap_or_default();
    let is_other = |profile: &&String| price::base(profile) == price::base(id) && *profile != id;
    let others: Vec<&str> = profiles.iter().filter(is_other).map(String::as_str).collect();
    match others.as_slice() {
        [] => format!(
            "check the id {model}: AWS lists no other inference profile of this model in {region}; choose another model, \
             or another region"
        ),
        others => {
            format!("{model} cannot be called from {region}; use {}, or another region", others.join(" or "))
        }
    }
}
