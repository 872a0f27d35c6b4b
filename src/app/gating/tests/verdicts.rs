//! Must-pass cases and accepted breaks (decisions.md#must-pass-cases).

use super::*;

fn must_pass(n: usize) -> Lab {
    let mut lab = Lab::edited(n);
    for tree in [&mut lab.base, &mut lab.head] {
        let golden = text_of(tree, "golden/p.yaml").replace("id: c003,", "id: c003, must_pass: true,");
        tree.insert("golden/p.yaml", golden);
    }
    lab
}

fn third_fails(request: &Request) -> Result<Response, ModelError> {
    passes(!(of_candidate(request) && input(request) == 3), request)
}

#[test]
fn a_must_pass_case_that_fails_three_fresh_runs_blocks() {
    let run = must_pass(40).run(third_fails);
    assert_eq!(run.words(), (Verdict::Regression, Reason::MustPass, 1));
    let case = &run.only().must_pass[0];
    assert_eq!((case.id.as_str(), case.status), ("c003", CaseStatus::Failing));
    assert_eq!(case.candidate_reruns.map(|rate| (rate.passed, rate.of)), Some((0, 3)));
    assert_eq!(case.baseline_reruns.map(|rate| (rate.passed, rate.of)), Some((3, 3)));
    insta::assert_snapshot!(run.only().sentence, @"Asked again, the new prompt failed 3 of 3 times. A must-pass case blocks, whatever the other cases say.");
    assert_eq!(run.asked.iter().filter(|r| is_fresh(r)).count(), 6);
}

#[test]
fn a_must_pass_case_that_fails_once_is_cleared() {
    let run = must_pass(40).run(|request| {
        passes(!(of_candidate(request) && input(request) == 3 && !is_fresh(request)), request)
    });
    assert_eq!(run.words().0, Verdict::Ok);
    assert_eq!(ids(&run.only().flaky), ["c003"]);
    assert!(run.only().must_pass.is_empty());
}

#[test]
fn a_must_pass_case_that_already_fails_warns() {
    let run = must_pass(40).run(|request| passes(input(request) != 3, request));
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!(ids(&run.only().drifting), ["c003"]);
    assert_eq!(run.only().notes, ["The must-pass case `c003` is already failing with the old prompt."]);
}

#[test]
fn a_must_pass_case_that_cannot_be_rerun_is_not_measured_and_named() {
    let run = must_pass(40).run(|request| match is_fresh(request) {
        true => error(ErrorClass::NotReady, "gone"),
        false => third_fails(request),
    });
    assert_eq!(run.words(), (Verdict::NotMeasured, Reason::LostCalls, 3));
    assert_eq!(run.only().lost, [CaseReason { case: "c003".to_owned(), reason: "gone".to_owned() }]);
}

#[test]
fn accepted_breaks_leave_n_decide_nothing_and_are_named() {
    let mut lab = must_pass(40);
    lab.configure("accepted_breaks: [{prompt: p, case: c003, reason: known since May}]");
    let run = lab.run(third_fails);
    assert_eq!(run.words(), (Verdict::Ok, Reason::NoRegressionFound, 0));
    assert_eq!((run.only().n, run.only().screened), (39, 39));
    assert_eq!(
        run.only().accepted,
        [CaseReason { case: "c003".to_owned(), reason: "known since May".to_owned() }]
    );
    assert!(run.asked.iter().all(|r| input(r) != 3 || of_candidate(r)), "its baseline is not asked");
    assert!(run.only().notes.is_empty());
    // Once it passes, it need not be accepted any more.
    let fixed = Lab { store: Arc::default(), ..lab }.run(fine);
    assert_eq!(fixed.only().notes, ["Accepted breaks that pass, and need not be accepted: `c003`."]);
}

#[test]
fn an_accepted_break_ends_on_its_last_day() {
    for (until, verdict) in [("2026-06-15", Verdict::Ok), ("2026-06-14", Verdict::Regression)] {
        let mut lab = Lab::edited(40);
        lab.configure(&format!(
            "accepted_breaks: [{{prompt: p, case: c003, reason: x, until: \"{until}\"}}]"
        ));
        assert_eq!(lab.run(third_fails).words().0, verdict, "until {until}, on 2026-06-15");
    }
}
