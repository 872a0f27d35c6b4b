//! One prompt at its gate: outcomes of trials become scores.

use std::convert::Infallible;
use std::sync::Arc;

use super::prompt::{Draft, PromptAssay};
use super::state::{Asked, Awaiting, Judging, Kept, Stage};
use super::{TrialRegistry, TrialRole};
use crate::change::CaseKind;
use crate::check::{CaseScore, Consultation, Inquiry, Reading, Score, Scoring, Subject};
use crate::gate::Observation;
use crate::model::{ModelError, Response};
use crate::per_call::CallFigures;
use crate::price::Money;
use crate::trial::{Answer, AnswerKey, Attempt, Call, Lane, Phase, Side, TrialOutcome};

impl PromptAssay {
    pub(super) fn observe_answer(
        &mut self,
        role: &TrialRole,
        outcome: TrialOutcome,
        registry: &mut TrialRegistry,
    ) {
        match outcome {
            TrialOutcome::Answered(answer) => self.judge(role, Judging::new(answer), registry),
            TrialOutcome::Failed(error) => self.failed(role.call, error),
        }
        self.resume(role, registry);
    }

    pub(super) fn observe_judge(
        &mut self,
        role: &TrialRole,
        question: AnswerKey,
        outcome: TrialOutcome,
        registry: &mut TrialRegistry,
    ) {
        let Some(Stage::Judging(mut judging)) = self.calls.remove(&role.call) else { return };
        let Some(Asked { inquiry, .. }) = judging.open.remove(&question) else { return };
        let reading = match outcome {
            TrialOutcome::Answered(answer) => {
                let reading = inquiry.read(&answer.response);
                match &reading {
                    Reading::Read { .. } | Reading::Vector(_) => registry.unreadable.forget(question),
                    Reading::Unreadable(why) => {
                        registry.unreadable.note(question, !answer.cached, why);
                        if registry.unreadable.attempt(question) == Attempt::Again {
                            judging.open.insert(question, self.asked(role, inquiry, true, registry));
                            self.calls.insert(role.call, Stage::Judging(judging));
                            return;
                        }
                    }
                }
                reading
            }
            TrialOutcome::Failed(error) => Reading::Unreadable(error.to_string()),
        };
        judging.read.insert(question, reading);
        if judging.open.is_empty() {
            self.judge(role, *judging, registry);
            self.resume(role, registry);
        } else {
            self.calls.insert(role.call, Stage::Judging(judging));
        }
    }

    /// Goes on with the calls that waited for this one, to compare their answers with its answer.
    fn resume(&mut self, role: &TrialRole, registry: &mut TrialRegistry) {
        if role.call != reference_of(role.call) || !self.kept.contains_key(&role.call) {
            return;
        }
        let waits = |stage: &Stage| matches!(stage, Stage::AwaitsReference(_));
        let waiting = self.calls.iter().filter(|(call, stage)| call.case == role.call.case && waits(stage));
        for call in waiting.map(|(call, _)| *call).collect::<Vec<_>>() {
            if let Some(Stage::AwaitsReference(judging)) = self.calls.remove(&call) {
                self.judge(&TrialRole { call, ..*role }, *judging, registry);
            }
        }
    }

    /// Asks the judge what it must still be asked, or settles the call.
    fn judge(&mut self, role: &TrialRole, mut judging: Judging, registry: &mut TrialRegistry) {
        let call = role.call;
        if self.lacks_reference(call) {
            self.calls.insert(call, Stage::AwaitsReference(Box::new(judging)));
            return;
        }
        while let Some(inquiries) = self.open_inquiries(call, &judging) {
            for inquiry in inquiries {
                let key = AnswerKey::judge(&inquiry.request);
                let replaces_stored = match registry.unreadable.attempt(key) {
                    Attempt::Usual => false,
                    Attempt::Again => true,
                    Attempt::Exhausted(why) => {
                        judging.read.insert(key, Reading::Unreadable(why));
                        continue;
                    }
                };
                judging.open.insert(key, self.asked(role, inquiry, replaces_stored, registry));
            }
            if !judging.open.is_empty() {
                self.calls.insert(call, Stage::Judging(Box::new(judging)));
                return;
            }
        }
        self.settle_answer(call, judging);
    }

