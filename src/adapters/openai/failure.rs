//! What a server says when it gives no answer: which kind of failure it is, by the status, the code and the words that
//! OpenAI and the servers that speak like it use.

use serde_json::Value;

use crate::model::ErrorClass;

/// An error as the server says it (untrusted).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Its code, else its type, such as `rate_limit_exceeded`.
    pub(super) code: Option<String>,
    /// Its message; `None`: the body is not from such a server.
    pub(super) message: Option<String>,
    /// The status inside a body that came as a success.
    pub(super) status: Option<u16>,
}

impl Said {
    /// Reads the forms in which servers give errors.
    pub(super) fn of(body: &Value) -> Self {
        let body = body.as_array().and_then(|all| all.first()).unwrap_or(body);
        let error = match &body["error"] {
            Value::Null => body,
            error => error,
        };
        let word = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| error[key].as_str().filter(|text| !text.is_empty()));
            found.map(str::to_owned)
        };
        // FastAPI lists what is wrong with a request.
        let listed =
            error["detail"].as_array().and_then(|all| all.first()).and_then(|one| one["msg"].as_str());
        let message = error.as_str().or(listed).map(str::to_owned);
        let status = error["code"].as_u64().or_else(|| error["status"].as_u64());
        Self {
            code: word(&["code", "type", "error_type"]),
            message: message.or_else(|| word(&["message", "Message", "detail"])),
            status: status
                .and_then(|status| u16::try_from(status).ok())
                .filter(|status| (400..600).contains(status)),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_lowercase();
        words.iter().any(|word| message.contains(word))
    }

    /// Whether it is about a model that is not there, and not about the address.
    pub(super) fn blames_model(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        matches!(code, "model_not_found" | "DeploymentNotFound")
            || (self.says(&["model", "deployment"])
                && self.says(&["not found", "not exist", "not supported on this route"]))
    }

    /// Whether waiting for the next day, and nothing shorter, brings the quota back.
    pub(super) fn is_daily(&self) -> bool {
        self.says(&["per day", "(rpd)", "(tpd)", "daily limit"])
    }

    /// Whether one call asks for more than the quota of a minute.
    pub(super) fn is_too_large_for_quota(&self) -> bool {
        self.says(&["request too large"])
    }
}

