//! The whole path in a repository with 60 cases: by a file of rules in the process, and by the
//! same rules behind Bedrock's HTTP interface, called through the real AWS SDK in a child process.

use prompt_assay::report::json;
use prompt_assay_standin::{Answer, Fault, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::Value;

const EVAL: [&str; 7] = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];

fn by_rules(project: &Project) -> Ran {
    project.run(&[&EVAL[..], &["--scripted", "rules.yaml"]].concat())
}

fn by_http(project: &Project, standin: &Standin) -> Ran {
    project.ran(rules_over_http::at(&mut project.command(&EVAL), standin))
}

/// The parts of a report that depend on content alone, and not on who carried the answers.
fn content(ran: &Ran) -> Value {
    let mut report = json::stable(&ran.json());
    let provider = report.as_object_mut().and_then(|report| report.shift_remove("provider"));
    assert!(provider.is_some(), "a report names its provider");
    // Nobody pays for rules.
    let prompts =
        report["prompts"].as_array_mut().expect("prompts").iter_mut().map(|prompt| &mut prompt["cost"]);
    prompts.for_each(|cost| drop(cost.as_object_mut().expect("a cost").shift_remove("hypothetical")));
    report["cost"].as_object_mut().expect("a cost").shift_remove("hypothetical");
    report
}

fn ids(cases: &Value) -> Vec<&str> {
    cases.as_array().expect("a list").iter().map(|case| case.as_str().expect("an id")).collect()
}

#[test]
fn rules_and_bedrock_over_http_break_the_same_cases() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let (rules, http) = (by_rules(&project), by_http(&project, &standin));
    assert_eq!((rules.status, http.status), (1, 1), "{}{}", rules.stderr, http.stderr);
    let report = content(&http);
    assert_eq!(content(&rules), report);
    assert_eq!(
        (&report["verdict"], &report["prompts"][0]["reason"]),
        (&"REGRESSION".into(), &"confirmed_breaks".into())
    );
    let broken = ids(&report["prompts"][0]["broken"]);
    assert!(!broken.is_empty(), "{report}");
    let named: Vec<String> = sixty_cases::BREAKS.iter().map(|number| format!("order-{number:02}")).collect();
    assert!(broken.iter().all(|id| named.iter().any(|name| name == id)), "{broken:?}");
    // The rules' answers were stored in the same database first, and replace nothing.
    let calls = &http.json()["calls"];
    let paid = ["baseline", "candidate", "judge"].map(|lane| calls[lane].as_u64().expect("a count"));
    let counters = standin.counters();
    assert_eq!(paid.iter().sum::<u64>(), counters.by_status[&200], "{calls}");
    assert!(paid.iter().all(|count| *count > 0) && counters.by_status[&429] > 0, "{calls}, {counters:?}");
}

#[test]
fn rules_and_bedrock_over_http_find_nothing_in_an_edit_that_breaks_nothing() {
    let project = sixty_cases::reworded();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let (rules, http) = (by_rules(&project), by_http(&project, &standin));
    assert_eq!((rules.status, http.status), (0, 0), "{}{}", rules.stderr, http.stderr);
    assert_eq!(content(&rules), content(&http));
    assert_eq!(content(&http)["prompts"][0]["screened"], 60);
}

