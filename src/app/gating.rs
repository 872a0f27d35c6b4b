//! From the change set to gates: which prompts are gated together, what is already stored, which
//! floor and which accepted breaks apply.

use std::collections::{BTreeMap, BTreeSet};

use super::today;
use super::workspace::Workspace;
use crate::assay::{PromptSetup, comparison_key, screening_keys};
use crate::change::{CaseChange, CaseKind, ChangeKind, ChangeSet, PromptChange};
use crate::check::{JudgeReading, Readings, Score, Scoring, Subject};
use crate::config::GatePolicy;
use crate::gate::Policy;
use crate::plan;
use crate::price::PriceTable;
use crate::runner::CacheMode;
use crate::store::{ComparisonStart, Store, StoreError};
use crate::trial::AnswerKey;

/// The floor of a new prompt that names none (design.md 10.6).
const NEW_PROMPT_FLOOR: f64 = 0.8;

/// What gates are made from.
pub struct Gating<'a> {
    /// What changed, and the policy.
    pub workspace: &'a Workspace,
    /// For checks that look at the cost of a call.
    pub prices: &'a PriceTable,
    /// What is stored.
    pub store: &'a dyn Store,
    /// How stored answers are used.
    pub cache: CacheMode,
}

impl Gating<'_> {
    /// One setup for every prompt that has something to evaluate.
    ///
    /// # Errors
    /// When the store fails, or the policy is out of its bounds.
    pub fn setups(&self) -> anyhow::Result<Vec<PromptSetup>> {
        let changes = &self.workspace.changes;
        let together = changes.prompts.iter().filter(|change| self.compared(change) > 0).count();
        let policy = gate_policy(&self.workspace.config.gate);
        policy.validate()?;
        let mut setups = Vec::new();
        for change in changes.prompts.iter().filter(|change| has_work(change)) {
            setups.push(self.setup(change, &policy, together)?);
        }
        Ok(setups)
    }

    /// n of a prompt: compared cases, accepted breaks left out.
    fn compared(&self, change: &PromptChange) -> usize {
        let accepted = self.accepted(change);
        change.of_kind(CaseKind::Compare).filter(|case| !accepted.contains_key(&case.case.id)).count()
    }

    fn setup(&self, change: &PromptChange, policy: &Policy, together: usize) -> anyhow::Result<PromptSetup> {
        let config = &self.workspace.config.gate;
        let floor_of_new = (change.kind == ChangeKind::Added).then_some(NEW_PROMPT_FLOOR);
        let min_score = change.min_score.or(floor_of_new);
        Ok(PromptSetup {
            policy: policy.clone(),
            gated_together: together,
            seed: config.seed.clone(),
            jitter: config.jitter.clone(),
            paid: self.paid(change)?,
            min_score,
            known: if min_score.is_some() { self.known(change)? } else { Vec::new() },
            accepted: self.accepted(change),
            prices: self.prices.clone(),
            change: change.clone(),
        })
    }

    /// Whether every baseline screening answer is bought in this comparison. Decided when the
    /// comparison first begins, and replayed ever after (design.md 10.3).
    fn paid(&self, change: &PromptChange) -> Result<bool, StoreError> {
        if matches!(self.cache, CacheMode::Fresh | CacheMode::Off) {
            return Ok(true);
        }
        let key = comparison_key(change, &self.workspace.config.gate.seed);
        if let Some(start) = self.store.comparison(key)? {
            return Ok(start.paid);
        }
        let keys = screening_keys(change);
        let mut paid = !keys.is_empty();
        for key in keys {
            paid &= self.store.answer(key)?.is_none();
        }
        self.store.begin_comparison(key, ComparisonStart { paid })?;
        Ok(paid)
    }

    /// Accepted breaks that still hold today: case and reason.
    fn accepted(&self, change: &PromptChange) -> BTreeMap<String, String> {
        let today = today::date(today::now());
        let breaks = self.workspace.config.accepted_breaks.iter();
        breaks
            .filter(|entry| entry.prompt == change.id)
            .filter(|entry| entry.until.as_ref().is_none_or(|until| *until >= today))
            .map(|entry| (entry.case.clone(), entry.reason.clone()))
            .collect()
    }

    /// Scores of unaffected cases whose answers, and whose judge's answers, are stored: the floor
    /// is a mean over the whole golden set, and buys nothing for it.
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
        let Some(stored) = self.store.answer(AnswerKey::screening(&case.candidate))? else { return Ok(None) };
        let scoring = Scoring::of(&case.case, change.score, change.judge.as_ref());
        let cost_usd = self.prices.cost(&case.candidate.model, stored.response.usage);
        let subject = Subject { response: &stored.response, cost_usd };
        let mut readings = Readings::new();
        loop {
            let questions = scoring.questions(subject, &readings);
            if questions.is_empty() {
                break;
            }
            let Some(judge) = &change.judge else { return Ok(None) };
            for question in questions {
                let asked = judge.request(&case.candidate.messages, &question);
                let Some(answer) = self.store.answer(AnswerKey::judge(&asked))? else { return Ok(None) };
                readings.insert(question.id(), JudgeReading::of(&answer.response));
            }
        }
        Ok(match scoring.score(subject, &readings).score {
            Score::Scored { value, .. } => Some(value),
            Score::Unscored { .. } => None,
        })
    }

    /// Trials of a run in which nothing is suspicious, for the progress display.
    pub fn expected_calls(&self) -> u64 {
        let estimate =
            |change| plan::estimate(change, &self.workspace.config.gate, self.prices, &mut |_| false);
        self.workspace.changes.prompts.iter().map(|change| estimate(change).calls_typical).sum()
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
        models.extend(change.judge.as_ref().map(|judge| judge.model.as_str()));
    }
    models
}

/// The configuration's numbers over the specification's.
fn gate_policy(config: &GatePolicy) -> Policy {
    Policy {
        alpha: config.alpha,
        delta: config.delta,
        drop_pairs: config.drop_pairs,
        trigger: config.trigger,
        trigger_graded: config.trigger_graded,
        fail_fast: config.fail_fast,
        ..Policy::default()
    }
}
