//! What an HTTP request asks for: operation, model and call.

use hyper::Method;
use hyper::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use serde_json::Value;

use crate::call::{ConverseCall, Headers, Message};
use crate::embedding;
use crate::fault::ErrorReply;
use crate::ledger::Operation;
use crate::number::Fnv;

/// The operation and the decoded model id of `POST /model/{id}/{operation}`.
pub(crate) fn route(method: &Method, path: &str) -> Result<(Operation, String), ErrorReply> {
    let unknown =
        || ErrorReply::new(404, "UnknownOperationException", format!("no operation at {method} {path}"));
    let (model, operation) =
        path.strip_prefix("/model/").and_then(|rest| rest.rsplit_once('/')).ok_or_else(unknown)?;
    let operation = match operation {
        "converse" => Operation::Converse,
        "count-tokens" => Operation::CountTokens,
        "invoke" => Operation::InvokeModel,
        _ => return Err(unknown()),
    };
    let model = percent_decoded(model).filter(|model| !model.is_empty()).ok_or_else(unknown)?;
    if method != Method::POST {
        return Err(unknown());
    }
    Ok((operation, model))
}

pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

/// Refuses an unsigned request.
pub(crate) fn authorized(headers: &HeaderMap) -> Result<(), ErrorReply> {
    let missing =
        || ErrorReply::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    headers.get(AUTHORIZATION).map(|_| ()).ok_or_else(missing)
}

/// Reads the body.
pub(crate) fn read(
    operation: Operation,
    model: String,
    body: &[u8],
    headers: &HeaderMap,
) -> Result<ConverseCall, ErrorReply> {
    let malformed = || ErrorReply::new(400, "SerializationException", "the body is not a JSON object");
    let body: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    let body = match operation {
        Operation::Converse | Operation::InvokeModel => body,
        Operation::CountTokens => body["input"]["converse"].clone(),
    };
    if !body.is_object() {
        return Err(malformed());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let headers = Headers {
        user_agent: text(USER_AGENT.as_str()),
        sdk_request: text("amz-sdk-request"),
        region: text(AUTHORIZATION.as_str()).and_then(|value| signed_for(&value)),
        authorization_scheme: text(AUTHORIZATION.as_str())
            .map(|value| value.split(' ').next().unwrap_or_default().to_owned()),
    };
    let mut call = ConverseCall::read(model, body, headers);
    if operation == Operation::InvokeModel {
        let text = embedding::text(&call.model, &call.body).to_owned();
        call.messages = vec![Message { role: "user".to_owned(), text }];
    }
    Ok(call)
}

/// The region in `Credential=KEY/DAY/REGION/bedrock/aws4_request`.
fn signed_for(authorization: &str) -> Option<String> {
    let scope = authorization.split("Credential=").nth(1)?;
    scope.split('/').nth(2).filter(|region| !region.is_empty()).map(str::to_owned)
}

/// Equal for equal requests.
pub(crate) fn hash(operation: Operation, call: &ConverseCall) -> u64 {
    let mut hash = Fnv::new();
    hash.write(&[operation as u8]);
    hash.write(call.model.as_bytes());
    hash.write_json(&call.body);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_ids_and_arns_are_decoded() {
        let model =
            |path: &str| route(&Method::POST, path).map(|(_, model)| model).map_err(|error| error.status);
        assert_eq!(model("/model/amazon.nova-lite-v1%3A0/converse"), Ok("amazon.nova-lite-v1:0".to_owned()));
        let arn = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse";
        assert_eq!(model(arn), Ok("arn:aws:bedrock:us-east-1:1:inference-profile/us.x".to_owned()));
        for unknown in [
            "/model//converse",
            "/model/a/invoke-with-response-stream",
            "/model/%zz/converse",
            "/",
            "/model/%f",
        ] {
            assert_eq!(model(unknown), Err(404), "{unknown}");
        }
        assert!(route(&Method::GET, "/model/a/converse").is_err());
    }
}
