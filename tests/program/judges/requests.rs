//! What is sent, over a whole run: `expected` never to the model under test, nothing to a judge about what is decided
//! without it, the same question three times at most, and the rubric where a provider can cache it.

use std::collections::BTreeMap;

use super::*;

fn start(reply: impl Fn(&ConverseCall) -> Reply + Send + Sync + 'static) -> Standin {
    Standin::start(account(false), reply).expect("a free loopback port")
}

fn of(golden: &str) -> Project {
    let project = project("amazon.nova-pro-v1:0");
    project.write("golden/greet.yaml", golden);
    project
}

fn is_judges(call: &ConverseCall) -> bool {
    form(call) != "none"
}

/// A verdict of whatever kind is asked for: the answer fails if it is curt.
fn any_verdict(call: &ConverseCall) -> Reply {
    let tool = call.body["toolConfig"]["tools"][0]["toolSpec"]["name"].as_str().expect("a tool").to_owned();
    let is_good = !call.messages[0].text.contains("Hi, curtly");
    let object = match tool.as_str() {
        "score" => json!({"reasoning": "Because.", "score": u8::from(is_good)}),
        "criteria" => json!({"evidence_1": "", "met_1": is_good}),
        "factuality" => {
            json!({"reasoning": "Because.", "relation": if is_good { "same" } else { "disagrees" }})
        }
        "faithfulness" => {
            json!({"claims": [{"claim": "It greets.", "quote": "Hello", "supported": is_good}]})
        }
        "pairwise" => json!({"reasoning": "Because.", "better": "equal"}),
        other => panic!("{other}"),
    };
    Reply::tool_use(&tool, verdict(call, object))
}

#[test]
fn expected_is_never_in_the_candidates_request() {
    const EXPECTED: &str = "Names the password hunter2-7391.";
    let checks = [
        "judge: Is a greeting.",
        "criteria: [Is a greeting.]",
        "factuality: true",
        "faithfulness: context",
        "pairwise: true",
        "equals: \"x\"",
        "similarity: {threshold: 0.1}",
    ];
    for check in checks {
        let cases: String = (0..4)
            .map(|n| {
                format!(
                    "  - {{id: case-{n}, input: Question {n}, vars: {{context: All is well.}}, expected: \"{EXPECTED}\", \
                     checks: [{{{check}}}]}}\n"
                )
            })
            .collect();
        let project = of(&format!("cases:\n{cases}"));
        let standin = start(|call| match call.system.as_deref() {
            _ if is_judges(call) => any_verdict(call),
            Some(system) if system.contains("kindly") => Answer::text("Hi, curtly").into(),
            _ => Answer::text("Hello Ada").into(),
        });
        let ran = eval(&project, &standin);
        assert!([0, 1].contains(&ran.status), "{check}: {}", ran.told());
        let requests = standin.requests();
        let (judges, candidates): (Vec<_>, Vec<_>) =
            requests.iter().map(|request| &request.call).partition(|call| is_judges(call));
        assert!(candidates.len() >= 8, "{check}: both sides, and again");
        for call in candidates {
            assert!(!call.body.to_string().contains("hunter2-7391"), "{check}: {}", call.body);
        }
        // The control: it is there to be found.
        let shows =
            ["judge", "criteria", "factuality", "pairwise"].iter().any(|kind| check.starts_with(kind));
        let seen = judges.iter().filter(|call| call.body.to_string().contains("hunter2-7391")).count();
        assert_eq!(seen > 0, shows, "{check}: {seen} of {}", judges.len());
    }
}

#[test]
fn a_judge_is_not_asked_where_a_check_without_one_decides() {
    let case = |id: &str| {
        format!(
            "  - {{id: {id}, input: Good {id}, checks: [{{judge: Is a greeting.}}, {{contains: Hello}}]}}\n"
        )
    };
    let project = of(&format!("cases:\n{}{}", case("morning"), case("evening")));
    let standin = start(|call| match &call.messages[0].text {
        _ if is_judges(call) => any_verdict(call),
        text if text.contains("evening") => Answer::text("Goodbye").into(),
        _ => Answer::text("Hello Ada").into(),
    });
    let ran = eval(&project, &standin);
    assert_eq!(ran.status, 0, "both prompts fail in the evening: {}", ran.told());
    let about = |word: &str| {
        let requests = standin.requests();
        requests
            .iter()
            .filter(|request| is_judges(&request.call) && request.call.messages[0].text.contains(word))
            .count()
    };
    assert_eq!((about("Goodbye"), about("Hello Ada")), (0, 1), "both prompts gave one and the same answer");
}

