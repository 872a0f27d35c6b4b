//! The main line's comparison: every prompt on the newest content of its own that passed, as far
//! as the store knows (decisions.md#main-does-not-ratchet).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;

use super::sources::Sources;
use super::{Run, Session};
use crate::action::{Base, MainBaselines, has_passed};
use crate::adapters::database::Database;
use crate::app::database;
use crate::app::shared::{self, Shared};
use crate::app::workspace::Workspace;
use crate::cli::SideArgs;
use crate::config::Provider;
use crate::evidence::{Demand, SubjectPair, weigh};
use crate::fingerprint::Fingerprint;
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::store::Store;

/// Finished runs among which ancestors are searched.
const RUNS: usize = 200;

/// Ancestors that are read for a content that passed.
const MOST_ANCESTORS: usize = 20;

/// The comparison of a run: with the commit before, and on the main line with each prompt's main
/// baseline.
///
/// # Errors
/// What is wrong with the head's files, or what the store or GitHub did not give.
pub fn compared(run: &Run, sources: &Sources, session: &Session) -> anyhow::Result<Workspace> {
    let compared = sources.compare(run, session)?;
    match &run.decision.base {
        Base::NewestPassed { head, whole, .. } => {
            Ground { run, sources, session, head, whole: *whole }.settle(compared)
        }
        _ => Ok(compared),
    }
}

/// What the baselines are searched with.
pub struct Ground<'a> {
    pub run: &'a Run,
    pub sources: &'a Sources,
    pub session: &'a Session,
    /// The commit whose ancestors count.
    pub head: &'a str,
    /// Whether untouched prompts of which nothing is known are evaluated.
    pub whole: bool,
}

