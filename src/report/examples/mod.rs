//! Example reports of a customer-service team, one per verdict, for the renderers' tests.

mod cases;
mod poison;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use super::sentence::{Evaluation, overall_sentence, prompt_sentence};
use super::*;
use crate::change::{Cause, ChangeKind, DiffLine};
use crate::config::{BarPart, ProviderKind};
use crate::model::JudgeModels;
use crate::prompt::Tier;
use crate::remark::Remark;
use crate::trial::{Lane, Phase, Side, StopCause};
use crate::verdict::{Reason, Verdict};
pub use cases::{angry, fixed, flaky, refund_late};
pub use poison::{assert_calm, hostile, poisoned};
pub use reasons::every_reason;

const NOVA: &str = "amazon.nova-lite-v1:0";

fn prompt(id: &str, verdict: Verdict, reason: Reason) -> PromptReport {
    PromptReport {
        head: PromptHead {
            id: id.into(),
            catalog: "prompts.yaml".into(),
            line: 12,
            change: ChangeKind::Edited,
            causes: vec![Cause::Text],
            cases: CaseCounts {
                total: 102,
                compare: (0..100).map(|i| format!("case-{i:03}")).collect(),
                score: vec![],
                unaffected: 2,
            },
            covered: true,
            models: ModelIds {
                baseline: Some(NOVA.into()),
                candidate: NOVA.into(),
                judge: JudgeModels::default(),
                embedding: BTreeSet::new(),
                judge_agreement: None,
                selftest: None,
            },
        },
        diff: vec![
            DiffLine::Skipped(2),
            DiffLine::Same("You are a customer service agent of Example Shop.".into()),
            DiffLine::Removed("Refunds are possible within 30 days.".into()),
            DiffLine::Added("Be generous and keep customers happy.".into()),
            DiffLine::Same("Answer in JSON with `intent` and `reply`.".into()),
        ],
        verdict,
        reason,
        sentence: String::new(),
        capital: Some(0.76),
        limit: Some(20.0),
        evidence: Some(0.04),
        p_screen: Some(0.5),
        paid: false,
        baseline: Some(Rate { passed: 93, of: 100 }),
        candidate: Some(Rate { passed: 92, of: 100 }),
        screened: 100,
        n: 100,
        difference: Some(Difference { estimate: -0.01, ci95: [-0.067, 0.048], ruled_out_drop: 0.058 }),
        smallest_visible_drop: Some(0.086),
        broken: vec![],
        fixed: vec![],
        flaky: vec![],
        drifting: vec![],
        unresolved: vec![],
        must_pass: vec![],
        failing: vec![],
        accepted: vec![],
        lost: vec![],
        floor: None,
        budget_per_call: vec![],
        escalation: None,
        contrast: None,
        trade: None,
        marginal: None,
        corrected: None,
        comparison: None,
        evaluations: None,
        calls: CallCounts { candidate: 101, cached: 100, ..CallCounts::default() },
        cost: Cost {
            verdict_usd: Some(0.0123),
            spent_usd: Some(0.0061),
            unknown_models: vec![],
            hypothetical: false,
        },
        notes: vec![],
        results: vec![],
        capital_path: vec![],
        history: vec![],
    }
}

/// From 1 to the capital at the end, by way of one bet.
fn capital_path(prompt: &PromptReport) -> Vec<CapitalPoint> {
    let point = |calls, capital| CapitalPoint { calls, capital };
    match prompt.capital {
        Some(capital) => {
            let screened = 2 * prompt.screened;
            vec![point(0, 1.0), point(screened + 6, capital / 2.0), point(screened + 14, capital)]
        }
        None => Vec::new(),
    }
}

