//! Shards of which no report counts: those that left none, and those whose report no trusted run sealed.

use std::collections::BTreeMap;

use super::Named;
use crate::report::Report;
use crate::report::untrusted::quoted;
use crate::report::wording::listed;

/// The missing shards of a plan.
pub(super) struct Missing {
    /// By number; the file of one that was not sealed.
    shards: BTreeMap<usize, Option<String>>,
    /// How many shards the plan has.
    count: usize,
}

impl Missing {
    /// What `found` lacks. An unsealed report's own word says which shard it is: for a person who looks for it.
    pub(super) fn of(count: usize, found: &BTreeMap<usize, &Report>, unsealed: &[Named]) -> Self {
        let file_of = |index: usize| {
            let claims =
                |report: &Report| report.part.as_ref().is_some_and(|part| part.shard.index() == index);
            unsealed.iter().find(|named| claims(&named.report)).map(|named| named.file.clone())
        };
        let missing = (1..=count).filter(|index| !found.contains_key(index));
        Self { shards: missing.map(|index| (index, file_of(index))).collect(), count }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shards.is_empty()
    }

    /// One of them alone.
    pub(super) fn only(&self, shard: usize) -> Self {
        let shards = self.shards.get_key_value(&shard).map(|(number, file)| (*number, file.clone()));
        Self { shards: shards.into_iter().collect(), count: self.count }
    }

    /// What to do: `Shards 3 and 5 of 8 left no report: …`.
    pub(super) fn told(&self) -> String {
        let count = self.count;
        let of = |is_unsealed: bool| {
            let shards = self.shards.iter().filter(move |(_, file)| file.is_some() == is_unsealed);
            shards.map(|(number, _)| number.to_string()).collect::<Vec<_>>()
        };
        let mut told = Vec::new();
        let absent = of(false);
        if !absent.is_empty() {
            let (noun, it) = if absent.len() == 1 { ("Shard", "it") } else { ("Shards", "them") };
            told.push(format!(
                "{noun} {} of {count} left no report: run {it} again, then merge all {count}.",
                listed(&absent)
            ));
        }
        let unsealed = of(true);
        if !unsealed.is_empty() {
            let (noun, it, reports) = match unsealed.len() {
                1 => ("Shard", "it", "a report"),
                _ => ("Shards", "them", "reports"),
            };
            let files: Vec<String> = self.shards.values().flatten().map(|file| quoted(file)).collect();
            told.push(format!(
                "{noun} {} of {count} left {reports} that no run with this store key sealed ({}): nothing of {it} counts. \
                 Run {it} again on the main tier with the same `store-key`, then merge all {count}.",
                listed(&unsealed),
                files.join(", ")
            ));
        }
        told.join(" ")
    }
}
