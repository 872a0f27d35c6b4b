//! Failed calls of SSM, S3, AppConfig and Bedrock's jobs as a [`Failure`]: its class, what to allow, what to do.

use std::error::Error;
use std::time::Duration;

use aws_sdk_ssm::config::http::HttpResponse;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};

use super::fault::{Fault, is_about_credentials, is_throttling};
use super::help;
use crate::cloud::{Failure, FailureClass};

/// A call as it is named when it fails.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The IAM action.
    pub action: &'static str,
    /// The object of the action, in words.
    pub resource: String,
    /// What a policy must allow the action on.
    pub arn: String,
    /// The region it goes to.
    pub region: &'a str,
    /// The time limit of the attempt.
    pub attempt_timeout: Duration,
}

impl Call<'_> {
    /// A failure of this call in our own words.
    pub fn fails(&self, class: FailureClass, message: impl Into<String>) -> Failure {
        let (action, resource) = (self.action, self.resource.clone());
        Failure { class, action, resource, code: None, message: message.into(), help: None }
    }

    /// An error of the SDK as a failure.
    pub fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let failure = self.explain(Fault::of(error));
        tracing::debug!(action = self.action, resource = self.resource, class = ?failure.class, code = failure.code, "failed");
        failure
    }

    fn explain(&self, fault: Fault) -> Failure {
        use FailureClass::{NoCredentials, Refused, Unclear};
        match fault {
            Fault::NotBuilt(message) => {
                self.fails(Refused, format!("the request cannot be built: {message}"))
            }
            Fault::Credentials { message, .. } => {
                let message = if message.contains("IMDS") || message.contains("no providers in chain") {
                    super::credentials::not_found()
                } else {
                    message
                };
                Failure { help: Some(help::credentials("")), ..self.fails(NoCredentials, message) }
            }
            Fault::TimedOut => self.fails(Unclear, format!("no answer within {:?}", self.attempt_timeout)),
            Fault::Undelivered { message, unsent, ours, .. } => {
                let class = if ours { Refused } else { Unclear };
                let help = Some(help::unreachable(self.region, &message));
                let message = if unsent { format!("nothing was sent: {message}") } else { message };
                Failure { help, ..self.fails(class, message) }
            }
            Fault::BrokenOff(message) => self.fails(Unclear, format!("the answer broke off: {message}")),
            Fault::Answered { status, code, message, genuine, bucket_region } => {
                let other = bucket_region.filter(|region| region != self.region);
                self.answered(status, code, message, genuine, other)
            }
        }
    }

    fn answered(
        &self,
        status: u16,
        code: Option<String>,
        message: Option<String>,
        genuine: bool,
        bucket_region: Option<String>,
    ) -> Failure {
        let Some(code) = code else { return self.without_code(status, genuine, bucket_region) };
        let message = message.unwrap_or_else(|| "the service gave no message".to_owned());
        let class = class(status, &code);
        let help = match class {
            _ if is_in_another_region(&code) => Some(self.other_region(bucket_region)),
            FailureClass::Denied => Some(self.permission(&message)),
            FailureClass::NoCredentials if code == "RequestTimeTooSkewed" => {
                Some("set this machine's clock: requests are signed with the time".to_owned())
            }
            FailureClass::NoCredentials => Some(help::credentials("")),
            FailureClass::Throttled => Some("wait a moment and run it again".to_owned()),
            _ => None,
        };
        Failure { code: Some(code), help, ..self.fails(class, message) }
    }

    /// A response without a body (to HEAD), or from a proxy between us and the service.
    fn without_code(&self, status: u16, genuine: bool, bucket_region: Option<String>) -> Failure {
        let class = match status {
            401 | 403 | 407 => FailureClass::Denied,
            429 => FailureClass::Throttled,
            // Never `Missing`: a response that is not from the service does not show what exists.
            300..=499 if status != 408 => FailureClass::Refused,
            _ => FailureClass::Unclear,
        };
        let (message, help) = match (status, genuine) {
            (301 | 307 | 400, true) if bucket_region.is_some() => {
                (format!("HTTP status {status}"), Some(self.other_region(bucket_region)))
            }
            (401 | 403, true) => (format!("HTTP status {status}"), Some(self.permission(""))),
            (_, true) => (format!("HTTP status {status} without a reason"), None),
            (_, false) => {
                let help = (class != FailureClass::Unclear).then(|| help::FOREIGN.to_owned());
                (format!("HTTP status {status} with a body that is not from the service"), help)
            }
        };
        Failure { help, ..self.fails(class, message) }
    }

    fn other_region(&self, bucket_region: Option<String>) -> String {
        match bucket_region {
            Some(region) => format!(
                "the bucket is in {region}, the call went to {}: set AWS_REGION={region}",
                self.region
            ),
            None => format!(
                "the bucket is in another region than {}: set AWS_REGION to the bucket's",
                self.region
            ),
        }
    }

    /// What a policy must allow: the action that the message names, else that of the call.
    fn permission(&self, message: &str) -> String {
        let after = |words: &str| {
            let (_, rest) = message.split_once(words)?;
            rest.split_whitespace().next().map(|word| word.trim_end_matches([',', '.']))
        };
        let action = after("to perform: ").filter(|action| action.contains(':')).unwrap_or(self.action);
        let arn = after("on resource: ").filter(|arn| arn.starts_with("arn:")).unwrap_or(&self.arn);
        if message.contains("explicit deny") {
            return format!("a policy denies it explicitly: exempt `{action}` on `{arn}` there");
        }
        format!("allow `{action}` on `{arn}` in the policy of the role")
    }
}

