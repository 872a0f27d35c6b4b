//! All faults, with the codes, statuses and messages of Bedrock.

use std::time::Duration;

use serde_json::{Value, json};

use crate::wire::Delivery;

/// A scripted or random failure.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// 429 `ThrottlingException`.
    Throttling,
    /// 429 `ModelNotReadyException`.
    ModelNotReady,
    /// 503 `ServiceUnavailableException`.
    ServiceUnavailable,
    /// 500 `InternalServerException`.
    InternalServer,
    /// 408 `ModelTimeoutException`.
    ModelTimeout,
    /// 424 `ModelErrorException`.
    ModelError {
        /// The message of the model's own server.
        original_status: u16,
    },
    /// 400 `ValidationException` with this message.
    Validation(String),
    /// 403 `AccessDeniedException`.
    AccessDenied,
    /// 404 `ResourceNotFoundException`.
    ResourceNotFound,
    /// 400 `ServiceQuotaExceededException`.
    ServiceQuotaExceeded,
    /// Any other error in the AWS JSON form.
    Error {
        /// HTTP status.
        status: u16,
        /// The code in `x-amzn-errortype`.
        code: String,
        /// The message.
        message: String,
    },
    /// An HTML page, as a proxy or a load balancer answers.
    Html {
        /// HTTP status; 502 is common, 200 is a login page.
        status: u16,
    },
    /// The answer comes in pieces of `chunk` bytes, `pause` apart.
    Dribble {
        /// Bytes in a piece, at least 1.
        chunk: usize,
        /// Time between pieces.
        pause: Duration,
    },
    /// A complete HTTP answer whose JSON ends in the middle.
    TruncatedJson,
    /// The connection closes in the middle of the promised body.
    CutBody,
    /// The connection is reset before any answer.
    Reset,
    /// No answer, ever.
    Hang,
}

/// An error in the AWS JSON form.
#[derive(Debug)]
pub(crate) struct ErrorReply {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) body: Value,
}

impl ErrorReply {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), body: json!({"message": message.into()}) }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationException", message)
    }
}

impl Fault {
    /// How a good answer is damaged; `None` if there is no answer to damage.
    pub(crate) fn delivery(&self) -> Option<Delivery> {
        match self {
            Self::Dribble { chunk, pause } => Some(Delivery::Dribble { chunk: *chunk, pause: *pause }),
            Self::TruncatedJson => Some(Delivery::TruncatedJson),
            Self::CutBody => Some(Delivery::CutBody),
            _ => None,
        }
    }

    /// The error this fault is; `None` when it is a broken or missing answer.
    pub(crate) fn error(&self, model: &str) -> Option<ErrorReply> {
        let error = |status, code, message: &str| Some(ErrorReply::new(status, code, message));
        match self {
            Self::Throttling => {
                error(429, "ThrottlingException", "Too many requests, please wait before trying again.")
            }
            Self::ModelNotReady => {
                error(429, "ModelNotReadyException", "Model is not ready for inference. Wait and try again.")
            }
            Self::ServiceUnavailable => error(
                503,
                "ServiceUnavailableException",
                "Bedrock is unable to process your request. Please try again later.",
            ),
            Self::InternalServer => error(
                500,
                "InternalServerException",
                "The system encountered an unexpected error during processing. Try your request again.",
            ),
            Self::ModelTimeout => error(
                408,
                "ModelTimeoutException",
                "Model has timed out in processing the request. Try your request again.",
            ),
            Self::ModelError { original_status } => Some(ErrorReply {
                status: 424,
                code: "ModelErrorException".to_owned(),
                body: json!({
                    "message": "The system encountered an unexpected error during processing. Try your request again.",
                    "originalStatusCode": original_status,
                    "resourceName": model,
                }),
            }),
            Self::Validation(message) => Some(ErrorReply::validation(message)),
            Self::AccessDenied => Some(ErrorReply::new(403, "AccessDeniedException", access_denied(model))),
            Self::ResourceNotFound => error(
                404,
                "ResourceNotFoundException",
                "Could not resolve the foundation model from the provided model identifier.",
            ),
            Self::ServiceQuotaExceeded => error(
                400,
                "ServiceQuotaExceededException",
                "Your request exceeds the service quota for your account.",
            ),
            Self::Error { status, code, message } => Some(ErrorReply::new(*status, code, message)),
            Self::Html { .. }
            | Self::Dribble { .. }
            | Self::TruncatedJson
            | Self::CutBody
            | Self::Reset
            | Self::Hang => None,
        }
    }
}

fn access_denied(model: &str) -> String {
    format!(
        "User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: bedrock:InvokeModel \
         on resource: arn:aws:bedrock:us-east-1::foundation-model/{model} because no identity-based policy \
         allows the bedrock:InvokeModel action"
    )
}
