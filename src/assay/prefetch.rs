//! Answers prefetched for later comparisons: the baseline of pull requests, bought on the main branch when a prompt has
//! just passed there (decisions.md#main-prepares-the-baselines-of-pull-requests). Nothing is judged here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::change::ChangeSet;
use crate::fingerprint::Fingerprint;
use crate::trial::{
    AnswerKey, Lane, Phase, Side, StopCause, Trial, TrialId, TrialOutcome, Wanted, Window, Work,
};

/// One screening answer for every case of some prompts.
#[derive(Debug, Default)]
pub struct Prefetch {
    /// Not yet answered.
    open: BTreeMap<TrialId, Arc<Trial>>,
    /// Why it ended early.
    stopped: Option<StopCause>,
    failed: u64,
}

impl Prefetch {
    /// The candidates of these changes are the baselines of later ones.
    pub fn of(changes: &ChangeSet) -> Self {
        let mut open = BTreeMap::new();
        for change in &changes.prompts {
            for case in &change.cases {
                let id = TrialId(open.len() as u64);
                let screened = case.screened(&case.candidate);
                let trial = Trial {
                    id,
                    lane: Lane::Prompt,
                    key: AnswerKey::screening(&case.candidate, screened),
                    comparison: Fingerprint::of_bytes(b"prefetch"),
                    request: screened.applied_to(&case.candidate),
                    prompt: change.id.clone(),
                    case: case.case.id.clone(),
                    side: Side::Baseline,
                    phase: Phase::Screen,
                    replaces_stored: false,
                };
                open.insert(id, Arc::new(trial));
            }
        }
        Self { open, ..Self::default() }
    }

    /// The models that are asked, by the requests that are left.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.open.values().map(|trial| trial.request.model.as_str())
    }

    /// Why it ended early, when it did.
    pub fn stopped(&self) -> Option<&StopCause> {
        self.stopped.as_ref()
    }

    /// Answers that could not be bought.
    pub fn missing(&self) -> u64 {
        self.failed + self.open.len() as u64
    }
}

impl Work for Prefetch {
    fn wanted(&mut self, window: Window) -> Wanted {
        let now = if self.stopped.is_some() { 0 } else { window.now };
        Wanted { now: self.open.values().take(now).cloned().collect(), soon: Vec::new() }
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        match outcome {
            TrialOutcome::Failed(error) if error.class.is_fatal() => {}
            outcome => {
                let was_open = self.open.remove(&id).is_some();
                self.failed += u64::from(was_open && matches!(outcome, TrialOutcome::Failed(_)));
            }
        }
    }

    fn stop(&mut self, cause: StopCause) {
        self.stopped.get_or_insert(cause);
    }
}
