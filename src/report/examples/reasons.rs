//! A report for every verdict with every reason, and for what else changes its words.

use super::*;
use crate::model::{ErrorClass, ModelError};
use crate::per_call::{LimitResult, Percentile, Quantity, Standing};
use crate::report::ContrastReport;

/// A report of one prompt with this verdict and reason; `set` gives it what the reason is about.
fn of_reason(verdict: Verdict, reason: Reason, set: impl FnOnce(&mut PromptReport)) -> Report {
    of_stopped(verdict, reason, None, set)
}

fn of_stopped(
    verdict: Verdict,
    reason: Reason,
    stop: Option<StopCause>,
    set: impl FnOnce(&mut PromptReport),
) -> Report {
    let mut p = prompt("customer_service_prompt", verdict, reason);
    set(&mut p);
    report(vec![p], &Evaluation { stop, ..Evaluation::default() })
}

/// REGRESSION of a prompt with `score: mean`.
fn graded() -> Report {
    let mut p = confirmed_breaks().prompts.remove(0);
    p.broken.iter_mut().filter_map(|case| case.candidate.as_mut()).for_each(|answer| {
        answer.score = Some(0.4);
        answer.failures.clear();
    });
    report(vec![p], &Evaluation::default())
}

/// MIXED: one break, four fixes, all confirmed.
fn trade(reason: Reason) -> Report {
    of_reason(Verdict::Mixed, reason, |p| {
        if reason == Reason::TradeBudgetPerCallUnresolved {
            p.budget_per_call = vec![slow(8, Standing::Unresolved)];
        }
        if reason == Reason::TradeFloorUnresolved {
            p.floor = Some(FloorReport { min_score: 0.98, mean: 0.96, upper: 0.984, of: 100 });
        }
        p.broken = vec![refund_late()];
        p.fixed = (1..=4)
            .map(|i| CaseFinding {
                id: format!("warranty-{i}"),
                status: CaseStatus::FixConfirmed,
                baseline_reruns: Some(Rate { passed: 0, of: 2 }),
                candidate_reruns: Some(Rate { passed: 2, of: 2 }),
                ..fixed()
            })
            .collect();
        p.candidate = Some(Rate { passed: 96, of: 100 });
        p.trade =
            Some(TradeReport { breaks: 1, fixes: 4, needed: 2, net: 2.9, net_ci95: [1.7, 3.9], pairs: 11 });
    })
}

/// The latency of 100 calls, of which so many took longer than the limit.
fn slow(over: usize, standing: Standing) -> LimitResult {
    LimitResult {
        quantity: Quantity::LatencyMs,
        percentile: Percentile::P95,
        at_most: 2_000.0,
        measured: Some(2_340.0),
        over,
        of: 100,
        cases: 100,
        standing,
    }
}

/// The cost of the same calls.
fn dear(over: usize, standing: Standing) -> LimitResult {
    let (quantity, at_most, measured) = (Quantity::CostUsd, 0.002, Some(0.002_13));
    LimitResult { quantity, at_most, measured, ..slow(over, standing) }
}

/// MIXED: nothing pays for the break of a case that seldom turns.
fn wavering_break() -> Report {
    of_reason(Verdict::Mixed, Reason::Trade, |p| {
        p.broken = vec![refund_late()];
        p.trade =
            Some(TradeReport { breaks: 1, fixes: 0, needed: 0, net: -0.9, net_ci95: [-1.0, -0.6], pairs: 6 });
    })
}

/// Every verdict with every reason, by name.
pub fn every_reason() -> Vec<(&'static str, Report)> {
    let mut all = regressions();
    all.push(("trade", trade(Reason::Trade)));
    all.push(("trade, of a wavering case", wavering_break()));
    all.push(("trade_floor_unresolved", trade(Reason::TradeFloorUnresolved)));
    all.push(("trade_budget_per_call_unresolved", trade(Reason::TradeBudgetPerCallUnresolved)));
    all.extend(passing());
    all.extend(undecided());
    all.extend(unmeasured());
    all
}

