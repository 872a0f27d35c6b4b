//! The plan: the calls, tokens and money that a change set would need, before anything is spent. It
//! is always an estimate: the gate is sequential, and the length of an answer is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use serde::Serialize;

use crate::change::{CaseChange, CaseKind, PromptChange};
use crate::check::{Inquiry, OpenQuestion, Question, Reading, Scoring, Subject};
use crate::config::GatePolicy;
use crate::model::{Request, Response, Usage};
use crate::price::PriceTable;
use crate::trial::AnswerKey;

/// The cap of confirmation calls for few cases (`confirm_cap` of the gate's policy).
const CONFIRM_CALLS: u64 = 40;

/// Re-runs of a must-pass case on one side at most.
const MUST_CALLS: u64 = 5;

/// An estimate before the run; stated as such.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Estimate {
    /// Screening answers already stored.
    pub stored: u64,
    /// Calls if both prompts behave the same: screening only, its judge calls included, what is
    /// stored left out.
    pub calls_typical: u64,
    /// The gate's hard maximum, with judge calls, without retries.
    pub calls_max: u64,
    /// Calls of judges and for embeddings of the typical case.
    pub judge_calls: u64,
    /// Input tokens of the typical case.
    pub input_tokens: u64,
    /// Output tokens of the typical case at most (`max_tokens` each).
    pub output_tokens_max: u64,
    /// US dollars at most for the typical case; `None` when a price is unknown.
    pub usd_typical_max: Option<f64>,
    /// Models without a known price.
    pub unknown_models: BTreeSet<String>,
}

impl Estimate {
    /// Nothing to do.
    pub fn nothing() -> Self {
        Self { usd_typical_max: Some(0.0), ..Self::default() }
    }

    /// Adds another estimate.
    pub fn add(&mut self, other: &Estimate) {
        self.stored += other.stored;
        self.calls_typical += other.calls_typical;
        self.calls_max += other.calls_max;
        self.judge_calls += other.judge_calls;
        self.input_tokens += other.input_tokens;
        self.output_tokens_max += other.output_tokens_max;
        self.usd_typical_max = self.usd_typical_max.zip(other.usd_typical_max).map(|(a, b)| a + b);
        self.unknown_models.extend(other.unknown_models.iter().cloned());
    }

    fn call(&mut self, request: &Request, prices: &PriceTable) {
        let call = prices.estimate(request);
        self.calls_typical += 1;
        self.input_tokens += call.input_tokens;
        self.output_tokens_max += call.output_tokens_at_most;
        self.usd_typical_max = self.usd_typical_max.zip(call.usd).map(|(a, b)| a + b);
        if call.usd.is_none() {
            self.unknown_models.insert(request.model.clone());
        }
    }

    fn judging(&mut self, judging: &Judging, prices: &PriceTable) {
        let answer = Usage { input: judging.answer_tokens, ..Usage::default() };
        let usd = prices.cost(&judging.request.model, answer);
        self.judge_calls += 1;
        self.call(&judging.request, prices);
        self.input_tokens += judging.answer_tokens;
        self.usd_typical_max = self.usd_typical_max.zip(usd).map(|(a, b)| a + b);
    }
}

/// The estimate for one prompt. `stored` finds an answer in the store.
pub fn estimate(
    change: &PromptChange,
    policy: &GatePolicy,
    prices: &PriceTable,
    stored: &mut dyn FnMut(AnswerKey) -> Option<Response>,
) -> Estimate {
    let mut estimate = Estimate::nothing();
    let mut most_judgings = 0;
    for case in change.cases.iter().filter(|case| case.kind != CaseKind::Unaffected) {
        let baseline = case.baseline.as_ref().filter(|_| case.kind == CaseKind::Compare);
        most_judgings = most_judgings.max(judge_calls(change, case));
        for request in [Some(&case.candidate), baseline].into_iter().flatten() {
            let answer = stored(case.screening_key(request));
            match &answer {
                Some(_) => estimate.stored += 1,
                None => estimate.call(request, prices),
            }
            for judging in judgings(change, case, request, answer.as_ref(), stored) {
                estimate.judging(&judging, prices);
            }
        }
    }
    estimate.calls_max = estimate.calls_typical + reruns_at_most(change, policy) * (1 + most_judgings);
    estimate
}

