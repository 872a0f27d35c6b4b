//! The sections that hold records: prices and accepted breaks.

use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use super::AcceptedBreak;
use crate::document::{Datum, Fields, Node, Shape};
use crate::price::Price;
use crate::problem::Problems;

const PRICE: Shape = Shape { name: "a price", keys: &["input", "output", "cache_read", "cache_write"] };
const BREAK: Shape = Shape { name: "an accepted break", keys: &["prompt", "case", "reason", "until"] };

/// Reads `prices`.
pub(super) fn prices(owner: &Fields<'_>, problems: &mut Problems) -> BTreeMap<String, Price> {
    let mut prices = BTreeMap::new();
    if !owner.has("prices") {
        return prices;
    }
    for (model, node) in owner.map("prices", problems).unwrap_or_default() {
        if let Some(price) = price(owner, node, problems) {
            prices.insert(model.text.clone(), price);
        }
    }
    prices
}

fn price(owner: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<Price> {
    let fields = Fields::read(owner.source, node, &PRICE, problems)?;
    for key in ["input", "output"].into_iter().filter(|key| !fields.has(key)) {
        let problem = owner.source.error(node.mark, format!("a price needs `{key}`"));
        problems.push(problem.help("write US dollars per million tokens"));
    }
    let mut amount = |key| fields.number(key, (Included(0.0), Unbounded), problems);
    let (input, output) = (amount("input"), amount("output"));
    let (cache_read, cache_write) = (amount("cache_read"), amount("cache_write"));
    Some(Price { input: input?, output: output?, cache_read, cache_write })
}

/// Reads `accepted_breaks`.
pub(super) fn accepted_breaks(owner: &Fields<'_>, problems: &mut Problems) -> Vec<AcceptedBreak> {
    if !owner.has("accepted_breaks") {
        return Vec::new();
    }
    let nodes = owner.list("accepted_breaks", problems).unwrap_or_default();
    nodes.iter().filter_map(|node| accepted_break(owner, node, problems)).collect()
}

fn accepted_break(owner: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<AcceptedBreak> {
    let fields = Fields::read(owner.source, node, &BREAK, problems)?;
    let until = until(&fields, problems);
    let mut required = |key: &str| {
        if !fields.has(key) {
            let problem = owner.source.error(node.mark, format!("an accepted break needs `{key}`"));
            problems.push(match key {
                "reason" => problem.help("say in one sentence why it is accepted"),
                _ => problem.help("name the prompt and the case it is about"),
            });
        }
        let text = fields.text(key, problems)?;
        if text.trim().is_empty() {
            problems.push(fields.error(key, format!("`{key}` is empty")));
        }
        Some(text.to_owned())
    };
    let (prompt, case, reason) = (required("prompt"), required("case"), required("reason"));
    Some(AcceptedBreak { prompt: prompt?, case: case?, reason: reason?, until, acceptance: None })
}

/// A day; YAML's own dates need no quotes here.
fn until(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let node = fields.node("until")?;
    match &node.datum {
        Datum::Text(day) if is_day(day) => Some(day.clone()),
        _ => {
            let problem = fields.error("until", "`until` must be a day of the calendar");
            problems.push(problem.help("write it as YYYY-MM-DD, or leave it out to accept without an end"));
            None
        }
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}
