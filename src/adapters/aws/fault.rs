//! What the SDK reports about a failed call of any service: the certain facts, and the message.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

use crate::cloud::chain;

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request could not be built; nothing was sent.
    NotBuilt(String),
    /// There are no credentials; nothing was sent. `passing`: their renewal failed, and may work
    /// later.
    Credentials {
        /// What happened.
        message: String,
        /// Whether it may work later.
        passing: bool,
    },
    /// No answer within the attempt's time limit.
    TimedOut,
    /// No answer reached us.
    Undelivered {
        /// What happened.
        message: String,
        /// A time limit of the connection.
        timed_out: bool,
        /// A fault of the request, not of the network.
        ours: bool,
        /// No connection was made: certainly nothing was sent.
        unsent: bool,
    },
    /// An answer with an error in it.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The service's code; `None`: the body is empty or not from the service.
        code: Option<String>,
        /// The service's message, without quoted credentials.
        message: Option<String>,
        /// Whether the service itself answered, as its request id says, and no proxy.
        genuine: bool,
        /// The region that an S3 bucket is said to be in.
        bucket_region: Option<String>,
    },
    /// The answer broke off or could not be read.
    BrokenOff(String),
}

impl Fault {
    /// The content of an SDK error.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ConstructionFailure(_) => match credentials_fault(error) {
                Some(fault) => fault,
                None => Fault::NotBuilt(chain(error)),
            },
            SdkError::TimeoutError(_) => Fault::TimedOut,
            SdkError::DispatchFailure(failure) => credentials_fault(error).unwrap_or_else(|| {
                let message = chain(error);
                let unsent = ["(Connect)", "HTTP connect"].iter().any(|word| message.contains(word));
                let (timed_out, ours) = (failure.is_timeout(), failure.is_user());
                Fault::Undelivered { message, timed_out, ours, unsent }
            }),
            SdkError::ServiceError(failed) => {
                let header = |name| failed.raw().headers().get(name).map(str::to_owned);
                Fault::Answered {
                    status: failed.raw().status().as_u16(),
                    code: failed.err().code().map(str::to_owned),
                    message: failed.err().message().map(harmless),
                    genuine: ["x-amzn-requestid", "x-amz-request-id"]
                        .into_iter()
                        .any(|name| header(name).is_some()),
                    bucket_region: header("x-amz-bucket-region"),
                }
            }
            _ => Fault::BrokenOff(chain(error)),
        }
    }
}

/// Whether a code says that there were too many requests, and nothing happened.
pub fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestThrottled"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "TooManyUpdates"
            | "PriorRequestNotComplete"
            | "SlowDown"
    )
}

/// Whether a code says that credentials are missing, expired or wrong.
pub fn is_about_credentials(code: &str) -> bool {
    matches!(
        code,
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
            | "MissingAuthenticationToken"
    )
}

fn credentials_fault(error: &(dyn Error + 'static)) -> Option<Fault> {
    let message = chain(error);
    Some(match credentials_error(error)? {
        CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_) => Fault::Credentials {
            message: format!("AWS credentials could not be renewed: {message}"),
            passing: true,
        },
        _ => Fault::Credentials {
            message: format!("AWS credentials could not be loaded: {message}"),
            passing: false,
        },
    })
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

/// Signature errors quote the headers they were computed from, the session token among them.
fn harmless(message: &str) -> String {
    let quotes =
        ["Credential=", "Signature=", "x-amz-security-token", "X-Amz-Security-Token", "Canonical String"];
    if quotes.iter().any(|quote| message.contains(quote)) {
        return "the signature of the request was refused".to_owned();
    }
    message.to_owned()
}
