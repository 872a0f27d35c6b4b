//! The sections that hold numbers and switches: gate, budget, calls and judge.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use super::{
    BatchPolicy, Budget, CallPolicy, GatePolicy, Jitter, Limit, OnUncovered, ProtectedCases, ServiceTiers,
    VerdictEffect,
};
use crate::document::{Datum, Fields, Shape};
use crate::model::ServiceTier;
use crate::problem::Problems;
use crate::s3_location::S3Location;
use crate::settings;

const GATE: Shape = Shape {
    name: "`gate`",
    keys: &[
        "alpha",
        "delta",
        "drop_pairs",
        "trigger",
        "trigger_graded",
        "fail_fast",
        "min_score",
        "budget_per_call",
        "on_inconclusive",
        "on_mixed",
        "net",
        "protect",
        "uncovered",
        "enforce",
        "jitter",
        "seed",
    ],
};
const BUDGET: Shape = Shape { name: "`budget`", keys: &["max_cost", "max_calls", "max_tokens"] };
const CALLS: Shape = Shape {
    name: "`calls`",
    keys: &[
        "concurrency",
        "attempt_timeout_s",
        "trial_timeout_s",
        "limits",
        "prompt_caching",
        "service_tier",
        "request_metadata",
        "batch",
    ],
};
const SERVICE_TIER: Shape = Shape { name: "`service_tier`", keys: &["branch", "main"] };
const BATCH: Shape =
    Shape { name: "`calls.batch`", keys: &["role_arn", "s3", "min_records", "poll_s", "timeout_hours"] };
const LIMIT: Shape =
    Shape { name: "the limit of a model", keys: &["requests_per_minute", "tokens_per_minute"] };

const EFFECTS: &[(&str, VerdictEffect)] =
    &[("neutral", VerdictEffect::Neutral), ("fail", VerdictEffect::Fail)];
const UNCOVERED: &[(&str, OnUncovered)] = &[("pass", OnUncovered::Pass), ("fail", OnUncovered::Fail)];
const PROMPT_CACHING: &[(&str, bool)] = &[("auto", true), ("off", false)];
const SERVICE_TIERS: &[(&str, ServiceTier)] =
    &[("default", ServiceTier::Default), ("flex", ServiceTier::Flex), ("priority", ServiceTier::Priority)];
/// `nonce` is the name of an earlier default, a reference line.
const JITTERS: &[(&str, Jitter)] =
    &[("whitespace", Jitter::Whitespace), ("none", Jitter::None), ("nonce", Jitter::Whitespace)];

/// Reads `gate`.
pub(super) fn gate(owner: &Fields<'_>, problems: &mut Problems) -> GatePolicy {
    let defaults = GatePolicy::default();
    let Some(fields) = owner.inner("gate", &GATE, problems) else {
        return defaults;
    };
    let above = |high: f64| (Excluded(0.0), Included(high));
    GatePolicy {
        alpha: fields.number("alpha", above(0.5), problems).unwrap_or(defaults.alpha),
        delta: fields.number("delta", above(1.0), problems).unwrap_or(defaults.delta),
        drop_pairs: fields.number("drop_pairs", 0.0..=100.0, problems).unwrap_or(defaults.drop_pairs),
        trigger: fields.number("trigger", above(1.0), problems).unwrap_or(defaults.trigger),
        trigger_graded: fields
            .number("trigger_graded", above(1.0), problems)
            .unwrap_or(defaults.trigger_graded),
        fail_fast: fields.flag("fail_fast", problems).unwrap_or(defaults.fail_fast),
        min_score: fields.number("min_score", 0.0..=1.0, problems),
        budget_per_call: settings::budget_per_call(&fields, problems),
        on_inconclusive: fields
            .choice("on_inconclusive", EFFECTS, problems)
            .unwrap_or(defaults.on_inconclusive),
        on_mixed: fields.choice("on_mixed", EFFECTS, problems).unwrap_or(defaults.on_mixed),
        net: net(&fields, problems).unwrap_or(defaults.net),
        protect: protected(&fields, problems).unwrap_or(defaults.protect),
        uncovered: fields.choice("uncovered", UNCOVERED, problems).unwrap_or(defaults.uncovered),
        enforce: fields.flag("enforce", problems).unwrap_or(defaults.enforce),
        jitter: fields.choice("jitter", JITTERS, problems).unwrap_or(defaults.jitter),
        seed: fields.text_or_integer("seed", problems).unwrap_or(defaults.seed),
    }
}

/// A whole number, which may be below 0.
fn net(fields: &Fields<'_>, problems: &mut Problems) -> Option<i64> {
    let net = fields.number("net", -1000.0..=1000.0, problems)?;
    if net.fract() != 0.0 {
        problems.push(fields.error("net", format!("`net` counts cases, so it is a whole number, not {net}")));
        return None;
    }
    Some(net as i64)
}

/// `all`, or tags.
fn protected(fields: &Fields<'_>, problems: &mut Problems) -> Option<ProtectedCases> {
    match &fields.node("protect")?.datum {
        Datum::Text(word) if word == "all" => Some(ProtectedCases::All),
        _ => Some(ProtectedCases::Tagged(fields.texts("protect", problems)?.into_iter().collect())),
    }
}