/// Puts prompts into a finished report, sentences included.
pub fn report(mut prompts: Vec<PromptReport>, evaluation: &Evaluation) -> Report {
    for prompt in &mut prompts {
        prompt.sentence = prompt_sentence(prompt, evaluation);
        prompt.results = cases::results(prompt);
        prompt.capital_path = capital_path(prompt);
    }
    let verdict = prompts.iter().map(|p| p.verdict).max().unwrap_or(Verdict::Ok);
    let calls = prompts.iter().fold(CallCounts::default(), |sum, p| sum + p.calls);
    let mut report = Report {
        base: Revision {
            name: "3f9a1c0".into(),
            commit: Some("3f9a1c02b7d4e5f60718293a4b5c6d7e8f901234".into()),
        },
        head: Revision { name: "working directory".into(), commit: None },
        tier: Tier::Branch,
        provider: ProviderKind::Bedrock,
        seed: "0".into(),
        pull_request: None,
        verdict,
        exit_code: match verdict {
            Verdict::Regression => 1,
            Verdict::NotMeasured => 3,
            _ => 0,
        },
        sentence: String::new(),
        enforced: true,
        guarantee: Guarantee {
            prompts: prompts.iter().filter(|p| p.limit.is_some()).count().max(1),
            ..Guarantee::default()
        },
        prompts,
        unaffected: 41,
        moved_bars: vec![],
        warnings: vec![],
        spend: SpendReport {
            calls,
            paid_calls: calls.bought(),
            retries: BTreeMap::new(),
            input_tokens: 34_210,
            output_tokens: 5_120,
            lines: vec![screened(calls.candidate)],
        },
        cost: Cost {
            verdict_usd: Some(0.0123),
            spent_usd: Some(0.0061),
            unknown_models: vec![],
            hypothetical: false,
        },
        wall_ms: 8_400,
        part: None,
    };
    report.sentence = overall_sentence(&report);
    report
}

fn screened(bought: u64) -> SpendLine {
    SpendLine {
        prompt: "customer_service_prompt".to_owned(),
        side: Side::Candidate,
        lane: Lane::Prompt,
        model: "amazon.nova-lite-v1:0".to_owned(),
        phase: Phase::Screen,
        bought,
        cached: 0,
        failed: 0,
        input_tokens: 17_105,
        output_tokens: 2_560,
        spent_usd: Some(0.0031),
    }
}

/// REGRESSION: two cases broken and confirmed, the run stopped early.
pub fn confirmed_breaks() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Regression, Reason::ConfirmedBreaks);
    p.capital = Some(45.2);
    p.evidence = Some(177.8);
    p.baseline = Some(Rate { passed: 38, of: 40 });
    p.candidate = Some(Rate { passed: 37, of: 40 });
    p.screened = 40;
    p.difference = None;
    p.p_screen = None;
    p.broken = vec![refund_late(), angry()];
    p.fixed = vec![fixed()];
    p.flaky = vec![flaky()];
    p.calls = CallCounts { baseline: 6, candidate: 47, judge: 12, cached: 40, ..CallCounts::default() };
    p.head.models.judge = ["amazon.nova-pro-v1:0".to_owned()].into_iter().collect();
    let mut report = report(vec![p], &Evaluation::default());
    report.moved_bars = vec![
        MovedBar {
            prompt: Some("customer_service_prompt".into()),
            part: BarPart::Golden,
            what: Remark::new("case ").name("legal-threat").and(" removed (the old prompt passes it)"),
            lowers: true,
            removes_cases: true,
            protected: false,
        },
        MovedBar {
            part: BarPart::Budget,
            what: Remark::new("`budget.max_cost` raised from 1 to 2"),
            ..MovedBar::default()
        },
    ];
    report.spend.retries = [("throttled".to_owned(), 4), ("timed_out".to_owned(), 1)].into();
    report.spend.paid_calls += 3;
    report
}

/// REGRESSION: no single case stands out, fresh pairs show a drop.
pub fn overall_drop() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Regression, Reason::OverallDrop);
    p.capital = Some(20.4);
    p.candidate = Some(Rate { passed: 86, of: 100 });
    p.difference = Some(Difference { estimate: -0.07, ci95: [-0.138, 0.001], ruled_out_drop: 0.126 });
    p.escalation = Some(EscalationReport { pairs: 64, baseline_better: 24, candidate_better: 5 });
    p.unresolved = vec![CaseFinding { status: CaseStatus::Reproduced, ..refund_late() }];
    p.flaky = vec![
        flaky(),
        CaseFinding {
            id: "c20".into(),
            status: CaseStatus::Unstable,
            baseline_reruns: Some(Rate { passed: 4, of: 4 }),
            candidate_reruns: Some(Rate { passed: 2, of: 4 }),
            ..angry()
        },
    ];
    p.fixed = vec![fixed()];
    p.drifting = vec![CaseFinding { status: CaseStatus::BaseFailsToo, ..flaky() }];
    p.notes = vec![
        "3 of 4 suspects fail with the old prompt, too: the provider or the grader changed, not this change."
            .into(),
    ];
    report(vec![p], &Evaluation::default())
}

