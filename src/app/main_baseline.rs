//! The comparison on the main branch: every prompt with its newest content that passed, as far as
//! the store knows (decisions.md#main-does-not-ratchet).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;

use super::history;
use super::session::Session;
use super::shared::Shared;
use super::workspace::Workspace;
use crate::action::{MainBaselines, has_passed};
use crate::cli::CallArgs;
use crate::config::{Config, ProviderKind};
use crate::evidence::{Demand, SubjectPair, weigh};
use crate::fingerprint::Fingerprint;
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::store::Store;

/// Finished runs among which ancestors are searched.
const RUNS: usize = 200;

/// Ancestors that are read for a content that passed.
pub const MOST_ANCESTORS: usize = 20;

/// Prompts by name, each with its place among the subjects.
pub type Open = BTreeMap<String, usize>;

/// A head of the main branch and its earlier commits, from any source of files.
pub trait Line {
    /// The head compared with a commit, or with nothing, for these prompts only.
    ///
    /// # Errors
    /// What is wrong with the head's files, or what could not be read.
    fn compare(&self, base: Option<&str>, prompts: Vec<String>) -> anyhow::Result<Workspace>;

    /// Earlier commits in which a content may have passed, newest first; `evaluated` are those with a stored
    /// run.
    ///
    /// # Errors
    /// What could not be read.
    fn ancestors(&self, evaluated: &BTreeSet<String>) -> anyhow::Result<Vec<String>>;

    /// Compares prompts without a content that is known to have passed with their live versions, if these are
    /// known.
    fn on_live(&self, baselines: &mut MainBaselines, compared: &mut Workspace, open: &mut Open);
}

/// Which untouched prompts without any known result are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untouched {
    /// None: a merge queue decides about its own change only.
    Left,
    /// All, after the store has proved to be kept: otherwise every run would pay for them.
    TakenOnceKept,
    /// All: evidence is requested in order to release them.
    Taken,
}

/// What the baselines are searched with.
pub struct Ground<'a> {
    /// The head, and the earlier commits.
    pub line: &'a dyn Line,
    /// The run's own store, with entries of earlier runs. A release of this run uses the entries that
    /// are fetched here.
    pub store: &'a dyn Store,
    /// The shared store, if there is one.
    pub shared: Option<(&'a Session, Arc<Shared>)>,
    /// The provider that must have answered.
    pub provider: ProviderKind,
    /// Which prompts are evaluated in addition to those that the change touches.
    pub untouched: Untouched,
    /// The note if no earlier runs are known.
    pub unknown: Option<String>,
}

/// The provider of a run, as in evidence.
pub fn provider(config: &Config, calls: &CallArgs) -> ProviderKind {
    match calls.scripted {
        Some(_) => ProviderKind::Scripted,
        None => config.provider.kind(),
    }
}

