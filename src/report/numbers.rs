//! The numbers behind a verdict, as sentences that every format lists: how sure it is, and what it cost.

use std::collections::BTreeSet;

use super::wording::{
    amount, case_counts, cost, count, money, p_value, percent, points, stopped_early, thousands,
};
use super::{CorrectedReport, Correction, Cost, Guarantee, PromptReport, Report};
use crate::verdict::Reason;

/// The page that explains the verdict.
pub const EXPLAINED: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/statistics.md");

/// How sure is this? What the evaluation of one prompt could see, and what it found (docs/statistics.md).
pub fn certainty(p: &PromptReport, guarantee: Guarantee) -> Vec<String> {
    let mut out = Vec::new();
    if p.limit.is_some() {
        out.push(bound(p, guarantee));
        out.extend(selftest(p));
    }
    out.extend(change(p));
    out.extend(judge(p));
    out.extend(visible(p, guarantee));
    if let (Some(capital), Some(limit)) = (p.capital, p.limit) {
        out.push(format!(
            "Evidence that the new prompt is worse: {}. It begins at 1 and blocks at {}.",
            amount(capital),
            amount(limit)
        ));
    }
    if !p.broken.is_empty() {
        out.push(
            "Of cases listed as broken, at most one in ten is expected to be listed wrongly.".to_owned(),
        );
    }
    if let Some(trade) = p.trade {
        let [low, high] = trade.net_ci95;
        out.push(format!(
            "Fixes against breaks, asked again in {}: {:+.1} cases (95 % interval {low:+.1} to {high:+.1}). A trade that a \
             person weighs needs {:+} or more (`gate.net`).",
            count(trade.pairs, "pair"),
            trade.net,
            trade.needed
        ));
    }
    if let Some(marginal) = p.marginal {
        out.push(format!(
            "Of {} that earlier runs tell enough about, {} with any edit.",
            count(marginal.of, "case"),
            if marginal.cases == 1 { "1 changes".to_owned() } else { format!("{} change", marginal.cases) }
        ));
    }
    if let Some(p_screen) = p.p_screen {
        out.push(format!(
            "The first answers alone: if both prompts behave the same, such a result or a worse one has probability {}.",
            p_value(p_screen)
        ));
    }
    if let Some(e) = p.escalation {
        out.push(format!(
            "Asked again side by side: {}; the old prompt did better in {}, the new one in {}. They concentrate on \
             suspicious cases: evidence, not a rate.",
            count(e.pairs, "pair"),
            e.baseline_better,
            e.candidate_better
        ));
    }
    if let Some(floor) = p.floor {
        out.push(format!(
            "Minimum score: {} over {}, 95 % upper bound {}; it blocks below {}.",
            percent(floor.mean),
            count(floor.of, "case"),
            percent(floor.upper),
            percent(floor.min_score)
        ));
    }
    out.extend(p.budget_per_call.iter().map(super::sentence::certainty_of_limit));
    out.push(asked(p));
    out
}

/// The bound, as far as it is about this verdict.
fn bound(p: &PromptReport, guarantee: Guarantee) -> String {
    let behaved = if guarantee.prompts > 1 { "all compared prompts" } else { "both prompts" };
    let one_of = |alpha: f64| format!("1 of {} evaluations", thousands((1.0 / alpha + 1e-9).floor() as u64));
    match p.reason {
        Reason::ConfirmedBreaks | Reason::OverallDrop => format!(
            "If {behaved} behaved the same, a result this clear would come up in fewer than {}.",
            one_of(guarantee.alpha)
        ),
        // Its own share of the error budget: a twentieth of it.
        Reason::PassesOnlyWhenVaried => format!(
            "If the white space made no difference, so many bad ones among the cases sent as written would come up in \
             fewer than {}.",
            one_of(guarantee.alpha / 20.0)
        ),
        _ => format!("A prompt that behaves the same is blocked in fewer than {}.", one_of(guarantee.alpha)),
    }
}

/// An edit without meaning is not "a prompt that behaves the same".
fn selftest(p: &PromptReport) -> Option<String> {
    let known = p.head.models.selftest.as_ref()?;
    Some(format!(
        "On this model {} of {} of this prompt without meaning {} blocked: {:.0} % (95 % interval {} to {} %; self-test of {}).",
        known.blocked,
        count(known.of, "edit"),
        if known.blocked == 1 { "was" } else { "were" },
        100.0 * known.blocked as f64 / known.of as f64,
        known.low,
        known.high,
        known.on
    ))
}

fn change(p: &PromptReport) -> Option<String> {
    match &p.difference {
        Some(d) => {
            let what = if super::sentence::is_graded(p) { "the mean score" } else { "the pass rate" };
            let [low, high] = d.ci95.map(points);
            Some(format!("Change of {what}: {} points (95 % interval {low} to {high}).", points(d.estimate)))
        }
        None if stopped_early(p) => Some(
            "No interval for the change: the run stopped early, and the cases asked so far are no fair sample."
                .to_owned(),
        ),
        None => None,
    }
}