/// Whether S3 says that the bucket is in another region.
fn is_in_another_region(code: &str) -> bool {
    matches!(
        code,
        "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
    )
}

fn class(status: u16, code: &str) -> FailureClass {
    use FailureClass::{Conflict, Denied, Missing, NoCredentials, Refused, Throttled, Unclear};
    match code {
        _ if is_throttling(code) => Throttled,
        _ if is_about_credentials(code) => NoCredentials,
        "InvalidAccessKeyId" | "InvalidToken" | "TokenRefreshRequired" | "RequestTimeTooSkewed" => {
            NoCredentials
        }
        "ParameterNotFound"
        | "ParameterVersionNotFound"
        | "InvalidResourceId"
        | "NoSuchKey"
        | "NoSuchVersion"
        | "NoSuchBucket"
        | "NotFound"
        | "ResourceNotFoundException" => Missing,
        "ParameterAlreadyExists"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "OperationAborted"
        | "ConflictException" => Conflict,
        "RequestTimeout" | "InternalServerError" | "InternalFailure" | "InternalError" => Unclear,
        // The modelled errors of SSM all have status 400.
        _ if code.starts_with("AccessDenied") => Denied,
        _ => match status {
            429 => Throttled,
            401 | 403 | 407 => Denied,
            409 | 412 => Conflict,
            408 => Unclear,
            300..=499 => Refused,
            _ => Unclear,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call<'static> {
        Call {
            action: "ssm:PutParameter",
            resource: "/prod/a".to_owned(),
            arn: "arn:aws:ssm:eu-west-1:*:parameter/prod/a".to_owned(),
            region: "eu-west-1",
            attempt_timeout: Duration::from_secs(9),
        }
    }

    fn answered(status: u16, code: &str, message: &str) -> Failure {
        let (code, message) = (Some(code.to_owned()), Some(message.to_owned()));
        call().explain(Fault::Answered { status, code, message, genuine: true, bucket_region: None })
    }

    fn bare(status: u16, genuine: bool, bucket_region: Option<&str>) -> Failure {
        let bucket_region = bucket_region.map(str::to_owned);
        call().explain(Fault::Answered { status, code: None, message: None, genuine, bucket_region })
    }

    #[test]
    fn every_code_has_its_class() {
        use FailureClass::{Conflict, Denied, Missing, NoCredentials, Refused, Throttled, Unclear};
        for (status, code, class) in [
            (400, "ThrottlingException", Throttled),
            (400, "TooManyUpdates", Throttled),
            (503, "SlowDown", Throttled),
            (429, "SomethingNew", Throttled),
            (400, "AccessDeniedException", Denied),
            (403, "AccessDenied", Denied),
            (403, "ExpiredToken", NoCredentials),
            (403, "InvalidAccessKeyId", NoCredentials),
            (400, "ParameterNotFound", Missing),
            (404, "NoSuchBucket", Missing),
            (404, "ResourceNotFoundException", Missing),
            (400, "ParameterAlreadyExists", Conflict),
            (412, "PreconditionFailed", Conflict),
            (409, "ConflictException", Conflict),
            (400, "ValidationException", Refused),
            (400, "ParameterMaxVersionLimitExceeded", Refused),
            (402, "ServiceQuotaExceededException", Refused),
            (413, "PayloadTooLargeException", Refused),
            (301, "PermanentRedirect", Refused),
            (400, "BadDigest", Refused),
            (400, "RequestTimeout", Unclear),
            (500, "InternalServerError", Unclear),
            (503, "ServiceUnavailable", Unclear),
        ] {
            assert_eq!(answered(status, code, "").class, class, "{code}");
        }
    }

    #[test]
    fn an_answer_that_is_not_the_services_never_says_that_something_is_missing() {
        for status in [301, 400, 404, 407, 418, 500, 502] {
            assert_ne!(bare(status, false, None).class, FailureClass::Missing);
        }
        insta::assert_snapshot!(bare(404, false, None), @"ssm:PutParameter on `/prod/a`: HTTP status 404 with a body that is not from the service (a proxy or another service answered: check AWS_ENDPOINT_URL and its forms for one service, and HTTPS_PROXY)");
        insta::assert_snapshot!(bare(502, false, None), @"ssm:PutParameter on `/prod/a`: HTTP status 502 with a body that is not from the service");
    }

    #[test]
    fn a_denial_names_what_to_allow() {
        insta::assert_snapshot!(answered(400, "AccessDeniedException", "no"), @"ssm:PutParameter on `/prod/a`: no (allow `ssm:PutParameter` on `arn:aws:ssm:eu-west-1:*:parameter/prod/a` in the policy of the role)");
        let kms = "User: arn:aws:sts::1:assumed-role/ci/run is not authorized to perform: kms:Decrypt on resource: \
                   arn:aws:kms:eu-west-1:1:key/k because no identity-based policy allows the kms:Decrypt action";
        insta::assert_snapshot!(answered(400, "AccessDeniedException", kms).help.unwrap(), @"allow `kms:Decrypt` on `arn:aws:kms:eu-west-1:1:key/k` in the policy of the role");
        let boundary = "is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:x with an explicit deny in \
                        a service control policy";
        insta::assert_snapshot!(answered(400, "AccessDeniedException", boundary).help.unwrap(), @"a policy denies it explicitly: exempt `ssm:PutParameter` on `arn:aws:ssm:x` there");
    }

    #[test]
    fn another_region_is_named() {
        let code = Some("PermanentRedirect".to_owned());
        let bucket_region = Some("us-east-2".to_owned());
        let redirect = Fault::Answered { status: 301, code, message: None, genuine: true, bucket_region };
        insta::assert_snapshot!(call().explain(redirect).help.unwrap(), @"the bucket is in us-east-2, the call went to eu-west-1: set AWS_REGION=us-east-2");
        insta::assert_snapshot!(bare(301, true, Some("us-east-2")).help.unwrap(), @"the bucket is in us-east-2, the call went to eu-west-1: set AWS_REGION=us-east-2");
    }
}
