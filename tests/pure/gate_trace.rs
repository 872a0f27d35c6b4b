//! Replays a recorded trace of the reference implementation through the gate.

use std::collections::BTreeMap;

use prompt_assay::gate::{Gate, Observation, Outcome, Round, Setup, Suspect, SuspectStatus};
use prompt_assay::trial::{Call, Phase, Side};
use serde_json::Value;

use crate::gate_vector_file::{all_close, close, int, ints, num};

/// Positions of the trace mapped onto the gate's own order, which is by hash.
pub fn replay(trace: &Value) {
    let (n, name) = (int(&trace["n"]), trace["name"].as_str().unwrap());
    let mut setup = crate::gate_population::setup(n, 5);
    setup.paid = trace["paid"].as_bool().unwrap();
    configure(&mut setup, &trace["cfg"]);
    // Without trades, the procedure is the earlier one.
    setup.cases.iter_mut().for_each(|case| case.protected = true);
    setup.policy.case_bets = u32::MAX;
    let mut gate = Gate::new(setup);
    let order = gate.order().to_vec();
    let position = |case: usize| order.iter().position(|c| *c == case).unwrap();
    let calls = trace["calls_in_order"].as_array().unwrap();
    let recorded: BTreeMap<(&str, &str, usize, usize), f64> = calls
        .iter()
        .map(|c| {
            let key = (c[0].as_str().unwrap(), c[1].as_str().unwrap(), int(&c[2]), int(&c[3]));
            (key, num(&c[4]))
        })
        .collect();
    let key = |call: Call| {
        let side = if call.side == Side::Candidate { "head" } else { "base" };
        (side, call.phase.as_str(), position(call.case), call.k as usize)
    };
    let cached = |call: Call| {
        let screened = call.side == Side::Baseline && call.phase == Phase::Screen;
        if screened { trace["base0"].get(position(call.case)).and_then(Value::as_f64) } else { None }
    };
    let outcome = crate::gate_population::drive(&mut gate, |call, _| {
        let score = cached(call).or_else(|| recorded.get(&key(call)).copied());
        let score = score.unwrap_or_else(|| panic!("{name}: not in the trace: {call:?}"));
        Observation::Scored { score, passed: score >= 0.5, repeat: false, whole: true }
    });
    let asked: Vec<_> = gate.applied().iter().filter(|c| cached(**c).is_none()).map(|c| key(*c)).collect();
    let wanted: Vec<_> = calls
        .iter()
        .map(|c| (c[0].as_str().unwrap(), c[1].as_str().unwrap(), int(&c[2]), int(&c[3])))
        .collect();
    assert_eq!(asked, wanted, "{name}: order of calls");
    check_outcome(&outcome, &trace["expect"], &position);
}

fn configure(setup: &mut Setup, cfg: &Value) {
    for (key, value) in cfg.as_object().unwrap() {
        match key.as_str() {
            "alpha_screen" => setup.policy.alpha_screen_paid = num(value),
            "prompts" => setup.prompts = int(value),
            "drop_pairs" => setup.policy.drop_pairs = num(value),
            "delta" => setup.policy.delta = num(value),
            "fail_fast" => setup.policy.fail_fast = value.as_bool().unwrap(),
            "trigger" => setup.policy.trigger = num(value),
            other => panic!("a parameter the test does not know: {other}"),
        }
    }
    if setup.paid && cfg.get("alpha_screen").is_none() {
        setup.policy.alpha_screen_paid = 0.0; // the reference's default
    }
}

fn check_outcome(outcome: &Outcome, want: &Value, position: &impl Fn(usize) -> usize) {
    assert_eq!(outcome.verdict.words(), want["verdict"].as_str().unwrap());
    assert_eq!(outcome.reason.to_string(), want["reason"].as_str().unwrap());
    close(outcome.evidence, &want["E"]);
    close(outcome.capital, &want["capital"]);
    assert_eq!(outcome.screened, int(&want["screened"]));
    assert_eq!((outcome.worse, outcome.better), (int(&want["b"]), int(&want["c"])));
    assert_eq!(outcome.rounds.len(), int(&want["ticks"]));
    let mut broken: Vec<usize> = outcome.broken.iter().map(|c| position(*c)).collect();
    broken.sort_unstable();
    let mut wanted = ints(&want["broken_ebh10"]);
    wanted.sort_unstable();
    assert_eq!(broken, wanted);
    check_suspects(&outcome.suspects, &want["suspects"], position);
    match outcome.p_values {
        Some(p) => {
            close(p.screen, &want["p_screen"]);
            close(p.improved, &want["p_improved"]);
            close(p.trigger, &want["p_trigger"]);
        }
        None => assert!(want.get("p_screen").is_none_or(Value::is_null)),
    }
    if let (Some(d), Some(ci)) = (outcome.difference, want["ci95"].as_array()) {
        for (got, want) in [d.centre, d.standard_error, d.ci95.low, d.ci95.high].iter().zip(ci) {
            close(*got, want);
        }
    } else {
        assert!(outcome.screened < outcome.compared || want.get("ci95").is_none_or(Value::is_null));
    }
    let log = want["log"].as_array().unwrap();
    assert_eq!(log.len(), outcome.rounds.len());
    outcome.rounds.iter().zip(log).for_each(|(round, want)| check_round(round, want, position));
}

/// The word of the reference implementation.
fn status(status: SuspectStatus) -> &'static str {
    match status {
        SuspectStatus::Live => "live",
        SuspectStatus::PassedOnRerun => "passed_on_rerun",
        SuspectStatus::BaseFailsToo => "base_fails_too",
        SuspectStatus::Unstable => "unstable",
    }
}

fn check_suspects(suspects: &[Suspect], want: &Value, position: &impl Fn(usize) -> usize) {
    let want = want.as_array().unwrap();
    assert_eq!(suspects.len(), want.len());
    for (suspect, want) in suspects.iter().zip(want) {
        assert_eq!(position(suspect.case), int(&want["case"]));
        close(suspect.wealth, &want["W"]);
        assert_eq!(status(suspect.status), want["status"].as_str().unwrap());
        assert_eq!(suspect.pairs as usize, int(&want["pairs"]));
    }
}

fn check_round(round: &Round, want: &Value, position: &impl Fn(usize) -> usize) {
    let placed = |cases: &[usize]| cases.iter().map(|c| position(*c)).collect::<Vec<_>>();
    match round {
        Round::Screen { visited, suspects } => {
            assert_eq!(want["act"], "screen");
            assert_eq!(*visited, int(&want["screened"]));
            assert_eq!(placed(suspects), ints(&want["suspects"]));
        }
        Round::Confirm { wealth, evidence, capital } => {
            assert_eq!(want["act"], "confirm");
            all_close(wealth, &want["W"]);
            close(*evidence, &want["E"]);
            close(*capital, &want["capital"]);
        }
        Round::ConfirmFixes { .. } => panic!("nothing is traded"),
        Round::Fresh { cases, pairs, sum, squares, capital, retired } => {
            assert_eq!(want["act"], "drop");
            assert_eq!(placed(cases), ints(&want["cases"]));
            assert_eq!((*pairs, *retired), (int(&want["pairs"]), int(&want["retired"])));
            close(*sum, &want["S"]);
            close(*squares, &want["Q"]);
            close(*capital, &want["capital"]);
        }
    }
}
