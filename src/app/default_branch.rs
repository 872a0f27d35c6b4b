//! `eval` and `plan` on the default branch and the main tier, without a named base: the branch is to be
//! released, so each prompt is compared with its newest content that passed.

use std::collections::BTreeSet;
use std::path::Path;

use super::main_baseline::{Ground, Line, Open, Untouched, provider};
use super::session::Session;
use super::workspace::{NO_BASE, Workspace};
use super::{database, on_disk, shared};
use crate::action::MainBaselines;
use crate::adapters::database::Database;
use crate::adapters::git::Repository;
use crate::cli::{CallArgs, SideArgs};
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::store::location::Location;

/// The sources from which a command learns what passed.
#[derive(Clone, Copy)]
pub enum Means<'a> {
    /// The local store; nothing is created or called: a plan.
    Looking,
    /// The local store and the shared one.
    Evaluating(&'a CallArgs, &'a Session),
}

/// Reads both sides and compares them: as the options say, else on the main tier and the default branch each
/// prompt with its main baseline.
///
/// # Errors
/// As for [`on_disk::open`], or when a store fails.
pub fn open(start: &Path, args: &SideArgs, means: Means<'_>) -> anyhow::Result<Workspace> {
    let is_main = args.tier == Tier::Main && args.base.is_none();
    let repository = Repository::discover(start)?;
    if !is_main || !repository.is_on_default_branch(args.head.as_deref()) {
        return on_disk::open(start, args);
    }
    let line = LocalLine { start, args, repository: &repository };
    let compared = line.with_the_commit_before()?;
    let location = Location::of_database(&compared.config.database);
    let no_calls = CallArgs::default();
    let (calls, session) = match means {
        Means::Looking => (&no_calls, None),
        Means::Evaluating(calls, session) => (calls, Some(session)),
    };
    let store = match session {
        Some(session) if !calls.no_cache => database::open(&compared.root, &location)?.sealed(&session.seals),
        Some(_) => Database::in_memory()?,
        None => match database::existing(&compared.root, &location)? {
            Some(database) => database,
            None => Database::in_memory()?,
        },
    };
    let provider = provider(&compared.config, calls);
    let shared = match session.filter(|_| provider.is_language_model() && !calls.offline && !calls.no_cache) {
        Some(session) => shared::at(&compared.config, calls, session).map(|shared| (session, shared)),
        None => None,
    };
    let untouched = if calls.offline { Untouched::Left } else { Untouched::Taken };
    let ground = Ground { line: &line, store: &store, shared, provider, untouched, unknown: None };
    let mut settled = ground.settle(compared)?;
    if settled.changes.prompts.is_empty() {
        settled.warnings.push(Remark::new(
            "Every prompt with a golden set passed on the main tier exactly as it is: nothing is evaluated again.",
        ));
    }
    Ok(settled)
}

/// The default branch as this clone knows it.
struct LocalLine<'a> {
    start: &'a Path,
    args: &'a SideArgs,
    repository: &'a Repository,
}

impl LocalLine<'_> {
    /// The head compared with the last commit or, if nothing differs from that, with the one before it.
    fn with_the_commit_before(&self) -> anyhow::Result<Workspace> {
        let head = self.repository.revision(self.args.head.as_deref().unwrap_or("HEAD"))?.commit();
        let prompts = || self.args.prompts.clone();
        if self.args.head.is_none() {
            let compared = self.compare(Some(&head), prompts())?;
            if !compared.changes.prompts.is_empty() {
                return Ok(compared);
            }
        }
        let before = self.repository.ancestors(&head, 1).pop();
        self.compare(before.as_deref(), prompts())
    }
}

impl Line for LocalLine<'_> {
    fn compare(&self, base: Option<&str>, prompts: Vec<String>) -> anyhow::Result<Workspace> {
        let base = Some(base.unwrap_or(NO_BASE).to_owned());
        on_disk::open(self.start, &SideArgs { base, prompts, ..self.args.clone() })
    }

    /// All commits of the clone: a run of a working directory does not record its commit.
    fn ancestors(&self, _: &BTreeSet<String>) -> anyhow::Result<Vec<String>> {
        let head = self.repository.revision(self.args.head.as_deref().unwrap_or("HEAD"))?.commit();
        Ok(self.repository.ancestors(&head, super::main_baseline::MOST_ANCESTORS))
    }

    /// Only a release reads the live versions, with its own permissions.
    fn on_live(&self, _: &mut MainBaselines, _: &mut Workspace, _: &mut Open) {}
}
