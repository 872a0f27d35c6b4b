//! Who answers: Bedrock, or the rules of a file.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::workspace::Workspace;
use crate::adapters::bedrock::{Bedrock, Options};
use crate::adapters::scripted::Scripted;
use crate::cli::CallArgs;
use crate::config::{CallPolicy, Provider};
use crate::model::{Answering, ErrorClass, Model, ModelError, Request};
use crate::script::Rules;

/// The provider a run uses.
pub enum Models {
    /// Amazon Bedrock.
    Bedrock,
    /// A file of rules; no language model.
    Scripted(Arc<Rules>),
    /// Bedrock's stored answers; nobody is called, so neither region nor credentials are needed.
    Stored,
}

impl Models {
    /// The provider of `--scripted`, else of the configuration.
    ///
    /// # Errors
    /// When the rules cannot be read.
    pub fn of(start: &Path, workspace: &Workspace, args: &CallArgs) -> anyhow::Result<Self> {
        let file: PathBuf = match (&args.scripted, &workspace.config.provider) {
            (Some(file), _) => start.join(file),
            (None, Provider::Scripted(file)) => workspace.root.join(file),
            (None, Provider::Bedrock) if args.offline => return Ok(Models::Stored),
            (None, Provider::Bedrock) => return Ok(Models::Bedrock),
        };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read the scripted model's rules `{}`", file.display()))?;
        let rules = Rules::read(&file.display().to_string(), &text).map_err(|problem| {
            let mut problems = crate::problem::Problems::new();
            problems.push(*problem);
            problems
        })?;
        Ok(Models::Scripted(Arc::new(rules)))
    }

    /// What reports call it.
    pub fn name(&self) -> &'static str {
        match self {
            Models::Bedrock | Models::Stored => "bedrock",
            Models::Scripted(_) => "scripted",
        }
    }

    /// A model to call.
    ///
    /// # Errors
    /// When there is no region to call.
    pub async fn connect(&self, policy: &CallPolicy) -> anyhow::Result<Arc<dyn Model>> {
        Ok(match self {
            Models::Scripted(rules) => Arc::new(Scripted::new(Arc::clone(rules))),
            Models::Stored => Arc::new(Stored),
            Models::Bedrock => {
                let attempt_timeout = Duration::from_secs(policy.attempt_timeout_s);
                Arc::new(Bedrock::connect(Options { attempt_timeout, ..Options::default() }).await?)
            }
        })
    }
}

/// Nobody: the runner asks no model when it is offline.
struct Stored;

impl Model for Stored {
    fn answer<'a>(&'a self, _: &'a Request) -> Answering<'a> {
        Box::pin(async {
            Err(ModelError {
                class: ErrorClass::Offline,
                code: None,
                message: "this run uses stored answers only".to_owned(),
                cure: None,
            })
        })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { Ok(()) })
    }

    fn provider(&self) -> &'static str {
        "bedrock"
    }
}
