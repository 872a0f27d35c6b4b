//! The numbers beside a verdict, as sentences that every format lists.

use std::collections::BTreeSet;

use super::wording::{
    amount, case_counts, count, fraction, money, p_value, percent, points, rate, thousands,
};
use super::{PromptReport, Report};

/// What one prompt's evaluation could detect and what it found (docs/statistics.md).
pub fn statistics(p: &PromptReport) -> Vec<String> {
    let mut out = vec![format!("{}.", case_counts(&p.head.cases))];
    if p.n > 0 {
        out.push(format!("Screened on both sides: {} of {}.", p.screened, p.n));
    }
    match &p.difference {
        Some(d) => {
            let [low, high] = d.ci95;
            out.push(format!(
                "Change of the mean score: {} pt, 95 % interval {} to {} pt; {}.",
                points(d.estimate),
                points(low),
                points(high),
                super::sentence::ruled_out(d.ruled_out_drop)
            ));
        }
        None if super::wording::stopped_early(p) => out.push(
            "No interval for the change: the run stopped early, and the cases run so far are no fair sample."
                .to_owned(),
        ),
        None => {}
    }
    if let Some(drop) = p.smallest_visible_drop {
        out.push(format!(
            "Smallest drop over all cases that {} would show 4 times in 5 (simulated on a typical suite): {:.1} pt.",
            count(p.n, "case"),
            drop * 100.0
        ));
    }
    if let (Some(capital), Some(limit)) = (p.capital, p.limit) {
        out.push(format!("Evidence {}, blocks at {}.", amount(capital), amount(limit)));
    }
    if let Some(evidence) = p.evidence {
        out.push(format!("Evidence of the confirmations: {}.", amount(evidence)));
    }
    if let Some(p_screen) = p.p_screen {
        out.push(format!("Screening alone, exact one-sided p: {}.", p_value(p_screen)));
    }
    if let Some(e) = p.escalation {
        out.push(format!(
            "Fresh A/B pairs on suspicious cases: {}; baseline better in {}, candidate better in {}.",
            e.pairs, e.baseline_better, e.candidate_better
        ));
    }
    if let Some(floor) = p.floor {
        out.push(format!(
            "Floor: mean score {} over {}, 95 % upper bound {}; blocks below {}.",
            percent(floor.mean),
            count(floor.of, "case"),
            percent(floor.upper),
            percent(floor.min_score)
        ));
    }
    if p.head.models.baseline.is_some() && p.n > 0 {
        let origin =
            if p.paid { "all bought in this comparison" } else { "from the store, where it had them" };
        out.push(format!("Baseline screening answers: {origin}."));
    }
    for (side, found) in [("Baseline", p.baseline), ("Candidate", p.candidate)] {
        if let Some(found) = found {
            let found = if super::wording::stopped_early(p) { fraction(found) } else { rate(found) };
            out.push(format!("{side} passed {found} at screening."));
        }
    }
    out
}

/// What the run spent.
pub fn spend(report: &Report) -> Vec<String> {
    let spend = &report.spend;
    let calls = &spend.calls;
    let used = calls.baseline + calls.candidate + calls.judge + calls.cached;
    let mut out = vec![
        format!(
            "Paid now: {} for {} ({} baseline, {} candidate, {} judge; {} input and {} output tokens).",
            money(report.cost.spent_usd),
            count(spend.paid_calls as usize, "call"),
            thousands(calls.baseline),
            thousands(calls.candidate),
            thousands(calls.judge),
            thousands(spend.input_tokens),
            thousands(spend.output_tokens)
        ),
        rests_on(used, calls.cached, report.cost.verdict_usd),
    ];
    let unused = spend.paid_calls.saturating_sub(calls.baseline + calls.candidate + calls.judge);
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
    if !report.cost.unknown_models.is_empty() {
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
        report.prompts.iter().filter_map(|p| p.head.models.judge.as_deref()).collect();
    [("Baseline model", baseline), ("Candidate model", candidate), ("Judge model", judge)]
        .into_iter()
        .filter(|(_, models)| !models.is_empty())
        .map(|(role, models)| (role, models.into_iter().collect()))
        .collect()
}
