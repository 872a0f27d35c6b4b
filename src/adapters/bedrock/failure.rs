//! SDK errors as [`ModelError`]s: what kind, in which words, and what to do.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::config::http::HttpResponse;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::ConverseError;

use super::credentials::unusable;
use super::cure;
use crate::model::{ErrorClass, ModelError};

/// Where a call was made.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) model: &'a str,
    pub(super) region: &'a str,
    pub(super) attempt_timeout: Duration,
}

impl Place<'_> {
    pub(super) fn explain(self, error: SdkError<ConverseError, HttpResponse>) -> ModelError {
        let plain = |class, message| ModelError { class, code: None, message, cure: None };
        match &error {
            SdkError::ConstructionFailure(_) => {
                plain(ErrorClass::Invalid, format!("the request cannot be built: {}", chain(&error)))
            }
            SdkError::TimeoutError(_) => {
                plain(ErrorClass::TimedOut, format!("no answer within {:?}", self.attempt_timeout))
            }
            SdkError::DispatchFailure(_) => self.undelivered(&error),
            SdkError::ServiceError(failed) => {
                let (code, message) = (failed.err().code(), failed.err().message());
                self.refused(failed.raw().status().as_u16(), code, message)
            }
            _ => plain(ErrorClass::Transient, format!("the answer broke off: {}", chain(&error))),
        }
    }

    /// No answer reached us.
    fn undelivered(self, error: &SdkError<ConverseError, HttpResponse>) -> ModelError {
        let message = chain(error);
        match credentials_error(error) {
            Some(CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_)) => {
                let message = format!("AWS credentials could not be renewed: {message}");
                return ModelError { class: ErrorClass::Transient, code: None, message, cure: None };
            }
            Some(_) => return unusable(None, format!("AWS credentials could not be loaded: {message}")),
            None => {}
        }
        let (timed_out, ours) = match error {
            SdkError::DispatchFailure(failure) => (failure.is_timeout(), failure.is_user()),
            _ => (false, false),
        };
        let class = match (timed_out, ours) {
            (true, _) => ErrorClass::TimedOut,
            (_, true) => ErrorClass::Invalid,
            _ => ErrorClass::Transient,
        };
        let cure = Some(cure::unreachable(self.region, &message));
        ModelError { class, code: None, message, cure }
    }

    /// An answer with an error in it, or one that is not Bedrock's.
    fn refused(self, status: u16, code: Option<&str>, message: Option<&str>) -> ModelError {
        let Some(code) = code else { return self.foreign(status) };
        let message = harmless(message.unwrap_or("the provider gave no message"));
        let class = class(status, code, &message);
        if class == ErrorClass::NoCredentials {
            return unusable(Some(code.to_owned()), message);
        }
        let cure = cure::of(class, &message, self);
        ModelError { class, code: Some(code.to_owned()), message, cure }
    }

    /// Something between us and Bedrock answered, or the body is not what Bedrock writes.
    fn foreign(self, status: u16) -> ModelError {
        let class = match status {
            401 | 403 | 407 => ErrorClass::AccessDenied,
            404 => ErrorClass::NotFound,
            429 => ErrorClass::Throttled,
            _ => ErrorClass::Transient,
        };
        ModelError {
            class,
            code: None,
            message: format!("HTTP status {status} with a body that Bedrock does not write"),
            cure: class.is_fatal().then(|| cure::FOREIGN.to_owned()),
        }
    }
}

fn class(status: u16, code: &str, message: &str) -> ErrorClass {
    match code {
        // A daily quota does not come back while a run waits.
        "ThrottlingException" if message.contains("per day") => ErrorClass::QuotaExceeded,
        "ThrottlingException" | "TooManyRequestsException" => ErrorClass::Throttled,
        "ModelNotReadyException" => ErrorClass::NotReady,
        "ServiceQuotaExceededException" => ErrorClass::QuotaExceeded,
        "ResourceNotFoundException" | "UnknownOperationException" => ErrorClass::NotFound,
        "ValidationException" => validation(message),
        "ExpiredTokenException"
        | "ExpiredToken"
        | "RequestExpired"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationTokenException"
        | "MissingAuthenticationToken" => ErrorClass::NoCredentials,
        _ => match status {
            429 => ErrorClass::Throttled,
            401 | 403 => ErrorClass::AccessDenied,
            404 => ErrorClass::NotFound,
            408 | 424 => ErrorClass::Transient,
            400..=499 => ErrorClass::Invalid,
            _ => ErrorClass::Transient,
        },
    }
}

/// A `ValidationException` may blame the model's name or the input's length.
fn validation(message: &str) -> ErrorClass {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["on-demand throughput", "model identifier is invalid"]) {
        ErrorClass::NotFound
    } else if says(&[
        "input is too long",
        "input too long",
        "prompt is too long",
        "exceed context limit",
        "exceeds context limit",
        "context length",
        "context window",
        "input tokens exceed",
        "too many input tokens",
        "too many total text bytes",
    ]) {
        ErrorClass::ContextOverflow
    } else {
        ErrorClass::Invalid
    }
}

/// Signature errors quote the headers they were computed from, the session token among them.
fn harmless(message: &str) -> String {
    let quotes =
        ["Credential=", "Signature=", "x-amz-security-token", "X-Amz-Security-Token", "Canonical String"];
    if quotes.iter().any(|quote| message.contains(quote)) {
        return "the signature of the request was refused".to_owned();
    }
    message.to_owned()
}

fn credentials_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CredentialsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<CredentialsError>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An error and its causes, each said once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !told.iter().any(|before| before.contains(&text)) {
            told.push(text);
        }
        next = error.source();
    }
    told.join(": ")
}
