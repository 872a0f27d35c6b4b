//! Which part of a divided evaluation a report is: its shard, the whole plan it belongs to, and its seal.

use serde::{Deserialize, Serialize};

use super::{PromptHead, Report, json};
use crate::config::VerdictEffect;
use crate::seal::{Seal, Sealed, Seals};
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
    /// Over everything else that the report says, where a trusted run wrote it: see [`Report::seal`].
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

impl Report {
    /// Seals the report of a shard: the seal covers everything else that the report says, so that a job which merges
    /// believes what a trusted run measured, and nothing that was written or edited on the way. Nothing without a key, and nothing for a whole evaluation's.
    pub fn seal(&mut self, seals: &Seals) {
        let seal = self.to_seal().and_then(|text| seals.seal(&Sealed::Shard(&text)));
        if let Some(part) = &mut self.part {
            part.seal = seal;
        }
    }

    /// Whether it counts as the report of a shard. What does not is remembered for [`Seals::said`].
    pub fn is_admitted(&self, seals: &Seals) -> bool {
        if !seals.are_demanded() {
            return true;
        }
        let seal = self.part.as_ref().and_then(|part| part.seal);
        self.to_seal().is_none_or(|text| seals.admit(&Sealed::Shard(&text), seal))
    }

    /// As it is understood, not as it was written: white space and order of a file do not matter, and nothing
    /// that is read escapes the seal.
    fn to_seal(&self) -> Option<String> {
        let mut report = self.clone();
        report.part.as_mut()?.seal = None;
        Some(json::render(&report))
    }
}