/// The kind of failure.
pub(super) fn class(status: u16, said: &Said) -> ErrorClass {
    match said.code.as_deref().unwrap_or_default() {
        "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active" => {
            return ErrorClass::QuotaExceeded;
        }
        "context_length_exceeded" | "string_above_max_length" => return ErrorClass::ContextOverflow,
        "invalid_api_key" => return ErrorClass::NoCredentials,
        _ => {}
    }
    let refused = ErrorClass::of_refusal(said.message.as_deref().unwrap_or_default());
    match status {
        300..=399 => ErrorClass::NotFound,
        401 => ErrorClass::NoCredentials,
        402 => ErrorClass::QuotaExceeded,
        400 | 404 if said.blames_model() => ErrorClass::NotFound,
        403 | 407 => ErrorClass::AccessDenied,
        404 => ErrorClass::NotFound,
        413 => ErrorClass::ContextOverflow,
        429 if said.is_daily() || said.is_too_large_for_quota() => ErrorClass::QuotaExceeded,
        429 => ErrorClass::Throttled,
        503 if said.says(&["loading model"]) => ErrorClass::NotReady,
        408 | 409 | 425 => ErrorClass::Transient,
        400..=499 => refused,
        // Servers of open models report refusals of a request as faults of their own, too.
        500..=599 if refused == ErrorClass::ContextOverflow => refused,
        500..=599 if said.says(&["requires --jinja", "does not support", "not supported"]) => {
            ErrorClass::Invalid
        }
        _ => ErrorClass::Transient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Errors as servers give them.
    #[test]
    fn every_error_has_its_class() {
        let openai = |message: &str, code: &str| json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}});
        let untyped = |message: &str| json!({"error": {"message": message, "type": "api_error", "param": null, "code": null}});
        let told = [
            (401, openai("Incorrect API key provided: sk-ab***yz.", "invalid_api_key")),
            (401, json!({"detail": "Unauthorized"})),
            (402, untyped("Insufficient Balance")),
            (
                403,
                openai("Country, region, or territory not supported", "unsupported_country_region_territory"),
            ),
            (403, openai("Project `p` does not have access to model `m`", "model_not_found")),
            (404, openai("The model `m` does not exist or you do not have access to it.", "model_not_found")),
            (404, untyped("model \"m\" not found, try pulling it first")),
            (
                404,
                json!({"object": "error", "message": "The model `m` does not exist.", "type": "NotFoundError", "code": 404}),
            ),
            (
                400,
                json!({"error": {"message": "model `m` isn't supported on this route: the model was not found"}}),
            ),
            (404, json!({"detail": "Not Found"})),
            (429, openai("You exceeded your current quota, please check your plan", "insufficient_quota")),
            (
                429,
                openai("Rate limit reached for m on requests per min (RPM): Limit 3", "rate_limit_exceeded"),
            ),
            (
                429,
                openai(
                    "Rate limit reached for m on requests per day (RPD): Limit 200",
                    "rate_limit_exceeded",
                ),
            ),
            (
                429,
                openai("Request too large for m on tokens per min (TPM): Limit 30000", "rate_limit_exceeded"),
            ),
            (
                400,
                openai(
                    "This model's maximum context length is 8192 tokens. However, you requested 9000",
                    "context_length_exceeded",
                ),
            ),
            (
                400,
                json!({"error": {"code": 400, "message": "the request exceeds the available context size, try increasing it", "type": "exceed_context_size_error"}}),
            ),
            (500, untyped("Requested tokens (900) exceed context window of 512")),
            (413, json!({"error": "Payload Too Large"})),
            (
                400,
                openai(
                    "Unsupported parameter: 'max_tokens' is not supported with this model.",
                    "unsupported_parameter",
                ),
            ),
            (
                422,
                json!({"detail": [{"loc": ["body"], "msg": "Input should be 'text'", "type": "literal_error"}]}),
            ),
            (500, untyped("tools param requires --jinja flag")),
            (500, untyped("The server had an error while processing your request.")),
            (503, json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}})),
            (503, untyped("Slow down")),
            (529, untyped("Overloaded")),
            (408, Value::Null),
            (301, Value::Null),
            (418, Value::Null),
        ];
        let line = |(status, body): &(u16, Value)| {
            let said = Said::of(body);
            let class = class(*status, &said);
            format!(
                "{status} {class:?}: {} {}",
                said.code.unwrap_or_default(),
                said.message.unwrap_or_default()
            )
            .trim_end()
            .to_owned()
        };
        insta::assert_snapshot!(told.iter().map(line).collect::<Vec<_>>().join("\n"), @r#"
        401 NoCredentials: invalid_api_key Incorrect API key provided: sk-ab***yz.
        401 NoCredentials:  Unauthorized
        402 QuotaExceeded: api_error Insufficient Balance
        403 AccessDenied: unsupported_country_region_territory Country, region, or territory not supported
        403 AccessDenied: model_not_found Project `p` does not have access to model `m`
        404 NotFound: model_not_found The model `m` does not exist or you do not have access to it.
        404 NotFound: api_error model "m" not found, try pulling it first
        404 NotFound: NotFoundError The model `m` does not exist.
        400 NotFound:  model `m` isn't supported on this route: the model was not found
        404 NotFound:  Not Found
        429 QuotaExceeded: insufficient_quota You exceeded your current quota, please check your plan
        429 Throttled: rate_limit_exceeded Rate limit reached for m on requests per min (RPM): Limit 3
        429 QuotaExceeded: rate_limit_exceeded Rate limit reached for m on requests per day (RPD): Limit 200
        429 QuotaExceeded: rate_limit_exceeded Request too large for m on tokens per min (TPM): Limit 30000
        400 ContextOverflow: context_length_exceeded This model's maximum context length is 8192 tokens. However, you requested 9000
        400 ContextOverflow: exceed_context_size_error the request exceeds the available context size, try increasing it
        500 ContextOverflow: api_error Requested tokens (900) exceed context window of 512
        413 ContextOverflow:  Payload Too Large
        400 Invalid: unsupported_parameter Unsupported parameter: 'max_tokens' is not supported with this model.
        422 Invalid:  Input should be 'text'
        500 Invalid: api_error tools param requires --jinja flag
        500 Transient: api_error The server had an error while processing your request.
        503 NotReady: unavailable_error Loading model
        503 Transient: api_error Slow down
        529 Transient: api_error Overloaded
        408 Transient:
        301 NotFound:
        418 Invalid:
        "#);
    }

    #[test]
    fn an_error_in_a_body_that_came_as_a_success_has_its_own_status() {
        let said = Said::of(&json!({"error": {"code": 429, "message": "Provider returned error"}}));
        assert_eq!((said.status, said.code.as_deref()), (Some(429), None));
        assert_eq!(Said::of(&json!({"error": {"code": 7, "message": "x"}})).status, None);
        assert_eq!(
            Said::of(&json!([{"error": {"message": "x", "status": "INVALID"}}])).message.as_deref(),
            Some("x")
        );
    }
}
