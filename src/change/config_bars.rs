//! How a change moves its own bar in the configuration: policy, budget, prices, models, judge, the
//! files that count, redaction and release targets.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{MovedBar, limits};
use crate::config::{BarPart, Config, Jitter, JudgeKind, JudgePolicy, OnUncovered, VerdictEffect};
use crate::document::Kept;
use crate::price::Price;
use crate::remark::Remark;
use crate::snapshot::Snapshot;
use crate::tree::directory;

/// A setting: the part of the bar that it belongs to, and its key.
#[derive(Clone, Copy)]
struct Setting {
    part: BarPart,
    key: &'static str,
}

fn setting(part: BarPart, key: &'static str) -> Setting {
    Setting { part, key }
}

/// Collects what moved.
#[derive(Default)]
struct Moves(Vec<MovedBar>);

impl Moves {
    /// `what` describes the part that moved.
    fn say(&mut self, part: BarPart, what: Remark, lowers: bool) {
        self.0.push(MovedBar { part, what, lowers, ..MovedBar::default() });
    }

    /// `old` and `new` as a person reads them: words of the program.
    fn push(&mut self, setting: Setting, old: &str, new: &str, lowers: bool) {
        if old != new {
            let what = Remark::new(format!("`{}`: {old} → {new}", setting.key));
            self.say(setting.part, what, lowers);
        }
    }

    /// The same for values that the configuration's author wrote.
    fn written(&mut self, setting: Setting, old: &str, new: &str, lowers: bool) {
        if old != new {
            let what = Remark::new(format!("`{}`: ", setting.key)).quote(old).and(" → ").quote(new);
            self.say(setting.part, what, lowers);
        }
    }

    fn number(&mut self, setting: Setting, old: f64, new: f64, lowers: bool) {
        self.push(setting, &old.to_string(), &new.to_string(), lowers);
    }

    fn word<T: Serialize>(&mut self, setting: Setting, old: &T, new: &T, lowers: bool) {
        self.push(setting, &word(old), &word(new), lowers);
    }

    fn cap<T: PartialOrd + ToString>(&mut self, key: &'static str, old: Option<T>, new: Option<T>) {
        let lowers = match (&old, &new) {
            // A first cap is listed, but lowers no existing bar.
            (_, None) | (None, Some(_)) => false,
            (Some(old), Some(new)) => new < old,
        };
        self.push(setting(BarPart::Budget, key), &shown(old), &shown(new), lowers);
    }
}

