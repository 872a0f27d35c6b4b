//! What Bedrock says when it refuses a call, in its own words, with what kind of failure that is and what to do.
//! The codes tell little: a missing form is a 404, a missing agreement a 403, a closed account a 400.

use super::Place;
use super::permission::resources;
use crate::model::ErrorClass;
use crate::price;

/// A message that is known.
pub(super) struct Known {
    /// A part of it, in lower case; all of these.
    says: &'static [&'static str],
    /// And none of these.
    lacks: &'static [&'static str],
    pub(super) class: ErrorClass,
    /// Whether another id of the model may be what is missing.
    about_id: bool,
    pub(super) help: fn(&str, Place<'_>) -> String,
}

/// The first that fits counts.
const KNOWN: [Known; 20] = [
    known(&["use case details have not been submitted"], ErrorClass::AccessDenied, use_case_form),
    known(&["required use-case form"], ErrorClass::AccessDenied, use_case_form),
    known(&["marked by provider as legacy"], ErrorClass::NotFound, retired),
    known(&["reached the end of its life"], ErrorClass::NotFound, retired),
    known(&["operation not allowed"], ErrorClass::AccessDenied, closed_account),
    known(&["account is not authorized"], ErrorClass::AccessDenied, closed_account),
    known(&["invalid_payment_instrument"], ErrorClass::AccessDenied, payment),
    known(&["aws-marketplace:"], ErrorClass::AccessDenied, marketplace),
    known(
        &["marketplace subscription", "cannot be completed at this time"],
        ErrorClass::NotReady,
        subscribing,
    ),
    known(&["access to the model"], ErrorClass::AccessDenied, no_access),
    Known { about_id: true, ..known(&["on-demand throughput"], ErrorClass::NotFound, profile_needed) },
    Known { about_id: true, ..known(&["model identifier is invalid"], ErrorClass::NotFound, unknown_model) },
    known(&["support", "toolconfig.toolchoice"], ErrorClass::Invalid, tool_choice),
    known(&["support tool use"], ErrorClass::Invalid, tool_choice),
    known(&["support system messages"], ErrorClass::Invalid, system_text),
    Known {
        lacks: &["input length"],
        ..known(&["maximum tokens you requested exceeds"], ErrorClass::Invalid, max_tokens)
    },
    known(&["service tier"], ErrorClass::Invalid, service_tier),
    known(&["servicetier"], ErrorClass::Invalid, service_tier),
    known(&["additionalproperties", "explicitly set to false"], ErrorClass::Invalid, closed_schema),
    known(&["guardrail", "identifier"], ErrorClass::Invalid, guardrail),
];

const fn known(
    says: &'static [&'static str],
    class: ErrorClass,
    help: fn(&str, Place<'_>) -> String,
) -> Known {
    Known { says, lacks: &[], class, about_id: false, help }
}

/// Whether a message blames the id of a model; one that is not known may.
pub(super) fn is_about_id(message: &str) -> bool {
    of(message).is_none_or(|known| known.about_id)
}

/// What is known of a message; denials that name an action are not looked up: they quote names of the account's own.
pub(super) fn of(message: &str) -> Option<&'static Known> {
    let message = message.to_lowercase().replace('’', "'");
    let names_action = message.contains("not authorized to perform: bedrock:");
    let fits = |known: &&Known| {
        known.says.iter().all(|part| message.contains(part))
            && !known.lacks.iter().any(|part| message.contains(part))
    };
    KNOWN.iter().find(fits).filter(|_| !names_action)
}

fn use_case_form(_: &str, place: Place<'_>) -> String {
    format!(
        "Anthropic asks each account once what its models are for: open a Claude model in the Bedrock console, \
         Model catalog, region {}, and submit the use case details (the management account can do it for a whole \
         organization). Calls are refused for up to 15 minutes after that: wait, and run it again",
        place.region
    )
}

fn retired(_: &str, place: Place<'_>) -> String {
    let Place { model, region, .. } = place;
    format!(
        "{model} is being retired and answers nobody who did not use it lately: name an active model under `models`; \
         `aws bedrock list-foundation-models --region {region} --query \
         \"modelSummaries[?modelLifecycle.status=='ACTIVE'].modelId\"` lists them"
    )
}

