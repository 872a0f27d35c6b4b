//! Which shard each prompt of a plan belongs to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::change::{ChangeSet, PromptChange};
use crate::config::GatePolicy;
use crate::plan::estimate;
use crate::price::PriceTable;
use crate::trial::AnswerKey;

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