/// Reads `budget`.
pub(super) fn budget(owner: &Fields<'_>, problems: &mut Problems) -> Budget {
    let Some(fields) = owner.inner("budget", &BUDGET, problems) else {
        return Budget::default();
    };
    Budget {
        max_cost: fields.number("max_cost", (Included(0.0), Unbounded), problems),
        max_calls: fields.integer("max_calls", 0.., problems),
        max_tokens: fields.integer("max_tokens", 0.., problems),
    }
}

/// Reads `calls`.
pub(super) fn calls(owner: &Fields<'_>, problems: &mut Problems) -> CallPolicy {
    let defaults = CallPolicy::default();
    let Some(fields) = owner.inner("calls", &CALLS, problems) else {
        return defaults;
    };
    let policy = CallPolicy {
        concurrency: fields
            .integer("concurrency", 1..=1000, problems)
            .map_or(defaults.concurrency, |calls| calls as usize),
        attempt_timeout_s: fields
            .integer("attempt_timeout_s", 1..=3600, problems)
            .unwrap_or(defaults.attempt_timeout_s),
        trial_timeout_s: fields
            .integer("trial_timeout_s", 1..=86_400, problems)
            .unwrap_or(defaults.trial_timeout_s),
        limits: limits(&fields, problems),
        prompt_caching: fields
            .choice("prompt_caching", PROMPT_CACHING, problems)
            .unwrap_or(defaults.prompt_caching),
        service_tier: service_tier(&fields, problems),
        request_metadata: fields.flag("request_metadata", problems).unwrap_or(defaults.request_metadata),
        batch: batch(&fields, problems),
    };
    if policy.trial_timeout_s < policy.attempt_timeout_s {
        let key = if fields.has("trial_timeout_s") { "trial_timeout_s" } else { "attempt_timeout_s" };
        let message = format!(
            "one trial may take {} s, less than one of its attempts ({} s)",
            policy.trial_timeout_s, policy.attempt_timeout_s
        );
        problems.push(fields.error(key, message).help("make `trial_timeout_s` the larger of the two"));
    }
    policy
}

/// One for both model sets, or one for each.
fn service_tier(calls: &Fields<'_>, problems: &mut Problems) -> ServiceTiers {
    if !matches!(calls.node("service_tier").map(|node| &node.datum), Some(Datum::Map(_))) {
        let both = calls.choice("service_tier", SERVICE_TIERS, problems).unwrap_or_default();
        return ServiceTiers { branch: both, main: both };
    }
    let Some(fields) = calls.inner("service_tier", &SERVICE_TIER, problems) else {
        return ServiceTiers::default();
    };
    let mut of = |key| fields.choice(key, SERVICE_TIERS, problems).unwrap_or_default();
    ServiceTiers { branch: of("branch"), main: of("main") }
}

/// Reads `calls.batch`; Bedrock's own limits are the bounds.
fn batch(calls: &Fields<'_>, problems: &mut Problems) -> Option<BatchPolicy> {
    let fields = calls.inner("batch", &BATCH, problems)?;
    let mut needed = |key: &str, example: &str| {
        let text = fields.text(key, problems).map(str::to_owned);
        if text.is_none() && !fields.has(key) {
            let message = format!("`calls.batch` needs `{key}`");
            problems.push(calls.error("batch", message).help(format!("add `{key}: {example}`")));
        }
        text.unwrap_or_default()
    };
    let role_arn = needed("role_arn", "arn:aws:iam::123456789012:role/prompt-assay-batch");
    let s3 = needed("s3", "s3://my-bucket/prompt-assay-batch");
    if fields.has("role_arn") && !(role_arn.starts_with("arn:") && role_arn.contains(":role/")) {
        let help = "write the ARN of the role that Bedrock assumes: arn:aws:iam::ACCOUNT:role/NAME";
        problems.push(fields.error("role_arn", "`role_arn` is not the ARN of a role").help(help));
    }
    let place = s3.parse::<S3Location>();
    if let (true, Err(error)) = (fields.has("s3"), &place) {
        problems.push(fields.error("s3", error));
    }
    let min_records = fields.integer("min_records", 1..=50_000, problems).map_or(100, |n| n as usize);
    let poll_s = fields.integer("poll_s", 1..=3600, problems).unwrap_or(30);
    let timeout_hours = fields.integer("timeout_hours", 24..=168, problems).map_or(24, |hours| hours as u32);
    Some(BatchPolicy { role_arn, s3: place.ok()?, min_records, poll_s, timeout_hours })
}

/// Reads `calls.limits`: by model id.
fn limits(calls: &Fields<'_>, problems: &mut Problems) -> BTreeMap<String, Limit> {
    let mut limits = BTreeMap::new();
    if !calls.has("limits") {
        return limits;
    }
    for (model, node) in calls.map("limits", problems).unwrap_or_default() {
        let Some(fields) = Fields::read(calls.source, node, &LIMIT, problems) else { continue };
        let limit = Limit {
            requests_per_minute: fields.integer("requests_per_minute", 1.., problems),
            tokens_per_minute: fields.integer("tokens_per_minute", 1.., problems),
        };
        limits.insert(model.text.clone(), limit);
    }
    limits
}