#[test]
fn a_stored_answer_of_another_comparison_never_counts_as_fresh() {
    let project = sixty_cases::reworded();
    let standin = rules_over_http::start(sixty_cases::RULES);
    assert_eq!(by_http(&project, &standin).status, 0);
    let before = standin.requests().len();
    project.edit("prompts.yaml", "Name the order, then say what happens next.", "Name the order. Be brief.");
    project.commit("Another edit");
    let head = ["eval", "--base", "HEAD~2", "--head", "HEAD", "--format", "json"];
    let ran = project.ran(rules_over_http::at(&mut project.command(&head), &standin));
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    let prompt = &ran.json()["prompts"][0];
    assert_eq!(prompt["paid"], false, "the baseline's screening answers are those of the first comparison");
    let bought = &standin.requests()[before..];
    let baseline: Vec<&serde_json::Value> = bought
        .iter()
        .filter(|recorded| recorded.call.tools.is_empty() && recorded.status == Some(200))
        .filter(|recorded| !recorded.call.system.as_deref().is_some_and(|text| text.contains("brief")))
        .map(|recorded| &recorded.call.body)
        .collect();
    assert!(!baseline.is_empty(), "what blocks is bought on both sides: {prompt}");
    let earlier: Vec<_> =
        standin.requests()[..before].iter().map(|recorded| recorded.call.body.clone()).collect();
    assert!(baseline.iter().all(|body| !earlier.contains(body)), "{baseline:?}");
    assert_eq!(standin.counters().most_repeated, 2, "only what was throttled is asked again");
}

#[test]
fn a_request_refused_for_the_candidate_alone_scores_0() {
    let project = sixty_cases::reworded();
    let standin = rules_over_http::start_with(sixty_cases::RULES, |call, reply| {
        let is_candidate = call.system.as_deref().is_some_and(|text| text.contains("then say"));
        let is_refused = is_candidate && call.last_user_text().contains("order 8?");
        let too_long = "Input is too long for requested model.";
        if is_refused { Fault::Validation(too_long.to_owned()).into() } else { reply }
    });
    let ran = by_http(&project, &standin);
    assert_eq!(ran.status, 1, "{}{}", ran.stdout, ran.stderr);
    let prompt = &ran.json()["prompts"][0];
    assert_eq!(ids(&prompt["broken"]), ["order-08"]);
    assert_eq!(prompt["lost"], serde_json::json!([]));
}

#[test]
fn a_cut_or_filtered_answer_is_checked_like_any_other() {
    let project = sixty_cases::reworded();
    let standin = rules_over_http::start_with(sixty_cases::RULES, |call, reply| {
        let stop = if call.last_user_text().contains('1') { "max_tokens" } else { "content_filtered" };
        match call.tools.is_empty() {
            true => Answer::text("It is on its way.").stop(stop).into(),
            false => reply,
        }
    });
    let ran = by_http(&project, &standin);
    let prompt = &ran.json()["prompts"][0];
    assert_eq!((&prompt["lost"], &prompt["screened"]), (&serde_json::json!([]), &60.into()), "{prompt}");
    assert_eq!((&prompt["baseline"]["passed"], &prompt["candidate"]["passed"]), (&0.into(), &0.into()));
}

#[test]
fn spend_is_told_by_prompt_side_lane_and_phase_and_adds_up() {
    let project = sixty_cases::briefer();
    let report = by_rules(&project).json();
    let lines = report["calls"]["lines"].as_array().expect("a list");
    let sum = |which: &dyn Fn(&Value) -> bool, what: &str| {
        lines.iter().filter(|line| which(line)).filter_map(|line| line[what].as_u64()).sum::<u64>()
    };
    let of = |lane: &'static str, side: &'static str| {
        sum(&move |line: &Value| line["lane"] == lane && line["side"] == side, "bought")
    };
    let calls = &report["calls"];
    assert_eq!(of("prompt", "baseline"), calls["baseline"]);
    assert_eq!(of("prompt", "candidate"), calls["candidate"]);
    assert_eq!(of("judge", "baseline") + of("judge", "candidate"), calls["judge"]);
    let all = |what: &str| sum(&|_| true, what);
    assert_eq!(
        (all("input_tokens"), all("output_tokens")),
        (number(&calls["input_tokens"]), number(&calls["output_tokens"]))
    );
    let usd: f64 = lines.iter().filter_map(|line| line["spent_usd"].as_f64()).sum();
    assert!((usd - report["cost"]["spent_usd"].as_f64().expect("known prices")).abs() < 1e-9);
    let phases: std::collections::BTreeSet<&str> =
        lines.iter().filter_map(|line| line["phase"].as_str()).collect();
    assert_eq!(phases.into_iter().collect::<Vec<_>>(), ["confirm", "screen"]);
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a count")
}
