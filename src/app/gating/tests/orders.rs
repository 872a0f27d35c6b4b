//! Verdict and report do not depend on which call ends first.

use super::*;
use crate::report::json;

/// Answers that only the request decides: some cases broken, some flaky, one lost, all judged.
fn mixed(request: &Request) -> Result<Response, ModelError> {
    let luck = request.fingerprint().as_bytes()[0];
    if is_judge(request) {
        return graded(request, if luck < 20 { 0.2 } else { 0.9 });
    }
    match (input(request), of_candidate(request)) {
        (17, true) => error(ErrorClass::Invalid, "refused"),
        (29, false) => error(ErrorClass::TimedOut, "gone"),
        (case, true) if case % 9 == 4 => passes(false, request),
        _ => passes(luck > 25, request),
    }
}

fn report(pace: u64, fail_fast: bool) -> serde_json::Value {
    let mut lab = Lab::edited(40);
    lab.configure(&format!("gate: {{fail_fast: {fail_fast}}}\ncalls: {{concurrency: 7}}"));
    for tree in [&mut lab.base, &mut lab.head] {
        let golden = text_of(tree, "golden/p.yaml").replace("\"yes\"}", "\"yes\"}, {judge: \"Says yes.\"}");
        tree.insert("golden/p.yaml", golden);
        let config =
            text_of(tree, "prompt-assay.yaml").replace("models: {", "models: {judge: amazon.nova-pro-v1:0, ");
        tree.insert("prompt-assay.yaml", config);
    }
    lab.pace = Some(pace);
    let rendered = json::render(&lab.run(mixed).report);
    json::stable(&serde_json::from_str(&rendered).expect("JSON"))
}

#[test]
fn the_report_does_not_depend_on_the_order_of_answers() {
    for fail_fast in [true, false] {
        let one = report(0, fail_fast);
        for pace in 1..7 {
            assert_eq!(one, report(pace, fail_fast), "order {pace}");
        }
    }
}
