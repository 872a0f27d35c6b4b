//! The main line's comparison: every prompt on the newest content of its own that passed, as far
//! as the store knows (design.md 10.5).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

use super::sources::Sources;
use super::{Run, Session};
use crate::action::{Footings, has_passed};
use crate::adapters::database::Database;
use crate::app::shared::Shared;
use crate::app::workspace::Workspace;
use crate::cli::SideArgs;
use crate::config::Provider;
use crate::evidence::{Demand, SubjectPair, weigh};
use crate::prompt::Tier;
use crate::store::place::Place;
use crate::store::{MemoryStore, Store};

/// Finished runs among which ancestors are searched.
const RUNS: usize = 200;

/// Ancestors that are read for a content that passed.
const MOST_ANCESTORS: usize = 20;

/// What the footings are searched with.
pub struct Ground<'a> {
    pub run: &'a Run,
    pub sources: &'a Sources,
    pub session: &'a Session,
    /// The commit whose ancestors count.
    pub head: &'a str,
    /// The commit before.
    pub before: &'a str,
    /// Whether untouched prompts of which nothing is known are evaluated.
    pub whole: bool,
}

/// What is known to have passed.
struct Known<'a> {
    store: &'a dyn Store,
    provider: &'static str,
    /// Commits that other machines saw pass as a whole.
    passed: BTreeSet<String>,
}

impl Known<'_> {
    /// Whether a pair's baseline, its content at this commit, passed.
    fn stood(&self, pair: &SubjectPair, commit: &str) -> anyhow::Result<bool> {
        let Some(baseline) = pair.baseline else { return Ok(false) };
        Ok(self.passed.contains(commit) || has_passed(&self.store.evidence(baseline)?, self.provider))
    }
}

