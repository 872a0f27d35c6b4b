//! Answer keys and variations (decisions.md#answer-keys).

use super::*;
use crate::variation::{Premise, Rerun};

/// The candidate fails case 3 for good.
fn one_broken(request: &Request) -> Result<Response, ModelError> {
    passes(!(of_candidate(request) && input(request) == 3), request)
}

/// The fresh calls bought for a case on one side.
fn fresh(run: &Run, case: usize, candidate: bool) -> Vec<&Request> {
    let of = |r: &&Request| is_fresh(r) && input(r) == case && of_candidate(r) == candidate;
    run.asked.iter().filter(of).collect()
}

#[test]
fn screening_keys_are_shared_and_fresh_ones_name_the_comparison() {
    let mut lab = Lab::edited(40);
    let first = lab.run(one_broken);
    assert_eq!(first.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    assert_eq!(ids(&first.only().broken), ["c003"]);
    // Another scoring of the same requests is another comparison: what was screened is shared,
    // what is fresh is not.
    for tree in [&mut lab.base, &mut lab.head] {
        let golden = text_of(tree, "golden/p.yaml").replace("{contains: \"yes\"}", "{starts_with: \"yes\"}");
        tree.insert("golden/p.yaml", golden);
    }
    let second = lab.run(one_broken);
    assert_eq!(second.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    // Once a break is confirmed, the baseline is asked for what it had not answered: fixes are looked for.
    assert!(
        second.asked.iter().all(|r| is_fresh(r) || !of_candidate(r)),
        "the screening came from the store"
    );
    assert_eq!(second.only().calls.cached as usize, first.asked.iter().filter(|r| !is_fresh(r)).count());
    assert!(fresh(&second, 3, true).len() >= 5, "fresh calls are bought again");
    assert_ne!(fresh(&second, 3, true), fresh(&first, 3, true), "and are fresh themselves");
}

#[test]
fn another_seed_is_another_comparison() {
    let mut lab = Lab::edited(40);
    lab.run(one_broken);
    lab.configure("gate: {seed: other}");
    let other = lab.run(one_broken);
    assert_eq!(other.report.seed, "other");
    assert!(other.asked.iter().any(is_fresh), "nothing fresh is shared");
}

#[test]
fn a_pair_is_varied_alike_on_both_sides_and_no_text_is_sent_twice() {
    let mut lab = Lab::of(files(0), files(0));
    let golden = "- id: talk\n  messages: [{role: user, content: q1}, {role: assistant, content: hm}, \
                  {role: user, content: q2}]\n  checks: [{contains: \"yes\"}]\n";
    for tree in [&mut lab.base, &mut lab.head] {
        tree.insert("golden/p.yaml", golden);
    }
    lab.head.insert("prompts.yaml", "p: \"two\"\n");
    let run = lab.run(|request| passes(!of_candidate(request), request));
    let (_, changes) = lab.changes();
    let case = &changes.prompts[0].cases[0];
    let premise = Premise {
        comparison: comparison_key(&changes.prompts[0], "0"),
        case: "talk",
        screened: case.screened(&case.candidate),
        sampled: false,
    };
    assert_eq!(run.asked[0], premise.screened.applied_to(&case.candidate));
    assert_eq!(run.asked[1], premise.screened.applied_to(case.baseline.as_ref().unwrap()));
    assert!(run.asked.len() >= 12, "five clean pairs");
    for (at, request) in run.asked[2..].iter().enumerate().take(10) {
        // Candidate and baseline of a pair, in turn, under the same variation.
        let (k, candidate) = (at as u32 / 2 + 1, at % 2 == 0);
        let plain = if candidate { &case.candidate } else { case.baseline.as_ref().unwrap() };
        assert_eq!(*request, Variation::of_fresh(premise, Rerun::Confirm, k).applied_to(plain));
        assert_eq!(request.messages[0].text, "q1", "earlier messages are left alone");
        assert!(!run.asked[..at + 2].contains(request), "{request:?}");
    }
}

#[test]
fn the_judge_sees_no_variation() {
    let mut lab = Lab::edited(20);
    for tree in [&mut lab.base, &mut lab.head] {
        let config = text_of(tree, "prompt-assay.yaml").replace("models: {", "models: {judge: judge, ");
        tree.insert("prompt-assay.yaml", config);
        let golden = text_of(tree, "golden/p.yaml").replace("[{contains: \"yes\"}]", "[{judge: good}]");
        tree.insert("golden/p.yaml", golden);
    }
    let run = lab.run(|request| match is_judge(request) {
        true => graded(request, if last(request).contains("bad answer 3") { 0.0 } else { 1.0 }),
        false => {
            let quality = if of_candidate(request) && input(request) == 3 { "bad" } else { "good" };
            said(format!("{quality} answer {}", input(request)))
        }
    });
    assert_eq!(run.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    assert!(run.asked.iter().any(is_fresh));
    let judged: Vec<&Request> = run.asked.iter().filter(|r| is_judge(r)).collect();
    assert!(!judged.is_empty());
    // The same answer to the same question is judged once, however often it is given.
    let mut texts: Vec<&str> = judged.iter().map(|r| last(r)).collect();
    let asked = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), asked);
}

#[test]
fn exact_cases_and_no_jitter_send_the_plain_text_and_repeats_do_not_count() {
    let exact = |lab: &mut Lab| {
        for tree in [&mut lab.base, &mut lab.head] {
            let golden = text_of(tree, "golden/p.yaml").replace("input: q3}", "input: q3, exact: true}");
            tree.insert("golden/p.yaml", golden);
        }
    };
    let no_jitter = |lab: &mut Lab| lab.configure("gate: {jitter: none}");
    // The other cases' fresh pairs show no drop; without jitter they show nothing.
    type Way<'a> = (&'a dyn Fn(&mut Lab), Reason);
    let ways: [Way<'_>; 2] =
        [(&exact, Reason::OverallDropNotReproduced), (&no_jitter, Reason::OverallDropUnresolved)];
    for (plain, reason) in ways {
        let mut lab = Lab::edited(40);
        plain(&mut lab);
        // Temperature 0: each side says the same each time.
        let run = lab.run(one_broken);
        assert_eq!(run.words(), (Verdict::Inconclusive, reason, 0));
        assert_eq!(ids(&run.only().unresolved), ["c003"]);
        assert_eq!(run.only().evidence, Some(1.0), "byte-identical answers do not move the capital");
        let third = |r: &&Request| input(r) == 3;
        assert!(
            run.asked.iter().filter(third).all(|r| last(r) == "q3" && r.system.as_deref() == Some(system(r)))
        );
        // Answers that differ do count.
        let draw = std::sync::atomic::AtomicUsize::new(0);
        let fresh = Lab { store: Arc::default(), ..lab };
        let varied = fresh.run(move |request| {
            let n = draw.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let good = !(of_candidate(request) && input(request) == 3);
            said(format!("{} {n}", if good { "yes" } else { "no" }))
        });
        assert_eq!(varied.words(), (Verdict::Regression, Reason::ConfirmedBreaks, 1));
    }
}
