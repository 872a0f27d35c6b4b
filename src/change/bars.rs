//! What a change does to its own bar: golden cases, checks, thresholds, judge, models, policy.

use std::collections::BTreeMap;

use super::MovedBar;
use super::cases::counted;
use crate::config::{Config, OnInconclusive, OnUncovered, Provider};
use crate::golden::{Case, GoldenSet};
use crate::prompt::Prompt;

/// Names listed before the rest is only counted.
const NAMED: usize = 10;

/// What moved in the configuration.
pub(super) fn of_config(base: &Config, head: &Config) -> Vec<MovedBar> {
    if base.path.is_none() {
        return Vec::new();
    }
    let mut bars = Vec::new();
    let mut moved = |what: &str, old: String, new: String, lowers: bool| {
        if old != new {
            bars.push(MovedBar { prompt: None, what: format!("`{what}`: {old} → {new}"), lowers });
        }
    };
    let (old, new) = (&base.gate, &head.gate);
    let optional = |value: &Option<f64>| value.map_or("none".to_owned(), |value| value.to_string());
    moved("gate.alpha", old.alpha.to_string(), new.alpha.to_string(), new.alpha < old.alpha);
    moved("gate.delta", old.delta.to_string(), new.delta.to_string(), new.delta > old.delta);
    moved(
        "gate.drop_pairs",
        old.drop_pairs.to_string(),
        new.drop_pairs.to_string(),
        new.drop_pairs < old.drop_pairs,
    );
    moved("gate.trigger", old.trigger.to_string(), new.trigger.to_string(), new.trigger < old.trigger);
    moved(
        "gate.min_score",
        optional(&old.min_score),
        optional(&new.min_score),
        new.min_score < old.min_score,
    );
    moved("gate.enforce", old.enforce.to_string(), new.enforce.to_string(), !new.enforce);
    moved("gate.jitter", format!("{:?}", old.jitter), format!("{:?}", new.jitter), true);
    moved("gate.seed", old.seed.clone(), new.seed.clone(), false);
    moved(
        "gate.on_inconclusive",
        format!("{:?}", old.on_inconclusive),
        format!("{:?}", new.on_inconclusive),
        new.on_inconclusive == OnInconclusive::Neutral,
    );
    moved(
        "gate.uncovered",
        format!("{:?}", old.uncovered),
        format!("{:?}", new.uncovered),
        new.uncovered == OnUncovered::Pass,
    );
    let provider = |config: &Config| match &config.provider {
        Provider::Bedrock => "bedrock".to_owned(),
        Provider::Scripted(file) => format!("scripted by {file}"),
    };
    moved("provider", provider(base), provider(head), head.provider != Provider::Bedrock);
    let threshold = (base.judge.threshold, head.judge.threshold);
    moved("judge.threshold", threshold.0.to_string(), threshold.1.to_string(), threshold.1 < threshold.0);
    let name = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    moved("judge.prompt", name(&base.judge.prompt), name(&head.judge.prompt), false);
    moved("models.judge", name(&base.models.judge), name(&head.models.judge), false);
    moved("models.branch", name(&base.models.branch), name(&head.models.branch), false);
    moved("models.main", name(&base.models.main), name(&head.models.main), false);
    let (cost, calls) =
        ((base.budget.max_cost, head.budget.max_cost), (base.budget.max_calls, head.budget.max_calls));
    moved("budget.max_cost", optional(&cost.0), optional(&cost.1), is_lower(cost.0, cost.1));
    let count = |value: Option<u64>| value.map_or("none".to_owned(), |value| value.to_string());
    moved("budget.max_calls", count(calls.0), count(calls.1), is_lower(calls.0, calls.1));
    for accepted in head.accepted_breaks.iter().filter(|entry| !base.accepted_breaks.contains(entry)) {
        bars.push(MovedBar {
            prompt: Some(accepted.prompt.clone()),
            what: format!("the break of case `{}` is accepted: {}", accepted.case, accepted.reason),
            lowers: true,
        });
    }
    bars
}

fn is_lower<T: PartialOrd>(old: Option<T>, new: Option<T>) -> bool {
    match (old, new) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => new < old,
    }
}

/// What moved for one prompt.
pub(super) fn of_prompt(
    (old, new): (Option<&Prompt>, &Prompt),
    before: Option<&GoldenSet>,
    after: Option<&GoldenSet>,
) -> Vec<MovedBar> {
    let mut bars = Vec::new();
    let mut push =
        |what: String, lowers: bool| bars.push(MovedBar { prompt: Some(new.id.clone()), what, lowers });
    let Some(old) = old else { return bars };
    if old.min_score != new.min_score {
        let shown = |value: Option<f64>| value.map_or("none".to_owned(), |value| value.to_string());
        let what = format!("`min_score`: {} → {}", shown(old.min_score), shown(new.min_score));
        push(what, new.min_score < old.min_score);
    }
    if old.score != new.score {
        push("how checks become a score (`score`) changed".to_owned(), false);
    }
    let (Some(before), after) = (before, after) else { return bars };
    let Some(after) = after else {
        push(format!("the golden set `{}` is removed", before.path), true);
        return bars;
    };
    let new_cases: BTreeMap<&str, &Case> = after.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let ids = |keep: &dyn Fn(&Case, Option<&Case>) -> bool| -> Vec<&str> {
        let kept = before.cases.iter().filter(|case| keep(case, new_cases.get(case.id.as_str()).copied()));
        kept.map(|case| case.id.as_str()).collect()
    };
    let removed = ids(&|_, new| new.is_none());
    let checks =
        ids(&|old, new| new.is_some_and(|new| old.checks != new.checks || old.expected != new.expected));
    let inputs =
        ids(&|old, new| new.is_some_and(|new| old.input != new.input || old.variables != new.variables));
    let freed = ids(&|old, new| old.must_pass && new.is_some_and(|new| !new.must_pass));
    for (ids, what, lowers) in [
        (removed, "removed", true),
        (checks, "with other checks or expectations", false),
        (inputs, "with another input", false),
        (freed, "no longer must-pass", true),
    ] {
        if !ids.is_empty() {
            push(format!("{} {what}: {}", counted(ids.len(), "golden case"), listed(&ids)), lowers);
        }
    }
    bars
}

fn listed(ids: &[&str]) -> String {
    let mut text = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(&format!(" and {} more", ids.len() - NAMED));
    }
    text
}
