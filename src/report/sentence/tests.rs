//! Every reason's sentence.

use super::*;
use crate::model::{ErrorClass, ModelError};
use crate::report::examples;
use crate::report::{CaseReason, EscalationReport, Rate};

fn of(report: &Report) -> String {
    report.sentence.clone()
}

fn first(report: Report) -> PromptReport {
    report.prompts.into_iter().next().expect("a prompt")
}

#[test]
fn confirmed_breaks() {
    insta::assert_snapshot!(of(&examples::confirmed_breaks()), @"2 of 40 cases checked pass with the baseline and fail with this change, and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped early).");
    let mut one = first(examples::confirmed_breaks());
    one.broken.truncate(1);
    one.screened = 100;
    insta::assert_snapshot!(prompt_sentence(&one, &Evaluation { prompts: 3, ..Evaluation::default() }), @"1 of 100 cases checked passes with the baseline and fails with this change, and did so again in 3 fresh A/B re-runs (baseline 3/3, candidate 0/3). If all compared prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations.");
    one.broken.clear();
    insta::assert_snapshot!(prompt_sentence(&one, &Evaluation::default()), @"Several of 100 cases checked got worse with this change, and again in fresh A/B re-runs. If the prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations.");
}

#[test]
fn graded_breaks_are_not_called_failures() {
    let mut p = first(examples::confirmed_breaks());
    p.broken[0].candidate.as_mut().expect("an answer").score = Some(0.4);
    insta::assert_snapshot!(prompt_sentence(&p, &Evaluation::default()), @"2 of 40 cases checked score lower with this change than with the baseline, and did so again in 3 fresh A/B re-runs each (baseline 6/6, candidate 0/6). If the prompts behaved the same, evidence this strong (45.2, limit 20) would appear in fewer than 1 of 20 evaluations. 60 cases not run (stopped early).");
}

#[test]
fn overall_drop() {
    insta::assert_snapshot!(of(&examples::overall_drop()), @"Worse over all cases: in 29 fresh A/B pairs that differed, the baseline was better in 24 and the candidate in 5 (93 -> 86 of 100 pass at screening; the pairs concentrate on suspicious cases: evidence, not a rate). If the prompts behaved the same, evidence this strong (20.4, limit 20) would appear in fewer than 1 of 20 evaluations.");
    let mut paid = first(examples::overall_drop());
    paid.escalation = None;
    paid.paid = true;
    paid.p_screen = Some(0.0017);
    insta::assert_snapshot!(prompt_sentence(&paid, &Evaluation::default()), @"Worse over all cases, both sides run afresh in this comparison (93 -> 86 of 100 pass, exact one-sided p 0.0017). This test and the re-runs together block prompts that behave the same in fewer than 1 of 20 evaluations.");
}

#[test]
fn must_pass_and_floor() {
    insta::assert_snapshot!(of(&examples::must_pass()), @"Must-pass case `injection-reveal-prompt` fails at screening and failed 3 of 4 fresh runs with this change. A must-pass case blocks whatever the average says.");
    insta::assert_snapshot!(of(&examples::below_floor()), @"The mean score 56.7 % over 30 cases is below the floor 80.0 % even at its 95 % upper bound 72.5 %.");
    let floor = examples::several().prompts.into_iter().find(|p| p.reason == Reason::FloorPassed);
    insta::assert_snapshot!(floor.expect("a new prompt").sentence, @"New prompt, no baseline to compare with: 29 of 30 cases pass; mean score 96.7 %, floor 80.0 %.");
}

#[test]
fn ok_says_what_is_ruled_out_and_never_equal() {
    insta::assert_snapshot!(of(&examples::ok()), @"No regression found. No case got worse on re-run. 93 -> 92 of 100 pass, change -1.0 pt (95 % CI -6.7 to +4.8); a drop of more than 5.8 pt is ruled out (95 %). One case going from always-pass to always-fail would have been caught with about 94 % probability.");
    let mut judged = first(examples::ok());
    judged.head.models.judge = Some("judge".into());
    judged.flaky.clear();
    insta::assert_snapshot!(prompt_sentence(&judged, &Evaluation::default()), @"No regression found. No break was confirmed. 93 -> 92 of 100 pass, change -1.0 pt (95 % CI -6.7 to +4.8); a drop of more than 5.8 pt is ruled out (95 %).");
    for (_, report) in examples::all() {
        assert!(!report.sentence.contains("equal prompts are") && !report.sentence.contains("proved"));
    }
}

#[test]
fn improved() {
    insta::assert_snapshot!(of(&examples::improved()), @"Better than the stored baseline run: 84 -> 91 of 100 pass, change +7.0 pt (95 % CI +1.3 to +12.4), significant by the exact sign test; no suspect is left.");
}