fn closed_account(_: &str, place: Place<'_>) -> String {
    format!(
        "AWS has not opened Bedrock to this account, as happens to new ones; no policy changes that. Try the model in \
         the Bedrock console's playground, region {}; if it is refused there, too, open a support case (Account and \
         billing)",
        place.region
    )
}

fn payment(_: &str, _: Place<'_>) -> String {
    "the account has no payment method that AWS Marketplace accepts, and third-party models are bought there: add one \
     in the Billing console, wait 15 minutes, and run it again"
        .to_owned()
}

fn marketplace(_: &str, place: Place<'_>) -> String {
    format!(
        "the first call of a third-party model subscribes the account through AWS Marketplace: let somebody with \
         `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe` call {} once, in the Bedrock console's \
         playground for example; the role of CI needs neither. Calls are refused for up to 15 minutes after that: \
         wait, and run it again",
        place.model
    )
}

fn subscribing(_: &str, place: Place<'_>) -> String {
    format!(
        "the first call subscribed the account to {} through AWS Marketplace, and calls are refused until that is \
         done, for up to 15 minutes: wait, and run it again; what was paid for is stored",
        place.model
    )
}

fn no_access(_: &str, place: Place<'_>) -> String {
    let Place { model, region, .. } = place;
    format!(
        "models need no request for access any more, so look for what is in the way: a policy without \
         `bedrock:InvokeModel` on {}; for a third-party model the first call, which subscribes the account through AWS \
         Marketplace and may be refused for up to 15 minutes (wait, and run it again); for Claude the use case details, \
         to be submitted once in the Bedrock console, Model catalog, region {region}",
        resources(model, region).join(" and ")
    )
}

fn profile_needed(_: &str, place: Place<'_>) -> String {
    profiles(place).map_or_else(
        || format!("{} is called through an inference profile, {}", place.model, lists(place.region)),
        |profiles| format!("use an inference profile of it: {profiles}"),
    )
}

/// Of another region, or misspelt.
fn unknown_model(_: &str, place: Place<'_>) -> String {
    let Place { model, region, .. } = place;
    match profiles(place) {
        Some(profiles) => {
            format!("{model} cannot be called from {region}; use {profiles}, or another region")
        }
        None => {
            format!("check the id {model}: it must be offered in {region}, {}", lists(region))
        }
    }
}

/// The profiles of a model that can be called instead of it.
fn profiles(place: Place<'_>) -> Option<String> {
    let id = place.model.rsplit('/').next().unwrap_or_default();
    let others: Vec<String> =
        price::in_region(id, place.region).into_iter().filter(|other| other != id).collect();
    (!others.is_empty()).then(|| others.join(" or "))
}

/// What says what a region offers.
pub(super) fn lists(region: &str) -> String {
    format!(
        "`aws bedrock list-inference-profiles --region {region}` and `aws bedrock list-foundation-models --region \
         {region}` list what is"
    )
}

fn tool_choice(_: &str, place: Place<'_>) -> String {
    let can = ["amazon.nova-pro-v1:0", "amazon.nova-2-lite-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"];
    let near = can.iter().find_map(|model| price::in_region(model, place.region).into_iter().next());
    let near = near.map(|model| format!(", such as {model}")).unwrap_or_default();
    format!("leave `tool_choice` out of the prompt, or name a Nova or Claude model under `models`{near}")
}

fn system_text(_: &str, place: Place<'_>) -> String {
    format!(
        "{} takes no system text: write the instructions into the user's message, or name another model under `models`",
        place.model
    )
}

fn max_tokens(message: &str, _: Place<'_>) -> String {
    let limit = message.split("model limit of ").nth(1).unwrap_or_default();
    let limit: String = limit.chars().take_while(char::is_ascii_digit).collect();
    if limit.is_empty() {
        return "lower `parameters.max_tokens` to what the model allows".to_owned();
    }
    format!("set `parameters.max_tokens` to at most {limit}")
}

