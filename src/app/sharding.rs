//! One shard of an evaluation: the whole plan is made, and one part of it is kept.

use super::gating;
use crate::assay::comparison_key;
use crate::change::{ChangeSet, PromptChange};
use crate::config::{Config, ProviderKind};
use crate::fingerprint::Fingerprint;
use crate::prompt::Tier;
use crate::report::{Part, PartPrompt, PromptHead, Revision};
use crate::shard::{Shard, divide};

/// What the shards of one evaluation must agree on, in addition to the change set.
pub struct Premise<'a> {
    /// The head's configuration, options applied.
    pub config: &'a Config,
    /// Base and head.
    pub revisions: [&'a Revision; 2],
    /// Which model set applies.
    pub tier: Tier,
    /// Who answers: the provider's name, and the fingerprint of its rules if it has any.
    pub provider: (ProviderKind, Option<Fingerprint>),
    /// The day, on which accepted breaks depend.
    pub today: &'a str,
}

/// Keeps the part of a change set that belongs to one shard; returns its place in the plan.
pub fn keep(shard: Shard, changes: &mut ChangeSet, premise: &Premise<'_>) -> Part {
    let plan = fingerprint(shard.count(), changes, premise);
    let shards = divide(changes, shard.count());
    let placed = changes.prompts.iter().zip(&shards);
    let prompts = placed.map(|(change, &shard)| PartPrompt { shard, head: PromptHead::of(change) }).collect();
    let mut shards = shards.into_iter();
    changes.prompts.retain(|_| shards.next() == Some(shard.index()));
    Part {
        shard,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        plan: plan.to_hex(),
        on_inconclusive: premise.config.gate.on_inconclusive,
        on_mixed: premise.config.gate.on_mixed,
        prompts,
        seal: None,
    }
}

/// Everything that the merged report depends on.
fn fingerprint(count: usize, changes: &ChangeSet, premise: &Premise<'_>) -> Fingerprint {
    let config = premise.config;
    let prompts: Vec<_> = changes.prompts.iter().map(|change| content(change, premise)).collect();
    let bars: Vec<_> = changes
        .moved_bars
        .iter()
        .map(|bar| (&bar.prompt, bar.part, &*bar.what, bar.lowers, bar.protected))
        .collect();
    let revisions = premise.revisions.map(|revision| (&revision.name, &revision.commit));
    Fingerprint::of_json(&(
        ("shards", env!("CARGO_PKG_VERSION"), count),
        (revisions, premise.tier.as_str(), premise.provider),
        (&config.gate, &config.prices, &config.redact),
        (prompts, changes.unaffected, bars),
    ))
}

/// The parts of a prompt that its report depends on.
fn content(change: &PromptChange, premise: &Premise<'_>) -> impl serde::Serialize {
    // A removed prompt, or one without cases, has only its sentence.
    let words =
        format!("{:?}", (&change.kind, &change.causes, &change.coverage, &change.diff, &change.notes));
    (
        (change.id.clone(), change.catalog.clone(), change.line),
        comparison_key(change, &premise.config.gate.seed),
        (change.min_score.map(f64::to_bits), &change.budget_per_call),
        gating::accepted(change, premise.config, premise.today),
        Fingerprint::of_bytes(words.as_bytes()),
    )
}
