//! What a run spent and on what: paid now, cached, and the price of the answers behind the verdict.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet}; // order never leaves
use std::sync::Arc;

use super::allowance::Amount;
use crate::model::{ErrorClass, Usage};
use crate::price::{Money, PriceTable};
use crate::trial::{AnswerKey, Lane, Phase, Side, Trial};

/// What spend is broken down by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpendKey {
    /// The prompt's id.
    pub prompt: String,
    /// Which side.
    pub side: Side,
    /// Prompt under test or judge.
    pub lane: Lane,
    /// Who was asked.
    pub model: String,
    /// Why.
    pub phase: Phase,
}

/// Calls and their price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Answers asked for and bought in this run.
    pub calls: u64,
    /// Answers asked for and not bought: from the store, or shared with another trial.
    pub cached: u64,
    /// Trials asked for that have no answer.
    pub failed: u64,
    /// Tokens paid in this run, [`Spend::unused`] included.
    pub tokens: Usage,
    /// Paid in this run, [`Spend::unused`] included; models of known price only.
    pub spent: Money,
    /// Price of the answers that the verdict is based on, each once, at the tokens recorded at its
    /// purchase, always as single calls without the provider's prompt cache; models of known price
    /// only.
    pub verdict: Money,
    /// Models whose price is unknown, among those that the run paid or the verdict is based on.
    pub unknown_models: BTreeSet<String>,
    unpriced_calls: u64,
    unpriced_answers: u64,
}

impl Tally {
    /// US dollars paid in this run; `None` when a paid call's price is unknown.
    pub fn spent_usd(&self) -> Option<f64> {
        (self.unpriced_calls == 0).then(|| self.spent.usd())
    }

    /// US dollars the verdict's answers cost, cached ones included; `None` when the price of one
    /// is unknown.
    pub fn verdict_usd(&self) -> Option<f64> {
        (self.unpriced_answers == 0).then(|| self.verdict.usd())
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Tally) {
        self.calls += other.calls;
        self.cached += other.cached;
        self.failed += other.failed;
        self.tokens = sum(self.tokens, other.tokens);
        self.spent += other.spent;
        self.verdict += other.verdict;
        self.unknown_models.extend(other.unknown_models.iter().cloned());
        self.unpriced_calls += other.unpriced_calls;
        self.unpriced_answers += other.unpriced_answers;
    }
}

fn sum(a: Usage, b: Usage) -> Usage {
    Usage {
        input: a.input + b.input,
        output: a.output + b.output,
        cache_read: a.cache_read + b.cache_read,
        cache_write: a.cache_write + b.cache_write,
    }
}

/// Attempts without an answer that may be charged all the same (time limits, broken connections).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// How many attempts.
    pub attempts: u64,
    /// Their input and output tokens at most.
    pub tokens: u64,
    /// What they can have cost at most; not part of [`Tally::spent`].
    pub at_most: Money,
}

/// An answer that was bought for a run before its first call; the run finds it in the store, and
/// pays for it.
#[derive(Clone, Debug, PartialEq)]
pub struct BoughtBefore {
    /// The trial it was bought for.
    pub trial: Arc<Trial>,
    /// What it used.
    pub usage: Usage,
    /// What it cost; `None`: the model's price is unknown.
    pub price: Option<Money>,
}

/// What a run spent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// By prompt, side, lane, model and phase.
    pub lines: BTreeMap<SpendKey, Tally>,
    /// Attempts made again, by the class of failure that made them necessary.
    pub retries: BTreeMap<ErrorClass, u64>,
    /// Attempts that may be charged without an answer.
    pub lost: Lost,
    /// Answers bought before the run ([`BoughtBefore`]) that it did not ask for.
    pub unused: u64,
}

impl Spend {
    /// The sum of the lines that `which` selects. An answer that several lines of a prompt share is
    /// in the `verdict` of one of them; what two prompts share is in that of both.
    pub fn tally(&self, which: impl Fn(&SpendKey) -> bool) -> Tally {
        let mut sum = Tally::default();
        for (_, line) in self.lines.iter().filter(|(key, _)| which(key)) {
            sum.add(line);
        }
        sum
    }

    /// The sum of all lines.
    pub fn total(&self) -> Tally {
        self.tally(|_| true)
    }
}

/// Records the spend during the run.
pub(super) struct Ledger<'a> {
    prices: &'a PriceTable,
    spend: Spend,
    /// Bought before the run, and not asked for yet.
    unused: HashSet<AnswerKey>,
    /// By prompt and answer: where it was counted, and what it used.
    rested_on: HashMap<(String, AnswerKey), Rest>,
}

