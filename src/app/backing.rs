//! What a run uses, as the options of its command say: the budget, the model that answers, and the store of its
//! answers.

use std::path::Path;
use std::sync::Arc;

use super::database;
use super::models::Models;
use super::session::Session;
use super::shared::{self, Handle, Layered, Shared};
use super::workspace::Workspace;
use crate::adapters::database::Database;
use crate::cli::{CallArgs, EvalArgs};
use crate::config::Config;
use crate::evidence::SubjectPair;
use crate::runner::CacheMode;
use crate::store::Store;
use crate::store::location::Location;

/// The model that answers, and the stores of its answers.
pub struct Backing {
    /// Who answers.
    pub models: Models,
    /// Everything that is remembered.
    pub store: Arc<dyn Store>,
    /// The same, where it is shared with other machines.
    pub layered: Option<Arc<Layered>>,
    /// What is shared.
    pub shared: Option<Arc<Shared>>,
}

impl Backing {
    /// Opens it all.
    ///
    /// # Errors
    /// When rules or database cannot be read.
    pub fn of(
        start: &Path,
        workspace: &Workspace,
        args: &EvalArgs,
        session: &Session,
    ) -> anyhow::Result<Self> {
        let models = Models::of(start, workspace, &args.calls)?;
        let asks = !args.calls.offline && models.kind() == workspace.config.provider.kind();
        if let Some(server) = workspace.unknown_server.as_ref().filter(|_| asks) {
            server.agreed()?;
        }
        let shared = shared::of(&workspace.config, &args.calls, &models, session);
        let own = open_store(workspace, &args.calls, session)?;
        let layered =
            shared.as_ref().map(|shared| Arc::new(Layered::new(Arc::clone(&own), Arc::clone(shared))));
        let store: Arc<dyn Store> = match &layered {
            Some(layered) => Arc::new(Handle(Arc::clone(layered))),
            None => own,
        };
        let store = models.namespace(store);
        if let Some(layered) = &layered {
            // A release asks for the evidence of every prompt, wherever it was evaluated.
            let contents = workspace.subjects.iter().flat_map(SubjectPair::contents);
            session.runtime.block_on(layered.bring_evidence(contents))?;
        }
        Ok(Self { models, store, layered, shared })
    }
}

fn open_store(workspace: &Workspace, args: &CallArgs, session: &Session) -> anyhow::Result<Arc<dyn Store>> {
    let location = Location::of_database(&workspace.config.database);
    let database = match args.no_cache {
        true => Database::in_memory()?,
        false => database::open(&workspace.root, &location)?,
    };
    Ok(Arc::new(database.sealed(&session.seals)))
}

/// Budget, concurrency and seed as the options say, where they do.
///
/// # Errors
/// When a number makes no sense.
pub fn override_config(config: &mut Config, args: &CallArgs) -> anyhow::Result<()> {
    if let Some(cost) = args.max_cost {
        anyhow::ensure!(cost.is_finite() && cost >= 0.0, "`--max-cost` must be 0 or more US dollars");
        config.budget.max_cost = Some(cost);
    }
    if let Some(concurrency) = args.concurrency {
        anyhow::ensure!(concurrency > 0, "`--concurrency` must be at least 1");
        config.calls.concurrency = concurrency;
    }
    config.budget.max_calls = args.max_calls.or(config.budget.max_calls);
    config.budget.max_tokens = args.max_tokens.or(config.budget.max_tokens);
    if let Some(seed) = &args.seed {
        config.gate.seed.clone_from(seed);
    }
    Ok(())
}

/// How stored answers are used.
pub fn cache_mode(args: &CallArgs) -> CacheMode {
    match (args.offline, args.fresh, args.no_cache) {
        (true, _, _) => CacheMode::Offline,
        (_, true, _) => CacheMode::Fresh,
        (_, _, true) => CacheMode::Off,
        _ => CacheMode::ReadWrite,
    }
}
