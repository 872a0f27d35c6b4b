//! What earlier comparisons show of the cases.

use super::*;
use crate::store::RunRecord;

/// The baseline's case 3 passes at screening and every other time after that; the candidate fails it.
fn turning(request: &Request) -> Result<Response, ModelError> {
    let again = is_fresh(request) && Fingerprint::of_json(request).as_bytes()[0].is_multiple_of(2);
    passes(!(input(request) == 3 && (system(request) != "one" || again)), request)
}

/// 40 cases over contents of the base, of which case 3 passes every other one.
fn over_contents(contents: usize) -> Lab {
    let mut lab = Lab::edited(40);
    for content in 0..contents {
        lab.at = content as u64;
        lab.base.insert("prompts.yaml", format!("p: \"one {content}\"\n"));
        lab.head.insert("prompts.yaml", format!("p: \"two {content}\"\n"));
        lab.run(|request| {
            let even = system(request).ends_with(['0', '2', '4', '6', '8']);
            passes(input(request) != 3 || even, request)
        });
    }
    lab
}

#[test]
fn cases_are_known_over_the_contents_that_stood_on_the_base() {
    let lab = over_contents(12);
    let run = lab.run(|request| passes(true, request));
    let known = run.only().marginal.expect("a history");
    assert_eq!((known.cases, known.of), (1, 40), "{known:?}");
    let few = over_contents(3);
    assert!(few.run(|request| passes(true, request)).only().marginal.is_none_or(|known| known.of == 0));
}

fn breaks_5_and_fixes_3(request: &Request) -> Result<Response, ModelError> {
    let new = system(request).starts_with("two");
    passes(if new { input(request) != 5 } else { input(request) != 3 }, request)
}

#[test]
fn what_a_comparison_buys_itself_is_not_known_when_it_is_run_again() {
    // With its own answer case 5 would have ten, and be stable.
    let mut lab = over_contents(9);
    lab.base.insert("prompts.yaml", "p: \"one and more\"\n");
    lab.head.insert("prompts.yaml", "p: \"two and more\"\n");
    let verdicts = [(); 3].map(|()| lab.run(breaks_5_and_fixes_3).only().verdict);
    assert_eq!(verdicts, [Verdict::Mixed; 3]);
}

#[test]
fn the_break_of_a_case_that_passed_with_every_content_is_not_traded() {
    let verdict = |contents| {
        let mut lab = over_contents(contents);
        lab.base.insert("prompts.yaml", "p: \"one and more\"\n");
        // The old prompt's answers are stored before the change, as on main.
        lab.head.insert("prompts.yaml", "p: \"one and all\"\n");
        lab.run(breaks_5_and_fixes_3);
        lab.head.insert("prompts.yaml", "p: \"two and more\"\n");
        lab.run(breaks_5_and_fixes_3).only().verdict
    };
    assert_eq!(verdict(12), Verdict::Regression);
    assert_eq!(verdict(0), Verdict::Mixed, "nothing is known of the case");
}

#[test]
fn a_case_that_turned_in_earlier_comparisons_is_marginal_now_and_again() {
    let mut lab = Lab::edited(40);
    for round in 0..30 {
        lab.head.insert("prompts.yaml", format!("p: \"two {round}\"\n"));
        let run = lab.run(turning);
        assert!(run.only().marginal.is_none_or(|marginal| marginal.cases <= 1));
        let comparison = run.only().comparison.clone();
        let report = serde_json::json!({"prompts": [{"id": "p", "comparison": comparison}]}).to_string();
        lab.store.keep_run(&RunRecord { ended_at: round, report }).unwrap();
    }
    lab.head.insert("prompts.yaml", "p: \"three\"\n");
    let run = lab.run(turning);
    let known = run.only().marginal.expect("a history");
    assert_eq!(known.cases, 1, "{known:?}");
    assert!(
        run.only().notes.iter().any(|note| note.contains("marginal for this model")),
        "{:?}",
        run.only().notes
    );
    // What this comparison adds to the history changes nothing when it is run again.
    let comparison = run.only().comparison.clone();
    let report = serde_json::json!({"prompts": [{"id": "p", "comparison": comparison}]}).to_string();
    lab.store.keep_run(&RunRecord { ended_at: 99, report }).unwrap();
    assert_eq!(lab.run(turning).only().marginal, Some(known));
}
