//! Shards: a plan divided by prompt among several machines, each knowing the whole of it.
//!
//! The division depends only on the plan, so that machines need not communicate; prompts that share
//! an answer stay together, so that it is bought once and a purchase in one shard has no effect on
//! another.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::change::{ChangeSet, PromptChange};
use crate::config::GatePolicy;
use crate::plan::estimate;
use crate::price::PriceTable;
use crate::trial::AnswerKey;

/// Most shards of one plan: GitHub runs at most 256 jobs of a matrix.
const MOST: usize = 256;

/// One of several shards: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// From 1.
    index: usize,
    /// How many there are.
    count: usize,
}

impl Shard {
    /// The shard `index` of `count`; `None` where there is no such shard.
    pub fn new(index: usize, count: usize) -> Option<Self> {
        ((1..=MOST).contains(&count) && (1..=count).contains(&index)).then_some(Self { index, count })
    }

    /// From 1.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

/// The error for a text that is not a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard is written `2/8`: its number, from 1, and how many there are, at most {MOST}")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok(),
            false => None,
        };
        let (index, count) = text.trim().split_once('/').ok_or(NoShard)?;
        let (index, count) = number(index).zip(number(count)).ok_or(NoShard)?;
        Shard::new(index, count).ok_or(NoShard)
    }
}

/// Prompts that stay together.
struct Group<'a> {
    /// Indices into the change set.
    members: Vec<usize>,
    /// Estimated calls.
    calls: u64,
    /// The first of its names, so that the order of a catalog has no effect.
    name: &'a str,
}

/// The shard of every affected prompt, from 1, in the change set's order: the heaviest group of
/// prompts goes to the lightest shard, and so on. It depends only on the prompts' names, cases and
/// requests, not on a machine's store.
pub fn divide(changes: &ChangeSet, count: usize) -> Vec<usize> {
    let mut groups = groups(&changes.prompts);
    groups.sort_by_key(|group| (Reverse(group.calls), group.name));
    let mut loads = vec![0_u64; count.max(1)];
    let mut shards = vec![1; changes.prompts.len()];
    for group in groups {
        let lightest = (0..loads.len()).min_by_key(|&shard| loads[shard]).unwrap_or(0);
        // Prompts without a call are divided, too, because their reports also take space.
        loads[lightest] += group.calls.max(1);
        for member in group.members {
            shards[member] = lightest + 1;
        }
    }
    shards
}

/// Prompts, joined if two of them have the same request to the same model.
fn groups(prompts: &[PromptChange]) -> Vec<Group<'_>> {
    let mut leaders: Vec<usize> = (0..prompts.len()).collect();
    let mut first_asked: BTreeMap<AnswerKey, usize> = BTreeMap::new();
    for (index, prompt) in prompts.iter().enumerate() {
        // A case that only reads a stored answer (an unaffected case under a floor) shares it, too.
        let keys = prompt.cases.iter().flat_map(|case| {
            let requests = case.baseline.iter().chain([&case.candidate]);
            requests.map(|request| case.screening_key(request))
        });
        for key in keys {
            let other = *first_asked.entry(key).or_insert(index);
            let (ours, theirs) = (leader(&leaders, index), leader(&leaders, other));
            leaders[ours.max(theirs)] = ours.min(theirs);
        }
    }
    let mut groups: BTreeMap<usize, Group<'_>> = BTreeMap::new();
    for (index, prompt) in prompts.iter().enumerate() {
        let group = groups.entry(leader(&leaders, index)).or_insert_with(|| Group {
            members: Vec::new(),
            calls: 0,
            name: &prompt.id,
        });
        group.members.push(index);
        group.calls += calls(prompt);
        group.name = group.name.min(&prompt.id);
    }
    groups.into_values().collect()
}

/// The first prompt of the group that a prompt belongs to.
fn leader(leaders: &[usize], mut index: usize) -> usize {
    while leaders[index] != index {
        index = leaders[index];
    }
    index
}

/// Calls if nothing is stored and both sides behave the same.
fn calls(prompt: &PromptChange) -> u64 {
    estimate(prompt, &GatePolicy::default(), &PriceTable::built_in(), &mut |_| None).calls_typical
}