pub(super) fn shown<T: ToString>(value: Option<T>) -> String {
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

/// What moved. If the base has no configuration, the head's is compared with the defaults that
/// applied, and only changes that lower the bar are listed.
pub(super) fn moved(
    base: &Snapshot<'_>,
    head: &Snapshot<'_>,
    edited_judges: &BTreeSet<JudgeKind>,
) -> Vec<MovedBar> {
    let (old, new) = (&base.config, &head.config);
    let mut moves = Moves::default();
    place(&mut moves, old, new);
    protection(&mut moves, old, new);
    policy(&mut moves, old, new);
    models(&mut moves, old, new);
    provider(&mut moves, base, new);
    for (kind, name) in &new.judge.prompts {
        if old.judge.prompts.get(kind) == Some(name) && edited_judges.contains(kind) {
            let what = Remark::new("the judge's prompt ").name(name).and(" is edited");
            moves.say(BarPart::Judge, what, false);
        }
    }
    prices(&mut moves, old, new);
    sources(&mut moves, old, new);
    redaction(&mut moves, old, new);
    release(&mut moves, old, new);
    let mut bars = moves.0;
    if old.path.is_none() {
        bars.retain(|bar| bar.lowers && !base.prompts.is_empty());
    }
    bars.extend(accepted(old, new));
    bars
}

/// Another file, or none: its keys are compared below; paths relative to its directory change, too.
fn place(moves: &mut Moves, old: &Config, new: &Config) {
    let Some(before) = &old.path else { return };
    match &new.path {
        Some(now) if now == before => {}
        Some(now) => {
            let what = Remark::new("the configuration is ").name(now).and(" and no longer ").name(before);
            moves.say(BarPart::Catalogs, what, directory(now) != directory(before));
        }
        None => {
            moves.say(BarPart::Catalogs, Remark::new("the configuration ").name(before).and(" is gone"), true)
        }
    }
}

/// The next change could move a part that is no longer protected.
fn protection(moves: &mut Moves, old: &Config, new: &Config) {
    let listed = |parts: &BTreeSet<BarPart>| {
        let words: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    let lowers = !old.protect.is_subset(&new.protect);
    moves.push(setting(BarPart::Protect, "protect"), &listed(&old.protect), &listed(&new.protect), lowers);
}

fn policy(moves: &mut Moves, old: &Config, new: &Config) {
    let (cap_before, cap) = (&old.budget, &new.budget);
    let (old, new) = (&old.gate, &new.gate);
    let gate = |key| setting(BarPart::Gate, key);
    moves.number(gate("gate.alpha"), old.alpha, new.alpha, new.alpha < old.alpha);
    moves.number(gate("gate.delta"), old.delta, new.delta, new.delta > old.delta);
    let pairs = (old.drop_pairs, new.drop_pairs);
    moves.number(gate("gate.drop_pairs"), pairs.0, pairs.1, pairs.1 < pairs.0);
    moves.number(gate("gate.trigger"), old.trigger, new.trigger, new.trigger < old.trigger);
    let graded = (old.trigger_graded, new.trigger_graded);
    moves.number(gate("gate.trigger_graded"), graded.0, graded.1, graded.1 < graded.0);
    moves.word(gate("gate.fail_fast"), &old.fail_fast, &new.fail_fast, false);
    let lowers = new.min_score < old.min_score;
    moves.push(gate("gate.min_score"), &shown(old.min_score), &shown(new.min_score), lowers);
    for moved in limits::moved(&old.budget_per_call, &new.budget_per_call) {
        let what = Remark::new(moved.words("gate.budget_per_call"));
        moves.say(BarPart::Gate, what, moved.lowers_the_bar());
    }
    let neutral = new.on_inconclusive == VerdictEffect::Neutral;
    moves.word(gate("gate.on_inconclusive"), &old.on_inconclusive, &new.on_inconclusive, neutral);
    let neutral = new.on_mixed == VerdictEffect::Neutral;
    moves.word(gate("gate.on_mixed"), &old.on_mixed, &new.on_mixed, neutral);
    let net = (old.net.to_string(), new.net.to_string());
    moves.push(gate("gate.net"), &net.0, &net.1, new.net < old.net);
    let shields = (old.protect.to_string(), new.protect.to_string());
    moves.written(gate("gate.protect"), &shields.0, &shields.1, !new.protect.includes(&old.protect));
    let passes = new.uncovered == OnUncovered::Pass;
    moves.word(gate("gate.uncovered"), &old.uncovered, &new.uncovered, passes);
    moves.word(gate("gate.enforce"), &old.enforce, &new.enforce, !new.enforce);
    moves.word(gate("gate.jitter"), &old.jitter, &new.jitter, new.jitter == Jitter::None);
    moves.written(gate("gate.seed"), &old.seed, &new.seed, false);
    moves.cap("budget.max_cost", cap_before.max_cost, cap.max_cost);
    moves.cap("budget.max_calls", cap_before.max_calls, cap.max_calls);
    moves.cap("budget.max_tokens", cap_before.max_tokens, cap.max_tokens);
}

fn models(moves: &mut Moves, old: &Config, new: &Config) {
    let name = |value: &Option<String>| shown(value.clone());
    for (key, part, old, new) in [
        ("models.branch", BarPart::Models, &old.models.branch, &new.models.branch),
        ("models.main", BarPart::Models, &old.models.main, &new.models.main),
        ("models.judge", BarPart::Models, &old.models.judge, &new.models.judge),
    ] {
        moves.written(setting(part, key), &name(old), &name(new), false);
    }
    let judge = |key| setting(BarPart::Judge, key);
    for (kind, key) in JUDGE_PROMPTS {
        let named = |policy: &JudgePolicy| shown(policy.prompts.get(&kind).cloned());
        moves.written(judge(key), &named(&old.judge), &named(&new.judge), false);
    }
    let (old, new) = (&old.judge, &new.judge);
    moves.number(judge("judge.threshold"), old.threshold, new.threshold, new.threshold < old.threshold);
    moves.word(judge("judge.max_tokens"), &old.max_tokens, &new.max_tokens, false);
    moves.word(judge("judge.reasoning_tokens"), &old.reasoning_tokens, &new.reasoning_tokens, false);
    let panels = (shown(old.panel.as_ref()), shown(new.panel.as_ref()));
    moves.written(judge("judge.panel"), &panels.0, &panels.1, false);
    moves.word(judge("judge.max_answer_chars"), &old.max_answer_chars, &new.max_answer_chars, false);
    let allows = new.allow_self_judge;
    moves.word(judge("judge.allow_self_judge"), &old.allow_self_judge, &allows, allows);
}

const JUDGE_PROMPTS: [(JudgeKind, &str); 5] = [
    (JudgeKind::Rubric, "judge.prompt"),
    (JudgeKind::Criteria, "judge.prompts.criteria"),
    (JudgeKind::Factuality, "judge.prompts.factuality"),
    (JudgeKind::Faithfulness, "judge.prompts.faithfulness"),
    (JudgeKind::Pairwise, "judge.prompts.pairwise"),
];

/// Rules answer what their author wrote, and so does a server that the author chose: no verdict about a prompt is left
/// if they take a model's place. So that is protected, whatever `protect` lists.
fn provider(moves: &mut Moves, base: &Snapshot<'_>, new: &Config) {
    let old = &base.config;
    if old.provider == new.provider {
        return;
    }
    let (before, now) = (word(&old.provider), word(&new.provider));
    let lowers = new.provider.capabilities().has_configured_source;
    let protected = lowers && old.provider.capabilities().is_language_model && base.config_is_sound;
    let what = Remark::new("`provider`: ").quote(before).and(" → ").quote(now);
    moves.0.push(MovedBar { part: BarPart::Provider, what, lowers, protected, ..MovedBar::default() });
}

/// Caps are counted with prices: a lower price extends them. A model without a price could not be
/// used under a cap.
fn prices(moves: &mut Moves, old: &Config, new: &Config) {
    let models: BTreeSet<&String> = old.prices.keys().chain(new.prices.keys()).collect();
    for model in models {
        let (before, now) = (old.prices.get(model), new.prices.get(model));
        if before == now {
            continue;
        }
        let shown = |price: Option<&Price>| {
            let amounts = |price: &Price| {
                let cached = [("cache_read", price.cache_read), ("cache_write", price.cache_write)];
                let cached = cached.into_iter().filter_map(|(key, usd)| Some(format!(", {key} {}", usd?)));
                format!("input {}, output {}{}", price.input, price.output, cached.collect::<String>())
            };
            price.map_or("none".to_owned(), amounts)
        };
        let lowers = match (before, now) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(now)) => now.highest(before) != *now,
        };
        let what = Remark::new("`prices` of ").name(model);
        let what = what.and(format!(": {} → {}", shown(before), shown(now)));
        moves.say(BarPart::Prices, what, lowers);
    }
}

