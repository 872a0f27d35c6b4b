//! One prompt at its gate: which trials its calls are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TrialRegistry;
use super::setup::{PromptSetup, comparison_key, fresh_variation};
use super::state::{Kept, Stage};
use crate::change::{CaseChange, PromptChange};
use crate::fingerprint::Fingerprint;
use crate::gate::{self, Gate, Outcome};
use crate::model::Request;
use crate::trial::{AnswerKey, Call, Lane, Phase, Side, StopCause, Trial, TrialId, Wanted, Window};
use crate::variation::Variation;

/// One prompt's assay.
#[derive(Debug)]
pub struct PromptAssay {
    pub(super) setup: PromptSetup,
    pub(super) comparison: Fingerprint,
    /// Index into the change's cases, by the gate's index.
    members: Vec<usize>,
    pub(super) gate: Gate,
    pub(super) calls: BTreeMap<Call, Stage>,
    pub(super) kept: BTreeMap<Call, Kept>,
}

/// A trial that is being built.
pub(super) struct Draft {
    pub lane: Lane,
    pub key: AnswerKey,
    pub request: Request,
    pub replaces_stored: bool,
}

impl PromptAssay {
    pub(super) fn new(setup: PromptSetup) -> Self {
        let members = setup.members();
        let gate = Gate::new(setup.gate(&members));
        let comparison = comparison_key(&setup.change, &setup.seed);
        Self { setup, comparison, members, gate, calls: BTreeMap::new(), kept: BTreeMap::new() }
    }

    /// The change that is assayed.
    pub fn change(&self) -> &PromptChange {
        &self.setup.change
    }

    /// What it was made from.
    pub fn setup(&self) -> &PromptSetup {
        &self.setup
    }

    /// The name of the comparison.
    pub fn comparison(&self) -> Fingerprint {
        self.comparison
    }

    /// What the gate concluded; `None` before it did.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.gate.outcome()
    }

    /// How many cases take part; their indices count from 0.
    pub fn cases(&self) -> usize {
        self.members.len()
    }

    /// The case behind a gate's index.
    pub fn case(&self, index: usize) -> &CaseChange {
        &self.setup.change.cases[self.members[index]]
    }

    /// What is kept of a call.
    pub fn kept(&self, call: &Call) -> Option<&Kept> {
        self.kept.get(call)
    }

    /// Everything kept, by call.
    pub fn all_kept(&self) -> impl Iterator<Item = (&Call, &Kept)> {
        self.kept.iter()
    }

    /// The calls the gate used, in the order it applied them.
    pub fn applied(&self) -> &[Call] {
        self.gate.applied()
    }

    pub(super) fn stop(&mut self, cause: &StopCause) {
        self.gate.stop(match cause {
            StopCause::Budget(_) => gate::StopCause::Budget,
            StopCause::Interrupted => gate::StopCause::Interrupted,
            StopCause::Fatal(_) => gate::StopCause::Fatal,
        });
    }

    /// Adds the wanted trials, up to the window.
    pub(super) fn wish(
        &mut self,
        prompt: usize,
        window: Window,
        registry: &mut TrialRegistry,
        wanted: &mut Wanted,
    ) {
        if self.outcome().is_some() {
            return;
        }
        // A call that waits for its baseline waits for a wanted trial, too.
        let waits = |stage: &Stage| matches!(stage, Stage::AwaitsBaseline(_) | Stage::AwaitsReference(_));
        let has_trial = |call: &Call| !self.calls.get(call).is_some_and(waits);
        let (now, soon) =
            (window.now.saturating_sub(wanted.now.len()), window.soon.saturating_sub(wanted.soon.len()));
        let now: Vec<Call> = self.gate.now().filter(has_trial).take(now).collect();
        let soon: Vec<Call> = self.gate.soon().filter(has_trial).take(soon).collect();
        for call in now {
            wanted.now.extend(self.trials(call, true, prompt, registry));
        }
        for call in soon {
            wanted.soon.extend(self.trials(call, false, prompt, registry));
        }
    }

    /// The trials that a call waits for; its own trial is made when the call is first seen.
    fn trials(
        &mut self,
        call: Call,
        needed: bool,
        prompt: usize,
        registry: &mut TrialRegistry,
    ) -> Vec<Arc<Trial>> {
        let again = match self.calls.get(&call) {
            Some(Stage::Asked(trial)) => return vec![Arc::clone(trial)],
            Some(Stage::Judging(judging)) => {
                return judging.open.values().map(|asked| Arc::clone(&asked.trial)).collect();
            }
            Some(Stage::AwaitsBaseline(_) | Stage::AwaitsReference(_)) => return Vec::new(),
            Some(Stage::Settled) if !needed => return Vec::new(),
            // The gate asks again for a known call: its whole pair was discarded.
            Some(Stage::Settled) => true,
            None => false,
        };
        let id = registry.register(prompt, call, None);
        let trial = Arc::new(self.trial(id, call, self.draft(call, again)));
        self.calls.insert(call, Stage::Asked(Arc::clone(&trial)));
        vec![trial]
    }

    /// The request of a call without its variation. The gate asks for a baseline only of cases that
    /// have one.
    pub(super) fn request(&self, call: Call) -> &Request {
        let case = self.case(call.case);
        let baseline = case.baseline.as_ref().filter(|_| call.side == Side::Baseline);
        baseline.unwrap_or(&case.candidate)
    }

    /// How a call differs from the text as written.
    fn variation(&self, call: Call) -> Variation {
        let case = self.case(call.case);
        match call.phase {
            Phase::Screen => case.screened(self.request(call)),
            phase => fresh_variation(case, self.comparison, phase, call.k),
        }
    }

    fn draft(&self, call: Call, replaces_stored: bool) -> Draft {
        let (request, variation) = (self.request(call), self.variation(call));
        let asked_again = self.setup.asked_again && call.side == Side::Candidate;
        let comparison = match asked_again {
            true => Fingerprint::of_json(&("asked again", self.comparison)),
            false => self.comparison,
        };
        let key = match call.phase.is_fresh() || asked_again {
            false => AnswerKey::screening(request, variation),
            true => AnswerKey::fresh((request, variation), comparison, call.phase, call.k),
        };
        Draft { lane: Lane::Prompt, key, request: variation.applied_to(request), replaces_stored }
    }

    pub(super) fn trial(&self, id: TrialId, call: Call, draft: Draft) -> Trial {
        Trial {
            id,
            lane: draft.lane,
            key: draft.key,
            comparison: self.comparison,
            request: draft.request,
            prompt: self.setup.change.id.clone(),
            case: self.case(call.case).case.id.clone(),
            side: call.side,
            phase: call.phase,
            replaces_stored: draft.replaces_stored,
        }
    }
}