impl Ground<'_> {
    /// Puts every prompt on its footing; `compared` is the head compared with the commit before.
    ///
    /// # Errors
    /// What the store or GitHub did not give.
    pub fn settle(&self, mut compared: Workspace) -> anyhow::Result<Workspace> {
        let store = self.store()?;
        let passed = self.passed_elsewhere(&compared);
        let known = Known { store: store.as_ref(), provider: self.provider(&compared), passed };
        let provider = known.provider;
        let demand = Demand { provider: provider.to_owned(), release_on_inconclusive: false, commit: None };
        let order = compared.subjects.iter().map(|pair| pair.candidate.prompt.clone());
        let mut footings = Footings::of(std::mem::take(&mut compared.changes), order);
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for (index, pair) in compared.subjects.iter().enumerate().filter(|(_, pair)| pair.candidate.covered) {
            let id = &pair.candidate.prompt;
            if !compared.choice.includes(id) {
                continue;
            }
            let ours = store.evidence(pair.candidate.content)?;
            if weigh(&ours, &pair.candidate, &demand).is_ok() {
                footings.is_proven(id);
            } else if !known.stood(pair, self.before)? {
                open.insert(id.clone(), index);
            }
        }
        self.on_ancestors((&mut footings, &mut compared), &mut open, &known)?;
        self.on_the_floor((&mut footings, &mut compared), &open, &known)?;
        compared.changes = footings.settled();
        Ok(compared)
    }

    /// Prompts whose content in the commit before is not known to have passed, on the newest of an
    /// earlier commit that is.
    fn on_ancestors(
        &self,
        (footings, compared): (&mut Footings, &mut Workspace),
        open: &mut BTreeMap<String, usize>,
        known: &Known<'_>,
    ) -> anyhow::Result<()> {
        let mut evaluated = evaluated(known.store)?;
        evaluated.extend(known.passed.iter().cloned());
        if open.is_empty() || evaluated.is_empty() {
            return Ok(());
        }
        let ancestors = self.sources.ancestors(self.head, self.session)?;
        for commit in ancestors.iter().filter(|commit| evaluated.contains(*commit)).take(MOST_ANCESTORS) {
            if open.is_empty() {
                break;
            }
            let earlier =
                self.sources.compare_with(self.run, Some(commit), &self.only(open), self.session)?;
            for pair in &earlier.subjects {
                let id = &pair.candidate.prompt;
                let Some(&index) = open.get(id) else { continue };
                if !known.stood(pair, commit)? {
                    continue;
                }
                let change = earlier.changes.prompts.iter().find(|change| change.id == *id).cloned();
                let note = format!(
                    "Compared with its content at {}, the newest that passed on the main tier.",
                    commit.get(..7).unwrap_or(commit)
                );
                footings.stands_on(id, change, &note);
                compared.subjects[index].baseline = pair.baseline;
                open.remove(id);
            }
        }
        Ok(())
    }

    /// What is left has nothing to be compared with: those that the change touches are judged by
    /// their floor and, once the store has shown that it is kept, the others, too.
    fn on_the_floor(
        &self,
        (footings, compared): (&mut Footings, &mut Workspace),
        open: &BTreeMap<String, usize>,
        known: &Known<'_>,
    ) -> anyhow::Result<()> {
        let is_kept = !known.passed.is_empty() || !known.store.runs(1)?.is_empty();
        // What cannot be bought cannot be proven either.
        let takes_all = self.whole && is_kept && !self.run.args.calls.offline;
        let wanted = open.iter().filter(|(id, _)| takes_all || footings.is_affected(id));
        let wanted: BTreeMap<String, usize> = wanted.map(|(id, index)| (id.clone(), *index)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let alone = self.sources.compare_with(self.run, None, &self.only(&wanted), self.session)?;
        for (id, index) in &wanted {
            let change = alone.changes.prompts.iter().find(|change| change.id == *id).cloned();
            let note = "No content of it is known to have passed on the main tier: its floor decides.";
            footings.stands_on(id, change, note);
            compared.subjects[*index].baseline = None;
        }
        if !is_kept {
            compared.warnings.push(format!(
                "Nothing is known of earlier runs on the main tier: the first one, or the directory `{}` is not kept \
                 between runs (docs/action.md, \"Merge queue and main\").",
                self.run.inputs.cache
            ));
        }
        Ok(())
    }

    /// The options of the run, for these prompts only.
    fn only(&self, prompts: &BTreeMap<String, usize>) -> SideArgs {
        SideArgs { prompts: prompts.keys().cloned().collect(), ..self.run.args.sides.clone() }
    }

    fn provider(&self, workspace: &Workspace) -> &'static str {
        match &workspace.config.provider {
            Provider::Bedrock if self.run.args.calls.scripted.is_none() => "bedrock",
            _ => "scripted",
        }
    }

    /// Commits that the shared store knows to have passed. The checkout's configuration may name
    /// it: on the main line it is trusted.
    fn passed_elsewhere(&self, compared: &Workspace) -> BTreeSet<String> {
        let calls = &self.run.args.calls;
        let text = calls.shared_store.as_ref().or(compared.config.shared_store.as_ref());
        let is_used = self.provider(compared) == "bedrock" && !calls.offline;
        match text.filter(|_| is_used).and_then(|text| Place::parse(text).ok()) {
            Some(place) => {
                let shared = Shared::new(place, calls.shared_area, self.session.runtime.handle());
                self.session.runtime.block_on(shared.passed())
            }
            None => BTreeSet::new(),
        }
    }

    /// What earlier runs left; nothing where there is no database yet.
    fn store(&self) -> anyhow::Result<Box<dyn Store>> {
        let path = Path::new(&self.run.job.workspace).join(self.run.cache.path("assay.db"));
        Ok(match path.exists() {
            true => Box::new(Database::open(&path)?),
            false => Box::new(MemoryStore::default()),
        })
    }
}

/// Commits that were evaluated on the main tier, as far as the store knows.
fn evaluated(store: &dyn Store) -> anyhow::Result<BTreeSet<String>> {
    let runs = store.runs(RUNS).context("cannot read the earlier runs")?;
    let reports = runs.iter().filter_map(|run| crate::report::json::parse(&run.report).ok());
    let on_main = reports.filter(|report| report.tier == Tier::Main && report.part.is_none());
    Ok(on_main.filter_map(|report| report.head.commit).collect())
}
