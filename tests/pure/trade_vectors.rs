//! What trades and marginal cases add, held against an independent reference (`tests/data/trade_reference.py`).

use prompt_assay::gate::Policy;
use prompt_assay::stability::{Passes, Stability, Steadiness};
use prompt_assay::stats::evidence::evidence;
use prompt_assay::stats::net::{FreshPasses, net_change};
use serde_json::Value;

use crate::gate_vector_file::{close, int, ints, nums};

fn vectors(key: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/trade_vectors.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all[key].as_array().unwrap().clone()
}

#[test]
fn the_net_change_and_its_interval() {
    for vector in vectors("net_change") {
        let passes = |case: &Value| {
            let of = |place: usize| int(&case[place]) as u32;
            FreshPasses { baseline: (of(0), of(1)), candidate: (of(2), of(3)) }
        };
        let cases: Vec<FreshPasses> = vector["cases"].as_array().unwrap().iter().map(passes).collect();
        let net = net_change(&cases);
        close(net.estimate, &vector["estimate"]);
        close(net.ci95.low, &vector["low"]);
        close(net.ci95.high, &vector["high"]);
    }
}

#[test]
fn the_evidence_of_cases_that_bet_a_share() {
    let policy = Policy::default();
    for vector in vectors("weighted_evidence") {
        let weights = nums(&vector["weights"]);
        assert!(weights.iter().all(|weight| *weight == 1.0 || *weight == policy.marginal_weight));
        let wealth = nums(&vector["wealth"]);
        let parts: Vec<f64> = wealth.iter().zip(&weights).map(|(w, share)| 1.0 - share + share * w).collect();
        close(evidence(&parts, false, &policy.gammas), &vector["screening"]);
        close(evidence(&parts, true, &policy.gammas), &vector["all_screened"]);
    }
}

fn contents(vector: &Value) -> Vec<Passes> {
    let all = vector["contents"].as_array().unwrap().iter();
    all.map(|content| Passes { passed: ints(content)[0] as u32, of: ints(content)[1] as u32 }).collect()
}

#[test]
fn which_cases_are_marginal() {
    for vector in vectors("marginal") {
        assert_eq!(
            Value::from(Stability::of(&contents(&vector)).is_marginal()),
            vector["marginal"],
            "{vector}"
        );
    }
}

#[test]
fn which_cases_are_stable_or_wavering() {
    let mut seen = std::collections::BTreeSet::new();
    for vector in vectors("steadiness") {
        // A content each: 1 passed, 0 failed.
        let answers = vector["answers"].as_str().unwrap().bytes();
        let contents: Vec<Passes> =
            answers.map(|passed| Passes { passed: u32::from(passed == b'1'), of: 1 }).collect();
        let word = match Stability::of(&contents).steadiness() {
            Steadiness::Unknown => "unknown",
            Steadiness::Stable => "stable",
            Steadiness::Wavering => "wavering",
            Steadiness::Marginal => "marginal",
        };
        assert_eq!(Value::from(word), vector["steadiness"], "{vector}");
        seen.insert(word);
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}