/// Some of the requests without an answer, at most this many for each model, spread over all
/// prompts and cases: the counts of these are used for the rest.
pub fn samples<'c>(
    changes: impl IntoIterator<Item = &'c PromptChange>,
    most: usize,
    is_stored: &mut dyn FnMut(AnswerKey) -> bool,
) -> BTreeMap<&'c str, Vec<&'c Request>> {
    let mut all: BTreeMap<&str, Vec<&Request>> = BTreeMap::new();
    for change in changes {
        for case in change.cases.iter().filter(|case| case.kind != CaseKind::Unaffected) {
            let baseline = case.baseline.as_deref().filter(|_| case.kind == CaseKind::Compare);
            for request in [Some(&*case.candidate), baseline].into_iter().flatten() {
                if !is_stored(case.screening_key(request)) {
                    all.entry(&request.model).or_default().push(request);
                }
            }
        }
    }
    for requests in all.values_mut() {
        let step = requests.len().div_ceil(most.max(1)).max(1);
        *requests = requests.iter().step_by(step).copied().collect();
    }
    all
}

/// A judge call that is to be expected.
struct Judging {
    request: Request,
    /// Tokens of an answer that is not there yet, at most.
    answer_tokens: u64,
}

/// The judge calls of one screening answer: exactly, where the answer is stored.
fn judgings(
    change: &PromptChange,
    case: &CaseChange,
    request: &Request,
    answer: Option<&Response>,
    stored: &mut dyn FnMut(AnswerKey) -> Option<Response>,
) -> Vec<Judging> {
    let mut found = BTreeMap::new();
    for scoring in scorings(change, case) {
        let Some(response) = answer else {
            for OpenQuestion { question, votes } in questions(&scoring) {
                for vote in 0..votes {
                    let inquiry = question.inquire(scoring.judge, &request.messages, vote);
                    let Some(Inquiry { request: asked, .. }) = inquiry else { continue };
                    let answer_tokens = match &question {
                        Question::Embedding(of) if !of.text.is_empty() => 0,
                        _ => u64::from(request.parameters.max_tokens),
                    };
                    found.insert(AnswerKey::judge(&asked), Judging { request: asked, answer_tokens });
                }
            }
            continue;
        };
        let known = |inquiry: &Inquiry| {
            let answer = stored(AnswerKey::judge(&inquiry.request));
            let reading = answer.map(|response| inquiry.read(&response));
            // It would be asked again.
            Ok::<_, Infallible>(reading.filter(Reading::is_read))
        };
        let subject = Subject { response, cost_usd: None };
        let Ok(consultation) = scoring.consult(subject, &request.messages, known);
        for inquiry in consultation.open {
            let asked = inquiry.request;
            found.insert(AnswerKey::judge(&asked), Judging { request: asked, answer_tokens: 0 });
        }
    }
    found.into_values().collect()
}

/// The scorings of an answer: the head's and, where one answer is scored twice, the base's.
fn scorings<'a>(change: &'a PromptChange, case: &'a CaseChange) -> Vec<Scoring<'a>> {
    let before = case.before.as_ref().filter(|_| case.kind == CaseKind::Score);
    let now = case.case.scoring(change.score, change.judge.as_ref());
    [Some(now), before.map(|before| before.scoring(change))].into_iter().flatten().collect()
}

/// What models may be asked about an answer that is not there yet.
fn questions(scoring: &Scoring<'_>) -> Vec<OpenQuestion> {
    let (answer, reference) = (Response::saying(""), Response::saying("."));
    let scoring = Scoring { reference: Some(&reference), ..*scoring };
    scoring.all_questions(Subject { response: &answer, cost_usd: None })
}

/// Calls of judges and other models that one fresh answer to a case may need: every vote of the panel.
fn judge_calls(change: &PromptChange, case: &CaseChange) -> u64 {
    let judge = change.judge.as_ref();
    let scoring = case.case.scoring(change.score, judge);
    let votes = |open: &OpenQuestion| match &open.question {
        Question::Judge(_) => judge.map_or(0, |judge| u64::from(judge.votes_at_most(change.score))),
        Question::Embedding(_) => u64::from(open.votes),
    };
    questions(&scoring).iter().map(votes).sum()
}

/// 2 max(40, n) + 2 floor(drop_pairs n), and the must-pass re-runs on both sides: breaks and, in a trade, fixes have each
/// a cap of their own (docs/statistics.md, decisions.md#must-pass-cases).
fn reruns_at_most(change: &PromptChange, policy: &GatePolicy) -> u64 {
    let n = change.compared() as u64;
    let gate =
        if n == 0 { 0 } else { 2 * CONFIRM_CALLS.max(n) + 2 * (policy.drop_pairs * n as f64).floor() as u64 };
    let must = |kind| change.of_kind(kind).filter(|case| case.case.must_pass).count() as u64;
    gate + MUST_CALLS * (2 * must(CaseKind::Compare) + must(CaseKind::Score))
}

#[cfg(test)]
mod tests;
