//! Runs the work with the stored answers, so that all missing calls are known before the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::store::{Store, StoreError};
use crate::trial::{Answer, AnswerKey, Phase, Trial, TrialId, TrialOutcome, Window, Work};

/// Everything that is needed unless the gate decides early.
const ALL: Window = Window { now: usize::MAX, soon: usize::MAX };

/// Runs a separate copy of the work from the store only, as far as possible; the run itself starts
/// from the beginning afterwards.
pub struct Rehearsal<W> {
    work: W,
    delivered: BTreeSet<TrialId>,
}

impl<W: Work> Rehearsal<W> {
    /// Nothing has run yet.
    pub fn new(work: W) -> Self {
        Self { work, delivered: BTreeSet::new() }
    }

    /// The calls of the screening, its judges included, that the store cannot answer now; each
    /// answer key once. Confirmations are left out: they are pairs that are bought at the same
    /// time, and a job guarantees neither order nor time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn missing(&mut self, store: &dyn Store) -> Result<Vec<Arc<Trial>>, StoreError> {
        let mut absent: BTreeSet<AnswerKey> = BTreeSet::new();
        loop {
            let wanted = self.work.wanted(ALL);
            if wanted.now.is_empty() {
                return Ok(Vec::new());
            }
            let (mut missing, mut served) = (Vec::new(), false);
            let mut listed = BTreeSet::new();
            for trial in wanted.now.into_iter().chain(wanted.soon) {
                if trial.replaces_stored || self.delivered.contains(&trial.id) {
                    continue;
                }
                let stored = if absent.contains(&trial.key) { None } else { store.answer(trial.key)? };
                if let Some(stored) = stored {
                    let fresh = stored.bought_by == trial.comparison;
                    let answer = Answer { response: stored.response, cached: true, fresh };
                    self.delivered.insert(trial.id);
                    self.work.observe(trial.id, TrialOutcome::Answered(answer));
                    served = true;
                    continue;
                }
                absent.insert(trial.key);
                if trial.phase == Phase::Screen && listed.insert(trial.key) {
                    missing.push(trial);
                }
            }
            if !served {
                return Ok(missing);
            }
        }
    }
}
