//! One prompt at its gate: calls become trials, answers become scores.

use std::collections::BTreeMap;

use super::setup::{PromptSetup, comparison_key};
use super::state::{Judging, Kept, Stage};
use super::{Errand, Registry, Wishes};
use crate::change::{CaseChange, PromptChange};
use crate::check::{CaseScore, JudgeReading, QuestionId, Readings, Score, Scoring, Subject};
use crate::config::Jitter;
use crate::fingerprint::Fingerprint;
use crate::gate::{self, Gate, Observation, Outcome, Step};
use crate::model::{ModelError, Request};
use crate::trial::{
    Answer, AnswerKey, Call, Lane, Phase, Side, StopCause, Trial, TrialId, TrialOutcome, nonce,
};

/// Calls ahead of need that are offered at once.
const AHEAD: usize = 64;

/// One prompt's assay.
#[derive(Debug)]
pub struct PromptAssay {
    setup: PromptSetup,
    comparison: Fingerprint,
    /// Index into the change's cases, by the gate's index.
    members: Vec<usize>,
    gate: Gate,
    calls: BTreeMap<Call, Stage>,
    kept: BTreeMap<Call, Kept>,
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

    /// The case behind a gate's index.
    pub fn case(&self, index: usize) -> &CaseChange {
        &self.setup.change.cases[self.members[index]]
    }

    /// What is kept of a call.
    pub fn kept(&self, call: &Call) -> Option<&Kept> {
        self.kept.get(call)
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

    pub(super) fn wishes(&mut self, index: usize, registry: &mut Registry) -> Wishes {
        let mut wishes = Wishes::default();
        let Step::Run { now, soon } = self.gate.next() else { return wishes };
        for call in now {
            self.wish(call, true, index, registry, &mut wishes.now);
        }
        for call in soon {
            if wishes.soon.len() >= AHEAD {
                break;
            }
            // Without jitter an answer is compared with the earlier ones of its case, so repeats
            // are asked for one after the other.
            if !call.phase.is_fresh() || self.jitters(call) {
                self.wish(call, false, index, registry, &mut wishes.soon);
            }
        }
        wishes
    }

    fn wish(
        &mut self,
        call: Call,
        needed: bool,
        index: usize,
        registry: &mut Registry,
        into: &mut Vec<Trial>,
    ) {
        match self.calls.get(&call) {
            Some(Stage::Asked(trial)) => into.push(trial.as_ref().clone()),
            Some(Stage::Judging(judging)) => into.extend(judging.open.values().cloned()),
            Some(Stage::Refused) => {}
            Some(Stage::Settled) if !needed => {}
            // The gate asks again for a call it has heard of: its pair was discarded.
            Some(Stage::Settled) | None => {
                let Some(trial) = self.trial(call, index, registry) else {
                    self.settle_lost(call);
                    return;
                };
                into.push(trial.clone());
                self.calls.insert(call, Stage::Asked(Box::new(trial)));
            }
        }
    }

    /// The request of a call without its nonce.
    fn request(&self, call: Call) -> Option<&Request> {
        let case = self.case(call.case);
        match call.side {
            Side::Candidate => Some(&case.candidate),
            Side::Baseline => case.baseline.as_ref(),
        }
    }

    fn jitters(&self, call: Call) -> bool {
        self.setup.jitter == Jitter::Nonce && !self.case(call.case).case.exact
    }

    fn trial(&self, call: Call, prompt: usize, registry: &mut Registry) -> Option<Trial> {
        let request = self.request(call)?;
        let case = &self.case(call.case).case.id;
        let (key, request) = if call.phase.is_fresh() {
            let key = AnswerKey::fresh(request, self.comparison, call.phase, call.k);
            let sent = if self.jitters(call) {
                request.with_nonce(&nonce(&self.setup.seed, self.comparison, case, call.phase, call.k))
            } else {
                request.clone()
            };
            (key, sent)
        } else {
            (AnswerKey::screening(request), request.clone())
        };
        let id = registry.register(Errand { prompt, call, question: None });
        Some(self.as_trial(id, Lane::Prompt, call, key, request))
    }

    fn as_trial(&self, id: TrialId, lane: Lane, call: Call, key: AnswerKey, request: Request) -> Trial {
        Trial {
            id,
            lane,
            key,
            comparison: self.comparison,
            request,
            prompt: self.setup.change.id.clone(),
            case: self.case(call.case).case.id.clone(),
            side: call.side,
            phase: call.phase,
        }
    }

    pub(super) fn observe_answer(
        &mut self,
        prompt: usize,
        call: Call,
        outcome: TrialOutcome,
        registry: &mut Registry,
    ) {
        match outcome {
            TrialOutcome::Answered(answer) => {
                self.judge(prompt, call, Judging::new(answer), registry);
            }
            TrialOutcome::Failed(error) => self.failed(call, error),
        }
    }

    pub(super) fn observe_judge(
        &mut self,
        prompt: usize,
        (call, question): (Call, QuestionId),
        outcome: TrialOutcome,
        registry: &mut Registry,
    ) {
        let Some(Stage::Judging(mut judging)) = self.calls.remove(&call) else { return };
        judging.open.remove(&question);
        let (reading, cached) = match outcome {
            TrialOutcome::Answered(answer) => (JudgeReading::of(&answer.response), answer.cached),
            TrialOutcome::Failed(error) => (JudgeReading::Unreadable(error.to_string()), false),
        };
        judging.readings.insert(question, reading);
        judging.judged += 1;
        judging.judged_cached += u64::from(cached);
        if judging.open.is_empty() {
            self.judge(prompt, call, *judging, registry);
        } else {
            self.calls.insert(call, Stage::Judging(judging));
        }
    }

    fn scoring(&self, call: Call) -> Scoring<'_> {
        Scoring::of(&self.case(call.case).case, self.setup.change.score, self.setup.change.judge.as_ref())
    }