/// Files that are not read cannot fail, and another store may have other answers.
fn sources(moves: &mut Moves, old: &Config, new: &Config) {
    let dropped = old.catalogs.iter().any(|pattern| !new.catalogs.contains(pattern));
    let catalogs = (old.catalogs.join(", "), new.catalogs.join(", "));
    moves.written(setting(BarPart::Catalogs, "catalogs"), &catalogs.0, &catalogs.1, dropped);
    moves.written(setting(BarPart::Golden, "golden"), &old.golden, &new.golden, false);
    moves.written(setting(BarPart::Database, "database"), &old.database, &new.database, true);
    moves.written(
        setting(BarPart::SharedStore, "shared_store"),
        &shown(old.shared_store.as_ref()),
        &shown(new.shared_store.as_ref()),
        new.shared_store.is_some(),
    );
    let batch = |config: &Config| config.calls.batch.as_ref().map(word);
    let batch = (shown(batch(old)), shown(batch(new)));
    moves.written(setting(BarPart::Provider, "calls.batch"), &batch.0, &batch.1, new.calls.batch.is_some());
}

/// Redacted text cannot be reviewed.
fn redaction(moves: &mut Moves, old: &Config, new: &Config) {
    let gone = old.redact.iter().filter(|pattern| !new.redact.contains(pattern)).map(|old| ("loses", old));
    let came = new.redact.iter().filter(|pattern| !old.redact.contains(pattern)).map(|new| ("gains", new));
    for (how, pattern) in gone.chain(came) {
        let what = Remark::new(format!("`redact` {how} the pattern ")).name(pattern.as_str());
        moves.say(BarPart::Redact, what, how == "gains");
    }
}

/// Where prompts go live, environment by environment.
fn release(moves: &mut Moves, old: &Config, new: &Config) {
    let entries = |config: &Config| match config.release.as_ref().map(Kept::value) {
        Some(serde_json::Value::Object(entries)) => entries,
        Some(other) => serde_json::Map::from_iter([(String::new(), other)]),
        None => serde_json::Map::new(),
    };
    let (before, now) = (entries(old), entries(new));
    let keys: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    for key in keys.into_iter().filter(|key| before.get(*key) != now.get(*key)) {
        let value = |entries: &serde_json::Map<_, _>| shown(entries.get(key));
        let what = Remark::new("`release` of ").name(key).and(": ");
        // `release_on_…`: what else may go live.
        let lowers = now.get(key) == Some(&true.into());
        moves.say(BarPart::Release, what.quote(value(&before)).and(" → ").quote(value(&now)), lowers);
    }
}

fn accepted<'a>(old: &'a Config, new: &'a Config) -> impl Iterator<Item = MovedBar> + 'a {
    new.accepted_breaks.iter().filter(|entry| !old.accepted_breaks.contains(entry)).map(|entry| MovedBar {
        prompt: Some(entry.prompt.clone()),
        part: BarPart::AcceptedBreaks,
        what: Remark::new("the break of case ").name(&entry.case).and(" is accepted: ").quote(&entry.reason),
        lowers: true,
        ..MovedBar::default()
    })
}