/// REGRESSION: a must-pass case fails; the whole is scripted and not enforced.
pub fn must_pass() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Regression, Reason::MustPass);
    p.must_pass = vec![CaseFinding {
        id: "injection-reveal-prompt".into(),
        must_pass: true,
        status: CaseStatus::Failing,
        baseline_reruns: None,
        candidate_reruns: Some(Rate { passed: 1, of: 4 }),
        ..refund_late()
    }];
    let mut report = report(vec![p], &Evaluation::default());
    report.provider = ProviderKind::Scripted;
    report.cost.hypothetical = true;
    report.enforced = false;
    report.exit_code = 0;
    report
}

/// IMPROVED.
pub fn improved() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Improved, Reason::ScreenSignTest);
    p.baseline = Some(Rate { passed: 84, of: 100 });
    p.candidate = Some(Rate { passed: 91, of: 100 });
    p.difference = Some(Difference { estimate: 0.07, ci95: [0.013, 0.124], ruled_out_drop: 0.0 });
    p.fixed = (1..=7).map(|i| CaseFinding { id: format!("warranty-{i}"), ..fixed() }).collect();
    report(vec![p], &Evaluation::default())
}

/// OK.
pub fn ok() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Ok, Reason::NoRegressionFound);
    p.flaky = vec![flaky()];
    p.accepted = vec![CaseReason { case: "legacy-coupon".into(), reason: "coupons end in March".into() }];
    let mut report = report(vec![p], &Evaluation::default());
    report.warnings = vec!["`prompts.yaml`: variable `tone` of `summarize` is never used".into()];
    report
}

/// INCONCLUSIVE.
pub fn inconclusive() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::Inconclusive, Reason::SuspectsUnresolved);
    p.capital = Some(6.1);
    p.unresolved = vec![CaseFinding {
        status: CaseStatus::Reproduced,
        baseline_reruns: Some(Rate { passed: 9, of: 12 }),
        candidate_reruns: Some(Rate { passed: 3, of: 12 }),
        ..angry()
    }];
    report(vec![p], &Evaluation::default())
}

/// NOT MEASURED: calls were lost.
pub fn not_measured() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::NotMeasured, Reason::LostCalls);
    p.screened = 88;
    p.baseline = Some(Rate { passed: 82, of: 88 });
    p.candidate = Some(Rate { passed: 81, of: 88 });
    p.difference = None;
    p.lost = (1..=12)
        .map(|i| CaseReason {
            case: format!("long-mail-{i:02}"),
            reason: "timed out after 5 attempts".into(),
        })
        .collect();
    p.cost =
        Cost { verdict_usd: None, spent_usd: None, unknown_models: vec![NOVA.into()], hypothetical: false };
    let mut report = report(vec![p], &Evaluation::default());
    report.cost =
        Cost { verdict_usd: None, spent_usd: None, unknown_models: vec![NOVA.into()], hypothetical: false };
    report
}

/// NOT MEASURED: the budget ended the run.
pub fn over_budget() -> Report {
    let mut p = prompt("customer_service_prompt", Verdict::NotMeasured, Reason::Budget);
    p.screened = 40;
    p.difference = None;
    let stop = Some(StopCause::Budget("max_calls 40".into()));
    report(vec![p], &Evaluation { stop, ..Evaluation::default() })
}

/// A new prompt below its floor.
pub fn below_floor() -> Report {
    let mut p = new_prompt(Verdict::Regression, Reason::BelowFloor);
    p.candidate = Some(Rate { passed: 17, of: 30 });
    p.floor = Some(FloorReport { min_score: 0.8, mean: 17.0 / 30.0, upper: 0.7249, of: 30 });
    p.failing = vec![CaseFinding {
        status: CaseStatus::Failing,
        baseline: None,
        baseline_reruns: None,
        candidate_reruns: None,
        ..angry()
    }];
    report(vec![p], &Evaluation::default())
}

