//! What a change does to its own bar in the configuration: policy, budget, models, judge, and
//! which files count at all.

use serde::Serialize;

use super::MovedBar;
use super::judges::Judges;
use crate::config::{Config, Jitter, OnInconclusive, OnUncovered, Provider};
use crate::snapshot::Snapshot;

/// Collects what moved.
#[derive(Default)]
struct Moves(Vec<MovedBar>);

impl Moves {
    /// `old` and `new` as a person reads them.
    fn push(&mut self, name: &str, old: &str, new: &str, lowers: bool) {
        if old != new {
            self.0
                .push(MovedBar { what: format!("`{name}`: {old} → {new}"), lowers, ..MovedBar::default() });
        }
    }

    fn number(&mut self, name: &str, (old, new): (f64, f64), lowers: bool) {
        self.push(name, &old.to_string(), &new.to_string(), lowers);
    }

    fn word<T: Serialize>(&mut self, name: &str, (old, new): (&T, &T), lowers: bool) {
        self.push(name, &word(old), &word(new), lowers);
    }

    fn cap<T: PartialOrd + ToString>(&mut self, name: &str, (old, new): (Option<T>, Option<T>)) {
        let lowers = match (&old, &new) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => new < old,
        };
        self.push(name, &shown(old), &shown(new), lowers);
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}

/// A value as the configuration writes it.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(value) => value.to_string(),
        Err(_) => String::new(),
    }
}

/// What moved. Where the base has no configuration, the head's is measured by the defaults that
/// applied, and only what lowers the bar is news.
pub(super) fn moved(
    (base, judges_before): (&Snapshot<'_>, &Judges<'_>),
    (head, judges): (&Snapshot<'_>, &Judges<'_>),
) -> Vec<MovedBar> {
    let (old, new) = (&base.config, &head.config);
    let mut moves = Moves::default();
    policy(&mut moves, old, new);
    models(&mut moves, old, new);
    if new.judge.prompt == old.judge.prompt && judges.text != judges_before.text {
        let name = new.judge.prompt.as_deref().unwrap_or_default();
        let what = format!("the judge's prompt `{name}` is edited");
        moves.0.push(MovedBar { what, ..MovedBar::default() });
    }
    sources(&mut moves, old, new);
    let mut bars = moves.0;
    if old.path.is_none() {
        bars.retain(|bar| bar.lowers && !base.prompts.is_empty());
    }
    bars.extend(accepted(old, new));
    bars
}

fn policy(moves: &mut Moves, old: &Config, new: &Config) {
    let (cap_before, cap) = (&old.budget, &new.budget);
    let (old, new) = (&old.gate, &new.gate);
    moves.number("gate.alpha", (old.alpha, new.alpha), new.alpha < old.alpha);
    moves.number("gate.delta", (old.delta, new.delta), new.delta > old.delta);
    moves.number("gate.drop_pairs", (old.drop_pairs, new.drop_pairs), new.drop_pairs < old.drop_pairs);
    moves.number("gate.trigger", (old.trigger, new.trigger), new.trigger < old.trigger);
    let graded = (old.trigger_graded, new.trigger_graded);
    moves.number("gate.trigger_graded", graded, graded.1 < graded.0);
    moves.word("gate.fail_fast", (&old.fail_fast, &new.fail_fast), false);
    let lowers = new.min_score < old.min_score;
    moves.push("gate.min_score", &shown(old.min_score), &shown(new.min_score), lowers);
    let neutral = new.on_inconclusive == OnInconclusive::Neutral;
    moves.word("gate.on_inconclusive", (&old.on_inconclusive, &new.on_inconclusive), neutral);
    moves.word("gate.uncovered", (&old.uncovered, &new.uncovered), new.uncovered == OnUncovered::Pass);
    moves.word("gate.enforce", (&old.enforce, &new.enforce), !new.enforce);
    moves.word("gate.jitter", (&old.jitter, &new.jitter), new.jitter == Jitter::None);
    moves.push("gate.seed", &old.seed, &new.seed, false);
    moves.cap("budget.max_cost", (cap_before.max_cost, cap.max_cost));
    moves.cap("budget.max_calls", (cap_before.max_calls, cap.max_calls));
    moves.cap("budget.max_tokens", (cap_before.max_tokens, cap.max_tokens));
}

fn models(moves: &mut Moves, old: &Config, new: &Config) {
    let name = |value: &Option<String>| shown(value.clone());
    for (key, old, new) in [
        ("models.branch", &old.models.branch, &new.models.branch),
        ("models.main", &old.models.main, &new.models.main),
        ("models.judge", &old.models.judge, &new.models.judge),
        ("judge.prompt", &old.judge.prompt, &new.judge.prompt),
    ] {
        moves.push(key, &name(old), &name(new), false);
    }
    let threshold = (old.judge.threshold, new.judge.threshold);
    moves.number("judge.threshold", threshold, threshold.1 < threshold.0);
    moves.word("judge.max_tokens", (&old.judge.max_tokens, &new.judge.max_tokens), false);
    let scripted = matches!(new.provider, Provider::Scripted(_));
    moves.word("provider", (&old.provider, &new.provider), scripted);
    // Another store may hold other answers.
    moves.push(
        "shared_store",
        &shown(old.shared_store.as_ref()),
        &shown(new.shared_store.as_ref()),
        new.shared_store.is_some(),
    );
}

/// Files that are not looked at cannot fail.
fn sources(moves: &mut Moves, old: &Config, new: &Config) {
    let dropped = old.catalogs.iter().any(|pattern| !new.catalogs.contains(pattern));
    moves.push("catalogs", &old.catalogs.join(", "), &new.catalogs.join(", "), dropped);
    moves.push("golden", &old.golden, &new.golden, false);
}

fn accepted<'a>(old: &'a Config, new: &'a Config) -> impl Iterator<Item = MovedBar> + 'a {
    new.accepted_breaks.iter().filter(|entry| !old.accepted_breaks.contains(entry)).map(|entry| MovedBar {
        prompt: Some(entry.prompt.clone()),
        what: format!("the break of case `{}` is accepted: {}", entry.case, entry.reason),
        lowers: true,
        removes_cases: false,
    })
}
