//! The plan: what a change set would take in calls, tokens and money, before anything is spent.
//! Always an estimate: the gate is sequential, and how long an answer gets is not known.

use crate::change::{CaseChange, CaseKind, PromptChange};
use crate::check::{Check, Judge, JudgeQuestion};
use crate::config::GatePolicy;
use crate::model::{Request, StopReason, Usage};
use crate::price::PriceTable;
use crate::trial::AnswerKey;

/// Fewest confirmation calls the gate may make (statistics.md section 2: `confirm_cap`).
const CONFIRM_CALLS: u64 = 40;

/// Re-runs of a must-pass case at most, on both sides together.
const MUST_CALLS: u64 = 10;

/// An estimate before the run; stated as such.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Screening answers already stored.
    pub stored: u64,
    /// Calls if both prompts behave the same: screening only, what is stored left out.
    pub calls_typical: u64,
    /// The gate's hard maximum, judge calls included, retries apart.
    pub calls_max: u64,
    /// Judge calls of the typical case.
    pub judge_calls: u64,
    /// Input tokens of the typical case.
    pub input_tokens: u64,
    /// Output tokens of the typical case at most (`max_tokens` each).
    pub output_tokens_max: u64,
    /// US dollars at most for the typical case; `None` when a price is unknown.
    pub usd_typical_max: Option<f64>,
    /// Models without a known price, sorted.
    pub unknown_models: Vec<String>,
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
        self.unknown_models.sort();
        self.unknown_models.dedup();
    }

    fn call(&mut self, request: &Request, prices: &PriceTable) {
        let call = prices.estimate(request);
        self.calls_typical += 1;
        self.input_tokens += call.input_tokens;
        self.output_tokens_max += call.output_tokens_at_most;
        self.usd_typical_max = self.usd_typical_max.zip(call.usd).map(|(a, b)| a + b);
        if call.usd.is_none() && !self.unknown_models.contains(&request.model) {
            self.unknown_models.push(request.model.clone());
        }
    }
}

impl Estimate {
    /// The judge of an answer that is not there yet: at most `max_tokens` long.
    fn judge(&mut self, judge: &Judge, case: &CaseChange, request: &Request, prices: &PriceTable) {
        let question = JudgeQuestion {
            rubric: String::new(),
            expected: case.case.expected.clone(),
            answer: String::new(),
            tool_calls: Vec::new(),
            stop: StopReason::EndTurn,
        };
        let longest = u64::from(request.parameters.max_tokens);
        let answer = Usage { input: longest, ..Usage::default() };
        self.judge_calls += 1;
        self.call(&judge.request(&request.messages, &question), prices);
        self.input_tokens += longest;
        self.usd_typical_max =
            self.usd_typical_max.zip(prices.cost(&judge.model, answer)).map(|(a, b)| a + b);
    }
}

/// What one prompt would take. `stored` tells whether an answer is in the store.
pub fn estimate(
    change: &PromptChange,
    policy: &GatePolicy,
    prices: &PriceTable,
    stored: &mut dyn FnMut(AnswerKey) -> bool,
) -> Estimate {
    let mut estimate = Estimate::nothing();
    let mut answers_by_judge = 0;
    for case in change.cases.iter().filter(|case| case.kind != CaseKind::Unaffected) {
        let baseline = case.baseline.as_ref().filter(|_| case.kind == CaseKind::Compare);
        let judged = case.case.checks.iter().any(Check::asks_judge);
        for request in [Some(&case.candidate), baseline].into_iter().flatten() {
            if stored(AnswerKey::screening(request)) {
                estimate.stored += 1;
                continue;
            }
            estimate.call(request, prices);
            answers_by_judge += u64::from(judged);
            if let (true, Some(judge)) = (judged, &change.judge) {
                estimate.judge(judge, case, request, prices);
            }
        }
    }
    estimate.calls_max =
        most_calls(change, policy, estimate.calls_typical - estimate.judge_calls, answers_by_judge > 0);
    estimate
}

/// n (2n where the baseline is bought) + max(40, n) + 2 floor(drop_pairs n), and the must-pass
/// re-runs (statistics.md section 2); with a judge, a judge call for each.
fn most_calls(change: &PromptChange, policy: &GatePolicy, screening: u64, judged: bool) -> u64 {
    let n = change.compared() as u64;
    let must = change.of_kind(CaseKind::Compare).chain(change.of_kind(CaseKind::Score));
    let must = must.filter(|case| case.case.must_pass).count() as u64 * MUST_CALLS;
    let gate =
        if n == 0 { 0 } else { CONFIRM_CALLS.max(n) + 2 * (policy.drop_pairs * n as f64).floor() as u64 };
    let calls = screening + gate + must;
    if judged { 2 * calls } else { calls }
}
