//! SSM Parameter Store: parameters with versions, labels and tags.

mod calls;
mod failure;

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::Failure;
use crate::release::ports::{NewVersion, ParameterVersion, Parameters, Selector};

/// Parameter Store in one account and region. Its calls block: not for use inside a runtime's tasks.
#[derive(Clone, Debug)]
pub struct Ssm {
    client: Client,
    connection: Connection,
    runtime: Handle,
}

impl Ssm {
    /// Sends nothing. `runtime` makes the calls.
    pub fn connect(connection: &Connection, runtime: &Handle) -> Self {
        let client = Client::new(connection.config());
        Self { client, connection: connection.clone(), runtime: runtime.clone() }
    }
}

impl Parameters for Ssm {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        self.runtime.block_on(self.one(name, which))
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.runtime.block_on(self.versions(name))
    }

    fn recent(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.history(name)
    }

    fn remembered(&self, _: &str) -> Result<Option<Vec<ParameterVersion>>, Failure> {
        Ok(None)
    }

    fn most_bytes(&self) -> Option<usize> {
        None
    }

    fn ready(&self, _: &[String]) -> Result<(), Failure> {
        Ok(())
    }

    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        self.runtime.block_on(self.names(path))
    }

    fn put(&self, version: &NewVersion) -> Result<u64, Failure> {
        self.runtime.block_on(self.write(version))
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.runtime.block_on(self.move_labels(name, version, labels))
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        self.runtime.block_on(self.add_tags(name, tags))
    }
}