#[test]
fn the_same_question_is_asked_three_times_at_most_in_a_run() {
    let cases: String = (10..70).map(|n| format!("  - {{id: case-{n}, input: Question {n}}}\n")).collect();
    let project = of(&format!("defaults: {{checks: [{{judge: Is a greeting.}}]}}\ncases:\n{cases}"));
    // A tenth of the questions are never answered readably. The new prompt's answers are bad in some cases, so that these
    // are asked again, with the same answers.
    let is_unreadable = |text: &str| text.starts_with("MARK is 0") || text.starts_with("MARK is 1");
    let standin = start(move |call| {
        let text = &call.messages[0].text;
        match call.system.as_deref() {
            _ if is_judges(call) && is_unreadable(text) => Answer::text("I would rather not say.").into(),
            _ if is_judges(call) => any_verdict(call),
            Some(system)
                if system.contains("kindly")
                    && text.contains("Question 1")
                    && !text.contains("Question 15") =>
            {
                Answer::text("Hi, curtly").into()
            }
            _ => Answer::text("Hello Ada").into(),
        }
    });
    let mut command = project.command(&["eval", "--base", "HEAD", "--format", "json"]);
    rules_over_http::at(&mut command, &standin);
    let report = project.ran(&mut command).json();
    let lines = report["calls"]["lines"].as_array().expect("lines");
    let again = lines.iter().any(|line| line["lane"] == "judge" && line["phase"] == "confirm");
    assert!(again, "some answers are judged in re-runs, too: {}", report["calls"]);
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for request in standin.requests().iter().filter(|request| is_judges(&request.call)) {
        *asked.entry(request.call.messages[0].text.clone()).or_default() += 1;
    }
    let unreadable: Vec<usize> =
        asked.iter().filter(|(text, _)| is_unreadable(text)).map(|(_, times)| *times).collect();
    assert!(unreadable.len() > 2, "{unreadable:?}");
    assert!(unreadable.iter().all(|times| *times == 3), "{unreadable:?}");
    let readable = asked.iter().filter(|(text, _)| !is_unreadable(text));
    assert!(readable.into_iter().all(|(_, times)| *times == 1), "{asked:?}");
}

#[test]
fn the_rubric_stands_where_a_provider_can_cache_it() {
    let rubric = "It greets the person by name. ".repeat(200);
    let rubric = rubric.trim();
    let cases: String = (10..16).map(|n| format!("  - {{id: case-{n}, input: Question {n}}}\n")).collect();
    let project = of(&format!("defaults: {{checks: [{{judge: \"{rubric}\"}}]}}\ncases:\n{cases}"));
    let standin = start(|call| match is_judges(call) {
        true => any_verdict(call),
        false => Answer::text(format!("Hello Ada, {}", call.messages[0].text.trim())).into(),
    });
    let ran = eval(&project, &standin);
    assert_eq!(ran.status, 0, "{}", ran.told());
    let requests = standin.requests();
    let judges: Vec<&ConverseCall> =
        requests.iter().map(|request| &request.call).filter(|call| is_judges(call)).collect();
    let beginning = |call: &ConverseCall| (call.body["system"][0].clone(), call.body["toolConfig"].clone());
    assert!(judges.len() >= 6);
    for call in &judges {
        assert_eq!(
            beginning(call),
            beginning(judges[0]),
            "what all answers share comes first, and is the same"
        );
        assert!(!call.messages[0].text.contains("by name"), "the message has only what differs");
    }
    assert!(judges[0].body["system"][0]["text"].as_str().is_some_and(|text| text.contains(rubric)));
    let cached =
        judges.iter().filter(|call| call.body["system"][1]["cachePoint"]["type"] == "default").count();
    assert_eq!(cached, judges.len() - 1, "all but the first, which does not know that more follow");
}
