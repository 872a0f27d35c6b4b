//! Trades: what confirmed fixes pay for, and what they never pay for.

use prompt_assay::gate::{Floor, Gate, Outcome, Setup, StopCause};
use prompt_assay::per_call::{CallFigures, Limit, Percentile, Quantity, Standing};
use prompt_assay::stability::Steadiness;
use prompt_assay::trial::{Call, Phase, Side};
use prompt_assay::verdict::{Reason, Verdict};

use crate::gate_population::{asked, drive, scored, setup, words};

/// 40 cases of which the change breaks these and fixes those; the others pass on both sides.
fn change(setup: Setup, broken: &[usize], fixed: &[usize]) -> Outcome {
    drive(&mut Gate::new(setup), |call, _| scored(passes(call, broken, fixed)))
}

fn passes(call: Call, broken: &[usize], fixed: &[usize]) -> bool {
    match call.side {
        Side::Baseline => !fixed.contains(&call.case),
        Side::Candidate => !broken.contains(&call.case),
    }
}

fn forty() -> Setup {
    setup(40, 4)
}

#[test]
fn a_break_without_a_fix_is_a_regression_and_one_that_a_fix_pays_for_is_mixed() {
    let alone = change(forty(), &[7], &[]);
    assert_eq!(words(&alone), (Verdict::Regression, Reason::ConfirmedBreaks));
    let trade = alone.trade.expect("a break is confirmed");
    assert_eq!((trade.breaks, trade.fixes.len()), (vec![7], 0));

    let paid = change(forty(), &[7], &[3, 20, 31]);
    assert_eq!(words(&paid), (Verdict::Mixed, Reason::Trade));
    let trade = paid.trade.expect("a trade");
    assert_eq!((trade.breaks, trade.fixes), (vec![7], vec![3, 20, 31]));
    assert!(
        trade.net.estimate > 0.5 && trade.net.ci95.low < trade.net.estimate && trade.net.ci95.high <= 4.0
    );
    assert_eq!(paid.screened, 40, "a trade needs all breaks");
    assert!(paid.capital >= paid.limit, "what is confirmed stays confirmed");
}

#[test]
fn a_trade_below_its_floor_within_chance_stays_a_trade_with_an_open_floor() {
    let below = |min_score, known: usize| {
        let floor = Floor { min_score: Some(min_score), known: vec![0.0; known], unknown: 0 };
        words(&change(Setup { floor, ..forty() }, &[7], &[3, 20]))
    };
    assert_eq!(below(0.95, 0), (Verdict::Mixed, Reason::Trade), "39 of 40");
    assert_eq!(below(0.98, 0), (Verdict::Mixed, Reason::TradeFloorUnresolved));
    assert_eq!(below(0.98, 20), (Verdict::Regression, Reason::BelowFloor), "beyond chance");
}

#[test]
fn a_trade_whose_calls_take_long_within_chance_stays_a_trade_with_an_open_budget() {
    let slow = |cases: usize, broken: &[usize], fixed: &[usize]| {
        let mut setup = forty();
        setup.budget_per_call.set(Limit {
            quantity: Quantity::LatencyMs,
            percentile: Percentile::P95,
            at_most: 100.0,
        });
        let mut gate = Gate::new(setup);
        for case in 0..40 {
            let call = Call { case, side: Side::Candidate, phase: Phase::Screen, k: 0 };
            let latency_ms = Some(if case < cases { 200 } else { 50 });
            gate.measure(call, CallFigures { latency_ms, cost_usd: None });
        }
        drive(&mut gate, |call, _| scored(passes(call, broken, fixed)))
    };
    let mixed = |cases| words(&slow(cases, &[7], &[3, 20]));
    assert_eq!(mixed(2), (Verdict::Mixed, Reason::Trade));
    assert_eq!(mixed(3), (Verdict::Mixed, Reason::TradeBudgetPerCallUnresolved));
    assert_eq!(mixed(6), (Verdict::Regression, Reason::OverBudgetPerCall), "beyond chance");
    // A break that nothing pays for is the first thing to know; the limit is told beside it, of the calls made so far.
    let broken = slow(40, &[7], &[]);
    assert_eq!(words(&broken), (Verdict::Regression, Reason::ConfirmedBreaks));
    assert_eq!(broken.budget_per_call[0].standing, Standing::Exceeded);
    // Better, and too slow: no reason to say yes.
    assert_eq!(words(&slow(3, &[], &(10..30).collect::<Vec<_>>())).1, Reason::BudgetPerCallUnresolved);
}

#[test]
fn breaks_and_fixes_have_calls_of_their_own() {
    let fixed: Vec<usize> = (20..32).collect();
    let outcome = change(forty(), &[3, 7, 11, 15], &fixed);
    let calls =
        asked(&outcome, Side::Baseline, Phase::Confirm) + asked(&outcome, Side::Candidate, Phase::Confirm);
    assert!((41..=80).contains(&calls), "{calls} calls: at most 40 for the breaks, and 40 for the fixes");
}

#[test]
fn net_says_how_many_fixes_pay() {
    let with = |net| Setup { policy: prompt_assay::gate::Policy { net, ..Default::default() }, ..forty() };
    for (net, broken, fixed, verdict) in [
        (0, vec![7], vec![3], Verdict::Mixed),
        (1, vec![7], vec![3], Verdict::Regression),
        (1, vec![7], vec![3, 20], Verdict::Mixed),
        (0, vec![7, 9], vec![3], Verdict::Regression),
        (-1, vec![7], vec![], Verdict::Mixed),
        (-1, vec![7, 9], vec![], Verdict::Regression),
    ] {
        assert_eq!(
            change(with(net), &broken, &fixed).verdict,
            verdict,
            "net {net}: {broken:?} for {fixed:?}"
        );
    }
}

