//! The model that answers: Bedrock, or the rules of a file.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use super::rules;
use super::workspace::Workspace;
use crate::adapters::bedrock::{Bedrock, Options};
use crate::adapters::scripted::Scripted;
use crate::cli::CallArgs;
use crate::config::{CallPolicy, ProviderKind};
use crate::fingerprint::Fingerprint;
use crate::model::{Answering, Model, ModelError, Request};
use crate::price::PriceTable;
use crate::report::Revision;
use crate::script::Rules;
use crate::store::{Apart, Store};

/// The provider a run uses.
pub enum Models {
    /// Amazon Bedrock.
    Bedrock,
    /// A file of rules, and the fingerprint of its text; no language model.
    Scripted(Arc<Rules>, Fingerprint),
}

impl Models {
    /// The provider of `--scripted`, else of the configuration.
    ///
    /// # Errors
    /// When the rules cannot be read.
    pub fn of(start: &Path, workspace: &Workspace, args: &CallArgs) -> anyhow::Result<Self> {
        let (rules, text) = match (&args.scripted, &workspace.rules) {
            (Some(file), _) => {
                rules::of_disk((&start.join(file), &file.display().to_string()), &workspace.root)?
            }
            (None, Some(file)) => file.rules()?,
            (None, None) => return Ok(Models::Bedrock),
        };
        Ok(Models::Scripted(Arc::new(rules), text))
    }

    /// The part of a store that holds this provider's answers.
    pub fn namespace(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.identity().1 {
            None => store,
            Some(rules) => Arc::new(Apart::new(store, rules)),
        }
    }

    /// The provider, and the fingerprint of its rules if it has any.
    pub fn identity(&self) -> (ProviderKind, Option<Fingerprint>) {
        match self {
            Models::Bedrock => (ProviderKind::Bedrock, None),
            Models::Scripted(_, rules) => (ProviderKind::Scripted, Some(*rules)),
        }
    }

    /// Who answers.
    pub fn kind(&self) -> ProviderKind {
        self.identity().0
    }

    /// A model to call; `prices` know what models offer, `head` is what is evaluated; what models refuse is remembered
    /// in the store, if there is one.
    pub fn connect(
        &self,
        policy: &CallPolicy,
        prices: &PriceTable,
        head: &Revision,
        store: Option<Arc<dyn Store>>,
    ) -> Arc<dyn Model> {
        match self {
            Models::Scripted(rules, _) => Arc::new(Scripted::new(Arc::clone(rules))),
            Models::Bedrock => {
                let attempt_timeout = Duration::from_secs(policy.attempt_timeout_s);
                Arc::new(OnDemand {
                    options: Options { attempt_timeout, ..Options::default() },
                    caches_prompts: policy.prompt_caching,
                    offers: prices.clone(),
                    metadata: policy.request_metadata.then(|| metadata(head)),
                    store,
                    bedrock: OnceCell::new(),
                })
            }
        }
    }
}

/// What logs of invocations are told of every call: the run, as CI names it, and the commit.
fn metadata(head: &Revision) -> BTreeMap<String, String> {
    let run = ["GITHUB_RUN_ID", "CODEBUILD_BUILD_ID"];
    let run = run.iter().find_map(|name| std::env::var(name).ok()).filter(|run| !run.is_empty());
    let commit = head.commit.clone();
    let told = [("run", run), ("commit", commit)];
    told.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Bedrock, connected when the first call is due: where nothing changed, or every answer is
/// stored, there need not be a region or credentials.
struct OnDemand {
    options: Options,
    caches_prompts: bool,
    offers: PriceTable,
    metadata: Option<BTreeMap<String, String>>,
    store: Option<Arc<dyn Store>>,
    bedrock: OnceCell<Bedrock>,
}

impl OnDemand {
    async fn connected(&self) -> Result<&Bedrock, ModelError> {
        let connect = || async {
            let bedrock = Bedrock::connect(self.options.clone()).await?;
            let bedrock = bedrock.caching_prompts(self.caches_prompts).knowing(self.offers.clone());
            let bedrock = match &self.store {
                Some(store) => bedrock.remembering(Arc::clone(store)),
                None => bedrock,
            };
            Ok(match &self.metadata {
                Some(metadata) => bedrock.telling(metadata.clone()),
                None => bedrock,
            })
        };
        self.bedrock.get_or_try_init(connect).await
    }
}

impl Model for OnDemand {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(async { self.connected().await?.answer(request).await })
    }

    fn answer_for<'a>(&'a self, request: &'a Request, prompt: &'a str) -> Answering<'a> {
        Box::pin(async { self.connected().await?.answer_for(request, prompt).await })
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(async { self.connected().await?.ready().await })
    }
}
