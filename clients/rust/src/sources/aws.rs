//! Code that the sources with AWS's SDK share: a configuration with time limits, and error
//! messages.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::Error;

/// How long one call may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// The application's own configuration, or credentials and region as the SDK finds them.
pub(super) async fn configuration(own: Option<SdkConfig>) -> SdkConfig {
    if let Some(own) = own {
        return own;
    }
    let timeouts = TimeoutConfig::builder().connect_timeout(PATIENCE / 2).read_timeout(PATIENCE);
    let retries = RetryConfig::standard().with_max_attempts(2);
    let loader = aws_config::defaults(BehaviorVersion::latest());
    loader.timeout_config(timeouts.build()).retry_config(retries).load().await
}

/// An error of the SDK; `action` is the missing permission unless the service names another.
pub(super) fn explained<E>(error: &E, what: &str, action: &str) -> Error
where
    E: std::error::Error + ProvideErrorMetadata,
{
    let (code, said) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    match code {
        "ResourceNotFoundException" => Error::NotFound(format!("{what} does not exist ({code})")),
        "AccessDeniedException" | "AccessDenied" => {
            let action = lacking(said).unwrap_or(action).to_owned();
            let message = format!("{what}: the role lacks `{action}` ({code}: {said})");
            Error::AccessDenied { message, action }
        }
        _ => Error::Unavailable(format!("{what}: {}", DisplayErrorContext(error))),
    }
}

/// The missing action in a message.
fn lacking(message: &str) -> Option<&str> {
    let rest = message.split_once("perform: ")?.1;
    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').next()
}
