//! `pairwise` from the change to the comment: both orders are asked, and a preference counts only if they agree.

use super::*;

const CASES: usize = 12;

/// A graded prompt whose edit makes answers shorter, each compared with the old prompt's.
fn project() -> Project {
    let cases: String =
        (10..10 + CASES).map(|n| format!("  - {{id: case-{n}, input: Question {n}}}\n")).collect();
    let project = Project::new(&[
        ("prompts.yaml", "greet:\n  text: Greet warmly.\n  user: \"{{ input }}\"\n  score: mean\n"),
        (
            "golden/greet.yaml",
            &format!("defaults: {{checks: [{{pairwise: The friendlier one.}}]}}\ncases:\n{cases}"),
        ),
        (
            "prompt-assay.yaml",
            &format!(
                "models: {{branch: {UNDER_TEST}, judge: amazon.nova-pro-v1:0}}\ncalls: {{concurrency: 1}}\n"
            ),
        ),
    ]);
    project.edit("prompts.yaml", "warmly", "curtly");
    project
}

/// Where the warm answer stands, if it is one of the two.
fn warm(call: &ConverseCall) -> Option<&'static str> {
    let text = &call.messages[0].text;
    let place = |name: &str| text.find(&format!("<{name}-"));
    let at = text.find("Hello, dear friend")?;
    let second = place("second_answer")?;
    Some(if at < second { "first" } else { "second" })
}

fn standin(better: impl Fn(&ConverseCall) -> &'static str + Send + Sync + 'static) -> Standin {
    Standin::start(account(false), move |call| match form(call) {
        "none" if call.system.as_deref().is_some_and(|system| system.contains("warmly")) => {
            Answer::text("Hello, dear friend").into()
        }
        "none" => Answer::text("Hi.").into(),
        _ => {
            let object = json!({"reasoning": "One is friendlier.", "better": better(call)});
            Reply::tool_use("pairwise", verdict(call, object))
        }
    })
    .expect("a free loopback port")
}

fn ran(project: &Project, standin: &Standin, format: &str) -> Ran {
    let mut command = project.command(&["eval", "--base", "HEAD", "--format", format]);
    rules_over_http::at(&mut command, standin);
    project.ran(&mut command)
}

#[test]
fn a_judge_that_always_prefers_the_first_yields_ties_only() {
    let (project, standin) = (project(), standin(|_| "first"));
    let told = ran(&project, &standin, "json");
    assert_eq!(told.status, 0, "{}", told.told());
    let report = told.json();
    let results = report["prompts"][0]["results"].as_array().expect("results").clone();
    assert_eq!(results.len(), CASES);
    for result in &results {
        let check = &result["detail"]["candidate"]["checks"][0];
        assert_eq!(check["reason"], "a tie: the two orders do not agree on a better answer", "{result}");
        assert_eq!(result["candidate"]["score"], 0.5, "{result}");
        assert_eq!(result["baseline"]["score"], 0.5, "{result}");
    }
    // Each answer stands first once.
    let orders: Vec<&str> = standin
        .requests()
        .iter()
        .filter(|request| form(&request.call) != "none")
        .filter_map(|request| warm(&request.call))
        .collect();
    let first = orders.iter().filter(|order| **order == "first").count();
    assert_eq!((first, orders.len()), (CASES, 2 * CASES));
}

#[test]
fn a_preference_in_both_orders_is_found_and_told() {
    let (project, standin) = (project(), standin(|call| warm(call).unwrap_or("equal")));
    let told = ran(&project, &standin, "json");
    assert_eq!(told.status, 1, "{}", told.told());
    let prompt = told.json()["prompts"][0].clone();
    let judged =
        prompt["results"].as_array().expect("results").iter().find(|result| !result["candidate"].is_null());
    let check = judged.expect("a case that was asked")["detail"]["candidate"]["checks"][0].clone();
    assert_eq!(check["reason"], "worse than the old prompt's answer in both orders: One is friendlier.");
    let comment = ran(&project, &standin, "markdown");
    let top: Vec<&str> = comment.stdout.lines().take(12).collect();
    assert_snapshot!(top.join("\n"), @"
    ## ❌ Do not merge: this edit makes at least 8 of 12 cases of <code>greet</code> worse

    | Prompt | Passes |
    |:--|:--|
    | old | `████████████████████` 8&nbsp;of&nbsp;8 |
    | **new** | `░░░░░░░░░░░░░░░░░░░░` 0&nbsp;of&nbsp;8 |

    **Not bad luck:** the 8 cases were asked again, fresh: the old prompt kept its score in 8 of 8, the new one 0 of 8. This was clear after 8 of 12 cases.

    **What broke**

    - **8** worse than the old prompt's answer in both orders – <code>case-17</code>, <code>case-12</code>, <code>case-10</code>, <code>case-15</code>, <code>case-13</code>, <code>case-20</code> and 2 more
    ");
}

#[test]
fn the_better_answer_is_an_improvement() {
    let (project, standin) =
        (project(), standin(|call| if warm(call) == Some("first") { "second" } else { "first" }));
    let told = ran(&project, &standin, "json");
    assert_eq!((told.status, &told.json()["verdict"]), (0, &json!("IMPROVED")), "{}", told.told());
}
