//! What Bedrock refuses by the model that is named, the region and the account, in its own words as people report them.

use serde_json::Value;

use crate::call::{ConverseCall, ToolChoice, list};
use crate::config::Account;
use crate::fault::ErrorReply;

const GEOGRAPHIES: [&str; 9] = ["us-gov", "us", "eu", "apac", "jp", "au", "in", "ca", "global"];

/// A model id in its parts.
struct Named<'a> {
    /// The geography of its cross-region profile.
    geography: Option<&'a str>,
    /// The model itself.
    model: &'a str,
}

impl<'a> Named<'a> {
    fn of(id: &'a str) -> Self {
        let id = match id.rsplit_once('/') {
            Some((head, id))
                if head.ends_with(":inference-profile") || head.ends_with(":foundation-model") =>
            {
                id
            }
            _ => id,
        };
        match id.split_once('.') {
            Some((geography, model)) if GEOGRAPHIES.contains(&geography) && model.contains('.') => {
                Self { geography: Some(geography), model }
            }
            _ => Self { geography: None, model: id },
        }
    }

    fn is(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.model.starts_with(part))
    }

    /// Claude's generation, such as 4.5; 3 for older ones.
    fn claude(&self) -> Option<f32> {
        let name = self.model.strip_prefix("anthropic.claude-")?;
        let (major, minor) = name.split_once('-').map_or((name, ""), |(family, rest)| {
            if family.bytes().all(|b| b.is_ascii_digit()) {
                (family, "")
            } else {
                (rest, rest.split_once('-').map_or("", |p| p.1))
            }
        });
        let digit =
            |text: &str| text.split('-').next().filter(|d| d.len() == 1).and_then(|d| d.parse::<f32>().ok());
        Some(digit(major).unwrap_or(3.0) + digit(minor).unwrap_or(0.0) / 10.0)
    }
}

/// Whether a profile of this geography can be called from a region.
fn serves(geography: &str, region: &str) -> bool {
    match geography {
        "global" => !region.starts_with("us-gov-"),
        "us-gov" => region.starts_with("us-gov-"),
        "us" => (region.starts_with("us-") && !region.starts_with("us-gov-")) || region.starts_with("ca-"),
        "eu" => region.starts_with("eu-"),
        "apac" => region.starts_with("ap-"),
        "jp" => matches!(region, "ap-northeast-1" | "ap-northeast-3"),
        "au" => matches!(region, "ap-southeast-2" | "ap-southeast-4"),
        "in" => region.starts_with("ap-south-"),
        _ => region.starts_with("ca-"),
    }
}

const LEGACY: [&str; 6] = [
    "anthropic.claude-3-haiku-",
    "anthropic.claude-3-5-haiku-",
    "anthropic.claude-3-opus-",
    "anthropic.claude-sonnet-4-2025",
    "anthropic.claude-opus-4-2025",
    "amazon.nova-premier-",
];
const ENDED: [&str; 5] = [
    "anthropic.claude-3-5-sonnet-",
    "anthropic.claude-3-7-sonnet-",
    "anthropic.claude-v2",
    "anthropic.claude-instant",
    "amazon.titan-text-",
];
/// Sold by their makers through AWS Marketplace.
const THIRD_PARTY: [&str; 5] = ["anthropic.", "cohere.", "ai21.", "writer.", "twelvelabs."];
const WITHOUT_SYSTEM: [&str; 3] = ["mistral.mistral-7b-", "mistral.mixtral-", "amazon.titan-"];
const WITHOUT_TOOLS: [&str; 6] = [
    "mistral.mistral-7b-",
    "mistral.mixtral-",
    "amazon.titan-",
    "deepseek.r1",
    "meta.llama3-8b-",
    "meta.llama3-70b-",
];
/// Those that may be told to call some tool, or that one; what is not listed takes everything.
const AUTO_ONLY: [&str; 2] = ["meta.", "ai21."];
const ANY_AT_MOST: [&str; 3] = ["mistral.", "deepseek.", "cohere."];
const MAX_TOKENS: [(&str, u64); 6] = [
    ("amazon.nova-micro-v1", 10_000),
    ("amazon.nova-lite-v1", 10_000),
    ("amazon.nova-pro-v1", 10_000),
    ("anthropic.claude-haiku-4-5", 64_000),
    ("meta.llama3-", 8_192),
    ("meta.llama4-", 8_192),
];