/// An answer that the verdict is based on, on the line of the first trial that asked for it.
#[derive(Clone, Copy)]
struct Rest {
    line: (Side, Lane, Phase),
    usage: Usage,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(prices: &'a PriceTable) -> Self {
        Self { prices, spend: Spend::default(), unused: HashSet::new(), rested_on: HashMap::new() }
    }

    /// An answer was bought before the run.
    pub(super) fn bought_before(&mut self, bought: &BoughtBefore) {
        let BoughtBefore { trial, usage, price } = bought;
        self.pay(trial, *usage, *price);
        self.unused.insert(trial.key);
    }

    /// An answer was bought for a trial.
    pub(super) fn paid(&mut self, trial: &Trial, usage: Usage) {
        let price = self.prices.money(&trial.request.model, usage);
        self.pay(trial, usage, price);
    }

    fn pay(&mut self, trial: &Trial, usage: Usage, price: Option<Money>) {
        let line = self.line(trial);
        line.tokens = sum(line.tokens, usage);
        match price {
            Some(price) => line.spent += price,
            None => {
                line.unpriced_calls += 1;
                line.unknown_models.insert(trial.request.model.clone());
            }
        }
    }

    /// A bought answer was asked for by the first of these trials; the others share it.
    pub(super) fn asked(&mut self, waiters: &[Arc<Trial>], usage: Usage) {
        for (i, trial) in waiters.iter().enumerate() {
            let line = self.line(trial);
            if i == 0 {
                line.calls += 1;
            } else {
                line.cached += 1;
            }
            self.rest_on(trial, usage);
        }
    }

    /// A stored answer was asked for; the first who asks for one that was bought before the run
    /// has it as a call of the run.
    pub(super) fn cached(&mut self, trial: &Trial, usage: Usage) {
        let first = self.unused.remove(&trial.key);
        let line = self.line(trial);
        line.calls += u64::from(first);
        line.cached += u64::from(!first);
        self.rest_on(trial, usage);
    }

    /// A trial asked for has no answer.
    pub(super) fn failed(&mut self, trial: &Trial) {
        self.line(trial).failed += 1;
    }

    /// An attempt is made again.
    pub(super) fn retried(&mut self, class: ErrorClass) {
        *self.spend.retries.entry(class).or_default() += 1;
    }

    /// An attempt may be charged without an answer.
    pub(super) fn lost(&mut self, worst: Amount) {
        self.spend.lost.attempts += 1;
        self.spend.lost.tokens += worst.tokens;
        self.spend.lost.at_most += worst.money;
    }

    /// Completes the record.
    pub(super) fn close(self) -> Spend {
        Spend { unused: self.unused.len() as u64, ..self.spend }
    }

    fn rest_on(&mut self, trial: &Trial, usage: Usage) {
        // Both sides of a prompt may use one answer, especially of the judge.
        let place = (trial.prompt.clone(), trial.key);
        let before = self.rested_on.get(&place).copied();
        if before.is_some() && !trial.replaces_stored {
            return;
        }
        // Which of two calls wrote to the provider's cache and which read is chance: the same content costs the same.
        let price = |usage: Usage| self.prices.money(&trial.request.model, usage.uncached());
        let (now, discarded) = (price(usage), before.and_then(|before| price(before.usage)));
        if let (Some(Rest { line: (side, lane, phase), .. }), Some(discarded)) = (before, discarded) {
            // The same answer is the same model's.
            let key = SpendKey { side, lane, phase, ..spend_key(trial) };
            let line = self.spend.lines.entry(key).or_default();
            line.verdict = line.verdict - discarded;
        }
        self.rested_on.insert(place, Rest { line: (trial.side, trial.lane, trial.phase), usage });
        let line = self.line(trial);
        match now {
            Some(price) => line.verdict += price,
            None if before.is_some() => {}
            None => {
                line.unpriced_answers += 1;
                line.unknown_models.insert(trial.request.model.clone());
            }
        }
    }

    fn line(&mut self, trial: &Trial) -> &mut Tally {
        self.spend.lines.entry(spend_key(trial)).or_default()
    }
}

fn spend_key(trial: &Trial) -> SpendKey {
    SpendKey {
        prompt: trial.prompt.clone(),
        side: trial.side,
        lane: trial.lane,
        model: trial.request.model.clone(),
        phase: trial.phase,
    }
}
