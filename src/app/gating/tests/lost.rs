//! Lost calls, stops and NOT MEASURED (decisions.md#lost-calls).

use super::*;
use crate::check::default_prompt;
use crate::config::JudgeKind;

fn stopped(reason: StopReason, text: &str) -> Result<Response, ModelError> {
    said(text).map(|response| Response { stop: reason, ..response })
}

/// A lab of `n` cases whose answers a judge marks.
fn judged(n: usize) -> Lab {
    let mut lab = Lab::edited(n);
    for tree in [&mut lab.base, &mut lab.head] {
        let config = text_of(tree, "prompt-assay.yaml").replace("models: {", "models: {judge: judge, ");
        tree.insert("prompt-assay.yaml", config);
        let golden = text_of(tree, "golden/p.yaml").replace("[{contains: \"yes\"}]", "[{judge: good}]");
        tree.insert("golden/p.yaml", golden);
    }
    lab
}

#[test]
fn unusual_stops_are_answers_and_are_checked() {
    for stop in [
        StopReason::MaxTokens,
        StopReason::ContentFiltered,
        StopReason::GuardrailIntervened,
        StopReason::MalformedModelOutput,
        StopReason::MalformedToolUse,
    ] {
        let lab = Lab::edited(30);
        let answer = move |request: &Request| match of_candidate(request) && input(request) == 3 {
            true => stopped(stop.clone(), &format!("cut {}", last(request))),
            false => fine(request),
        };
        let run = lab.run(answer);
        assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
        let broken = &run.only().broken[0];
        assert_eq!(broken.candidate.as_ref().unwrap().score, Some(0.0));
        assert!(run.only().lost.is_empty());
    }
    // What passes its checks passes, however it stopped; unless most answers are cut.
    let cut = |request: &Request| stopped(StopReason::MaxTokens, &format!("yes {}", last(request)));
    let half = move |request: &Request| if input(request) < 15 { cut(request) } else { fine(request) };
    let run = Lab::edited(30).run(half);
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!(Lab::edited(30).run(cut).words(), (Verdict::NotMeasured, Reason::EmptyOrCut, 3));
}

#[test]
fn a_request_that_is_refused_on_the_candidate_alone_scores_0() {
    for class in [ErrorClass::ContextOverflow, ErrorClass::Invalid] {
        let run = Lab::edited(30).run(move |request| match of_candidate(request) && input(request) == 3 {
            true => error(class, "refused"),
            false => fine(request),
        });
        assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1), "{class:?}");
        let prompt = run.only();
        assert_eq!(ids(&prompt.broken), ["c003"]);
        assert!(prompt.lost.is_empty());
        assert_eq!(prompt.broken[0].candidate.as_ref().unwrap().failures[0].reason, "refused");
    }
}

#[test]
fn a_request_that_is_refused_on_both_sides_is_lost() {
    let run = Lab::edited(30).run(|request| match input(request) {
        3 => error(ErrorClass::ContextOverflow, "too long"),
        _ => fine(request),
    });
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!(run.only().lost, [CaseReason { case: "c003".to_owned(), reason: "too long".to_owned() }]);
    assert_eq!(run.only().screened, 29);
}

#[test]
fn a_refused_case_without_a_side_to_compare_with_ends_too() {
    // Other checks for case 3: one request, the same on both sides, so the baseline is not called.
    let mut lab = Lab::of(files(30), files(30));
    for case in 0..10 {
        let input = format!("input: q{case}}}");
        lab.edit("golden/p.yaml", &input, &format!("input: q{case}, checks: [{{contains: \"!\"}}]}}"));
    }
    let refuse = |request: &Request| match input(request) {
        3 => error(ErrorClass::Invalid, "refused"),
        _ => said("yes!"),
    };
    let run = lab.run(refuse);
    assert_eq!(run.words(), (Verdict::Ok, Reason::Rescored, 0));
    assert_eq!(run.only().lost, [CaseReason { case: "c003".to_owned(), reason: "refused".to_owned() }]);
    // An accepted break: its baseline is not asked either.
    let mut lab = Lab::edited(30);
    lab.configure("accepted_breaks: [{prompt: p, case: c003, reason: known}]");
    let run = lab.run(refuse);
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    // A new prompt has no baseline: it is not known whether its request is the cause.
    let mut lab = Lab::of(files(0), files(30));
    lab.base.insert("prompts.yaml", "other: x\n");
    lab.base.insert("golden/p.yaml", "");
    lab.head.insert("prompts.yaml", "p: one\nother: x\n");
    let run = lab.run(refuse);
    assert_eq!(run.only().lost, [CaseReason { case: "c003".to_owned(), reason: "refused".to_owned() }]);
    let floor = run.only().floor.unwrap();
    assert_eq!((floor.of, floor.mean), (29, 1.0));
}