    fn subject<'a>(&self, call: Call, answer: &'a Answer) -> Subject<'a> {
        let model = self.request(call).map(|request| request.model.as_str()).unwrap_or_default();
        Subject { response: &answer.response, cost_usd: self.setup.prices.cost(model, answer.response.usage) }
    }

    /// Asks the judge what it must still be asked, or settles the call.
    fn judge(&mut self, prompt: usize, call: Call, mut judging: Judging, registry: &mut Registry) {
        let questions = self.scoring(call).questions(self.subject(call, &judging.answer), &judging.readings);
        let (Some(judge), Some(request)) = (&self.setup.change.judge, self.request(call)) else {
            return self.settle_answer(call, &judging);
        };
        for question in &questions {
            let asked = judge.request(&request.messages, question);
            let errand = Errand { prompt, call, question: Some(question.id()) };
            let id = registry.register(errand);
            let trial = self.as_trial(id, Lane::Judge, call, AnswerKey::judge(&asked), asked);
            judging.open.insert(question.id(), trial);
        }
        if questions.is_empty() {
            return self.settle_answer(call, &judging);
        }
        self.calls.insert(call, Stage::Judging(Box::new(judging)));
    }

    fn settle_answer(&mut self, call: Call, judging: &Judging) {
        let subject = self.subject(call, &judging.answer);
        let score = self.scoring(call).score(subject, &judging.readings);
        let repeat = !self.jitters(call) && call.phase.is_fresh() && self.is_repeat(call, &judging.answer);
        let observation = match score.score {
            Score::Scored { value, passed } => Observation::Scored { score: value, passed, repeat },
            Score::Unscored { .. } => Observation::Lost,
        };
        let score_before = self.score_before(call, subject, &judging.readings);
        let Judging { answer, judged, judged_cached, .. } = judging;
        let (answer, judged, judged_cached) = (answer.clone(), *judged, *judged_cached);
        self.kept.insert(call, Kept::Answered { answer, score, score_before, judged, judged_cached });
        self.settle(call, observation);
    }

    /// The score under the base's checks, when they differ and need no other judge answer.
    fn score_before(&self, call: Call, subject: Subject<'_>, readings: &Readings) -> Option<CaseScore> {
        let case = self.case(call.case);
        let checks = case.checks_before.as_deref()?;
        let scoring = Scoring { checks, ..self.scoring(call) };
        let score = scoring.score(subject, readings);
        matches!(score.score, Score::Scored { .. }).then_some(score)
    }

    /// Whether the same case and side already gave this answer, byte for byte.
    fn is_repeat(&self, call: Call, answer: &Answer) -> bool {
        self.kept.iter().any(|(other, kept)| {
            (other.case, other.side) == (call.case, call.side)
                && (other.phase, other.k) < (call.phase, call.k)
                && matches!(kept, Kept::Answered { answer: earlier, .. }
                    if earlier.response.text == answer.response.text
                        && earlier.response.tool_calls == answer.response.tool_calls)
        })
    }

    fn failed(&mut self, call: Call, error: ModelError) {
        let refused = error.class.blames_request() && call.side == Side::Candidate;
        self.kept.insert(call, Kept::Failed(error.clone()));
        if !refused {
            return self.settle(call, Observation::Lost);
        }
        let screening = Call { side: Side::Baseline, phase: Phase::Screen, k: 0, ..call };
        match (self.request(screening), self.kept.get(&screening)) {
            (None, _) => self.settle_refused(call),
            (Some(_), Some(Kept::Answered { .. })) => self.settle_refused(call),
            (Some(_), Some(Kept::Failed(_))) => self.settle(call, Observation::Lost),
            (Some(_), None) => {
                self.calls.insert(call, Stage::Refused);
            }
        }
    }

    /// The candidate's request alone is refused: its score is 0 (design.md 10.7).
    fn settle_refused(&mut self, call: Call) {
        self.settle(call, Observation::Scored { score: 0.0, passed: false, repeat: false });
    }

    fn settle_lost(&mut self, call: Call) {
        self.settle(call, Observation::Lost);
    }

    fn settle(&mut self, call: Call, observation: Observation) {
        self.calls.insert(call, Stage::Settled);
        self.gate.observe(call, observation);
        let waiting = Call { side: Side::Candidate, ..call };
        if call.side == Side::Baseline && matches!(self.calls.get(&waiting), Some(Stage::Refused)) {
            match self.kept.get(&call) {
                Some(Kept::Answered { .. }) => self.settle_refused(waiting),
                _ => self.settle(waiting, Observation::Lost),
            }
        }
    }
}
