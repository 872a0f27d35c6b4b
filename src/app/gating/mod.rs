//! From the change set to gates: which prompts are gated together, what is already stored, which
//! floor and which accepted breaks apply.

use std::collections::{BTreeMap, BTreeSet};

mod removed;
mod stability;
#[cfg(test)]
mod tests;

pub use stability::of_contents;

use crate::assay::{Assay, PromptSetup, comparison_key, screening_keys};
use crate::change::{CaseChange, CaseKind, ChangeKind, ChangeSet, NEW_PROMPT_FLOOR, PromptChange};
use crate::check::{Check, Reading, Score, Scoring, Subject};
use crate::config::{Config, GatePolicy, ProtectedCases};
use crate::gate::Policy;
use crate::model::Request;
use crate::per_call::{BudgetPerCall, Quantity};
use crate::plan;
use crate::price::PriceTable;
use crate::runner::{CacheMode, Cap, RunnerError, require_prices};
use crate::store::{ComparisonStart, Store, StoreError};
use crate::trial::AnswerKey;

/// The screening test of a paid baseline uses one part in this many of the error budget
/// (docs/statistics.md: 0.01 of 0.05).
const ALPHA_PARTS: f64 = 5.0;

/// What gates are made from.
pub struct Gating<'a> {
    /// What changed; of a shard, its prompts.
    pub changes: &'a ChangeSet,
    /// Prompts gated together (K), over the whole plan: see [`together`].
    pub together: usize,
    /// The head's configuration, options applied.
    pub config: &'a Config,
    /// The day, `YYYY-MM-DD`: accepted breaks may end.
    pub today: &'a str,
    /// For checks that look at the cost of a call.
    pub prices: &'a PriceTable,
    /// What is stored.
    pub store: &'a dyn Store,
    /// How stored answers are used.
    pub cache: CacheMode,
    /// Whether everything in the store counts, sealed or not.
    pub trusts_store: bool,
}

