//! Which part of a divided evaluation a report is: its shard, and the whole plan it belongs to.

use serde::{Deserialize, Serialize};

use super::PromptHead;
use crate::config::VerdictEffect;
use crate::seal::Seal;
use crate::shard::Shard;

/// A shard's place in its plan. It is equal in all shards of a plan except for the number, so that
/// reports can be merged and a missing one can be named.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Which shard.
    pub shard: Shard,
    /// The program's version.
    pub program: String,
    /// Fingerprint of everything the shards of one evaluation must agree on, in hexadecimal digits.
    pub plan: String,
    /// What INCONCLUSIVE does: the exit status of the whole depends on it.
    pub on_inconclusive: VerdictEffect,
    /// What MIXED does.
    pub on_mixed: VerdictEffect,
    /// Every affected prompt of the plan, in the order of the whole report.
    pub prompts: Vec<PartPrompt>,
    /// Over everything else that the report says, where a trusted run wrote it: see `sealing`.
    pub seal: Option<Seal>,
}

/// An affected prompt of the plan, of any shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartPrompt {
    /// The number of its shard, from 1.
    pub shard: usize,
    /// Where it stands, what happened to it, what is evaluated.
    #[serde(flatten)]
    pub head: PromptHead,
}

impl Part {
    /// The prompts of one shard, in order.
    pub fn of(&self, shard: usize) -> impl Iterator<Item = &PartPrompt> {
        self.prompts.iter().filter(move |prompt| prompt.shard == shard)
    }
}