fn service_tier(_: &str, place: Place<'_>) -> String {
    format!("{} has not this service tier in {}: leave `calls.service_tier` out", place.model, place.region)
}

fn closed_schema(_: &str, _: Place<'_>) -> String {
    "write `additionalProperties: false` into every object of `parameters.response_format.schema`".to_owned()
}

fn guardrail(_: &str, place: Place<'_>) -> String {
    format!(
        "check `guardrail: {{id, version}}` under `parameters` and `judge`: `aws bedrock list-guardrails --region {}` \
         lists those of this account and region",
        place.region
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HAIKU: &str = "anthropic.claude-haiku-4-5-20251001-v1:0";

    fn told(message: &str, model: &str, region: &str) -> String {
        let attempt_timeout = Duration::from_secs(1);
        let place = Place { model, region, is_guarded: false, attempt_timeout };
        of(message).map_or("unknown".to_owned(), |known| {
            format!("{:?}: {}", known.class, (known.help)(message, place))
        })
    }

    /// Messages as people report them from AWS, each with what this program makes of it.
    #[test]
    fn the_messages_of_aws_have_their_help() {
        let subscription = "Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently \
                            fixed this issue, try again after 2 minutes.";
        let messages = [
            "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form \
             before using the model. If you have already filled out the form, try again in 15 minutes.",
            "The model returned the following errors: You have not filled out the required use-case form for this model. \
             Complete the form at https://ap-southeast-4.console.aws.amazon.com/bedrock/ before requesting access.",
            "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model in the \
             last 30 days. Please upgrade to an active model on Amazon Bedrock",
            "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
            "Operation not allowed",
            "Your account is not authorized to invoke this API operation.",
            &format!(
                "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided. {subscription}"
            ),
            &format!(
                "Model access is denied due to IAM user or service role is not authorized to perform the required AWS \
                 Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this \
                 model. Refer to the Amazon Bedrock documentation for further details. {subscription}"
            ),
            subscription,
            "You don't have access to the model with the specified model ID.",
            "Invocation of model ID x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an \
             inference profile that contains this model.",
            "The provided model identifier is invalid.",
            "This model doesn't support the toolConfig.toolChoice.tool field. Remove toolConfig.toolChoice.tool and try again.",
            "This model doesn't support tool use.",
            "This model doesn't support system messages. Try again without a system message or use a model that supports \
             system messages.",
            "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is \
             lower than 4096.",
            "service tier provided is invalid",
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
            "The provided guardrail identifier is invalid.",
        ];
        let all: Vec<String> = messages.iter().map(|message| told(message, HAIKU, "eu-west-1")).collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        AccessDenied: Anthropic asks each account once what its models are for: open a Claude model in the Bedrock console, Model catalog, region eu-west-1, and submit the use case details (the management account can do it for a whole organization). Calls are refused for up to 15 minutes after that: wait, and run it again
        AccessDenied: Anthropic asks each account once what its models are for: open a Claude model in the Bedrock console, Model catalog, region eu-west-1, and submit the use case details (the management account can do it for a whole organization). Calls are refused for up to 15 minutes after that: wait, and run it again
        NotFound: anthropic.claude-haiku-4-5-20251001-v1:0 is being retired and answers nobody who did not use it lately: name an active model under `models`; `aws bedrock list-foundation-models --region eu-west-1 --query "modelSummaries[?modelLifecycle.status=='ACTIVE'].modelId"` lists them
        NotFound: anthropic.claude-haiku-4-5-20251001-v1:0 is being retired and answers nobody who did not use it lately: name an active model under `models`; `aws bedrock list-foundation-models --region eu-west-1 --query "modelSummaries[?modelLifecycle.status=='ACTIVE'].modelId"` lists them
        AccessDenied: AWS has not opened Bedrock to this account, as happens to new ones; no policy changes that. Try the model in the Bedrock console's playground, region eu-west-1; if it is refused there, too, open a support case (Account and billing)
        AccessDenied: AWS has not opened Bedrock to this account, as happens to new ones; no policy changes that. Try the model in the Bedrock console's playground, region eu-west-1; if it is refused there, too, open a support case (Account and billing)
        AccessDenied: the account has no payment method that AWS Marketplace accepts, and third-party models are bought there: add one in the Billing console, wait 15 minutes, and run it again
        AccessDenied: the first call of a third-party model subscribes the account through AWS Marketplace: let somebody with `aws-marketplace:ViewSubscriptions` and `aws-marketplace:Subscribe` call anthropic.claude-haiku-4-5-20251001-v1:0 once, in the Bedrock console's playground for example; the role of CI needs neither. Calls are refused for up to 15 minutes after that: wait, and run it again
        NotReady: the first call subscribed the account to anthropic.claude-haiku-4-5-20251001-v1:0 through AWS Marketplace, and calls are refused until that is done, for up to 15 minutes: wait, and run it again; what was paid for is stored
        AccessDenied: models need no request for access any more, so look for what is in the way: a policy without `bedrock:InvokeModel` on arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0; for a third-party model the first call, which subscribes the account through AWS Marketplace and may be refused for up to 15 minutes (wait, and run it again); for Claude the use case details, to be submitted once in the Bedrock console, Model catalog, region eu-west-1
        NotFound: use an inference profile of it: eu.anthropic.claude-haiku-4-5-20251001-v1:0 or global.anthropic.claude-haiku-4-5-20251001-v1:0
        NotFound: anthropic.claude-haiku-4-5-20251001-v1:0 cannot be called from eu-west-1; use eu.anthropic.claude-haiku-4-5-20251001-v1:0 or global.anthropic.claude-haiku-4-5-20251001-v1:0, or another region
        Invalid: leave `tool_choice` out of the prompt, or name a Nova or Claude model under `models`, such as eu.amazon.nova-pro-v1:0
        Invalid: leave `tool_choice` out of the prompt, or name a Nova or Claude model under `models`, such as eu.amazon.nova-pro-v1:0
        Invalid: anthropic.claude-haiku-4-5-20251001-v1:0 takes no system text: write the instructions into the user's message, or name another model under `models`
        Invalid: set `parameters.max_tokens` to at most 4096
        Invalid: anthropic.claude-haiku-4-5-20251001-v1:0 has not this service tier in eu-west-1: leave `calls.service_tier` out
        Invalid: write `additionalProperties: false` into every object of `parameters.response_format.schema`
        Invalid: check `guardrail: {id, version}` under `parameters` and `judge`: `aws bedrock list-guardrails --region eu-west-1` lists those of this account and region
        "#);
    }

    #[test]
    fn what_is_named_instead_exists_in_the_region() {
        let invalid = "The provided model identifier is invalid.";
        let told = |model, region| told(invalid, model, region);
        insta::assert_snapshot!(told("us.amazon.nova-lite-v1:0", "eu-central-1"), @"NotFound: us.amazon.nova-lite-v1:0 cannot be called from eu-central-1; use eu.amazon.nova-lite-v1:0, or another region");
        insta::assert_snapshot!(told("eu.anthropic.claude-sonnet-4-6", "sa-east-1"), @"NotFound: eu.anthropic.claude-sonnet-4-6 cannot be called from sa-east-1; use global.anthropic.claude-sonnet-4-6, or another region");
        insta::assert_snapshot!(told("us.meta.llama4-scout-17b-instruct-v1:0", "eu-west-1"), @"NotFound: check the id us.meta.llama4-scout-17b-instruct-v1:0: it must be offered in eu-west-1, `aws bedrock list-inference-profiles --region eu-west-1` and `aws bedrock list-foundation-models --region eu-west-1` list what is");
    }

    #[test]
    fn other_messages_are_left_to_their_codes() {
        for message in [
            "Too many requests, please wait before trying again.",
            "1 validation error detected: Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint",
            "Input is too long for requested model.",
            "User: arn:aws:sts::1:assumed-role/ci/operation not allowed is not authorized to perform: \
             bedrock:InvokeModel on resource: x because no identity-based policy allows it",
        ] {
            assert!(of(message).is_none(), "{message}");
        }
    }
}