    /// What the judge must still be asked about an answer; `None`: nothing.
    fn open_inquiries(&self, call: Call, judging: &Judging) -> Option<Vec<Inquiry>> {
        let scorings = [Some(self.scoring(call, &judging.answer.response)), self.scoring_before(call)];
        let open = scorings.into_iter().flatten().flat_map(|s| self.consult(call, &s, judging).open);
        let mut inquiries: Vec<Inquiry> = Vec::new();
        for inquiry in open {
            // Both scorings may ask the same.
            if inquiries.iter().all(|other| other.request != inquiry.request) {
                inquiries.push(inquiry);
            }
        }
        (!inquiries.is_empty()).then_some(inquiries)
    }

    fn asked(
        &self,
        role: &TrialRole,
        inquiry: Inquiry,
        replaces_stored: bool,
        registry: &mut TrialRegistry,
    ) -> Asked {
        let key = AnswerKey::judge(&inquiry.request);
        let id = registry.register(role.prompt, role.call, Some(key));
        let lane = Lane::of_inquiry(&inquiry.request);
        let draft = Draft { lane, key, request: inquiry.request.clone(), replaces_stored };
        Asked { trial: Arc::new(self.trial(id, role.call, draft)), inquiry }
    }

    /// The head's scoring; it scores both sides. `own`: the answer that is scored, which is its own reference if it is
    /// the baseline's screening answer.
    fn scoring<'a>(&'a self, call: Call, own: &'a Response) -> Scoring<'a> {
        let change = self.change();
        let scoring = self.case(call.case).case.scoring(change.score, change.judge.as_ref());
        let reference = match self.kept.get(&reference_of(call)) {
            _ if call == reference_of(call) => Some(own),
            Some(Kept::Answered { answer, .. }) => Some(&answer.response),
            Some(Kept::Failed(_)) | None => None,
        };
        Scoring { reference, is_fresh: call.phase.is_fresh(), ..scoring }
    }

    /// Whether an answer must wait for the baseline's screening answer, to be compared with it.
    fn lacks_reference(&self, call: Call) -> bool {
        let (case, reference) = (self.case(call.case), reference_of(call));
        let is_asked = case.kind == CaseKind::Compare && call != reference;
        is_asked
            && !self.kept.contains_key(&reference)
            && case.case.scoring(self.change().score, None).compares()
    }