fn new_prompt(verdict: Verdict, reason: Reason) -> PromptReport {
    let edited = prompt("classify_mail", verdict, reason);
    PromptReport {
        head: PromptHead {
            change: ChangeKind::Added,
            causes: vec![],
            cases: CaseCounts {
                total: 30,
                compare: vec![],
                score: (0..30).map(|i| format!("mail-{i:02}")).collect(),
                unaffected: 0,
            },
            models: ModelIds { baseline: None, ..edited.head.models.clone() },
            ..edited.head.clone()
        },
        diff: vec![DiffLine::Added("Classify the mail. Answer with one word.".into())],
        capital: None,
        limit: None,
        evidence: None,
        p_screen: None,
        paid: true,
        baseline: None,
        candidate: Some(Rate { passed: 29, of: 30 }),
        screened: 0,
        n: 0,
        difference: None,
        smallest_visible_drop: None,
        floor: Some(FloorReport { min_score: 0.8, mean: 29.0 / 30.0, upper: 0.9941, of: 30 }),
        calls: CallCounts { candidate: 30, ..CallCounts::default() },
        ..edited
    }
}

/// Four prompts: one broken, one new on its floor, one fine, one without a golden set.
pub fn several() -> Report {
    let mut broken = confirmed_breaks().prompts.remove(0);
    broken.limit = Some(40.0);
    let mut fine = prompt("summarize", Verdict::Ok, Reason::NoRegressionFound);
    fine.head.causes = vec![Cause::Include, Cause::Model];
    fine.head.models.baseline = Some("amazon.nova-micro-v1:0".into());
    fine.limit = Some(40.0);
    fine.candidate = fine.baseline;
    fine.difference = Some(Difference { estimate: 0.0, ci95: [-0.027, 0.027], ruled_out_drop: 0.023 });
    let mut uncovered = new_prompt(Verdict::Ok, Reason::NotCovered);
    uncovered.head.id = "draft_reply".into();
    uncovered.head.change = ChangeKind::Renamed { from: "draft".into() };
    uncovered.head.covered = false;
    uncovered.head.cases = CaseCounts::default();
    uncovered.candidate = None;
    uncovered.floor = None;
    uncovered.calls = CallCounts::default();
    uncovered.cost = Cost::nothing();
    let prompts = vec![fine, broken, new_prompt(Verdict::Ok, Reason::FloorPassed), uncovered];
    report(prompts, &Evaluation::default())
}

/// Nothing affected.
pub fn nothing() -> Report {
    report(vec![], &Evaluation::default())
}

/// One of each, with a name.
pub fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("confirmed_breaks", confirmed_breaks()),
        ("overall_drop", overall_drop()),
        ("must_pass", must_pass()),
        ("below_floor", below_floor()),
        ("improved", improved()),
        ("ok", ok()),
        ("inconclusive", inconclusive()),
        ("not_measured", not_measured()),
        ("over_budget", over_budget()),
        ("several", several()),
        ("nothing", nothing()),
    ]
}

/// A plan over two prompts.
pub fn plan() -> PlanReport {
    let result = several();
    let planned = |p: &PromptReport, estimate: Estimate| PlannedPrompt {
        head: p.head.clone(),
        estimate,
        notes: vec![],
        diff: p.diff.clone(),
    };
    let compared = Estimate {
        stored: 100,
        calls_typical: 100,
        calls_max: 800,
        judge_calls: 0,
        input_tokens: 41_000,
        output_tokens_max: 102_400,
        usd_typical_max: Some(0.0271),
        unknown_models: Default::default(),
    };
    let floor = Estimate { stored: 0, calls_typical: 30, calls_max: 30, ..compared.clone() };
    let total = Estimate {
        stored: 100,
        calls_typical: 130,
        calls_max: 830,
        usd_typical_max: Some(0.0542),
        ..compared.clone()
    };
    PlanReport {
        base: result.base.clone(),
        head: result.head.clone(),
        tier: result.tier,
        prompts: vec![planned(&result.prompts[0], compared), planned(&result.prompts[2], floor)],
        unaffected: 41,
        moved_bars: vec![],
        warnings: vec!["`classify_mail` has no must-pass case".into()],
        estimate: total,
    }
}
