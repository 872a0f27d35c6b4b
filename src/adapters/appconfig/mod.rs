//! AppConfig: hosted versions of a configuration profile, and their deployments.

mod calls;
mod resolve;

use aws_sdk_appconfig::Client;
use tokio::runtime::Handle;

use crate::adapters::aws::{Call, Connection};
use crate::cloud::Failure;
use crate::iam::partition;
use crate::release::ports::ConfigurationPlace;

/// AppConfig in one account and region. Its calls block: not for use inside a runtime's tasks.
#[derive(Clone, Debug)]
pub struct AppConfig {
    client: Client,
    connection: Connection,
    runtime: Handle,
}

impl AppConfig {
    /// Sends nothing. `runtime` makes the calls.
    pub fn connect(connection: &Connection, runtime: &Handle) -> Self {
        let client = Client::new(connection.config());
        Self { client, connection: connection.clone(), runtime: runtime.clone() }
    }

    /// A call about a place or a part of it; `path` continues the application's ARN.
    fn about(&self, action: &'static str, place: &ConfigurationPlace, path: &str) -> Call<'_> {
        let ConfigurationPlace { application, environment, profile, .. } = place;
        let resource = format!("{application}/{environment}/{profile}");
        self.call(action, resource, &format!("application/{application}{path}"))
    }

    /// A call by its resource in words, and its ARN from the account on.
    fn call(&self, action: &'static str, resource: String, arn: &str) -> Call<'_> {
        let region = self.connection.region();
        let arn = format!("arn:{}:appconfig:{region}:*:{arn}", partition(region));
        Call { action, resource, arn, region, attempt_timeout: self.connection.attempt_timeout() }
    }
}

/// Adds the help to messages that only AppConfig has.
fn explained(mut failure: Failure) -> Failure {
    let help = match failure.code.as_deref() {
        Some("ConflictException") if failure.action == "appconfig:StartDeployment" => {
            "another deployment is in progress in the environment, or was started meanwhile: wait for its end and run it \
             again; a separate environment for each prompt avoids this"
        }
        Some("ConflictException") => "another version was written meanwhile: run it again",
        Some("ServiceQuotaExceededException") => {
            "delete hosted versions that are no longer needed, or ask for more in Service Quotas, AWS AppConfig"
        }
        Some("PayloadTooLargeException") => {
            "AppConfig does not accept content of this size: shorten it, or release it to SSM with a bucket"
        }
        _ => return failure,
    };
    failure.help = Some(help.to_owned());
    failure
}
