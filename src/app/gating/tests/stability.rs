//! What earlier comparisons show of the cases.

use super::*;
use crate::store::RunRecord;

/// The baseline's case 3 passes at screening and every other time after that; the candidate fails it.
fn turning(request: &Request) -> Result<Response, ModelError> {
    let again = is_fresh(request) && Fingerprint::of_json(request).as_bytes()[0].is_multiple_of(2);
    passes(!(input(request) == 3 && (system(request) != "one" || again)), request)
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