    /// The base's scoring, for an answer that is scored under both (decisions.md#whose-is-what).
    fn scoring_before(&self, call: Call) -> Option<Scoring<'_>> {
        let case = self.case(call.case);
        let scored_twice = case.kind == CaseKind::Score && call.phase == Phase::Screen;
        let before = case.before.as_ref().filter(|_| scored_twice)?;
        Some(before.scoring(self.change()))
    }

    fn subject<'a>(&self, call: Call, response: &'a Response) -> Subject<'a> {
        let model = &self.request(call).model;
        Subject { response, cost_usd: self.setup.prices.cost(model, response.usage) }
    }

    fn consult(&self, call: Call, scoring: &Scoring<'_>, judging: &Judging) -> Consultation {
        let known = |inquiry: &Inquiry| {
            Ok::<_, Infallible>(judging.read.get(&AnswerKey::judge(&inquiry.request)).cloned())
        };
        let subject = self.subject(call, &judging.answer.response);
        match scoring.consult(subject, &self.request(call).messages, known) {
            Ok(consultation) => consultation,
            Err(never) => match never {},
        }
    }

    fn score(&self, call: Call, scoring: &Scoring<'_>, judging: &Judging) -> CaseScore {
        let readings = self.consult(call, scoring, judging).readings;
        scoring.score(self.subject(call, &judging.answer.response), &readings)
    }

    fn settle_answer(&mut self, call: Call, judging: Judging) {
        let score = self.score(call, &self.scoring(call, &judging.answer.response), &judging);
        let score_before = self
            .scoring_before(call)
            .map(|scoring| self.score(call, &scoring, &judging))
            .filter(|before| matches!(before.score, Score::Scored { .. }));
        let repeat =
            !self.case(call.case).varies && call.phase.is_fresh() && self.is_repeat(call, &judging.answer);
        let observation = match score.score {
            Score::Scored { value, passed } => Observation::Scored {
                score: value,
                passed,
                repeat,
                whole: judging.answer.response.is_whole(),
            },
            Score::Unscored { .. } => Observation::Lost,
        };
        self.measure(call, &judging.answer);
        let is_silent = judging.answer.response.is_empty() && self.is_compared(call);
        self.kept.insert(call, Kept::Answered { answer: judging.answer, score, score_before });
        match is_silent {
            true => self.await_baseline(call, Awaiting::Silent(observation)),
            false => self.settle(call, observation),
        }
    }

    /// Passes on what an answered call of the candidate took and cost, as far as it was bought for this comparison. Rules of a
    /// file take no time and cost nothing. Which of two calls reads what the other wrote to the provider's cache is chance, so it
    /// counts without. A case in which both sides ask the same is left out: the change does not touch its call.
    fn measure(&mut self, call: Call, answer: &Answer) {
        let asks_the_same = self.case(call.case).baseline.as_ref() == Some(&self.case(call.case).candidate);
        if call.side != Side::Candidate || asks_the_same {
            return;
        }
        let prices = &self.setup.prices;
        let figures = match answer.fresh && !prices.is_for_nothing() {
            true => CallFigures {
                // Answers of batch jobs were once stored with 0.
                latency_ms: answer.response.latency_ms.filter(|ms| *ms > 0),
                cost_usd: prices
                    .charged(&self.request(call).model, answer.response.usage.uncached())
                    .map(Money::usd),
            },
            false => CallFigures::default(),
        };
        self.gate.measure(call, figures);
    }

    /// Whether a call is the candidate's in a case that is compared.
    fn is_compared(&self, call: Call) -> bool {
        let case = self.case(call.case);
        let is_accepted = self.setup.accepted.contains_key(&case.case.id);
        call.side == Side::Candidate && case.kind == CaseKind::Compare && !is_accepted
    }

    /// Whether the same case and side already gave this answer, byte for byte.
    fn is_repeat(&self, call: Call, answer: &Answer) -> bool {
        let first = Call { phase: Phase::Screen, k: 0, ..call };
        self.kept.range(first..call).any(|(_, kept)| {
            matches!(kept, Kept::Answered { answer: earlier, .. }
                if earlier.response.text == answer.response.text
                    && earlier.response.tool_calls == answer.response.tool_calls)
        })
    }

    /// A call without an answer. If the candidate's request is refused and the baseline's was answered, its
    /// score is 0; any other call is lost, because without a baseline the cause is not known
    /// (decisions.md#lost-calls).
    fn failed(&mut self, call: Call, error: ModelError) {
        // Otherwise there is no baseline, or it has the same request, or it is not called.
        let may_be_its_own = error.class.blames_request() && self.is_compared(call);
        self.kept.insert(call, Kept::Failed(error));
        match may_be_its_own {
            true => self.await_baseline(call, Awaiting::Refused),
            false => self.settle(call, Observation::Lost),
        }
    }

    /// Settles a call of the candidate by the result of the baseline's screening, now or when it has arrived.
    fn await_baseline(&mut self, call: Call, awaiting: Awaiting) {
        let baseline = self.kept.get(&reference_of(call));
        let observation = match (awaiting, baseline) {
            (_, None) => return drop(self.calls.insert(call, Stage::AwaitsBaseline(awaiting))),
            (Awaiting::Refused, Some(Kept::Answered { .. })) => FAILED,
            (Awaiting::Refused, Some(Kept::Failed(_))) => Observation::Lost,
            (Awaiting::Silent(_), Some(Kept::Answered { answer, .. })) if !answer.response.is_empty() => {
                self.fail_silence(call);
                FAILED_SILENTLY
            }
            (Awaiting::Silent(observation), Some(_)) => observation,
        };
        self.settle(call, observation);
    }

    fn fail_silence(&mut self, call: Call) {
        if let Some(Kept::Answered { score, .. }) = self.kept.get_mut(&call) {
            *score = score.clone().of_silence();
        }
    }

    fn settle(&mut self, call: Call, observation: Observation) {
        self.calls.insert(call, Stage::Settled);
        self.gate.observe(call, observation);
        let waiting = Call { side: Side::Candidate, ..call };
        let awaiting = match self.calls.get(&waiting) {
            Some(Stage::AwaitsBaseline(awaiting)) if call.side == Side::Baseline => *awaiting,
            _ => return,
        };
        self.await_baseline(waiting, awaiting);
    }
}

/// The baseline's screening of the same case.
fn reference_of(call: Call) -> Call {
    Call { side: Side::Baseline, phase: Phase::Screen, k: 0, ..call }
}

/// The observation for a candidate if only its request is refused.
const FAILED: Observation = Observation::Scored { score: 0.0, passed: false, repeat: false, whole: true };

/// The observation for a candidate if only its answer is empty.
const FAILED_SILENTLY: Observation =
    Observation::Scored { score: 0.0, passed: false, repeat: false, whole: false };