fn regressions() -> Vec<(&'static str, Report)> {
    use Verdict::Regression;
    let mut one = confirmed_breaks().prompts.remove(0);
    one.broken.truncate(1);
    (one.screened, one.baseline, one.candidate) =
        (100, Some(Rate { passed: 93, of: 100 }), Some(Rate { passed: 92, of: 100 }));
    let mut together = one.clone();
    together.broken.clear();
    let alone = |p| report(vec![p], &Evaluation::default());
    let removed = of_reason(Regression, Reason::GoldenSetRemoved, nothing_asked);
    vec![
        ("confirmed_breaks, stopped early", confirmed_breaks()),
        ("confirmed_breaks, one case", alone(one)),
        ("confirmed_breaks, none alone", alone(together)),
        ("confirmed_breaks, graded", graded()),
        ("overall_drop", overall_drop()),
        (
            "overall_drop, both sides bought",
            of_reason(Regression, Reason::OverallDrop, |p| {
                (p.paid, p.p_screen, p.candidate) = (true, Some(0.0017), Some(Rate { passed: 79, of: 100 }));
            }),
        ),
        (
            "passes_only_when_varied",
            of_reason(Regression, Reason::PassesOnlyWhenVaried, |p| {
                p.contrast =
                    Some(ContrastReport { plain_worse: 20, plain_of: 34, varied_worse: 0, varied_of: 66 });
            }),
        ),
        ("must_pass, scripted, not enforced", must_pass()),
        ("below_floor", below_floor()),
        (
            "over_budget_per_call",
            of_reason(Regression, Reason::OverBudgetPerCall, |p| {
                p.budget_per_call = vec![slow(14, Standing::Exceeded), dear(8, Standing::Unresolved)];
            }),
        ),
        ("golden_set_removed", removed),
        ("not_covered, uncovered: fail", of_reason(Regression, Reason::NotCovered, nothing_asked)),
        ("not_exercised, uncovered: fail", of_reason(Regression, Reason::NotExercised, nothing_asked)),
    ]
}

fn passing() -> Vec<(&'static str, Report)> {
    use Verdict::Ok;
    let cleared = Some(EscalationReport { pairs: 40, baseline_better: 9, candidate_better: 8 });
    let rescored = |p: &mut PromptReport| {
        nothing_asked(p);
        p.head.cases.score = vec!["a".into(), "b".into()];
        p.candidate = Some(Rate { passed: 2, of: 2 });
    };
    vec![
        ("no_regression_found", ok()),
        (
            "no_regression_found, 12 cases, some flaky",
            of_reason(Ok, Reason::NoRegressionFound, |p| {
                (p.n, p.screened, p.smallest_visible_drop) = (12, 12, None);
                (p.baseline, p.candidate) =
                    (Some(Rate { passed: 12, of: 12 }), Some(Rate { passed: 11, of: 12 }));
                p.difference =
                    Some(Difference { estimate: -1.0 / 12.0, ci95: [-0.311, 0.168], ruled_out_drop: 0.272 });
                p.flaky = overall_drop().prompts.remove(0).flaky;
            }),
        ),
        (
            "marginal_breaks",
            of_reason(Ok, Reason::MarginalBreaks, |p| {
                p.broken = vec![CaseFinding { status: CaseStatus::Reproduced, ..angry() }];
                p.marginal = Some(MarginalReport { cases: 12, of: 84 });
            }),
        ),
        (
            "overall_drop_not_reproduced",
            of_reason(Ok, Reason::OverallDropNotReproduced, |p| {
                (p.escalation, p.candidate) = (cleared, Some(Rate { passed: 86, of: 100 }));
            }),
        ),
        ("screen_sign_test", improved()),
        ("floor_passed", of_new(Ok, Reason::FloorPassed)),
        ("rescored", of_reason(Ok, Reason::Rescored, rescored)),
        ("not_exercised", of_reason(Ok, Reason::NotExercised, nothing_asked)),
        ("not_covered", of_reason(Ok, Reason::NotCovered, nothing_asked)),
        ("renamed", of_reason(Ok, Reason::Renamed, nothing_asked)),
        ("prompt_removed", of_reason(Ok, Reason::PromptRemoved, nothing_asked)),
        ("no_case_affected", of_reason(Ok, Reason::NoCaseAffected, nothing_asked)),
    ]
}

