//! What a run stands on: who answers, and where it is remembered what they said.

use std::path::Path;
use std::sync::Arc;

use super::database;
use super::eval::Session;
use super::models::Models;
use super::shared::{self, Handle, Layered, Shared};
use super::workspace::Workspace;
use crate::adapters::database::Database;
use crate::cli::{CallArgs, EvalArgs};
use crate::store::Store;
use crate::store::location::Location;

/// Who answers, and what is remembered of it where.
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
        let shared = shared::of(&workspace.config, &args.calls, &models, session)?;
        let own = models.shelf(open_store(workspace, &args.calls)?);
        let layered =
            shared.as_ref().map(|shared| Arc::new(Layered::new(Arc::clone(&own), Arc::clone(shared))));
        let store: Arc<dyn Store> = match &layered {
            Some(layered) => Arc::new(Handle(Arc::clone(layered))),
            None => own,
        };
        Ok(Self { models, store, layered, shared })
    }
}

fn open_store(workspace: &Workspace, args: &CallArgs) -> anyhow::Result<Arc<dyn Store>> {
    if args.no_cache {
        return Ok(Arc::new(Database::in_memory()?));
    }
    let location = Location::of_database(&workspace.config.database);
    Ok(Arc::new(database::open(&workspace.root, &location)?))
}
