//! Sentences of the comparison: which cases got worse, which did not, which stayed open.

use super::{Evaluation, graded, moved, named};
use crate::report::wording::{amount, count, difference, fraction, p_value};
use crate::report::{CaseFinding, CaseStatus, PromptReport, Rate, TradeReport};

pub(super) fn confirmed_breaks(p: &PromptReport, evaluation: &Evaluation) -> String {
    let n = p.broken.len();
    let checked = format!("{} checked", count(p.screened, "case"));
    let worse = match (n, graded(p)) {
        (0, _) => format!("Several of {checked} got worse with this change, and again in fresh A/B re-runs"),
        (1, false) => format!(
            "1 of {checked} passes with the baseline and fails with this change, and did so again in {}",
            rerun_words(p)
        ),
        (n, false) => format!(
            "{n} of {checked} pass with the baseline and fail with this change, and did so again in {}",
            rerun_words(p)
        ),
        (n, true) => format!(
            "{n} of {checked} score{} lower with this change than with the baseline, and did so again in {}",
            if n == 1 { "s" } else { "" },
            rerun_words(p)
        ),
    };
    let left = p.n.saturating_sub(p.screened + p.lost.len());
    let not_run =
        if left == 0 { String::new() } else { format!(" {} not run (stopped early).", count(left, "case")) };
    format!("{worse}. {}{not_run}", bound(p, evaluation))
}

/// The trade as a whole: both sides of it are confirmed, and a person must weigh them.
pub(super) fn trade(p: &PromptReport) -> String {
    let Some(trade) = p.trade else {
        return "Some cases broke and others were fixed, both confirmed.".to_owned();
    };
    let broken = named(p.broken.iter().map(|case| case.id.as_str()));
    let fixed = p.fixed.iter().filter(|case| case.status == CaseStatus::FixConfirmed);
    format!(
        "Breaks {} and fixes {}, both confirmed in fresh A/B re-runs: broken {broken}; fixed {}.{} If the trade is meant,          accept the broken cases; if not, mend them.",
        count(trade.breaks, "case"),
        trade.fixes,
        named(fixed.map(|case| case.id.as_str())),
        net(&trade),
    )
}

/// ` Net change over 9 fresh pairs: +2.9 cases (95 % CI +1.7 to +3.9).`
fn net(trade: &TradeReport) -> String {
    let [low, high] = trade.net_ci95;
    format!(
        " Net change over {}: {:+.1} cases (95 % CI {low:+.1} to {high:+.1}).",
        count(trade.pairs, "fresh pair"),
        trade.net
    )
}

/// Only cases that change with any edit broke.
pub(super) fn marginal_breaks(p: &PromptReport) -> String {
    let cases: Vec<&CaseFinding> = p.broken.iter().chain(&p.unresolved).collect();
    let ids = named(cases.iter().map(|case| case.id.as_str()));
    let (verb, are) = if cases.len() == 1 { ("fails", "is") } else { ("fail", "are") };
    format!(
        "No regression found: {}. {ids} {verb} now, but {are} marginal for this model: it changed with earlier harmless edits,          too, so it does not block alone.",
        moved(p)
    )
}

/// `3 fresh A/B re-runs each (baseline 6/6, candidate 0/6)`.
fn rerun_words(p: &PromptReport) -> String {
    let sum = |side: fn(&CaseFinding) -> Option<Rate>| {
        p.broken.iter().filter_map(side).fold(Rate { passed: 0, of: 0 }, |sum, rate| Rate {
            passed: sum.passed + rate.passed,
            of: sum.of + rate.of,
        })
    };
    let (baseline, candidate) = (sum(|c| c.baseline_reruns), sum(|c| c.candidate_reruns));
    let same = p.broken.windows(2).all(|pair| pair[0].candidate_reruns == pair[1].candidate_reruns);
    let (runs, each) = match (p.broken.len(), same) {
        (0 | 1, _) => (candidate.of, ""),
        (n, true) => (candidate.of / n, " each"),
        (_, false) => (candidate.of, ""),
    };
    format!(
        "{}{each} (baseline {}, candidate {})",
        count(runs, "fresh A/B re-run"),
        fraction(baseline),
        fraction(candidate)
    )
}

/// What the capital means; the guarantee is per evaluation (decisions.md#the-guarantee-is-per-evaluation).
fn bound(p: &PromptReport, evaluation: &Evaluation) -> String {
    let behaved = if evaluation.prompts > 1 { "all compared prompts" } else { "the prompts" };
    let capital = match (p.capital, p.limit) {
        (Some(capital), Some(limit)) => format!(" ({}, limit {})", amount(capital), amount(limit)),
        _ => String::new(),
    };
    format!(
        "If {behaved} behaved the same, evidence this strong{capital} would appear in fewer than {}.",
        one_of(evaluation.alpha)
    )
}

/// `1 of 20 evaluations`, rounded towards the weaker claim.
fn one_of(alpha: f64) -> String {
    format!("1 of {:.0} evaluations", (1.0 / alpha + 1e-9).floor())
}