fn undecided() -> Vec<(&'static str, Report)> {
    use Verdict::Inconclusive;
    let open = inconclusive().prompts.remove(0).unresolved;
    let pairs = |baseline_better, candidate_better| {
        Some(EscalationReport { pairs: 60, baseline_better, candidate_better })
    };
    vec![
        ("suspects_unresolved", inconclusive()),
        (
            "overall_drop_unresolved",
            of_reason(Inconclusive, Reason::OverallDropUnresolved, |p| {
                (p.escalation, p.candidate) = (pairs(20, 11), Some(Rate { passed: 86, of: 100 }));
            }),
        ),
        (
            "overall_drop_not_reproduced",
            of_reason(Inconclusive, Reason::OverallDropNotReproduced, |p| {
                (p.escalation, p.candidate) = (pairs(9, 8), Some(Rate { passed: 86, of: 100 }));
                p.unresolved = open;
            }),
        ),
        (
            "floor_unresolved",
            of_reason(Inconclusive, Reason::FloorUnresolved, |p| {
                p.floor = Some(FloorReport { min_score: 0.8, mean: 0.72, upper: 0.825, of: 50 });
            }),
        ),
        (
            "budget_per_call_unresolved",
            of_reason(Inconclusive, Reason::BudgetPerCallUnresolved, |p| {
                p.budget_per_call = vec![slow(3, Standing::Kept), dear(8, Standing::Unresolved)];
            }),
        ),
        (
            "budget_per_call_unresolved, everything remembered",
            of_reason(Inconclusive, Reason::BudgetPerCallUnresolved, |p| {
                let remembered = LimitResult { measured: None, of: 0, ..slow(0, Standing::Unmeasured) };
                p.budget_per_call = vec![remembered];
            }),
        ),
        (
            "budget_per_call_unresolved, part of it remembered",
            of_reason(Inconclusive, Reason::BudgetPerCallUnresolved, |p| {
                p.budget_per_call = vec![LimitResult { of: 2, ..dear(0, Standing::Unmeasured) }];
            }),
        ),
        (
            "budget_per_call_unresolved, one case",
            of_reason(Inconclusive, Reason::BudgetPerCallUnresolved, |p| {
                p.budget_per_call = vec![LimitResult { of: 1, cases: 1, ..slow(1, Standing::Unmeasured) }];
            }),
        ),
    ]
}

fn unmeasured() -> Vec<(&'static str, Report)> {
    use Verdict::NotMeasured;
    let denied = ModelError {
        class: ErrorClass::AccessDenied,
        code: Some("AccessDeniedException".into()),
        message: "You don't have access to the model".into(),
        help: Some("ask for access in the console".into()),
    };
    vec![
        ("lost_calls", not_measured()),
        ("empty_or_cut", of_reason(NotMeasured, Reason::EmptyOrCut, |_| {})),
        (
            "judge_unreadable",
            of_reason(NotMeasured, Reason::JudgeUnreadable, |p| {
                p.lost = vec![CaseReason { case: "a".into(), reason: "no score".into() }];
            }),
        ),
        (
            "judge_unreadable, embeddings",
            of_reason(NotMeasured, Reason::JudgeUnreadable, |p| {
                p.head.models.embedding = ["amazon.titan-embed-text-v2:0".to_owned()].into();
                p.lost = vec![CaseReason {
                    case: "a".into(),
                    reason: "amazon.titan-embed-text-v2:0 gave no embedding of \"Hello\": throttled".into(),
                }];
            }),
        ),
        ("budget", over_budget()),
        (
            "interrupted",
            of_stopped(NotMeasured, Reason::Interrupted, Some(StopCause::Interrupted), |p| p.screened = 40),
        ),
        (
            "fatal",
            of_stopped(NotMeasured, Reason::Fatal, Some(StopCause::Fatal(denied)), |p| {
                (p.screened, p.baseline, p.candidate) = (0, None, None);
            }),
        ),
        ("shard_missing", of_reason(NotMeasured, Reason::ShardMissing, nothing_asked)),
    ]
}

fn of_new(verdict: Verdict, reason: Reason) -> Report {
    report(vec![new_prompt(verdict, reason)], &Evaluation::default())
}

fn nothing_asked(p: &mut PromptReport) {
    let head = p.head.clone();
    let (verdict, reason, diff) = (p.verdict, p.reason, std::mem::take(&mut p.diff));
    *p = PromptReport { verdict, reason, diff, ..PromptReport::unmeasured(head) };
    p.head.cases.compare.clear();
}
