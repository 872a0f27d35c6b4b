//! Prompt Management of Bedrock: prompts, their drafts, and versions, which never change.

mod calls;

use serde_json::Value;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::Failure;
use crate::release::prompt_management::{Draft, Listed, ManagedPrompts};

/// Prompt Management in one account and region. Its calls block: not for use inside a runtime's tasks.
#[derive(Clone, Debug)]
pub struct PromptManagement {
    connection: Connection,
    runtime: Handle,
}

impl PromptManagement {
    /// Sends nothing. `runtime` makes the calls.
    pub fn connect(connection: &Connection, runtime: &Handle) -> Self {
        Self { connection: connection.clone(), runtime: runtime.clone() }
    }

    /// The draft of a prompt as the service answers it, with all its variants; `None`: there is no such prompt.
    ///
    /// # Errors
    /// When the service refuses, or cannot be reached.
    pub fn whole(&self, id: &str) -> Result<Option<Value>, Failure> {
        self.runtime.block_on(self.draft(id, None))
    }
}

impl ManagedPrompts for PromptManagement {
    fn prompts(&self) -> Result<Vec<Listed>, Failure> {
        self.runtime.block_on(self.list(None))
    }

    fn versions(&self, id: &str) -> Result<Vec<Listed>, Failure> {
        let mut versions = self.runtime.block_on(self.list(Some(id)))?;
        versions.retain(|version| version.version.is_some());
        versions.sort_by_key(|version| version.version);
        Ok(versions)
    }

    fn get(&self, id: &str, version: Option<u32>) -> Result<Option<Draft>, Failure> {
        self.runtime.block_on(self.one(id, version))
    }

    fn create(&self, name: &str, description: &str, variant: &Value) -> Result<Listed, Failure> {
        self.runtime.block_on(self.make(name, description, variant))
    }

    fn update(&self, id: &str, draft: &Draft) -> Result<(), Failure> {
        self.runtime.block_on(self.replace(id, draft))
    }

    fn publish(&self, id: &str, description: &str) -> Result<Listed, Failure> {
        self.runtime.block_on(self.snapshot(id, description))
    }

    fn delete(&self, id: &str, version: u32) -> Result<(), Failure> {
        self.runtime.block_on(self.remove(id, version))
    }
}
