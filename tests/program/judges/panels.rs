//! A panel of different models: each has a vote, is named in the report, priced, allowed and kept from judging itself.

use super::*;

const PANEL: [&str; 3] = ["amazon.nova-pro-v1:0", "mistral.mistral-large-2407-v1:0", "deepseek.v3-v1:0"];

/// A project with two cases, judged by the panel, whose prompt is edited.
fn panel(rest: &str) -> Project {
    let models = PANEL.join(", ");
    let config = format!(
        "models: {{branch: {UNDER_TEST}}}\njudge: {{panel: [{models}]}}\ncalls: {{concurrency: 1}}\n{rest}"
    );
    with_config(&config)
}

/// Judges by model: the score of an answer that greets kindly.
fn standin(score: impl Fn(&str) -> f64 + Send + Sync + 'static) -> Standin {
    Standin::start(account(false), move |call| {
        let is_kind = |text: &str| text.contains("kindly");
        match form(call) {
            "none" if call.system.as_deref().is_some_and(is_kind) => Answer::text("Hi, kindly").into(),
            "none" => Answer::text("Hello Ada").into(),
            _ if is_kind(&call.messages[0].text) => {
                let score = score(&call.model);
                let reasoning = if score < 0.7 { "It does not greet." } else { "It greets." };
                answered(call, json!({"reasoning": reasoning, "score": score}))
            }
            _ => answered(call, fine()),
        }
    })
    .expect("a free loopback port")
}

fn json_of(project: &Project, standin: &Standin) -> Ran {
    let mut command = project.command(&["eval", "--base", "HEAD", "--format", "json"]);
    rules_over_http::at(&mut command, standin);
    project.ran(&mut command)
}

/// What the checks of the first case's new answer say.
fn said(ran: &Ran) -> String {
    let report = ran.json();
    let checks = report["prompts"][0]["results"][0]["detail"]["candidate"]["checks"].as_array().cloned();
    let checks = checks.unwrap_or_else(|| panic!("{}", report["prompts"][0]["results"][0]));
    let line = |check: &Value| format!("{} {}: {}", check["check"], check["outcome"], check["reason"]);
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_report_names_which_judge_said_what() {
    let (project, standin) =
        (panel(""), standin(|model| if model.starts_with("mistral") { 0.2 } else { 0.9 }));
    let ran = json_of(&project, &standin);
    assert_eq!(ran.status, 0, "{}", ran.told());
    let asked: std::collections::BTreeSet<String> =
        standin.requests().iter().map(|request| request.call.model.clone()).collect();
    assert!(PANEL.iter().all(|judge| asked.contains(*judge)), "{asked:?}");
    assert_eq!(ran.json()["prompts"][0]["models"]["judge"], json!(PANEL));
    // What each costs is told apart.
    let lines = ran.json()["calls"]["lines"].clone();
    let models = lines.as_array().expect("lines").iter().filter(|line| line["lane"] == "judge");
    let models: std::collections::BTreeSet<&str> = models.filter_map(|line| line["model"].as_str()).collect();
    assert_eq!(models, PANEL.into());
    assert_snapshot!(said(&ran), @r#"
    "judge \"Is a greeting.\"" "passed": "the judge's 0.9 reaches 0.7: It greets. (2 of 3 judges: amazon.nova-pro-v1:0 0.9, mistral.mistral-large-2407-v1:0 0.2, deepseek.v3-v1:0 0.9)"
    "amazon.nova-pro-v1:0 on judge \"Is a greeting.\"" "advisory_met": "0.9: It greets."
    "mistral.mistral-large-2407-v1:0 on judge \"Is a greeting.\"" "advisory_missed": "0.2: It does not greet."
    "deepseek.v3-v1:0 on judge \"Is a greeting.\"" "advisory_met": "0.9: It greets."
    "#);
}

#[test]
fn the_majority_decides_and_the_comment_says_whose_it_is() {
    let (project, standin) =
        (panel(""), standin(|model| if model.starts_with("mistral") { 0.9 } else { 0.2 }));
    let mut command = project.command(&["eval", "--base", "HEAD", "--format", "markdown"]);
    rules_over_http::at(&mut command, &standin);
    let ran = project.ran(&mut command);
    assert_eq!(ran.status, 1, "{}", ran.told());
    let told = "(2 of 3 judges: amazon.nova-pro-v1:0 0.2, mistral.mistral-large-2407-v1:0 0.9, deepseek.v3-v1:0 0.2)";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    for model in PANEL {
        assert!(ran.stdout.contains(&format!("<code>{model}</code>")), "{model}: {}", ran.stdout);
    }
}

#[test]
fn a_judge_that_cannot_be_read_is_named_and_the_others_decide() {
    let broken = |broken: usize| {
        let standin = Standin::start(account(false), move |call| match form(call) {
            "none" => answered(call, fine()),
            _ if PANEL[..broken].contains(&call.model.as_str()) => Answer::text("No.").into(),
            _ => answered(call, fine()),
        });
        let standin = standin.expect("a free loopback port");
        json_of(&panel(""), &standin)
    };
    assert_eq!(broken(1).status, 0, "{}", broken(1).told());
    let ran = broken(2);
    assert_eq!(ran.status, 3, "{}", ran.told());
    let lost = ran.json()["prompts"][0]["lost_because"].clone();
    let told = if lost.is_null() { ran.stdout.clone() } else { lost.to_string() };
    assert!(told.contains("the judge amazon.nova-pro-v1:0 is unreadable"), "{told}");
}

#[test]
fn every_judge_is_planned_priced_and_allowed() {
    let project = panel("budget: {max_cost: 1}\n");
    let plan = project.run(&["plan", "--base", "HEAD", "--format", "json"]);
    // Two votes at least on each of four answers.
    assert_eq!(plan.json()["estimate"]["judge_calls"], 8, "{}", plan.told());
    let policy = project.run(&["iam", "evaluation", "--account", "123456789012", "--region", "us-east-1"]);
    for judge in PANEL {
        assert!(policy.stdout.contains(judge), "{judge}: {}", policy.told());
    }
    project.edit("prompt-assay.yaml", PANEL[2], "acme.unheard-of-v1:0");
    let ran = json_of(&project, &standin(|_| 0.9));
    assert_eq!(ran.status, 2, "{}", ran.told());
    assert!(ran.stderr.contains("acme.unheard-of-v1:0"), "{}", ran.stderr);
}

#[test]
fn no_member_judges_its_own_answers() {
    let project = panel("");
    project.edit("prompt-assay.yaml", PANEL[1], &format!("us.{UNDER_TEST}"));
    let ran = json_of(&project, &standin(|_| 0.9));
    assert_eq!(ran.status, 2, "{}", ran.told());
    assert_snapshot!(ran.stderr, @"
    error: `us.amazon.nova-lite-v1:0` would judge its own answers, and models prefer what they write themselves
      --> prompt-assay.yaml
       = name another model under `judge: {panel: [...]}`, or allow it with `judge: {allow_self_judge: true}`

    1 error; nothing was evaluated
    ");
}