fn refused(status: u16, code: &str, message: impl Into<String>) -> Option<ErrorReply> {
    Some(ErrorReply::new(status, code, message))
}

fn invalid(message: impl Into<String>) -> Option<ErrorReply> {
    Some(ErrorReply::validation(message))
}

/// What becomes of a call of `Converse` before its model sees it; `served` counts the calls that were not refused so.
pub(crate) fn of_converse(call: &ConverseCall, account: &Account, refused_before: u32) -> Option<ErrorReply> {
    let named = Named::of(&call.model);
    of_model(&named, call)
        .or_else(|| of_account(&named, call, account, refused_before))
        .or_else(|| of_request(&named, call))
        .or_else(|| of_format(&named, call, account))
}

/// Models without structured output.
const WITHOUT_FORMAT: [&str; 5] = ["amazon.titan-", "meta.", "cohere.", "ai21.", "mistral.mistral-large-2"];

fn of_format(named: &Named<'_>, call: &ConverseCall, account: &Account) -> Option<ErrorReply> {
    call.body["outputConfig"].get("textFormat")?;
    let is_old = named.claude().is_some_and(|generation| generation < 4.5);
    if is_old || (account.lacks_structured_output && named.is(&["anthropic."])) {
        return invalid(
            "The model returned the following errors: output_config.format: Extra inputs are not permitted",
        );
    }
    named.is(&WITHOUT_FORMAT).then(|| {
        ErrorReply::validation(
            "This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again.",
        )
    })
}

/// What becomes of a call of `CountTokens`.
pub(crate) fn of_counting(call: &ConverseCall) -> Option<ErrorReply> {
    let named = Named::of(&call.model);
    let hidden = call.model.contains(":application-inference-profile/");
    let by_profile = hidden || (named.geography.is_some() && named.is(&["anthropic."]));
    by_profile.then(|| ErrorReply::validation("The provided model doesn't support counting tokens."))
}

fn of_model(named: &Named<'_>, call: &ConverseCall) -> Option<ErrorReply> {
    if named.is(&ENDED) {
        let message = "This model version has reached the end of its life. Please refer to the AWS documentation for more \
                       details.";
        return refused(404, "ResourceNotFoundException", message);
    }
    if named.is(&LEGACY) {
        let message = "Access denied. This Model is marked by provider as Legacy and you have not been actively using the \
                       model in the last 30 days. Please upgrade to an active model on Amazon Bedrock";
        return refused(404, "ResourceNotFoundException", message);
    }
    let region = call.headers.region.as_deref()?;
    match named.geography {
        Some(geography) if !serves(geography, region) => invalid("The provided model identifier is invalid."),
        None if needs_profile(named, region) => invalid(format!(
            "Invocation of model ID {} with on-demand throughput isn’t supported. Retry your request with the ID or \
             ARN of an inference profile that contains this model.",
            named.model
        )),
        _ => None,
    }
}

fn needs_profile(named: &Named<'_>, region: &str) -> bool {
    let nova_1 = named.is(&["amazon.nova-micro-v1", "amazon.nova-lite-v1", "amazon.nova-pro-v1"]);
    named.claude().is_some_and(|generation| generation >= 3.5)
        || named.is(&["amazon.nova-2-", "meta.llama3-2-", "meta.llama3-3-", "meta.llama4-", "deepseek.r1"])
        || (nova_1 && !matches!(region, "us-east-1" | "us-gov-west-1"))
}

fn of_account(
    named: &Named<'_>,
    call: &ConverseCall,
    account: &Account,
    refused_before: u32,
) -> Option<ErrorReply> {
    if account.is_closed {
        return invalid("Operation not allowed");
    }
    if account.lacks_use_case_details && named.is(&["anthropic."]) {
        let message = "Model use case details have not been submitted for this account. Fill out the Anthropic use case \
                       details form before using the model. If you have already filled out the form, try again in 15 \
                       minutes.";
        return refused(404, "ResourceNotFoundException", message);
    }
    let later = "Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed \
                 this issue, try again after 15 minutes.";
    if account.lacks_marketplace_permission && named.is(&THIRD_PARTY) {
        let message = "Model access is denied due to IAM user or service role is not authorized to perform the required AWS \
                       Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable \
                       access to this model. Refer to the Amazon Bedrock documentation for further details.";
        return refused(403, "AccessDeniedException", format!("{message} {later}"));
    }
    if refused_before < account.subscribing_for && named.is(&THIRD_PARTY) {
        return refused(403, "AccessDeniedException", later);
    }
    let guardrail = &call.body["guardrailConfig"]["guardrailIdentifier"];
    match &account.required_guardrail {
        Some(required) if guardrail != required => {
            let message = format!(
                "User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: bedrock:InvokeModel on \
                 resource: arn:aws:bedrock:{}::foundation-model/{} with an explicit deny in an identity-based policy",
                call.headers.region.as_deref().unwrap_or("us-east-1"),
                named.model
            );
            refused(403, "AccessDeniedException", message)
        }
        _ => None,
    }
}