pub(super) fn overall_drop(p: &PromptReport, evaluation: &Evaluation) -> String {
    let Some(pairs) = p.escalation else {
        let p_screen = p.p_screen.map(|p| format!(", exact one-sided p {}", p_value(p))).unwrap_or_default();
        return format!(
            "Worse over all cases, both sides run afresh in this comparison ({}{p_screen}). \
             This test and the re-runs together block prompts that behave the same in fewer than {}.",
            moved(p),
            one_of(evaluation.alpha)
        );
    };
    format!(
        "Worse over all cases: in {} that differed, the baseline was better in {} and the candidate in {} ({} at screening; the \
         pairs concentrate on suspicious cases: evidence, not a rate). {}",
        count(pairs.baseline_better + pairs.candidate_better, "fresh A/B pair"),
        pairs.baseline_better,
        pairs.candidate_better,
        moved(p),
        bound(p, evaluation)
    )
}

/// The rate is the contrast's own share of the error budget: a twentieth of it (docs/statistics.md).
pub(super) fn passes_only_when_varied(p: &PromptReport, evaluation: &Evaluation) -> String {
    let worse = if p.n == 0 { "failed" } else { "got worse" };
    let groups = p.contrast.map_or(String::new(), |c| {
        format!(
            " Of {} sent exactly as written {} {worse}, of {} sent with neutral white space added {}.",
            count(c.plain_of, "case"),
            c.plain_worse,
            c.varied_of,
            c.varied_worse
        )
    });
    format!(
        "The prompt does better while it is being tested than in production.{groups} If the white space made no \
         difference, so many bad ones among the plain ones would occur in fewer than {}.",
        one_of(evaluation.alpha / 20.0)
    )
}

pub(super) fn no_regression_found(p: &PromptReport, evaluation: &Evaluation) -> String {
    let suspects = p.flaky.len() + p.drifting.len();
    let fewer = matches!((p.baseline, p.candidate), (Some(b), Some(c)) if c.passed < b.passed);
    let lead = match (suspects, fewer || graded(p)) {
        (0, false) => "No case got worse.",
        (0, true) => "No break was confirmed.",
        _ => "No case got worse on re-run.",
    };
    let mut out = format!("No regression found. {lead} {}", moved(p));
    if let Some(found) = &p.difference {
        out.push_str(&format!(", change {}; {}", difference(found), ruled_out(found.ruled_out_drop)));
    }
    out.push('.');
    if evaluation.prompts == 1 && p.head.models.judge.is_none() && !graded(p) && !stopped_or_small(p) {
        out.push_str(
            " One case going from always-pass to always-fail would have been caught with about 94 % probability.",
        );
    }
    out
}

/// The simulations behind the 94 % have 30 to 200 cases (docs/statistics.md).
fn stopped_or_small(p: &PromptReport) -> bool {
    p.screened < p.n || p.n < 30
}

/// `a drop of more than 5.8 pt is ruled out (95 %)`.
pub fn ruled_out(drop: f64) -> String {
    match (drop * 1000.0).round() / 10.0 {
        points if points > 0.0 => format!("a drop of more than {points:.1} pt is ruled out (95 %)"),
        _ => "a drop is ruled out (95 %)".to_owned(),
    }
}

pub(super) fn improved(p: &PromptReport) -> String {
    let against = if p.paid { "the baseline" } else { "the stored baseline run" };
    let change = p.difference.as_ref().map(|d| format!(", change {}", difference(d))).unwrap_or_default();
    format!(
        "Better than {against}: {}{change}, significant by the exact sign test; no suspect is left.",
        moved(p)
    )
}

pub(super) fn drop_not_reproduced(p: &PromptReport) -> String {
    let looked = match (p.baseline, p.candidate) {
        (Some(b), Some(c)) if c.passed < b.passed => format!("Screening looked worse ({})", moved(p)),
        _ => "Some cases looked worse at screening".to_owned(),
    };
    let pairs = p.escalation.map_or("fresh A/B pairs".to_owned(), |e| {
        format!(
            "{} did not repeat it ({} baseline better, {} candidate better)",
            count(e.pairs, "fresh A/B pair"),
            e.baseline_better,
            e.candidate_better
        )
    });
    let open = if p.unresolved.is_empty() { String::new() } else { format!(" {}", open_suspects(p)) };
    format!("{looked} but {pairs}.{open}")
}

pub(super) fn drop_unresolved(p: &PromptReport) -> String {
    let pairs = p.escalation.map_or(String::new(), |e| {
        format!(
            " in {} ({} baseline better, {} candidate better)",
            count(e.pairs, "fresh A/B pair"),
            e.baseline_better,
            e.candidate_better
        )
    });
    format!("A drop was neither confirmed nor dismissed{pairs}: {}{}.", moved(p), capital_short(p))
}

pub(super) fn suspects_unresolved(p: &PromptReport) -> String {
    format!("{} At screening: {}{}.", open_suspects(p), moved(p), capital_short(p))
}

fn open_suspects(p: &PromptReport) -> String {
    let ids = named(p.unresolved.iter().map(|c| c.id.as_str()));
    match p.unresolved.len() {
        1 => format!("1 case looked worse and is neither confirmed nor cleared: {ids}."),
        n => format!("{n} cases looked worse and are neither confirmed nor cleared: {ids}."),
    }
}

fn capital_short(p: &PromptReport) -> String {
    match (p.capital, p.limit) {
        (Some(capital), Some(limit)) => {
            format!(" (evidence {}, blocks at {})", amount(capital), amount(limit))
        }
        _ => String::new(),
    }
}
