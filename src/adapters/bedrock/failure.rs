//! SDK errors as [`ModelError`]s: the kind, the message, and what to do.

use aws_sdk_bedrockruntime::config::http::HttpResponse;
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};

use super::{Place, help, messages};
use crate::adapters::aws::{CLOCK, Fault, REGION, Unusable, is_about_clock, is_about_credentials};
use crate::model::{ErrorClass, ModelError};

impl Place<'_> {
    pub(super) fn explain<E>(self, error: &SdkError<E, HttpResponse>) -> ModelError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let plain = |class, message| ModelError { class, code: None, message, help: None };
        match Fault::of(error) {
            Fault::NotBuilt(message) => {
                plain(ErrorClass::Invalid, format!("the request cannot be built: {message}"))
            }
            Fault::Credentials { message, passing: true } => plain(ErrorClass::Transient, message),
            Fault::Credentials { message, passing: false } => unusable(None, message),
            Fault::TimedOut => {
                plain(ErrorClass::TimedOut, format!("no answer within {:?}", self.attempt_timeout))
            }
            Fault::Undelivered { message, timed_out, ours, .. } => {
                let class = match (timed_out, ours) {
                    (true, _) => ErrorClass::TimedOut,
                    (_, true) => ErrorClass::Invalid,
                    _ => ErrorClass::Transient,
                };
                let help = Some(help::unreachable(self.region, &message));
                ModelError { class, code: None, message, help }
            }
            Fault::Answered { status, code: Some(code), message, .. } => {
                let message = message.unwrap_or_else(|| "the provider gave no message".to_owned());
                self.refused(status, code, message)
            }
            Fault::Answered { status, code: None, .. } => foreign(status),
            Fault::BrokenOff(message) => {
                plain(ErrorClass::Transient, format!("the answer broke off: {message}"))
            }
        }
    }

    /// An answer with an error in it.
    fn refused(self, status: u16, code: String, message: String) -> ModelError {
        let class = class(status, &code, &message);
        if class == ErrorClass::NoCredentials {
            if is_about_clock(&code, &message) {
                return ModelError { class, code: Some(code), message, help: Some(CLOCK.to_owned()) };
            }
            return unusable(Some(code), message);
        }
        let help = help::of(class, &message, self);
        ModelError { class, code: Some(code), message, help }
    }
}

/// A proxy between us and Bedrock answered, or the body is not from Bedrock.
fn foreign(status: u16) -> ModelError {
    let class = match status {
        401 | 403 | 407 => ErrorClass::AccessDenied,
        404 => ErrorClass::NotFound,
        429 => ErrorClass::Throttled,
        _ => ErrorClass::Transient,
    };
    ModelError {
        class,
        code: None,
        message: format!("HTTP status {status} with a body that is not from Bedrock"),
        help: class.is_fatal().then(|| help::FOREIGN.to_owned()),
    }
}

/// Credentials that are missing or refused.
fn unusable(code: Option<String>, message: String) -> ModelError {
    ModelError { class: ErrorClass::NoCredentials, code, message, help: Some(help::credentials()) }
}

/// There is no connection to make calls on.
pub(super) fn unconnected(reason: Unusable) -> ModelError {
    match reason {
        Unusable::NoRegion => ModelError {
            class: ErrorClass::NoCredentials,
            code: None,
            message: "no AWS region is configured".to_owned(),
            help: Some(REGION.to_owned()),
        },
        Unusable::NoCredentials(message) => unusable(None, message),
    }
}

fn class(status: u16, code: &str, message: &str) -> ErrorClass {
    if let Some(known) = messages::of(message) {
        return known.class;
    }
    match code {
        // A daily quota is not restored while a run waits.
        "ThrottlingException" if message.contains("per day") => ErrorClass::QuotaExceeded,
        "ThrottlingException" | "TooManyRequestsException" => ErrorClass::Throttled,
        "ModelNotReadyException" => ErrorClass::NotReady,
        "ServiceQuotaExceededException" => ErrorClass::QuotaExceeded,
        "ResourceNotFoundException" | "UnknownOperationException" => ErrorClass::NotFound,
        "ValidationException" => ErrorClass::of_refusal(message),
        _ if is_about_credentials(code) => ErrorClass::NoCredentials,
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