impl Gating<'_> {
    /// One setup for every prompt that has something to evaluate.
    ///
    /// # Errors
    /// When the store fails, or the policy is out of its bounds.
    pub fn setups(&self) -> anyhow::Result<Vec<PromptSetup>> {
        let changes = self.changes;
        let policy = gate_policy(&self.config.gate)?;
        let mut setups = Vec::new();
        let earlier = self.earlier()?;
        for change in changes.prompts.iter().filter(|change| has_work(change)) {
            let setup = self.setup(change, &policy)?;
            setups.push(PromptSetup { stability: self.stabilities(change, &earlier)?, ..setup });
        }
        Ok(setups)
    }

    fn setup(&self, change: &PromptChange, policy: &Policy) -> anyhow::Result<PromptSetup> {
        let config = &self.config.gate;
        let floor_of_new = is_new(change).then_some(NEW_PROMPT_FLOOR);
        let min_score = change.min_score.or(floor_of_new);
        let known = if min_score.is_some() { self.known(change)? } else { Vec::new() };
        Ok(PromptSetup {
            policy: policy.clone(),
            gated_together: self.together,
            seed: config.seed.clone(),
            paid: self.paid(change)?,
            min_score,
            budget_per_call: budget_per_call(change),
            unknown: change.of_kind(CaseKind::Unaffected).count() - known.len(),
            known,
            accepted: accepted(change, self.config, self.today),
            protected: protected(change, &config.protect),
            stability: BTreeMap::new(),
            prices: self.prices.clone(),
            asked_again: false,
            change: change.clone(),
        })
    }

    /// Whether every baseline screening answer is bought in this comparison: as stored at its beginning,
    /// whatever is stored now (decisions.md#a-comparison-is-stored); otherwise derived from the stored
    /// answers.
    fn paid(&self, change: &PromptChange) -> Result<bool, StoreError> {
        let keys = screening_keys(change);
        if self.buys_all() {
            return Ok(!keys.is_empty());
        }
        let comparison = comparison_key(change, &self.config.gate.seed);
        let start = self.store.comparison(comparison)?;
        let mut missing = 0;
        for key in &keys {
            missing += usize::from(self.store.answer(*key)?.is_none());
        }
        match start {
            Some(start) if missing == 0 || !self.store.is_pruned(comparison)? => Ok(start.paid),
            // Its answers were pruned: it begins again.
            _ => Ok(!keys.is_empty() && missing == keys.len()),
        }
    }

    /// Prompts whose comparison was run before and may have lost answers since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pruned(&self, assay: &Assay) -> Result<Vec<String>, StoreError> {
        let mut pruned = Vec::new();
        for prompt in assay.prompts() {
            if self.cache == CacheMode::ReadWrite && self.store.is_pruned(prompt.comparison())? {
                pruned.push(prompt.change().id.to_string());
            }
        }
        Ok(pruned)
    }

    /// Stores how the comparisons began. Must be called directly before the run's first call: a run
    /// that buys nothing begins no comparison.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin(&self, assay: &Assay) -> Result<(), StoreError> {
        for prompt in assay.prompts().iter().filter(|prompt| prompt.change().compared() > 0) {
            let start = ComparisonStart { paid: prompt.setup().paid };
            match self.cache {
                CacheMode::ReadWrite => {
                    let before = self.store.comparison(prompt.comparison())?;
                    match before.is_some_and(|before| before != start) {
                        // Pruned since: see `paid`.
                        true => self.store.restart_comparison(prompt.comparison(), start)?,
                        false => self.store.begin_comparison(prompt.comparison(), start)?,
                    }
                }
                CacheMode::Fresh => self.store.restart_comparison(prompt.comparison(), start)?,
                CacheMode::Off | CacheMode::Offline => {}
            }
        }
        Ok(())
    }

    /// Whether stored answers are ignored.
    fn buys_all(&self) -> bool {
        matches!(self.cache, CacheMode::Fresh | CacheMode::Off)
    }

    /// Scores of unaffected cases whose answers, and whose judge's answers, are stored: the floor
    /// is a mean over the whole golden set, and no call is made for it.
    fn known(&self, change: &PromptChange) -> Result<Vec<f64>, StoreError> {
        let mut scores = Vec::new();
        for case in change.of_kind(CaseKind::Unaffected) {
            if let Some(score) = self.known_score(change, case)? {
                scores.push(score);
            }
        }
        Ok(scores)
    }

    fn known_score(&self, change: &PromptChange, case: &CaseChange) -> Result<Option<f64>, StoreError> {
        let scoring = case.case.scoring(change.score, change.judge.as_ref());
        let key = case.screening_key(&case.candidate);
        Ok(match self.stored_score(key, &case.candidate, &scoring)? {
            Some(Score::Scored { value, .. }) => Some(value),
            _ => None,
        })
    }

    /// The score of a request's stored answer; `None` when it, or a judge's answer, is not stored.
    fn stored_score(
        &self,
        key: AnswerKey,
        request: &Request,
        scoring: &Scoring<'_>,
    ) -> Result<Option<Score>, StoreError> {
        let Some(stored) = self.store.answer(key)? else { return Ok(None) };
        let cost_usd = self.prices.cost(&request.model, stored.response.usage);
        let subject = Subject { response: &stored.response, cost_usd };
        let consultation = scoring.consult(subject, &request.messages, |inquiry| {
            let answer = self.store.answer(AnswerKey::judge(&inquiry.request))?;
            let reading = answer.map(|answer| inquiry.read(&answer.response));
            // It would be asked again.
            Ok::<_, StoreError>(reading.filter(Reading::is_read))
        })?;
        let is_decided = consultation.open.is_empty();
        Ok(is_decided.then(|| scoring.score(subject, &consultation.readings).score))
    }

    /// Trials of a run in which nothing is suspicious, for the progress display.
    pub fn expected_calls(&self) -> u64 {
        let estimate = |change| plan::estimate(change, &self.config.gate, self.prices, &mut |_| None);
        self.changes.prompts.iter().map(|change| estimate(change).calls_typical).sum()
    }
}

/// How many prompts are gated together (K): those with something to compare, accepted breaks left
/// out. The error budget is divided among them, so it is counted before a plan is divided among
/// shards (decisions.md#the-guarantee-is-per-evaluation).
pub fn together(changes: &ChangeSet, config: &Config, today: &str) -> usize {
    let compares = |change: &&PromptChange| {
        let accepted = accepted(change, config, today);
        change.of_kind(CaseKind::Compare).any(|case| !accepted.contains_key(&case.case.id))
    };
    changes.prompts.iter().filter(compares).count()
}

