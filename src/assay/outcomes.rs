//! One prompt at its gate: outcomes of trials become scores.

use std::convert::Infallible;
use std::sync::Arc;

use super::prompt::{Draft, PromptAssay};
use super::state::{Awaiting, Judging, Kept, Stage};
use super::{TrialRegistry, TrialRole};
use crate::change::CaseKind;
use crate::check::{CaseScore, Consultation, JudgeReading, Score, Scoring, Subject};
use crate::gate::Observation;
use crate::model::{ModelError, Response};
use crate::trial::{Answer, AnswerKey, Call, Lane, Phase, Side, TrialOutcome};

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
    }

    pub(super) fn observe_judge(
        &mut self,
        role: &TrialRole,
        question: AnswerKey,
        outcome: TrialOutcome,
        registry: &mut TrialRegistry,
    ) {
        let Some(Stage::Judging(mut judging)) = self.calls.remove(&role.call) else { return };
        let asked = judging.open.remove(&question);
        let (reading, answered) = match outcome {
            TrialOutcome::Answered(answer) => (JudgeReading::of(&answer.response), true),
            TrialOutcome::Failed(error) => (JudgeReading::Unreadable(error.to_string()), false),
        };
        if matches!(reading, JudgeReading::Unreadable(_)) {
            let is_first = self.unreadable.insert((role.call, question));
            // Another draw may be readable; one from an earlier run is as good as none.
            if let Some(asked) = asked.filter(|_| is_first && answered) {
                let id = registry.register(role.prompt, role.call, Some(question));
                let request = asked.request.clone();
                let draft = Draft { lane: Lane::Judge, key: question, request, anew: true };
                judging.open.insert(question, Arc::new(self.trial(id, role.call, draft)));
                self.calls.insert(role.call, Stage::Judging(judging));
                return;
            }
        }
        judging.read.insert(question, reading);
        if judging.open.is_empty() {
            self.judge(role, *judging, registry);
        } else {
            self.calls.insert(role.call, Stage::Judging(judging));
        }
    }

    /// Asks the judge what it must still be asked, or settles the call.
    fn judge(&mut self, role: &TrialRole, mut judging: Judging, registry: &mut TrialRegistry) {
        let call = role.call;
        let scorings = [Some(self.scoring(call)), self.scoring_before(call)];
        let open = scorings.into_iter().flatten().flat_map(|s| self.consult(call, &s, &judging).open);
        for request in open.collect::<Vec<_>>() {
            let key = AnswerKey::judge(&request);
            if judging.open.contains_key(&key) {
                continue;
            }
            let id = registry.register(role.prompt, call, Some(key));
            let anew = self.unreadable.contains(&(call, key));
            let draft = Draft { lane: Lane::Judge, key, request, anew };
            judging.open.insert(key, Arc::new(self.trial(id, call, draft)));
        }
        if judging.open.is_empty() {
            return self.settle_answer(call, judging);
        }
        self.calls.insert(call, Stage::Judging(Box::new(judging)));
    }

    /// The head's scoring; it scores both sides.
    fn scoring(&self, call: Call) -> Scoring<'_> {
        let change = self.change();
        self.case(call.case).case.scoring(change.score, change.judge.as_ref())
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
        let known = |request: &_| Ok::<_, Infallible>(judging.read.get(&AnswerKey::judge(request)).cloned());
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
        let score = self.score(call, &self.scoring(call), &judging);
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
        let is_silent = judging.answer.response.is_empty() && self.is_compared(call);
        self.kept.insert(call, Kept::Answered { answer: judging.answer, score, score_before });
        match is_silent {
            true => self.await_baseline(call, Awaiting::Silent(observation)),
            false => self.settle(call, observation),
        }
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
        let baseline = self.kept.get(&Call { side: Side::Baseline, phase: Phase::Screen, k: 0, ..call });
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

/// The observation for a candidate if only its request is refused.
const FAILED: Observation = Observation::Scored { score: 0.0, passed: false, repeat: false, whole: true };

/// The observation for a candidate if only its answer is empty.
const FAILED_SILENTLY: Observation =
    Observation::Scored { score: 0.0, passed: false, repeat: false, whole: false };