#[test]
fn other_lost_calls_drop_the_case_from_both_sides() {
    let lost = |n: usize, side: bool| {
        Lab::edited(40).run(move |request| match of_candidate(request) == side && input(request) < n {
            true => error(ErrorClass::NotReady, "gone"),
            false => fine(request),
        })
    };
    let one = lost(1, true);
    assert_eq!(one.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!(one.only().lost, [CaseReason { case: "c000".to_owned(), reason: "gone".to_owned() }]);
    let rates = [one.only().baseline, one.only().candidate].map(|rate| rate.map(|rate| rate.of));
    assert_eq!(rates, [Some(39), Some(39)]);
    // More than max(1, 2 %) on the candidate only; the baseline may lose more, up to 10 %.
    assert_eq!(lost(2, true).words(), (Verdict::NotMeasured, Reason::LostCalls, 3));
    assert_eq!(lost(4, false).words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    let many = lost(5, false);
    assert_eq!(many.words(), (Verdict::NotMeasured, Reason::LostCalls, 3));
    insta::assert_snapshot!(many.only().sentence, @"The calls of 5 of 40 cases failed, the first being `c000`: gone. This says nothing about the prompt.");
}

#[test]
fn a_pair_with_an_error_is_discarded_whole_and_bought_again_once() {
    let lab = Lab::edited(40);
    let failures = std::sync::atomic::AtomicUsize::new(0);
    // The first fresh baseline call fails; its candidate has answered by then.
    let run = lab.run(move |request| {
        let baseline_anew = is_fresh(request) && !of_candidate(request);
        if baseline_anew && failures.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            return error(ErrorClass::Invalid, "hiccup");
        }
        passes(!(of_candidate(request) && input(request) == 3), request)
    });
    assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    let fresh: Vec<(String, bool)> =
        run.asked.iter().filter(|r| is_fresh(r)).map(|r| (last(r).to_owned(), of_candidate(r))).collect();
    let first = &fresh[0].0;
    let again: Vec<bool> = fresh.iter().filter(|(text, _)| text == first).map(|(_, side)| *side).collect();
    assert_eq!(again, [true, false, true, false], "the candidate is bought again as well, under the same k");
    // The pair that stands is the second one, now and when it is replayed.
    let rates = |run: &Run| {
        let broken = &run.only().broken[0];
        (broken.candidate_reruns, broken.baseline_reruns, run.only().capital, run.only().cost.verdict_usd)
    };
    let replay = lab.run(|_| panic!("nothing is bought twice"));
    assert_eq!(rates(&replay), rates(&run));
}

#[test]
fn pairs_that_stay_lost_are_named() {
    let run = Lab::edited(40).run(|request| match is_fresh(request) {
        true => error(ErrorClass::Invalid, "no fresh calls today"),
        false => passes(!(of_candidate(request) && input(request) == 3), request),
    });
    // The candidate's fresh call is refused, and so is the baseline's: nothing was measured.
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::LostCalls, 3));
    assert!(!run.only().lost.is_empty());
    assert!(run.only().sentence.contains("no fresh calls today"), "{}", run.only().sentence);
}

#[test]
fn a_judge_that_cannot_be_read_is_not_measured() {
    let run = judged(20).run(|request| match is_judge(request) {
        true => said("I like it"),
        false => fine(request),
    });
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::JudgeUnreadable, 3));
    insta::assert_snapshot!(run.only().sentence, @r#"The judge's answers for 8 of 20 cases could not be read, the first being `c000`: judge "good": the judge is unreadable: it did not call `score` but wrote "I like it". This says nothing about the prompt."#);
    // A judge whose calls fail is no better.
    let run = judged(20).run(|request| match is_judge(request) {
        true => error(ErrorClass::Invalid, "no"),
        false => fine(request),
    });
    assert_eq!(run.words().0, Verdict::NotMeasured);
}

