//! The assay as work: windows, retries, and what a thousand completions cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::change::{self, PromptChange};
use crate::gate::Policy;
use crate::model::{ErrorClass, ModelError, Response};
use crate::price::PriceTable;
use crate::problem::Problems;
use crate::snapshot::{Choice, Snapshot};
use crate::tree::MemoryTree;
use crate::trial::{Answer, Phase, Side, Trial};

const WINDOW: Window = Window { now: 512, soon: 64 };

/// A prompt of `n` cases: new, or edited.
fn changed(n: usize, edited: bool) -> PromptChange {
    let cases: String = (0..n).map(|i| format!("  - {{id: c{i}, input: q{i}}}\n")).collect();
    let golden = format!("defaults: {{checks: [{{contains: \"yes\"}}]}}\ncases:\n{cases}");
    let tree = |catalog: &str| {
        MemoryTree::new([
            ("prompts.yaml", catalog.to_owned()),
            ("golden/p.yaml", golden.clone()),
            ("prompt-assay.yaml", "models: {branch: m}\n".to_owned()),
        ])
    };
    let base = tree(if edited { "p: one\n" } else { "other: x\n" });
    let head = tree(if edited { "p: two\n" } else { "other: x\np: two\n" });
    let mut problems = Problems::new();
    let base = Snapshot::read(&base, None, &mut problems);
    let head = Snapshot::read(&head, None, &mut problems);
    let mut changes = change::compare(&base, &head, &Choice::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems}");
    changes.prompts.remove(0)
}

fn setup(change: PromptChange) -> PromptSetup {
    PromptSetup {
        change,
        policy: Policy::default(),
        gated_together: 1,
        seed: "0".to_owned(),
        paid: false,
        min_score: None,
        budget_per_call: Default::default(),
        known: Vec::new(),
        unknown: 0,
        accepted: BTreeMap::new(),
        protected: Default::default(),
        stability: Default::default(),
        asked_again: false,
        prices: PriceTable::built_in(),
    }
}

fn said(text: &str) -> TrialOutcome {
    let response = Response { latency_ms: Some(1), ..Response::saying(text) };
    TrialOutcome::Answered(Answer { response, cached: false, fresh: true })
}

fn failed(class: ErrorClass) -> TrialOutcome {
    TrialOutcome::Failed(ModelError { class, code: None, message: "gone".to_owned(), help: None })
}

/// Answers the first trial wanted until none is.
fn drive(assay: &mut Assay, mut answer: impl FnMut(&Trial) -> TrialOutcome) -> Vec<Arc<Trial>> {
    let mut made = Vec::new();
    while let Some(trial) = assay.wanted(WINDOW).now.first().cloned() {
        let outcome = answer(&trial);
        assay.observe(trial.id, outcome);
        made.push(trial);
    }
    made
}

#[test]
fn what_is_wanted_at_once_is_bounded_and_the_same_until_something_comes() {
    let mut assay = Assay::new(vec![setup(changed(1_500, false)), setup(changed(30, false))]);
    let first = assay.wanted(WINDOW);
    assert_eq!((first.now.len(), first.soon.len()), (WINDOW.now, 0));
    let again = assay.wanted(WINDOW);
    assert!(first.now.iter().zip(&again.now).all(|(a, b)| Arc::ptr_eq(a, b)), "nothing is made twice");
    let made = drive(&mut assay, |_| said("yes"));
    assert_eq!(made.len(), 1_530);
    assert!(assay.prompts().iter().all(|prompt| prompt.outcome().is_some()));
}

#[test]
fn what_is_needed_later_is_bounded_and_is_the_same_trial_when_it_is_needed_now() {
    let mut assay = Assay::new(vec![setup(changed(100, true))]);
    let wanted = assay.wanted(WINDOW);
    assert_eq!((wanted.now.len(), wanted.soon.len()), (16, WINDOW.soon));
    for early in &wanted.soon[..16] {
        assay.observe(early.id, said("yes"));
    }
    // The answers that came early are the next round, so the one after it is wanted next.
    for trial in wanted.now {
        assay.observe(trial.id, said("yes"));
    }
    let next = assay.wanted(WINDOW).now;
    assert!(Arc::ptr_eq(&next[0], &wanted.soon[16]));
}

#[test]
fn a_large_edit_keeps_more_slots_in_use_than_a_batch_has_calls() {
    let mut assay = Assay::new(vec![setup(changed(960, true))]);
    let (mut waves, mut calls) = (0, 0);
    loop {
        let wave = assay.wanted(Window { now: 20, soon: 0 }).now;
        if wave.is_empty() {
            break;
        }
        (waves, calls) = (waves + 1, calls + wave.len());
        wave.iter().for_each(|trial| assay.observe(trial.id, said("yes")));
    }
    assert_eq!(calls, 2 * 960);
    assert!(waves <= 100, "{waves} times the time of a call, for 96 times 20 calls");
}

#[test]
fn a_discarded_pair_asks_for_both_calls_anew_under_the_same_key() {
    let mut assay = Assay::new(vec![setup(changed(20, true))]);
    let mut failures = 0;
    let made = drive(&mut assay, |trial| {
        let broken = trial.case == "c3" && trial.side == Side::Candidate;
        if trial.phase == Phase::Confirm && trial.side == Side::Baseline && failures == 0 {
            failures += 1;
            return failed(ErrorClass::TimedOut);
        }
        said(&format!("{} {:?}", if broken { "no" } else { "yes" }, trial.id))
    });
    let confirm: Vec<&Arc<Trial>> = made.iter().filter(|trial| trial.phase == Phase::Confirm).collect();
    let pair: Vec<(Side, bool)> =
        confirm.iter().take(4).map(|trial| (trial.side, trial.replaces_stored)).collect();
    use Side::{Baseline, Candidate};
    assert_eq!(pair, [(Candidate, false), (Baseline, false), (Candidate, true), (Baseline, true)]);
    assert_eq!((confirm[0].key, &confirm[0].request), (confirm[2].key, &confirm[2].request));
    assert!(confirm[4..].iter().all(|trial| !trial.replaces_stored));
}

#[test]
fn a_fatal_failure_is_left_to_the_stop_that_follows() {
    let mut assay = Assay::new(vec![setup(changed(20, true))]);
    for trial in assay.wanted(WINDOW).now {
        assay.observe(trial.id, failed(ErrorClass::AccessDenied));
    }
    assert_eq!(assay.prompts()[0].outcome(), None, "no case is lost by it");
    let TrialOutcome::Failed(error) = failed(ErrorClass::AccessDenied) else { unreachable!() };
    assay.stop(StopCause::Fatal(error.clone()));
    assert_eq!(assay.stopped(), Some(&StopCause::Fatal(error)));
    assert_eq!(assay.prompts()[0].outcome().unwrap().reason, crate::verdict::Reason::Fatal);
    assert_eq!(assay.wanted(WINDOW), Wanted::default());
}

#[test]
fn a_trial_is_heard_once() {
    let mut assay = Assay::new(vec![setup(changed(20, true))]);
    let trial = assay.wanted(WINDOW).now[0].clone();
    assay.observe(trial.id, said("yes first"));
    assay.observe(trial.id, said("no second"));
    let call = Call { case: 0, side: Side::Candidate, phase: Phase::Screen, k: 0 };
    let kept = (0..20).filter_map(|case| assay.prompts()[0].kept(&Call { case, ..call })).next();
    let Some(Kept::Answered { answer, .. }) = kept else { panic!("an answer is kept") };
    assert_eq!(answer.response.text, "yes first");
}