impl Ground<'_> {
    /// Finds the main baseline of every prompt; `compared` is the head compared with the commit before.
    ///
    /// # Errors
    /// What the store or GitHub did not give.
    fn settle(&self, mut compared: Workspace) -> anyhow::Result<Workspace> {
        let store = self.store()?;
        let shared = self.shared(&compared)?;
        let known = Known { store: &store, shared: shared.as_ref(), session: self.session };
        known.bring(compared.subjects.iter().flat_map(SubjectPair::contents))?;
        let evaluated = known.evaluated()?;
        let provider = self.provider(&compared);
        let demand = Demand { provider: provider.to_owned(), release_on_inconclusive: false, commit: None };
        let order = compared.subjects.iter().map(|pair| pair.candidate.prompt.clone());
        let mut baselines = MainBaselines::of(std::mem::take(&mut compared.changes), order);
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for (index, pair) in compared.subjects.iter().enumerate().filter(|(_, pair)| pair.candidate.covered) {
            let id = &pair.candidate.prompt;
            if !compared.choice.includes(id) {
                continue;
            }
            let ours = store.evidence(pair.candidate.content)?;
            if weigh(&ours, &pair.candidate, &demand).is_ok() {
                baselines.is_proven(id);
            } else if !self.stood(&store, pair, provider)? {
                open.insert(id.clone(), index);
            }
        }
        self.on_ancestors((&mut baselines, &mut compared), &mut open, (&known, &evaluated))?;
        let is_kept = !evaluated.is_empty() || !store.runs(1)?.is_empty();
        // What cannot be bought cannot be proven either.
        let takes_all = self.whole && is_kept && !self.run.args.calls.offline;
        open.retain(|id, _| takes_all || baselines.is_affected(id));
        self.on_live((&mut baselines, &mut compared), &mut open);
        self.on_the_floor((&mut baselines, &mut compared), &open, is_kept)?;
        if let Some(shared) = &shared {
            let told = self.session.runtime.block_on(shared.finish());
            compared.warnings.extend(told.iter().map(Remark::quoting));
        }
        compared.changes = baselines.settled();
        Ok(compared)
    }

    /// Whether a pair's baseline passed.
    fn stood(&self, store: &dyn Store, pair: &SubjectPair, provider: &str) -> anyhow::Result<bool> {
        let Some(baseline) = pair.baseline else { return Ok(false) };
        Ok(has_passed(&store.evidence(baseline)?, provider))
    }

    /// Prompts whose content in the commit before is not known to have passed, on the newest of an
    /// earlier commit that is.
    fn on_ancestors(
        &self,
        (baselines, compared): (&mut MainBaselines, &mut Workspace),
        open: &mut BTreeMap<String, usize>,
        (known, evaluated): (&Known<'_>, &BTreeSet<String>),
    ) -> anyhow::Result<()> {
        if open.is_empty() || evaluated.is_empty() {
            return Ok(());
        }
        let provider = self.provider(compared);
        let ancestors = self.sources.ancestors(self.head, self.session)?;
        for commit in ancestors.iter().filter(|commit| evaluated.contains(*commit)).take(MOST_ANCESTORS) {
            if open.is_empty() {
                break;
            }
            let earlier =
                self.sources.compare_with(self.run, Some(commit), &self.only(open), self.session)?;
            known.bring(earlier.subjects.iter().flat_map(SubjectPair::contents))?;
            for pair in &earlier.subjects {
                let id = &pair.candidate.prompt;
                let Some(&index) = open.get(id) else { continue };
                if !self.stood(known.store, pair, provider)? {
                    continue;
                }
                let change = earlier.changes.prompts.iter().find(|change| change.id == *id).cloned();
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

    /// What is left has nothing to be compared with: its floor decides. These are the prompts that the
    /// change touches and, once the store has shown that it is kept, the others, too.
    fn on_the_floor(
        &self,
        (baselines, compared): (&mut MainBaselines, &mut Workspace),
        open: &BTreeMap<String, usize>,
        is_kept: bool,
    ) -> anyhow::Result<()> {
        if open.is_empty() {
            return Ok(());
        }
        let alone = self.sources.compare_with(self.run, None, &self.only(open), self.session)?;
        for (id, index) in open {
            let change = alone.changes.prompts.iter().find(|change| change.id == *id).cloned();
            let note = "No content of it is known to have passed on the main tier: its floor decides.";
            baselines.stands_on(id, change, note);
            compared.subjects[*index].baseline = None;
        }
        if !is_kept {
            compared.warnings.push(Remark::new(format!(
                "Nothing is known of earlier runs on the main tier: the first one, or the directory `{}` is not kept \
                 between runs (docs/action.md, \"Merge queue and main\").",
                self.run.inputs.cache
            )));
        }
        Ok(())
    }

    /// The options of the run, for these prompts only.
    pub(super) fn only(&self, prompts: &BTreeMap<String, usize>) -> SideArgs {
        SideArgs { prompts: prompts.keys().cloned().collect(), ..self.run.args.sides.clone() }
    }

    fn provider(&self, workspace: &Workspace) -> &'static str {
        match &workspace.config.provider {
            Provider::Bedrock if self.run.args.calls.scripted.is_none() => "bedrock",
            _ => "scripted",
        }
    }

    /// What other machines left, where that is shared.
    fn shared(&self, workspace: &Workspace) -> anyhow::Result<Option<Arc<Shared>>> {
        let is_used = self.provider(workspace) == "bedrock" && !self.run.args.calls.offline;
        let shared = shared::at(&workspace.config, &self.run.args.calls, self.session)?;
        Ok(shared.filter(|_| is_used))
    }

    /// The run's own store, with what earlier runs left: what is brought into it here, a release of this
    /// run rests on.
    fn store(&self) -> anyhow::Result<Database> {
        let workspace = Path::new(&self.run.job.workspace);
        Ok(database::open(workspace, self.run.cache.location())?.sealed(&self.session.seals))
    }
}

/// What is known of earlier runs: the machine's own, and what others share.
struct Known<'a> {
    store: &'a dyn Store,
    shared: Option<&'a Arc<Shared>>,
    session: &'a Session,
}

impl Known<'_> {
    /// Brings the evidence of contents that others have left.
    fn bring(&self, contents: impl Iterator<Item = Fingerprint>) -> anyhow::Result<()> {
        let Some(shared) = self.shared else { return Ok(()) };
        for evidence in self.session.runtime.block_on(shared.evidence(contents.collect())) {
            self.store.keep_evidence(&evidence)?;
        }
        Ok(())
    }

    /// Commits that were evaluated on the main tier.
    fn evaluated(&self) -> anyhow::Result<BTreeSet<String>> {
        let runs = self.store.runs(RUNS).context("cannot read the earlier runs")?;
        let reports = runs.iter().filter_map(|run| crate::report::json::parse(&run.report).ok());
        let on_main = reports.filter(|report| report.tier == Tier::Main && report.part.is_none());
        let mut commits: BTreeSet<String> = on_main.filter_map(|report| report.head.commit).collect();
        if let Some(shared) = self.shared {
            commits.extend(self.session.runtime.block_on(shared.evaluated()));
        }
        Ok(commits)
    }
}