fn of_request(named: &Named<'_>, call: &ConverseCall) -> Option<ErrorReply> {
    if call.system.is_some() && named.is(&WITHOUT_SYSTEM) {
        return invalid(
            "This model doesn't support system messages. Try again without a system message or use a model that \
             supports system messages.",
        );
    }
    if !call.tools.is_empty() && named.is(&WITHOUT_TOOLS) {
        return invalid("This model doesn't support tool use.");
    }
    let refuses = |field: &str| {
        invalid(format!("This model doesn't support the {field} field. Remove {field} and try again."))
    };
    match &call.tool_choice {
        Some(ToolChoice::Tool(_)) if named.is(&AUTO_ONLY) || named.is(&ANY_AT_MOST) => {
            return refuses("toolConfig.toolChoice.tool");
        }
        Some(ToolChoice::Any) if named.is(&AUTO_ONLY) => return refuses("toolConfig.toolChoice.any"),
        _ => {}
    }
    let (temperature, top_p) = (call.parameters.temperature.is_some(), call.parameters.top_p.is_some());
    match named.claude() {
        Some(generation) if generation >= 4.7 && (temperature || top_p) => {
            let name = if temperature { "temperature" } else { "top_p" };
            return invalid(format!("`{name}` is deprecated for this model."));
        }
        Some(generation) if generation >= 4.5 && temperature && top_p => {
            return invalid(
                "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this \
                 model. Please use only one.",
            );
        }
        _ => {}
    }
    if let Some((_, limit)) = MAX_TOKENS.iter().find(|(part, _)| named.is(&[part]))
        && call.parameters.max_tokens.is_some_and(|asked| asked > *limit)
    {
        return invalid(format!(
            "The maximum tokens you requested exceeds the model limit of {limit}. Try again with a maximum tokens value \
             that is lower than {limit}."
        ));
    }
    match call.body["serviceTier"]["type"].as_str() {
        None | Some("default" | "flex" | "priority") => {}
        Some("reserved") => return invalid("Reservation not found."),
        Some(_) => return invalid("service tier provided is invalid"),
    }
    let schema = call.body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].as_str();
    let schema: Value = schema.and_then(|schema| serde_json::from_str(schema).ok()).unwrap_or_default();
    is_open(&schema).then(|| {
        ErrorReply::validation(
            "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
        )
    })
}

