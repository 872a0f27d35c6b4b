//! A run's comparison: with the decision's base, and on the main branch with each prompt's main
//! baseline.

use std::collections::BTreeSet;
use std::path::Path;

use super::sources::Sources;
use super::{Run, Session};
use crate::action::{Base, MainBaselines};
use crate::app::main_baseline::{Ground, Line, Open, Untouched, provider};
use crate::app::workspace::Workspace;
use crate::app::{database, shared};
use crate::cli::SideArgs;

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
