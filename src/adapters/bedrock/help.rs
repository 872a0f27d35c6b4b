//! What to do about a failure, in words for the person who reads the report.

use super::permission::resources;
use super::{Place, messages};
use crate::adapters::aws::credentials_help;
use crate::cloud::untrusted_certificate;
use crate::model::ErrorClass;

pub(super) const FOREIGN: &str = "\
a proxy or another service answered: check AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL and HTTPS_PROXY";

/// There are no credentials, or they are refused.
pub(super) fn credentials() -> String {
    credentials_help("AWS_BEARER_TOKEN_BEDROCK; ")
}

/// The help for a failure that Bedrock named; `None` if the user can only wait.
pub(super) fn of(class: ErrorClass, message: &str, place: Place<'_>) -> Option<String> {
    if let Some(known) = messages::of(message) {
        return Some((known.help)(message, place));
    }
    match class {
        ErrorClass::AccessDenied => Some(access(message, place)),
        ErrorClass::NotFound => Some(format!(
            "check the id {}: it must be offered in {}, {}",
            place.model,
            place.region,
            messages::lists(place.region)
        )),
        ErrorClass::QuotaExceeded => Some(quota(message, place)),
        ErrorClass::ContextOverflow => Some(
            "shorten the prompt or the case's input, lower max_tokens, or choose a model with a larger \
                  context window"
                .to_owned(),
        ),
        _ => None,
    }
}

/// The endpoint could not be reached.
pub(super) fn unreachable(region: &str, message: &str) -> String {
    untrusted_certificate(message).unwrap_or_else(|| {
        format!(
            "check the network, HTTPS_PROXY, AWS_ENDPOINT_URL_BEDROCK_RUNTIME and AWS_ENDPOINT_URL, and that Bedrock \
             is offered in {region}"
        )
    })
}

fn access(message: &str, place: Place<'_>) -> String {
    let resources = resources(place.model, place.region).join(" and ");
    if message.contains("bedrock:ApplyGuardrail") {
        return "allow `bedrock:ApplyGuardrail` on the guardrail in the policy of the role".to_owned();
    }
    let action = match message.contains("bedrock:CountTokens") {
        true => "bedrock:CountTokens",
        false => "bedrock:InvokeModel",
    };
    if message.contains("explicit deny") {
        let guardrail = if place.is_guarded {
            "a policy that asks for another guardrail than the one of `parameters` and `judge`"
        } else {
            "a policy that asks for a guardrail in every call (`bedrock:GuardrailIdentifier`): name it as \
             `guardrail: {id: ..., version: ...}` under `parameters` and under `judge`"
        };
        return format!(
            "a policy denies it explicitly. Often it is {guardrail}; or a service control policy that limits regions, \
             and a cross-region profile calls several: exempt `{action}` on {resources} there"
        );
    }
    format!("allow `{action}` on {resources} in the policy of the role")
}

fn quota(message: &str, place: Place<'_>) -> String {
    let what =
        if message.contains("per day") { "tokens per day" } else { "the quota that the message names" };
    format!(
        "ask for more of {what} for {} in Service Quotas, Amazon Bedrock, region {}",
        place.model, place.region
    )
}
