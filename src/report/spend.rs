//! Calls, tokens and money of a run, altogether and by kind of call.

use std::collections::BTreeMap;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use crate::trial::{Lane, Phase, Side};

/// Calls by purpose, and answers without a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallCounts {
    /// Baseline answers the gate used that were bought in this run.
    pub baseline: u64,
    /// Candidate answers the gate used that were bought in this run.
    pub candidate: u64,
    /// Judge answers used that were bought in this run.
    pub judge: u64,
    /// Embeddings used that were bought in this run; left out without any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub embedding: u64,
    /// Answers used that cost nothing now: from the store, or shared with an equal request.
    pub cached: u64,
}

fn is_zero(calls: &u64) -> bool {
    *calls == 0
}

impl CallCounts {
    /// Answers used that were bought in this run.
    pub fn bought(self) -> u64 {
        self.baseline + self.candidate + self.judge + self.embedding
    }
}

impl Add for CallCounts {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            baseline: self.baseline + other.baseline,
            candidate: self.candidate + other.candidate,
            judge: self.judge + other.judge,
            embedding: self.embedding + other.embedding,
            cached: self.cached + other.cached,
        }
    }
}

/// Money, in US dollars.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Price of every answer that the verdict is based on, stored ones included; `None` when a
    /// model's price is unknown.
    pub verdict_usd: Option<f64>,
    /// Paid in this run; `None` when a model's price is unknown and it was called.
    pub spent_usd: Option<f64>,
    /// Models without a known price, sorted.
    pub unknown_models: Vec<String>,
    /// True: nothing was paid, because no language model answered. The amounts are what these calls would have cost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hypothetical: bool,
}

impl Cost {
    /// Nothing was bought.
    pub fn nothing() -> Self {
        Self { verdict_usd: Some(0.0), spent_usd: Some(0.0), unknown_models: Vec::new(), hypothetical: false }
    }
}

/// Calls of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendReport {
    /// Calls of all prompts.
    #[serde(flatten)]
    pub calls: CallCounts,
    /// Calls paid in this run, retries apart.
    #[serde(rename = "paid")]
    pub paid_calls: u64,
    /// Attempts that failed and were tried again, by class of error.
    pub retries: BTreeMap<String, u64>,
    /// Input tokens paid in this run.
    pub input_tokens: u64,
    /// Output tokens paid in this run.
    pub output_tokens: u64,
    /// The same by prompt, side, lane, model and phase, in this order; kinds of calls that were made or used.
    pub lines: Vec<SpendLine>,
}

/// Calls and money of one kind of call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendLine {
    /// The prompt's id.
    pub prompt: String,
    /// The side; what checks ask about an answer belongs to the answer's.
    pub side: Side,
    /// The prompt itself, the judge, or a model for embeddings.
    pub lane: Lane,
    /// Who was asked.
    pub model: String,
    /// Why the call was made.
    pub phase: Phase,
    /// Answers used that were bought in this run.
    pub bought: u64,
    /// Answers used that cost nothing now.
    pub cached: u64,
    /// Calls without an answer.
    pub failed: u64,
    /// Input tokens paid in this run.
    pub input_tokens: u64,
    /// Output tokens paid in this run.
    pub output_tokens: u64,
    /// Paid in this run, in US dollars; `None` when the model's price is unknown.
    pub spent_usd: Option<f64>,
}