/// Whether a schema has an object that takes other properties than those it names.
fn is_open(schema: &Value) -> bool {
    if !schema.is_object() {
        return false;
    }
    let open = schema["type"] == "object" && schema["additionalProperties"] != false;
    let inner = schema["properties"].as_object().into_iter().flat_map(serde_json::Map::values);
    open || inner.chain([&schema["items"]]).chain(list(&schema["anyOf"])).any(is_open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Headers;
    use serde_json::json;

    fn call(model: &str, region: &str, more: Value) -> ConverseCall {
        let mut body = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
        for (key, value) in more.as_object().expect("a mapping") {
            body[key] = value.clone();
        }
        let headers = Headers { region: Some(region.to_owned()), ..Headers::default() };
        ConverseCall::read(model.to_owned(), body, headers)
    }

    fn said(model: &str, region: &str, more: Value) -> String {
        let refusal = of_converse(&call(model, region, more), &Account::default(), 0);
        refusal
            .map_or("fine".to_owned(), |error| error.body["message"].as_str().unwrap_or_default().to_owned())
    }

    #[test]
    fn generations_of_claude_are_told_apart() {
        for (model, generation) in [
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", 3.0),
            ("anthropic.claude-sonnet-4-20250514-v1:0", 4.0),
            ("anthropic.claude-haiku-4-5-20251001-v1:0", 4.5),
            ("anthropic.claude-opus-4-7", 4.7),
            ("anthropic.claude-opus-5", 5.0),
            ("anthropic.claude-sonnet-5-5", 5.5),
        ] {
            assert_eq!(Named::of(model).claude(), Some(generation), "{model}");
        }
        assert_eq!(Named::of("amazon.nova-lite-v1:0").claude(), None);
    }

    #[test]
    fn models_are_refused_where_they_are_not() {
        let fine = json!({});
        for (model, region, words) in [
            ("amazon.nova-lite-v1:0", "us-east-1", "fine"),
            ("amazon.nova-lite-v1:0", "eu-central-1", "on-demand throughput isn’t supported"),
            ("eu.amazon.nova-lite-v1:0", "eu-central-1", "fine"),
            ("us.amazon.nova-lite-v1:0", "eu-central-1", "model identifier is invalid"),
            ("amazon.nova-2-lite-v1:0", "us-east-1", "on-demand throughput isn’t supported"),
            ("anthropic.claude-sonnet-4-6", "us-east-1", "on-demand throughput isn’t supported"),
            ("jp.anthropic.claude-sonnet-4-6", "ap-northeast-1", "fine"),
            ("global.anthropic.claude-sonnet-4-6", "sa-east-1", "fine"),
            ("us.anthropic.claude-sonnet-4-20250514-v1:0", "us-east-1", "marked by provider as Legacy"),
            ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "us-east-1", "end of its life"),
            ("m", "us-east-1", "fine"),
        ] {
            let said = said(model, region, fine.clone());
            assert!(said.contains(words), "{model} in {region}: {said}");
        }
    }

    #[test]
    fn what_a_model_does_not_take_is_refused() {
        let tool = json!({"toolSpec": {"name": "a", "inputSchema": {"json": {"type": "object"}}}});
        let choosing = |choice: Value| json!({"toolConfig": {"tools": [tool.clone()], "toolChoice": choice}});
        let (that, any) = (json!({"tool": {"name": "a"}}), json!({"any": {}}));
        let haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
        let llama = "us.meta.llama4-scout-17b-instruct-v1:0";
        let format = |schema: Value| {
            let schema = json!({"jsonSchema": {"schema": schema.to_string()}});
            json!({"outputConfig": {"textFormat": {"type": "json_schema", "structure": schema}}})
        };
        for (model, more, words) in [
            (haiku, choosing(that.clone()), "fine"),
            ("amazon.nova-pro-v1:0", choosing(that.clone()), "fine"),
            (llama, choosing(that.clone()), "toolConfig.toolChoice.tool field"),
            (llama, choosing(any.clone()), "toolConfig.toolChoice.any field"),
            ("deepseek.v3-v1:0", choosing(any.clone()), "fine"),
            ("mistral.mistral-large-2407-v1:0", choosing(that), "toolConfig.toolChoice.tool field"),
            ("mistral.mixtral-8x7b-instruct-v0:1", choosing(any), "doesn't support tool use"),
            (
                "mistral.mixtral-8x7b-instruct-v0:1",
                json!({"system": [{"text": "x"}]}),
                "support system messages",
            ),
            (haiku, json!({"inferenceConfig": {"temperature": 0, "topP": 1}}), "cannot both be specified"),
            (haiku, json!({"inferenceConfig": {"temperature": 0}}), "fine"),
            ("global.anthropic.claude-opus-5", json!({"inferenceConfig": {"temperature": 0}}), "deprecated"),
            (
                "amazon.nova-lite-v1:0",
                json!({"inferenceConfig": {"maxTokens": 10_001}}),
                "model limit of 10000",
            ),
            ("amazon.nova-lite-v1:0", json!({"inferenceConfig": {"maxTokens": 10_000}}), "fine"),
            (haiku, json!({"serviceTier": {"type": "cheapest"}}), "service tier provided is invalid"),
            (haiku, format(json!({"type": "object", "properties": {}})), "explicitly set to false"),
            (haiku, format(json!({"type": "object", "additionalProperties": false})), "fine"),
        ] {
            let said = said(model, "us-east-1", more.clone());
            assert!(said.contains(words), "{model} with {more}: {said}");
        }
    }

    #[test]
    fn tokens_are_not_counted_by_the_profile() {
        let counts = |model| of_counting(&call(model, "us-east-1", json!({}))).is_none();
        assert!(counts("anthropic.claude-haiku-4-5-20251001-v1:0") && counts("us.amazon.nova-lite-v1:0"));
        assert!(!counts("us.anthropic.claude-haiku-4-5-20251001-v1:0"));
        assert!(!counts("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"));
    }
}
