//! Why, of a call's budget: limits that the fresh calls exceed, and limits that they leave open.

use super::moved;
use crate::per_call::{LimitResult, Quantity, Standing};
use crate::report::PromptReport;
use crate::report::wording::{count, thousands};

/// The limits that stand so.
fn standing(p: &PromptReport, wanted: Standing) -> impl Iterator<Item = &LimitResult> {
    p.budget_per_call.iter().filter(move |limit| limit.standing == wanted)
}

/// What happened, as the end of a headline: `calls of `a` take 2,340 ms at p95, over the limit of 2,000 ms`.
pub(super) fn clause(p: &PromptReport, name: &str) -> String {
    let over = standing(p, Standing::Exceeded).next();
    let perhaps = || standing(p, Standing::Unresolved).next();
    match over.or_else(perhaps) {
        Some(limit) => {
            let chance = if limit.standing == Standing::Unresolved { ", perhaps by chance" } else { "" };
            format!("calls of {name} {}{chance}", taken(limit))
        }
        None => format!("too few fresh calls to say whether {name} keeps its budget per call"),
    }
}

/// The same beside a trade.
pub(super) fn clause_beside(p: &PromptReport) -> String {
    match standing(p, Standing::Unresolved).next() {
        Some(limit) => format!("its calls {}, perhaps by chance", taken(limit)),
        None => "too few fresh calls to say whether it keeps its budget per call".to_owned(),
    }
}

/// The same in few words.
pub(super) fn in_short(p: &PromptReport) -> &'static str {
    match crate::per_call::worst(&p.budget_per_call) {
        Some(Standing::Unresolved) => "over its budget per call, perhaps by chance",
        Some(Standing::Unmeasured) => "its budget per call is not measured",
        _ => "over its budget per call",
    }
}

/// `take 2,340 ms at p95, over the limit of 2,000 ms`.
fn taken(limit: &LimitResult) -> String {
    let verb = match limit.quantity {
        Quantity::LatencyMs => "take",
        Quantity::CostUsd => "cost",
    };
    let measured = limit.measured.map(|value| shown(limit.quantity, value)).unwrap_or_default();
    let most = shown(limit.quantity, limit.at_most);
    format!("{verb} {measured} at {}, over the limit of {most}", limit.percentile.as_str())
}

/// An amount with its unit: `2,340 ms`, `0.00213 USD`.
fn shown(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::LatencyMs if value >= 1.0 => format!("{} ms", thousands(value.round() as u64)),
        Quantity::LatencyMs => format!("{value} ms"),
        Quantity::CostUsd => format!("{} USD", significant(value)),
    }
}

