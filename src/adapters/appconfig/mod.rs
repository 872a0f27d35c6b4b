//! AppConfig: hosted versions of a configuration profile, and their deployments.

mod calls;
mod failure;
mod resolve;

use aws_sdk_appconfig::Client;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::Failure;
use crate::release::ports::{ConfigurationPlace, Configurations, Deployment, HostedVersion, Resolved};

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
