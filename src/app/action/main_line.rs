//! A run's comparison: with the decision's base, and on the main branch with each prompt's main
//! baseline, which as a last resort is its live version (decisions.md#main-does-not-ratchet).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::release::{opened, place};
use super::sources::Sources;
use super::{Run, Session};
use crate::action::{Base, MainBaselines};
use crate::app::main_baseline::{Ground, Line, Open, Untouched, provider};
use crate::app::release::Live;
use crate::app::workspace::Workspace;
use crate::app::{database, release, shared};
use crate::cli::SideArgs;
use crate::remark::Remark;

/// Reads both sides and compares them.
///
/// # Errors
/// What is wrong with the head's files, or what the store or GitHub did not give.
pub fn compared(run: &Run, sources: &Sources, session: &Session) -> anyhow::Result<Workspace> {
    let compared = sources.compare(run, session)?;
    let Base::NewestPassed { head, whole, .. } = &run.decision.base else { return Ok(compared) };
    let line = ActionLine { run, sources, session, head };
    let workspace = Path::new(&run.job.workspace);
    let store = database::open(workspace, run.cache.location())?.sealed(&session.seals);
    let (calls, provider) = (&run.args.calls, provider(&compared.config, &run.args.calls));
    let shared = shared::at(&compared.config, calls, session);
    let is_used = provider.is_language_model() && !calls.offline;
    let ground = Ground {
        line: &line,
        store: &store,
        shared: shared.filter(|_| is_used).map(|shared| (session, shared)),
        provider,
        untouched: match whole {
            // Without calls nothing can be proved.
            true if !calls.offline => Untouched::TakenOnceKept,
            _ => Untouched::Left,
        },
        unknown: Some(format!(
            "No earlier runs on the main tier are known: this is the first one, or the directory `{}` is not kept \
             between runs (docs/action.md, \"Merge queue and main\").",
            run.inputs.cache
        )),
    };
    ground.settle(compared)
}

/// The main branch, from GitHub and the clone.
pub(super) struct ActionLine<'a> {
    pub run: &'a Run,
    pub sources: &'a Sources,
    pub session: &'a Session,
    /// The commit whose ancestors count.
    head: &'a str,
}

impl Line for ActionLine<'_> {
    fn compare(&self, base: Option<&str>, prompts: Vec<String>) -> anyhow::Result<Workspace> {
        let sides = SideArgs { prompts, ..self.run.args.sides.clone() };
        self.sources.compare_with(self.run, base, &sides, self.session)
    }

    fn ancestors(&self, evaluated: &BTreeSet<String>) -> anyhow::Result<Vec<String>> {
        if evaluated.is_empty() {
            return Ok(Vec::new());
        }
        let mut ancestors = self.sources.ancestors(self.head, self.session)?;
        // Each is read through the network.
        ancestors.retain(|commit| evaluated.contains(commit));
        Ok(ancestors)
    }

    fn on_live(&self, baselines: &mut MainBaselines, compared: &mut Workspace, open: &mut Open) {
        self.stand_on_live(baselines, compared, open);
    }
}

/// The live versions of an environment, by prompt.
struct Seen {
    environment: String,
    live: BTreeMap<String, Live>,
}

impl ActionLine<'_> {
    /// Compares prompts without a content that is known to have passed with their live versions. If
    /// a live version cannot be read, this is a warning, and the floor decides.
    pub(super) fn stand_on_live(
        &self,
        baselines: &mut MainBaselines,
        compared: &mut Workspace,
        open: &mut BTreeMap<String, usize>,
    ) {
        if open.is_empty() || compared.config.release.is_none() || self.run.args.calls.offline {
            return;
        }
        let looked = self.look(compared, open).and_then(|seen| match seen {
            Some(seen) => self.stand_on(baselines, compared, open, &seen),
            None => Ok(()),
        });
        if let Err(error) = looked {
            let lead = "The live versions could not be compared with: ";
            compared.warnings.push(
                Remark::new(lead)
                    .quote(format!("{error:#}"))
                    .and(". The floor decides for prompts that are not known to have passed."),
            );
        }
    }

    /// Reads the live versions. `None` if they are in AWS and the run does not use AWS.
    fn look(&self, compared: &Workspace, open: &BTreeMap<String, usize>) -> anyhow::Result<Option<Seen>> {
        let place = place(self.run, self.run.inputs.release.as_deref());
        let context = opened(self.run, self.sources, self.session, &place)?;
        if !compared.config.provider.kind().is_language_model() && context.environment.directory.is_none() {
            return Ok(None);
        }
        let prompts: Vec<&str> = open.keys().map(String::as_str).collect();
        let mut live = release::live(&context, &prompts)?;
        // A live content without evidence must be evaluated, and a comparison with itself would prove nothing.
        live.retain(|id, live| compared.subjects[open[id]].candidate.content != live.content);
        Ok(Some(Seen { environment: context.environment.name, live }))
    }

    /// Compares with the commits in the records, if these still have the content of the record.
    fn stand_on(
        &self,
        baselines: &mut MainBaselines,
        compared: &mut Workspace,
        open: &mut BTreeMap<String, usize>,
        seen: &Seen,
    ) -> anyhow::Result<()> {
        let commits: BTreeSet<&str> = seen.live.values().map(|live| live.commit.as_str()).collect();
        for commit in commits {
            let of_commit = seen.live.iter().filter(|(_, live)| live.commit == commit);
            let meant: BTreeMap<String, usize> = of_commit.map(|(id, _)| (id.clone(), open[id])).collect();
            let earlier = self.compare(Some(commit), meant.keys().cloned().collect())?;
            for pair in &earlier.subjects {
                let id = &pair.candidate.prompt;
                let (Some(live), Some(&index)) = (seen.live.get(id), meant.get(id)) else { continue };
                if pair.baseline != Some(live.content) {
                    continue;
                }
                let change = earlier.changes.prompts.iter().find(|change| change.id == *id).cloned();
                let note = format!(
                    "Compared with the live version in `{}`, version {} of commit {}: no content of it is known to have \
                     passed on the main tier.",
                    seen.environment,
                    live.version,
                    commit.get(..7).unwrap_or(commit)
                );
                baselines.stands_on(id, change, &note);
                compared.subjects[index].baseline = pair.baseline;
                open.remove(id);
            }
        }
        Ok(())
    }
}