/// Cases that the configuration never trades.
fn protected(change: &PromptChange, protect: &ProtectedCases) -> BTreeSet<String> {
    let cases = change.cases.iter().map(|case| &case.case);
    cases.filter(|case| protect.covers(&case.tags)).map(|case| case.id.clone()).collect()
}

/// Accepted breaks that still hold today: case and reason.
pub fn accepted(change: &PromptChange, config: &Config, today: &str) -> BTreeMap<String, String> {
    let breaks = config.accepted_breaks.iter();
    breaks
        .filter(|entry| entry.prompt == change.id)
        .filter(|entry| entry.until.as_ref().is_none_or(|until| until.as_str() >= today))
        .map(|entry| (entry.case.clone(), entry.because()))
        .collect()
}

/// Whether no case has a baseline: a new prompt, or one whose base cannot be evaluated. Without a
/// floor it would pass whatever it does (decisions.md#no-way-around).
fn is_new(change: &PromptChange) -> bool {
    change.kind == ChangeKind::Added || change.cases.iter().all(|case| case.baseline.is_none())
}

/// The limits of single calls that a prompt must keep. Where both sides ask a model the same, calls neither take longer nor
/// cost more than before.
fn budget_per_call(change: &PromptChange) -> BudgetPerCall {
    match change.compared() > 0 || is_new(change) {
        true => change.budget_per_call.clone(),
        false => BudgetPerCall::default(),
    }
}

/// Whether a prompt has a case to evaluate.
fn has_work(change: &PromptChange) -> bool {
    change.cases.iter().any(|case| case.kind != CaseKind::Unaffected)
}

/// Every model a run may call.
pub fn models(changes: &ChangeSet) -> BTreeSet<&str> {
    let mut models = BTreeSet::new();
    for change in changes.prompts.iter().filter(|change| has_work(change)) {
        models.extend(change.baseline_model.as_deref());
        models.extend(change.candidate_model.as_deref());
        let judges = [&change.judge, &change.judge_before].into_iter().flatten();
        models.extend(judges.flat_map(|judge| judge.models.iter()).map(String::as_str));
        models.extend(change.cases.iter().flat_map(|case| &case.case.checks).flat_map(Check::models));
        // The new golden set may ask other models than the old one, and a comparison asks both.
        let before = change.cases.iter().filter_map(|case| case.before.as_ref());
        models.extend(before.flat_map(|before| &before.checks).flat_map(Check::models));
    }
    models
}

/// Checks that the limits of what a call costs can be kept; to be asked before anything is spent.
///
/// # Errors
/// Names the first model whose price is unknown.
pub fn require_prices_of_calls(changes: &ChangeSet, prices: &PriceTable) -> Result<(), RunnerError> {
    let is_limited = |change: &&PromptChange| budget_per_call(change).limits(Quantity::CostUsd);
    let limited = changes.prompts.iter().filter(|change| has_work(change)).filter(is_limited);
    require_prices(Cap::Call, prices, limited.filter_map(|change| change.candidate_model.as_deref()))
}

/// Every request that the work of a prompt may send.
pub fn requests(change: &PromptChange) -> impl Iterator<Item = &Request> {
    let cases = change.cases.iter().filter(|_| has_work(change));
    cases.flat_map(|case| case.baseline.iter().chain([&case.candidate]).map(|request| request.as_ref()))
}

/// The configuration's numbers over the specification's.
///
/// # Errors
/// When one is out of its bounds.
pub fn gate_policy(config: &GatePolicy) -> anyhow::Result<Policy> {
    let defaults = Policy::default();
    let policy = Policy {
        alpha: config.alpha,
        // A part of a smaller budget is smaller, too.
        alpha_screen_paid: defaults.alpha_screen_paid.min(config.alpha / ALPHA_PARTS),
        alpha_plain: defaults.alpha_plain.min(config.alpha / (4.0 * ALPHA_PARTS)),
        delta: config.delta,
        drop_pairs: config.drop_pairs,
        trigger: config.trigger,
        trigger_graded: config.trigger_graded,
        fail_fast: config.fail_fast,
        net: config.net,
        ..defaults
    };
    policy.validate()?;
    Ok(policy)
}
