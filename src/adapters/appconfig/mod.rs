//! AppConfig: hosted versions of a configuration profile, and their deployments.

mod calls;
mod resolve;

use aws_sdk_appconfig::Client;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::Failure;
use crate::iam::partition;
use crate::release::ports::{ConfigurationPlace, Configurations, Deployment, HostedVersion, Resolved};

use super::aws::Call;

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
}

impl Configurations for AppConfig {
    fn resolve_all(&self, place: &ConfigurationPlace, profiles: &[String]) -> Result<Resolved, Failure> {
        self.runtime.block_on(self.resolved(place, profiles))
    }

    fn profiles(&self, place: &ConfigurationPlace) -> Result<Vec<String>, Failure> {
        self.runtime.block_on(self.profile_names(place))
    }

    fn versions(&self, place: &ConfigurationPlace) -> Result<Vec<HostedVersion>, Failure> {
        self.runtime.block_on(self.hosted_versions(place))
    }

    fn version(&self, place: &ConfigurationPlace, version: u64) -> Result<Option<HostedVersion>, Failure> {
        self.runtime.block_on(self.hosted_version(place, version))
    }

    fn host(
        &self,
        place: &ConfigurationPlace,
        content: &[u8],
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        self.runtime.block_on(self.create_version(place, content, description, after))
    }

    fn deployments(&self, place: &ConfigurationPlace, after: u64) -> Result<Vec<Deployment>, Failure> {
        self.runtime.block_on(self.newer_deployments(place, after))
    }

    fn deploy(
        &self,
        place: &ConfigurationPlace,
        version: u64,
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        self.runtime.block_on(self.start(place, version, description, after))
    }

    fn deployment(&self, place: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure> {
        self.runtime.block_on(self.one_deployment(place, number))
    }
}

impl AppConfig {
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