#[test]
fn protected_and_must_pass_cases_are_never_traded_and_cost_no_search() {
    let mut protected = forty();
    protected.cases[7].protected = true;
    let outcome = change(protected, &[7], &[3, 20, 31]);
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::ConfirmedBreaks));
    assert_eq!(asked(&outcome, Side::Baseline, Phase::Screen), outcome.screened);
    let mut must = forty();
    must.cases[7].must_pass = true;
    assert_eq!(words(&change(must, &[7], &[3, 20, 31])), (Verdict::Regression, Reason::MustPass));
}

#[test]
fn only_cases_that_the_baseline_fails_are_screened_to_find_fixes() {
    let mut gate = Gate::new(setup(200, 4));
    let broken = gate.order()[3];
    let fixable: Vec<usize> = gate.order()[120..124].to_vec();
    let fails = |call: Call| match call.side {
        Side::Baseline => fixable.contains(&call.case),
        // None of them is fixed.
        Side::Candidate => call.case == broken || fixable.contains(&call.case),
    };
    let outcome = drive(&mut gate, |call, _| scored(!fails(call)));
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::ConfirmedBreaks));
    let screened = asked(&outcome, Side::Candidate, Phase::Screen);
    assert!(screened <= 12 + 12, "one round, and one with the four: {screened}");
}

#[test]
fn a_flaky_fix_pays_for_nothing() {
    let outcome = drive(&mut Gate::new(forty()), |call, _| {
        let lucky = call.case == 3 && call.side == Side::Baseline && call.phase == Phase::Screen;
        scored(!lucky && passes(call, &[7], &[]))
    });
    assert_eq!(words(&outcome), (Verdict::Regression, Reason::ConfirmedBreaks));
    assert_eq!((outcome.fixed, outcome.trade.unwrap().fixes), (vec![3], vec![]));
}

#[test]
fn a_marginal_case_needs_more_evidence_and_does_not_block_alone() {
    let pairs = |outcome: &Outcome| outcome.suspects.iter().map(|suspect| suspect.pairs).max().unwrap();
    let reliable = change(forty(), &[7], &[]);
    let mut one = forty();
    one.cases[7].steadiness = Steadiness::Marginal;
    let outcome = change(one.clone(), &[7], &[]);
    assert_eq!(words(&outcome), (Verdict::Ok, Reason::MarginalBreaks));
    assert_eq!(outcome.broken, [7], "it is named all the same");
    assert!(pairs(&outcome) > pairs(&reliable));
    assert_eq!(change(one.clone(), &[7], &[3]).verdict, Verdict::Mixed);
    // Not alone: another case that is not marginal, or a second one that is.
    assert_eq!(change(one.clone(), &[7, 9], &[]).verdict, Verdict::Regression);
    one.cases[9].steadiness = Steadiness::Marginal;
    assert_eq!(change(one.clone(), &[7, 9], &[]).verdict, Verdict::Regression);
    one.cases[7].protected = true;
    assert_eq!(change(one, &[7], &[3]).verdict, Verdict::Regression);
}

#[test]
fn a_stable_case_is_never_traded_and_a_wavering_one_is_a_persons_decision() {
    let with = |steadiness, net| {
        let mut setup = forty();
        setup.policy.net = net;
        setup.cases[7].steadiness = steadiness;
        setup
    };
    let stable = change(with(Steadiness::Stable, 0), &[7], &[3, 20, 31]);
    assert_eq!(words(&stable), (Verdict::Regression, Reason::ConfirmedBreaks));
    let unknown = change(with(Steadiness::Unknown, 0), &[7], &[3, 20, 31]);
    assert!(stable.screened < unknown.screened, "it stops at once");
    let wavering = change(with(Steadiness::Wavering, 1), &[7], &[]);
    assert_eq!(words(&wavering), (Verdict::Mixed, Reason::Trade), "no fix is needed");
    assert_eq!(wavering.broken, [7]);
    let not_alone = change(with(Steadiness::Wavering, 0), &[7, 9], &[]);
    assert_eq!(not_alone.verdict, Verdict::Regression);
    // Of twelve cases that turn easily two may break with an edit without meaning, and not three.
    let many = |broken: &[usize]| {
        let mut setup = forty();
        setup.cases[..12].iter_mut().for_each(|case| case.steadiness = Steadiness::Marginal);
        change(setup, broken, &[]).verdict
    };
    assert_eq!(many(&[3, 7]), Verdict::Ok);
    assert_eq!(many(&[3, 7, 9]), Verdict::Regression);
}

#[test]
fn a_run_that_ends_while_fixes_are_looked_for_keeps_the_regression() {
    let mut gate = Gate::new(forty());
    while gate.now().all(|call| call.phase != Phase::Confirm || call.case == 7) {
        for call in gate.now().collect::<Vec<_>>() {
            gate.observe(call, scored(passes(call, &[7], &[3])));
        }
        assert!(gate.outcome().is_none(), "it looks for fixes first");
    }
    gate.stop(StopCause::Budget);
    assert_eq!(words(gate.outcome().unwrap()), (Verdict::Regression, Reason::ConfirmedBreaks));
}

#[test]
fn one_case_alone_is_no_overall_drop() {
    // It fails half of its re-runs, so that no break is confirmed.
    let outcome = drive(&mut Gate::new(setup(100, 4)), |call, _| {
        let fails = call.case == 7 && call.side == Side::Candidate;
        scored(!(fails && (call.phase == Phase::Screen || call.phase == Phase::Fresh)))
    });
    assert_eq!(outcome.verdict, Verdict::Ok, "{}", outcome.reason);
}