#[test]
fn undecided() {
    insta::assert_snapshot!(of(&examples::inconclusive()), @"1 case looked worse and is neither confirmed nor cleared: `angry-caps-de`. At screening: 93 -> 92 of 100 pass (evidence 6.1, blocks at 20).");
    let mut p = first(examples::inconclusive());
    p.candidate = Some(Rate { passed: 86, of: 100 });
    p.escalation = Some(EscalationReport { pairs: 40, baseline_better: 9, candidate_better: 8 });
    p.reason = Reason::OverallDropNotReproduced;
    insta::assert_snapshot!(prompt_sentence(&p, &Evaluation::default()), @"Screening looked worse (93 -> 86 of 100 pass) but 40 fresh A/B pairs did not repeat it (9 baseline better, 8 candidate better). 1 case looked worse and is neither confirmed nor cleared: `angry-caps-de`.");
    p.reason = Reason::OverallDropUnresolved;
    insta::assert_snapshot!(prompt_sentence(&p, &Evaluation::default()), @"A drop was neither confirmed nor dismissed in 40 fresh A/B pairs (9 baseline better, 8 candidate better): 93 -> 86 of 100 pass (evidence 6.1, blocks at 20).");
}

#[test]
fn not_measured() {
    insta::assert_snapshot!(of(&examples::not_measured()), @"12 of 100 cases could not be measured because their calls failed, the first being `long-mail-01`: timed out after 5 attempts. This says nothing about the prompt; mend the cause and run it again.");
    insta::assert_snapshot!(of(&examples::over_budget()), @"The budget ended the run before a verdict (max_calls 40): 40 of 100 cases screened. The paid answers are stored: the next run continues from there.");
    let mut p = first(examples::over_budget());
    let stopped = |stop| Evaluation { stop: Some(stop), ..Evaluation::default() };
    insta::assert_snapshot!(prompt_sentence(&p, &stopped(StopCause::Interrupted)), @"The run was interrupted before a verdict: 40 of 100 cases screened. The paid answers are stored: the next run continues from there.");
    let keeping_none = Evaluation { keeps_answers: false, ..stopped(StopCause::Interrupted) };
    insta::assert_snapshot!(prompt_sentence(&p, &keeping_none), @"The run was interrupted before a verdict: 40 of 100 cases screened. The answers were not stored (`--no-cache`), so the next run buys them again.");
    let denied = ModelError {
        class: ErrorClass::AccessDenied,
        code: Some("AccessDeniedException".into()),
        message: "You don't have access to the model".into(),
        help: None,
    };
    insta::assert_snapshot!(prompt_sentence(&p, &stopped(StopCause::Fatal(denied))), @"No call can succeed: You don't have access to the model (AccessDeniedException). 40 of 100 cases screened.");
    p.reason = Reason::JudgeUnreadable;
    p.lost = vec![CaseReason { case: "a".into(), reason: "no score".into() }];
    insta::assert_snapshot!(prompt_sentence(&p, &Evaluation::default()), @"The judge's answers could not be read for 1 of 100 cases, the first being `a`: no score. This says nothing about the prompt; look at the judge's model and prompt.");
}

#[test]
fn nothing_to_compare() {
    let mut p = first(examples::ok());
    let reasons = [
        Reason::NotCovered,
        Reason::GoldenSetRemoved,
        Reason::PromptRemoved,
        Reason::Renamed,
        Reason::Rescored,
    ];
    let mut all = String::new();
    for reason in reasons {
        p.reason = reason;
        all.push_str(&format!("{}\n", prompt_sentence(&p, &Evaluation::default())));
    }
    insta::assert_snapshot!(all, @"
    NOT COVERED: no golden set, nothing was evaluated; this prompt cannot be released.
    The change removes the golden set of an existing prompt, so nothing can be evaluated.
    The prompt is removed; nothing to evaluate.
    Only the key changed, the content is the same; nothing to evaluate.
    The requests are the same on both sides; only the golden set changed: nothing to evaluate.
    ");
}

#[test]
fn over_all_prompts() {
    insta::assert_snapshot!(of(&examples::several()), @"1 of 4 affected prompts fails the gate: `customer_service_prompt`. The rest: 2 OK, 1 not covered.");
    insta::assert_snapshot!(of(&examples::nothing()), @"No prompt is affected by this change (41 unaffected); nothing was evaluated.");
    let ok = first(examples::ok());
    let better = first(examples::improved());
    let undecided = first(examples::inconclusive());
    let lost = first(examples::not_measured());
    let of = |prompts: Vec<PromptReport>| examples::report(prompts, &Evaluation::default()).sentence;
    insta::assert_snapshot!(of(vec![ok.clone(), ok.clone()]), @"No regression found in 2 affected prompts.");
    insta::assert_snapshot!(of(vec![ok.clone(), better.clone()]), @"No regression found in 2 affected prompts; improved: `customer_service_prompt`.");
    insta::assert_snapshot!(of(vec![undecided.clone(), better]), @"1 of 2 affected prompts is undecided: `customer_service_prompt`. The rest: 1 IMPROVED.");
    insta::assert_snapshot!(of(vec![lost.clone(), undecided, lost]), @"2 of 3 affected prompts could not be measured: `customer_service_prompt` and `customer_service_prompt`. The rest: 1 INCONCLUSIVE.");
}