#[test]
fn a_discarded_pair_asks_an_unreadable_judge_anew() {
    // The judge's reply is unreadable the first time it is shown each fresh answer.
    let seen = Mutex::new(BTreeSet::new());
    let run = judged(20).run(move |request| {
        if !is_judge(request) {
            let good = !(of_candidate(request) && input(request) == 3);
            let anew = if is_fresh(request) { "anew " } else { "" };
            return said(format!("{} {anew}{}", if good { "good" } else { "bad" }, last(request)));
        }
        let text = last(request).to_owned();
        let mumbles = text.contains("bad anew") && seen.lock().unwrap().insert(text.clone());
        match mumbles {
            true => said("hm"),
            false => graded(request, if text.contains("bad ") { 0.0 } else { 1.0 }),
        }
    });
    assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    assert_eq!(run.only().broken[0].candidate_reruns.map(|rate| rate.passed), Some(0));
}

#[test]
fn a_budget_that_is_too_small_is_not_measured() {
    let mut lab = Lab::edited(40);
    lab.budget = Some(Budget { max_calls: Some(50), ..Budget::default() });
    let run = lab.run(fine);
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::Budget, 3));
    insta::assert_snapshot!(run.only().sentence, @"The budget ended the run before a verdict (max_calls: all 50 calls are used): 24 of 40 cases asked. The paid answers are stored: the next run continues from there.");
    assert_eq!(run.report.spend.paid_calls, 50);
    // The next run continues from there.
    let rest = lab.run(fine);
    assert_eq!(rest.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!(rest.asked.len(), 30);
    // With live suspects it is not measured either, though all is screened.
    let mut lab = Lab::edited(10);
    lab.configure("gate: {fail_fast: false}");
    lab.budget = Some(Budget { max_calls: Some(22), ..Budget::default() });
    let run = lab.run(|request| passes(!(of_candidate(request) && input(request) == 3), request));
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::Budget, 3));
    assert_eq!(run.only().screened, 10);
}

#[test]
fn a_budget_that_ends_the_escalation_says_so() {
    let mut lab = Lab::edited(40);
    lab.budget = Some(Budget { max_calls: Some(100), ..Budget::default() });
    // Screening looks worse, but no suspect fails again.
    let run = lab
        .run(|request| passes(!(of_candidate(request) && !is_fresh(request) && input(request) < 4), request));
    assert_eq!(run.words(), (Verdict::Inconclusive, Reason::OverallDropUnresolved, 0));
    assert_eq!(
        run.only().notes,
        ["The budget ended the run before the fresh pairs did (max_calls: all 100 calls are used)."]
    );
}

#[test]
fn an_interrupted_run_says_so_and_is_never_a_pass() {
    let lab = Lab::edited(40);
    let signal = lab.signal.clone();
    let run = lab.run(move |request| {
        signal.send_replace(Interrupt::Gentle);
        fine(request)
    });
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::Interrupted, 3));
    insta::assert_snapshot!(run.report.sentence, @"The run was interrupted before a verdict: 0 of 40 cases asked. The paid answers are stored: the next run continues from there.");
    assert!(!run.asked.is_empty() && run.asked.len() < 80);
}

#[test]
fn a_fatal_failure_ends_the_run_with_the_providers_words() {
    let run = Lab::edited(40).run(|_| {
        Err(ModelError {
            class: ErrorClass::AccessDenied,
            code: Some("AccessDeniedException".to_owned()),
            message: "You have no access to the model.".to_owned(),
            help: Some("Ask for it in the console.".to_owned()),
        })
    });
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::Fatal, 3));
    insta::assert_snapshot!(run.report.sentence, @"No call can succeed: You have no access to the model (AccessDeniedException). 0 of 40 cases asked. Ask for it in the console.");
}

#[test]
fn a_judge_is_asked_with_the_built_in_text_unless_the_team_has_its_own() {
    let run = judged(2).run(|request| match is_judge(request) {
        true => graded(
            request,
            if system(request).starts_with(default_prompt(JudgeKind::Rubric).trim()) { 1.0 } else { 0.0 },
        ),
        false => fine(request),
    });
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    let mut lab = judged(2);
    for tree in [&mut lab.base, &mut lab.head] {
        let catalog = format!("{}grader: \"{{% include 'grader.md' %}}\"\n", text_of(tree, "prompts.yaml"));
        tree.insert("prompts.yaml", catalog);
        tree.insert("grader.md", "Be strict.\n");
    }
    lab.configure("judge: {prompt: grader}");
    let run = lab.run(|request| match is_judge(request) {
        true => graded(request, if system(request).starts_with("Be strict.\n\n") { 1.0 } else { 0.0 }),
        false => fine(request),
    });
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
}
