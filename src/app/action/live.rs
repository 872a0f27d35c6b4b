//! The last possible baseline on the main branch: the live version
//! (decisions.md#main-does-not-ratchet).

use std::collections::{BTreeMap, BTreeSet};

use super::main_line::ActionLine;
use super::release::{opened, place};
use crate::action::MainBaselines;
use crate::app::main_baseline::Line;
use crate::app::release::{self, Live};
use crate::app::workspace::Workspace;
use crate::remark::Remark;

/// Of an environment, by prompt.
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