impl Ground<'_> {
    /// Finds the main baseline of every prompt; `compared` is the head compared with the commit before.
    ///
    /// # Errors
    /// Failures of the store, or of reading the branch.
    pub fn settle(&self, mut compared: Workspace) -> anyhow::Result<Workspace> {
        self.bring(compared.subjects.iter().flat_map(SubjectPair::contents))?;
        let evaluated = self.evaluated()?;
        let provider = self.provider;
        let demand =
            Demand { provider, release_on_inconclusive: false, release_on_mixed: false, commit: None };
        let order = compared.subjects.iter().map(|pair| pair.candidate.prompt.clone());
        let mut baselines = MainBaselines::of(std::mem::take(&mut compared.changes), order);
        let mut open = Open::new();
        for (index, pair) in compared.subjects.iter().enumerate().filter(|(_, pair)| pair.candidate.covered) {
            let id = &pair.candidate.prompt;
            if !compared.choice.includes(id) {
                continue;
            }
            let ours = self.store.evidence(pair.candidate.content)?;
            if weigh(&ours, &pair.candidate, &demand).is_ok() {
                baselines.is_proven(id);
            } else if !(self.stood(pair)? && baselines.is_affected(id)) {
                open.insert(id.clone(), index);
            }
        }
        let is_kept = !evaluated.is_empty() || history::newest(self.store)?.is_some();
        if is_kept {
            self.on_ancestors(&mut baselines, &mut compared, &mut open, &evaluated)?;
        }
        let takes_all = match self.untouched {
            Untouched::Left => false,
            Untouched::TakenOnceKept => is_kept,
            Untouched::Taken => true,
        };
        open.retain(|id, _| takes_all || baselines.is_affected(id));
        self.line.on_live(&mut baselines, &mut compared, &mut open);
        self.on_the_floor(&mut baselines, &mut compared, &open, is_kept)?;
        if let Some((session, shared)) = &self.shared {
            let told = session.runtime.block_on(shared.finish());
            compared.warnings.extend(told.iter().map(Remark::quoting));
        }
        compared.changes = baselines.settled();
        Ok(compared)
    }

    /// Whether a pair's baseline passed.
    fn stood(&self, pair: &SubjectPair) -> anyhow::Result<bool> {
        let Some(baseline) = pair.baseline else { return Ok(false) };
        Ok(has_passed(&self.store.evidence(baseline)?, self.provider, pair.candidate.server.as_deref()))
    }

    /// Compares prompts whose content in the commit before is not known to have passed, or equals an
    /// unproven head, with their newest earlier content that passed and differs.
    fn on_ancestors(
        &self,
        baselines: &mut MainBaselines,
        compared: &mut Workspace,
        open: &mut Open,
        evaluated: &BTreeSet<String>,
    ) -> anyhow::Result<()> {
        if open.is_empty() {
            return Ok(());
        }
        for commit in self.line.ancestors(evaluated)?.iter().take(MOST_ANCESTORS) {
            if open.is_empty() {
                break;
            }
            let earlier = self.line.compare(Some(commit), open.keys().cloned().collect())?;
            self.bring(earlier.subjects.iter().flat_map(SubjectPair::contents))?;
            for pair in &earlier.subjects {
                let id = &pair.candidate.prompt;
                let Some(&index) = open.get(id) else { continue };
                let change = earlier.changes.prompts.iter().find(|change| change.id == *id).cloned();
                // A content equal to the head does not show whether the head passes.
                if change.is_none() || !self.stood(pair)? {
                    continue;
                }
                let note = format!(
                    "Compared with its content at {}, the newest that passed on the main tier.",
                    commit.get(..7).unwrap_or(commit)
                );
                baselines.stands_on(id, change, &note);
                compared.subjects[index].baseline = pair.baseline;
                open.remove(id);
            }
        }
        Ok(())
    }

    /// The remaining prompts have no baseline: their floor decides. These are the prompts that the
    /// change touches and, if they are included, the others, too.
    fn on_the_floor(
        &self,
        baselines: &mut MainBaselines,
        compared: &mut Workspace,
        open: &Open,
        is_kept: bool,
    ) -> anyhow::Result<()> {
        if open.is_empty() {
            return Ok(());
        }
        let alone = self.line.compare(None, open.keys().cloned().collect())?;
        for (id, index) in open {
            let change = alone.changes.prompts.iter().find(|change| change.id == *id).cloned();
            let note = "No content of it is known to have passed on the main tier: its floor decides.";
            baselines.stands_on(id, change, note);
            compared.subjects[*index].baseline = None;
        }
        compared.warnings.extend(self.unknown.as_ref().filter(|_| !is_kept).map(Remark::new));
        Ok(())
    }

    /// Fetches the evidence of contents from other runs.
    fn bring(&self, contents: impl Iterator<Item = Fingerprint>) -> anyhow::Result<()> {
        let Some((session, shared)) = &self.shared else { return Ok(()) };
        for evidence in session.runtime.block_on(shared.evidence(contents.collect())) {
            self.store.keep_evidence(&evidence)?;
        }
        Ok(())
    }

    /// Commits that were evaluated on the main tier.
    fn evaluated(&self) -> anyhow::Result<BTreeSet<String>> {
        let runs = history::past(self.store, RUNS).context("cannot read the earlier runs")?;
        let on_main = runs.into_iter().filter(|run| run.tier == Some(Tier::Main) && !run.is_shard);
        let mut commits: BTreeSet<String> = on_main.filter_map(|run| run.head?.commit).collect();
        if let Some((session, shared)) = &self.shared {
            commits.extend(session.runtime.block_on(shared.evaluated()));
        }
        Ok(commits)
    }
}
