//! The model that answers: a connection to each provider.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::OnceCell;

use super::rules::{self, RulesFile};
use super::session::Session;
use super::workspace::Workspace;
use crate::adapters::bedrock::{self, Bedrock, Options};
use crate::adapters::openai::{Key, OpenAi};
use crate::adapters::scripted::Scripted;
use crate::cli::CallArgs;
use crate::config::{CallPolicy, Config, Provider, ProviderKind, Server};
use crate::fingerprint::Fingerprint;
use crate::model::{Answering, Counting, Model, ModelError, Request};
use crate::price::PriceTable;
use crate::runner::{CacheMode, Runner};
use crate::script::Rules;
use crate::store::{Apart, Store};
use crate::tree::Tree;

/// The provider a run uses.
pub enum Models {
    /// Amazon Bedrock.
    Bedrock,
    /// A server with OpenAI's Chat Completions.
    OpenAi(Server),
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
                rules::of_disk(&start.join(file), &file.display().to_string(), &workspace.root)?
            }
            (None, Some(file)) => file.rules()?,
            (None, None) => {
                let service = Self::of_service(&workspace.config.provider);
                return service.context("the scripted model's rules were not read");
            }
        };
        Ok(Models::Scripted(Arc::new(rules), text))
    }

    /// The provider of a tree's configuration.
    ///
    /// # Errors
    /// When the rules cannot be read.
    pub fn of_tree(provider: &Provider, tree: &dyn Tree) -> anyhow::Result<Self> {
        let Some(path) = provider.rules() else {
            return Self::of_service(provider).context("the provider is no service");
        };
        let (rules, text) = RulesFile::of(tree, path).rules()?;
        Ok(Models::Scripted(Arc::new(rules), text))
    }

    /// The provider of a configuration; `None`: a file of rules answers, which is read with its tree.
    pub fn of_service(provider: &Provider) -> Option<Self> {
        match provider {
            Provider::Bedrock => Some(Models::Bedrock),
            Provider::OpenAi(server) => Some(Models::OpenAi(server.clone())),
            Provider::Scripted(_) => None,
        }
    }

    /// The part of a store that holds this provider's answers.
    pub fn namespace(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.identity().1 {
            None => store,
            Some(name) => Arc::new(Apart::new(store, name)),
        }
    }

    /// The provider, and the name of its part of a store; `None`: the answers are Bedrock's, which have no other.
    pub fn identity(&self) -> (ProviderKind, Option<Fingerprint>) {
        match self {
            Models::Bedrock => (ProviderKind::Bedrock, None),
            Models::OpenAi(server) => {
                (ProviderKind::OpenAi, Some(Fingerprint::of_json(&("openai", &server.base_url))))
            }
            Models::Scripted(_, rules) => (ProviderKind::Scripted, Some(*rules)),
        }
    }

    /// Who answers.
    pub fn kind(&self) -> ProviderKind {
        self.identity().0
    }

    /// A model to call; `prices` know what models offer, `commit` is what is evaluated; what models refuse is
    /// remembered in the store, if there is one.
    pub fn connect(
        &self,
        policy: &CallPolicy,
        prices: &PriceTable,
        commit: Option<&str>,
        store: Option<Arc<dyn Store>>,
    ) -> Arc<dyn Model> {
        let attempt_timeout = Duration::from_secs(policy.attempt_timeout_s);
        let caches_prompts = policy.prompt_caching && self.kind().capabilities().caches_prompts;
        match self {
            Models::Scripted(rules, _) => Arc::new(Scripted::new(Arc::clone(rules))),
            Models::OpenAi(server) => {
                let variable = server.key_variable.as_ref();
                let key = Key::new(variable.and_then(|variable| std::env::var(variable).ok()));
                Arc::new(OpenAi::new(server.clone(), key, attempt_timeout, store))
            }
            Models::Bedrock => Arc::new(OnDemand {
                options: Options { attempt_timeout, ..Options::default() },
                caches_prompts,
                offers: prices.clone(),
                metadata: policy.request_metadata.then(|| metadata(commit)),
                store,
                bedrock: OnceCell::new(),
            }),
        }
    }

    /// What makes the calls of a run, with the policy and the budget of the configuration: prompts and judges are asked
    /// over connections of their own, and what models refuse is remembered unless the store is passed over.
    pub fn runner(
        &self,
        workspace: &Workspace,
        prices: &PriceTable,
        (store, cache): (&Arc<dyn Store>, CacheMode),
        session: &Session,
    ) -> Runner {
        let Config { calls, budget, .. } = &workspace.config;
        let connect = || {
            let remembers = (cache != CacheMode::Off).then(|| Arc::clone(store));
            self.connect(calls, prices, workspace.head.commit.as_deref(), remembers)
        };
        Runner {
            prompt: connect(),
            judge: connect(),
            store: Arc::clone(store),
            policy: calls.clone(),
            budget: *budget,
            prices: prices.clone(),
            cache,
            interrupt: session.interrupts.listen(),
        }
    }

    /// A request in the form that its model takes, without what it refuses, as far as a store remembers it: for calls
    /// that are not made one by one.
    pub fn as_sent(&self, store: Arc<dyn Store>) -> impl Fn(&Request) -> Request + use<> {
        bedrock::as_sent(store)
    }

    /// What application inference profiles call, one after the other: the ARNs of the models, or why they are not
    /// known. Nothing from a provider without such profiles.
    pub async fn behind(&self, profiles: &[&str]) -> Vec<Result<Vec<String>, String>> {
        if profiles.is_empty() || !matches!(self, Models::Bedrock) {
            return Vec::new();
        }
        let connected: Result<Bedrock, ModelError> = Bedrock::connect(Options::default()).await;
        let mut found = Vec::new();
        for profile in profiles {
            found.push(match &connected {
                Ok(bedrock) => bedrock.models_behind(profile).await.map_err(|failure| failure.to_string()),
                Err(error) => Err(error.to_string()),
            });
        }
        found
    }
}

/// What the logs of invocations record about every call: the run, as CI names it, and the commit.
fn metadata(commit: Option<&str>) -> BTreeMap<String, String> {
    let run = ["GITHUB_RUN_ID", "CODEBUILD_BUILD_ID"];
    let run = run.iter().find_map(|name| std::env::var(name).ok()).filter(|run| !run.is_empty());
    let told = [("run", run), ("commit", commit.map(str::to_owned))];
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

    fn count_tokens<'a>(&'a self, request: &'a Request) -> Counting<'a> {
        Box::pin(async { self.connected().await?.count_tokens(request).await })
    }
}
