//! What to do about a failure, in words for the person who reads the report.

use super::Place;
use crate::adapters::aws::{credentials_help, untrusted_certificate};
use crate::iam::{behind, partition};
use crate::model::ErrorClass;

pub(super) const FOREIGN: &str = "\
a proxy or another service answered: check AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL and HTTPS_PROXY";

/// There are no credentials, or they are refused.
pub(super) fn credentials() -> String {
    credentials_help("AWS_BEARER_TOKEN_BEDROCK; ")
}

/// The help for a failure that Bedrock named; `None` if the user can only wait.
pub(super) fn of(class: ErrorClass, message: &str, place: Place<'_>) -> Option<String> {
    if message.contains("use case details") {
        return Some(
            "submit the form about the use case once for the account: choose one of the maker's models in the Bedrock \
             console's catalogue; then wait up to fifteen minutes (docs/aws.md)"
                .to_owned(),
        );
    }
    match class {
        ErrorClass::AccessDenied => Some(access(message, place)),
        ErrorClass::NotFound => Some(model_name(message, place)),
        ErrorClass::QuotaExceeded => Some(quota(message, place)),
        ErrorClass::ContextOverflow => Some(
            "shorten the prompt or the case's input, lower max_tokens, or choose a model with a larger \
                  context window"
                .to_owned(),
        ),
        ErrorClass::Invalid if message.contains("maximum tokens") => {
            Some("lower max_tokens to what the model allows".to_owned())
        }
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
    if message.contains("aws-marketplace") {
        return "let an administrator enable the model once in the Bedrock console, or allow \
                `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe`"
            .to_owned();
    }
    if message.contains("access to the model") {
        return format!(
            "let an administrator call {} once in {}: the first call subscribes the account to it, which takes up to \
             fifteen minutes (docs/aws.md)",
            place.model, place.region
        );
    }
    let resources = resources(place.model, place.region).join(" and ");
    let action = match message.contains("bedrock:CountTokens") {
        true => "bedrock:CountTokens",
        false => "bedrock:InvokeModel",
    };
    if message.contains("explicit deny") {
        return format!(
            "a policy denies it explicitly (often a service control policy that limits regions; a cross-region \
             profile calls several): exempt `{action}` on {resources} there"
        );
    }
    format!("allow `{action}` on {resources} in the policy of the role")
}

fn model_name(message: &str, place: Place<'_>) -> String {
    let Place { model, region, .. } = place;
    if message.contains("on-demand throughput") && !model.starts_with("arn:") {
        let regional = profile_prefix(region);
        return format!("use an inference profile: {regional}{model} or global.{model}");
    }
    format!(
        "check the id {model}: it must be offered in {region}; `aws bedrock list-inference-profiles --region {region}` \
         and `aws bedrock list-foundation-models --region {region}` list what is"
    )
}

fn quota(message: &str, place: Place<'_>) -> String {
    let what =
        if message.contains("per day") { "tokens per day" } else { "the quota that the message names" };
    format!(
        "ask for more of {what} for {} in Service Quotas, Amazon Bedrock, region {}",
        place.model, place.region
    )
}

/// The prefix of the inference profiles that serve a region.
fn profile_prefix(region: &str) -> &'static str {
    match region {
        "ap-northeast-1" | "ap-northeast-3" => "jp.",
        "ap-southeast-2" | "ap-southeast-4" => "au.",
        _ if region.starts_with("us-gov-") => "us-gov.",
        _ if region.starts_with("eu-") => "eu.",
        _ if region.starts_with("ap-") => "apac.",
        _ => "us.",
    }
}

/// What a policy must allow for this model: a profile, and the models behind it in every region.
fn resources(model: &str, region: &str) -> Vec<String> {
    let partition = partition(region);
    if model.starts_with("arn:") {
        let mut resources = vec![model.to_owned()];
        if model.contains("inference-profile/") {
            let behind = model.rsplit('/').next().and_then(behind).map_or("*", |(_, model)| model);
            resources.push(format!("arn:{partition}:bedrock:*::foundation-model/{behind}"));
        }
        return resources;
    }
    match behind(model) {
        Some((_, behind)) => vec![
            format!("arn:{partition}:bedrock:{region}:*:inference-profile/{model}"),
            format!("arn:{partition}:bedrock:*::foundation-model/{behind}"),
        ],
        None => vec![format!("arn:{partition}:bedrock:{region}::foundation-model/{model}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_needs_the_profile_and_the_models_behind_it() {
        let resources = |model, region| resources(model, region).join("\n");
        insta::assert_snapshot!(
            resources("amazon.nova-lite-v1:0", "us-east-1"),
            @"arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0"
        );
        insta::assert_snapshot!(resources("global.anthropic.claude-x", "eu-west-1"), @r"
        arn:aws:bedrock:eu-west-1:*:inference-profile/global.anthropic.claude-x
        arn:aws:bedrock:*::foundation-model/anthropic.claude-x
        ");
        insta::assert_snapshot!(resources("us-gov.anthropic.claude-x", "us-gov-west-1"), @r"
        arn:aws-us-gov:bedrock:us-gov-west-1:*:inference-profile/us-gov.anthropic.claude-x
        arn:aws-us-gov:bedrock:*::foundation-model/anthropic.claude-x
        ");
        let application = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc";
        insta::assert_snapshot!(resources(application, "us-east-1"), @r"
        arn:aws:bedrock:us-east-1:1:application-inference-profile/abc
        arn:aws:bedrock:*::foundation-model/*
        ");
        let profile = "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0";
        insta::assert_snapshot!(resources(profile, "us-east-1"), @r"
        arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0
        arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0
        ");
    }

    #[test]
    fn every_region_has_a_profile_to_suggest() {
        let prefixes =
            ["us-east-1", "eu-west-1", "ap-south-1", "ap-northeast-1", "ap-southeast-2", "us-gov-west-1"];
        assert_eq!(prefixes.map(profile_prefix), ["us.", "eu.", "apac.", "jp.", "au.", "us-gov."]);
    }
}
