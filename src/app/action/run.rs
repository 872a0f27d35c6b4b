//! One run of the action: inputs, job and event, put together.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::Kept;
use crate::action::{Decision, Event, FailOn, Inputs, Job, PullRequest, area_of};
use crate::app::{database, session};
use crate::cli::{CallArgs, EvalArgs, OutputArgs, SideArgs};
use crate::config::{Config, RedactPattern};
use crate::report::format::Format;
use crate::seal::{Seals, StoreKeys};

/// One run, as it was asked for.
pub struct Run {
    /// What was asked for.
    pub inputs: Inputs,
    /// The job.
    pub job: Job,
    /// What is compared, on which tier.
    pub decision: Decision,
    /// The pull request, when it is one that started the run.
    pub pull_request: Option<PullRequest>,
    /// The directory that the inputs' paths are relative to.
    pub start: PathBuf,
    /// Where database and result files lie.
    pub cache: Kept,
    /// As `eval` takes it.
    pub args: EvalArgs,
    /// Whether this is a push to the default branch.
    pub is_after_merge: bool,
    /// Whether the commit is one of the default branch: only those are released.
    pub is_on_default_branch: bool,
    /// Whether this is a run of the default branch's merge queue.
    pub is_queue: bool,
}

impl Run {
    /// A run.
    ///
    /// # Errors
    /// When a path leads out of the workspace.
    pub fn new(inputs: Inputs, job: Job, event: Event, decision: Decision) -> anyhow::Result<Self> {
        let workspace = Path::new(&job.workspace);
        let start = match &inputs.working_directory {
            Some(directory) => workspace.join(crate::tree::resolve("", directory)?),
            None => workspace.to_path_buf(),
        };
        let args = EvalArgs {
            sides: SideArgs {
                config: inputs.config.as_ref().map(PathBuf::from),
                base: None,
                head: None,
                tier: decision.tier,
                model: inputs.model.clone(),
                prompts: inputs.prompts.clone(),
            },
            // It writes the report in every format, also in the one that has the most in it.
            output: OutputArgs { format: Format::Json, ..OutputArgs::default() },
            evidence: None,
            html: None,
            shard: inputs.shard,
            calls: CallArgs {
                max_cost: inputs.max_cost,
                max_calls: inputs.max_calls,
                max_tokens: inputs.max_tokens,
                concurrency: inputs.concurrency,
                seed: inputs.seed.clone(),
                offline: inputs.offline,
                fresh: inputs.fresh,
                no_cache: false,
                batch: inputs.batch,
                shared_store: inputs.shared_store.clone(),
                shared_area: inputs.shared_area.unwrap_or(area_of(&event)),
                // Read from the tree that is compared, with the rest.
                scripted: None,
            },
        };
        let cache = Kept::open(workspace, &inputs.cache)?;
        let is_after_merge = matches!(&event, Event::Push(push) if push.to_default_branch);
        let is_on_default_branch = event.is_on_default_branch();
        let is_queue = matches!(&event, Event::MergeGroup { to_default_branch: true, .. });
        let pull_request = match event {
            Event::PullRequest(request) | Event::PullRequestTarget(request) => Some(request),
            _ => None,
        };
        let run = Self {
            start,
            cache,
            args,
            inputs,
            job,
            decision,
            pull_request,
            is_after_merge,
            is_on_default_branch,
            is_queue,
        };
        for place in run.places(run.left_by_earlier_jobs())? {
            database::refuse_tracked(&place)?;
        }
        Ok(run)
    }

    /// Whether this job evaluates one shard: the merging job reports for all, so this one writes no
    /// comment and no evidence.
    pub fn is_shard(&self) -> bool {
        self.inputs.shard.is_some()
    }

    /// Tells the comments of several uses of the action on one pull request apart.
    pub fn key(&self) -> String {
        let inputs = &self.inputs;
        let key =
            inputs.comment_key.as_ref().or(inputs.config.as_ref()).or(inputs.working_directory.as_ref());
        key.cloned().unwrap_or_else(|| "default".to_owned())
    }

    /// Paths where the evaluated commit may have no files, because files there are trusted as an
    /// earlier run's.
    ///
    /// # Errors
    /// When a path leads out of the workspace.
    pub fn reserved(&self) -> anyhow::Result<Vec<String>> {
        let mut reserved = self.cache.location().reserved();
        for path in self.left_by_earlier_jobs() {
            reserved.push(self.inside(path)?);
        }
        Ok(reserved)
    }

    /// Files that are trusted because an earlier job wrote them: evidence, reports of shards.
    fn left_by_earlier_jobs(&self) -> impl Iterator<Item = &String> {
        self.inputs.evidence.iter().chain(&self.inputs.merge)
    }

    /// Where inputs' paths lie on disk.
    ///
    /// # Errors
    /// When one leads out of the workspace.
    pub fn places<'p>(&self, paths: impl IntoIterator<Item = &'p String>) -> anyhow::Result<Vec<PathBuf>> {
        let workspace = Path::new(&self.job.workspace);
        paths.into_iter().map(|path| Ok(workspace.join(self.inside(path)?))).collect()
    }

    /// An input's path, from the workspace.
    ///
    /// # Errors
    /// When it leads out of the workspace.
    pub fn inside(&self, path: &str) -> anyhow::Result<String> {
        let here = self.inputs.working_directory.as_deref().unwrap_or_default();
        Ok(crate::tree::resolve(here, path)?)
    }

    /// Which stored objects count: in a run of a trusted commit, those that such a run sealed. Runs of
    /// proposed changes make no seals, even if they have a key.
    pub fn seals(&self) -> Arc<Seals> {
        let is_trusted = self.is_queue || self.is_on_default_branch;
        session::seals(self.inputs.store_keys.as_ref().filter(|_| is_trusted), self.args.sides.tier)
    }

    /// Inputs override the configuration; without secrets nothing is bought.
    pub fn adjust(&self, config: &mut Config, args: &mut EvalArgs) {
        config.gate.on_inconclusive = self.inputs.on_inconclusive.unwrap_or(config.gate.on_inconclusive);
        config.gate.on_mixed = self.inputs.on_mixed.unwrap_or(config.gate.on_mixed);
        config
            .redact
            .extend(self.inputs.store_keys.iter().flat_map(StoreKeys::secrets).map(RedactPattern::literal));
        config.gate.enforce &= self.inputs.fail_on == FailOn::Regression;
        if self.decision.is_without_secrets && config.provider.kind().is_language_model() {
            args.calls.offline = true;
            args.calls.fresh = false;
            args.calls.batch = false;
        }
    }
}