/// How far the judge can be trusted, and what its measured errors make of the change.
fn judge(p: &PromptReport) -> Vec<String> {
    let models = &p.head.models;
    let mut out = Vec::new();
    if !models.judge.is_empty() {
        out.push(format!("{}.", super::sentence::judge(&models.judge, models.judge_agreement)));
    }
    if let Some(CorrectedReport { method, estimate, ci95, labels }) = p.corrected {
        let [low, high] = ci95.map(points);
        let by = match method {
            Correction::RoganGladen => {
                format!("With the judge's measured errors taken out ({})", count(labels, "labelled answer"))
            }
            Correction::PredictionPowered => format!(
                "Corrected by {} that people labelled on both sides, if they are a fair sample",
                count(labels, "case")
            ),
        };
        out.push(format!(
            "{by}, the change of the pass rate is {} points (95 % interval {low} to {high}). This is for information: the \
             verdict does not use it.",
            points(estimate)
        ));
    }
    out
}

/// What would have been found. The simulations have 30 to 200 cases and one prompt (docs/statistics.md).
fn visible(p: &PromptReport, guarantee: Guarantee) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(drop) = p.smallest_visible_drop {
        out.push(format!(
            "With {}, a drop of {:.1} points over all cases is found four times in five (simulated on a typical suite).",
            count(p.n, "case"),
            drop * 100.0
        ));
    }
    let is_simulated =
        guarantee.prompts == 1 && p.head.models.judge.is_empty() && !super::sentence::is_graded(p);
    if is_simulated && p.n >= 30 && p.screened == p.n {
        out.push(
            "A single case that always passed and now always fails is found 94 times in 100.".to_owned(),
        );
    }
    out
}

/// How many cases were asked, and where the old answers come from.
fn asked(p: &PromptReport) -> String {
    let mut out = format!("{}.", case_counts(&p.head.cases));
    if p.n > 0 {
        out.push_str(&format!(" Asked on both sides: {} of {}.", p.screened, p.n));
        if p.head.models.baseline.is_some() {
            out.push_str(match p.paid {
                true => " The old prompt's first answers were all bought for this comparison.",
                false => " The old prompt's first answers come from the store, where it had them.",
            });
        }
    }
    out
}

/// What the run spent.
pub fn spend(report: &Report) -> Vec<String> {
    let spend = &report.spend;
    let calls = &spend.calls;
    let used = calls.bought() + calls.cached;
    let embeddings = match calls.embedding {
        0 => String::new(),
        n => format!(", {} embeddings", thousands(n)),
    };
    let mut out = vec![
        format!(
            "{}{} ({} old prompt, {} new prompt, {} judge{embeddings}; {} input and {} output tokens).",
            count(spend.paid_calls as usize, "call"),
            match &report.cost {
                Cost { hypothetical: true, spent_usd: None, .. } => "; nothing was paid".to_owned(),
                known => format!(" {}", cost(known)),
            },
            thousands(calls.baseline),
            thousands(calls.candidate),
            thousands(calls.judge),
            thousands(spend.input_tokens),
            thousands(spend.output_tokens)
        ),
        rests_on(used, calls.cached, report.cost.verdict_usd),
    ];
    let unused = spend.paid_calls.saturating_sub(calls.bought());
    if unused > 0 {
        out.push(format!(
            "Bought in batch jobs and not used: {}; they stay in the store.",
            count(unused as usize, "answer")
        ));
    }
    if !spend.retries.is_empty() {
        let classes: Vec<String> =
            spend.retries.iter().map(|(class, n)| format!("{n} {}", class.replace('_', " "))).collect();
        out.push(format!("Failed attempts tried again: {}.", classes.join(", ")));
    }
    if !report.cost.unknown_models.is_empty() && !report.cost.hypothetical {
        let models: Vec<String> =
            report.cost.unknown_models.iter().map(|m| super::untrusted::quoted(m)).collect();
        out.push(format!(
            "No price is known for {}; set it under `prices`.",
            super::wording::listed(&models)
        ));
    }
    out.push(format!("Wall time: {:.1} s.", report.wall_ms as f64 / 1000.0));
    out
}

fn rests_on(used: u64, cached: u64, price: Option<f64>) -> String {
    let worth = match price {
        Some(price) => format!("worth {}", money(Some(price))),
        None => "of unknown price".to_owned(),
    };
    let free = match cached {
        0 => String::new(),
        n => format!("; {} of them cost nothing now (stored, or the same request again)", thousands(n)),
    };
    format!("The verdict rests on {} {worth}{free}.", count(used as usize, "answer"))
}

/// Model ids by role, sorted, without repetition.
pub fn models(report: &Report) -> Vec<(&'static str, Vec<&str>)> {
    let baseline: BTreeSet<&str> =
        report.prompts.iter().filter_map(|p| p.head.models.baseline.as_deref()).collect();
    let candidate: BTreeSet<&str> = report
        .prompts
        .iter()
        .map(|p| p.head.models.candidate.as_str())
        .filter(|model| !model.is_empty())
        .collect();
    let judge: BTreeSet<&str> =
        report.prompts.iter().flat_map(|p| p.head.models.judge.iter()).map(String::as_str).collect();
    let embedding: BTreeSet<&str> =
        report.prompts.iter().flat_map(|p| p.head.models.embedding.iter()).map(String::as_str).collect();
    [
        ("Old prompt's model", baseline),
        ("New prompt's model", candidate),
        ("Judge", judge),
        ("Embeddings", embedding),
    ]
    .into_iter()
    .filter(|(_, models)| !models.is_empty())
    .map(|(role, models)| (role, models.into_iter().collect()))
    .collect()
}
