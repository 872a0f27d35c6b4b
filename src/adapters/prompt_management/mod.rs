//! Prompt Management of Bedrock: prompts, their drafts, and versions, which never change.

mod calls;

use serde_json::Value;
use tokio::runtime::Handle;

use crate::adapters::aws::Connection;
use crate::cloud::Failure;

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