/// Three significant digits: prices of calls are small.
fn significant(value: f64) -> String {
    if value <= 0.0 {
        return "0".to_owned();
    }
    let decimals = (2 - value.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// `Of 40 fresh calls 9 took longer than 2,000 ms, where 5 in 100 may`.
fn counted(limit: &LimitResult) -> String {
    let verb = match limit.quantity {
        Quantity::LatencyMs => "took longer than",
        Quantity::CostUsd => "cost more than",
    };
    format!(
        "of {} {} {verb} {}, where {} in 100 may",
        count(limit.of, "fresh call"),
        limit.over,
        shown(limit.quantity, limit.at_most),
        100 - limit.percentile.percent()
    )
}

pub(super) fn exceeded(p: &PromptReport) -> String {
    let all: Vec<String> = standing(p, Standing::Exceeded).map(counted).collect();
    format!("Not bad luck: {}.", all.join("; "))
}

/// The comparison is decided; the budget of a call is not.
pub(super) fn unresolved(p: &PromptReport) -> String {
    match p.n {
        0 => open(p),
        _ => format!("Compared with the old prompt no break was found ({}). {}", moved(p), open(p)),
    }
}

/// What is open, in sentences.
pub(super) fn open(p: &PromptReport) -> String {
    let chance = standing(p, Standing::Unresolved).map(|limit| {
        format!("{}; with so few calls that can be chance.", super::capitalised(&counted(limit)))
    });
    let unmeasured = standing(p, Standing::Unmeasured).map(|limit| {
        let most = format!("{} at {}", shown(limit.quantity, limit.at_most), limit.percentile.as_str());
        match is_complete(limit) {
            true => format!(
                "The limit of {most} was held against {}, too few to tell.",
                count(limit.of, "fresh call")
            ),
            false => format!(
                "The limit of {most} was held against {} of {}, and only all of them can show that it is kept: {}.",
                limit.of,
                count(limit.cases, "case"),
                uncounted(p, limit.quantity)
            ),
        }
    });
    chance.chain(unmeasured).collect::<Vec<_>>().join(" ")
}

/// Whether every case was measured: then only more cases tell more.
fn is_complete(limit: &LimitResult) -> bool {
    limit.of > 0 && limit.of == limit.cases
}

/// What does not count.
fn uncounted(p: &PromptReport, quantity: Quantity) -> &'static str {
    match quantity {
        _ if p.cost.hypothetical => "rules of a file take no time and cost nothing",
        Quantity::LatencyMs => {
            "answers bought for another comparison do not count, nor do those of batch jobs"
        }
        Quantity::CostUsd => "answers bought for another comparison do not count",
    }
}

/// What a person does about it. New cases alone would make another comparison, for which the answers bought so far do not
/// count.
pub(super) fn advice(p: &PromptReport, again: &str) -> String {
    let is_open = |wanted| standing(p, wanted).next().is_some();
    let mut unmeasured = standing(p, Standing::Unmeasured);
    // Batch jobs tell no latency.
    let alone = match unmeasured.any(|limit| limit.quantity == Quantity::LatencyMs && !is_complete(limit)) {
        true => " and without `--batch`",
        false => "",
    };
    if is_open(Standing::Exceeded) {
        format!("shorten the prompt or its answers, or choose another model; {again}.")
    } else if p.cost.hypothetical {
        "run it with a model, without `--scripted`.".to_owned()
    } else if is_open(Standing::Unresolved) {
        format!(
            "shorten the prompt or its answers, {again}; or add cases, so that more calls tell more, and run it with \
             `--fresh` (the input `fresh: true`){alone}."
        )
    } else if standing(p, Standing::Unmeasured).all(is_complete) {
        "add cases, since so few calls cannot show it, and run it with `--fresh` (the input `fresh: true`)."
            .to_owned()
    } else {
        format!(
            "run it with `--fresh` (the input `fresh: true`){alone}: that buys and measures all answers again."
        )
    }
}

/// The numbers behind a limit.
pub fn certainty(limit: &LimitResult) -> String {
    let of = match limit.quantity {
        Quantity::LatencyMs => "latency",
        Quantity::CostUsd => "cost",
    };
    let percentile = limit.percentile.as_str();
    let found = match limit.measured {
        Some(measured) => format!(
            "{} over {}{}, {} of them over the limit of {}",
            shown(limit.quantity, measured),
            count(limit.of, "fresh call"),
            if is_complete(limit) { String::new() } else { format!(" of {}", count(limit.cases, "case")) },
            limit.over,
            shown(limit.quantity, limit.at_most)
        ),
        None => format!("no fresh call; the limit is {}", shown(limit.quantity, limit.at_most)),
    };
    let follows = match limit.standing {
        Standing::Kept => "kept",
        Standing::Unmeasured => "not measured in enough cases to tell",
        Standing::Unresolved => "over it, perhaps by chance",
        Standing::Exceeded => "over it, beyond chance (97.5 %)",
    };
    format!("Budget per call, {percentile} of the {of}: {found}: {follows}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_a_call_keep_three_digits() {
        let shown = [0.0, 0.000_031_54, 0.002, 0.0213, 1.5, 123.4].map(|usd| shown(Quantity::CostUsd, usd));
        assert_eq!(shown, ["0 USD", "0.0000315 USD", "0.002 USD", "0.0213 USD", "1.5 USD", "123 USD"]);
        let ms = [0.5, 7.0, 2_340.0].map(|ms| super::shown(Quantity::LatencyMs, ms));
        assert_eq!(ms, ["0.5 ms", "7 ms", "2,340 ms"]);
    }
}
