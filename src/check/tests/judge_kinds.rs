//! What each kind of question to the judge makes of a verdict.

use std::collections::BTreeMap;

use super::judging::{conversation, shown};
use super::scoring::{checks, judge};
use super::*;

/// The finding of a check that the judge answers with an object; `code` is added.
fn found(value: Value, given: Scoring<'_>, text: &str, object: &Value) -> CaseScore {
    let (checks, judge, response) = ([check(value)], judge(), answer(text));
    let scoring = Scoring { checks: &checks, judge: Some(&judge), ..given };
    let subject = Subject { response: &response, cost_usd: None };
    let known = |inquiry: &Inquiry| {
        let mut object = object.clone();
        object["code"] = control_code(&inquiry.request).into();
        let tool = inquiry.request.tools[0].name.clone();
        Ok::<_, std::convert::Infallible>(Some(inquiry.read(&call(&tool, object))))
    };
    let Ok(consultation) = scoring.consult(subject, &conversation("Hi"), known);
    assert!(consultation.open.is_empty());
    scoring.score(subject, &consultation.readings)
}

fn lines(score: &CaseScore) -> String {
    let line = |r: &CheckResult| format!("{} | {:?} {:?} | {}", r.label, r.outcome, r.score, r.reason);
    score.results.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_finding_in_words() {
    let told = |object: Value| lines(&found(json!({"judge": "polite"}), Scoring::default(), "x", &object));
    insta::assert_snapshot!(all_told(&[
        told(json!({"score": 0.4, "reasoning": "Never names\nthe window."})),
        told(json!({"score": 0.9})),
        told(json!({"score": "7"})),
    ]), @r#"
    judge "polite" | Failed Some(0.4) | the judge's 0.4 is below 0.7: Never names\nthe window. (2 of 2 votes)
    judge "polite" | Passed Some(0.9) | the judge's 0.9 reaches 0.7
    judge "polite" | Unscored None | the judge is unreadable: its score is "7"
    "#);
    let without = result_of(&check(json!({"judge": "polite"})), &answer("x"), None);
    insta::assert_snapshot!(without.reason, @"no judge model is configured (`models: {judge: ...}`)");
}

#[test]
fn criteria_are_decided_one_by_one_and_counted_together() {
    let criteria = json!({
        "criteria": [
            "Names the 30-day window.",
            {"name": "money", "text": "Promises no money.", "weight": 3}
        ],
        "threshold": 0.7
    });
    let told = |one: Value, two: Value| {
        let object = json!({"evidence_1": "30 days", "met_1": one, "evidence_2": "", "met_2": two});
        let score = found(criteria.clone(), Scoring::default(), "30 days", &object);
        format!("{}\n{:?}", lines(&score), score.score)
    };
    insta::assert_snapshot!(all_told(&[
        told(json!(true), json!(true)),
        told(json!(false), json!(true)),
        told(json!(true), json!(false)),
        told(json!(true), json!("yes")),
    ]), @r#"
    criteria "Names the 30-day window.", "money" | Passed Some(1.0) | every criterion is met (2)
    Names the 30-day window. | AdvisoryMet None | "30 days"
    money | AdvisoryMet None | no evidence
    Scored { value: 1.0, passed: true }
    criteria "Names the 30-day window.", "money" | Passed Some(0.75) | 1 of 2 criteria are met, 0.75 reaches 0.7; not met: "Names the 30-day window."
    Names the 30-day window. | AdvisoryMissed None | "30 days"
    money | AdvisoryMet None | no evidence
    Scored { value: 1.0, passed: true }
    criteria "Names the 30-day window.", "money" | Failed Some(0.25) | 1 of 2 criteria are met, 0.25 is below 0.7; not met: "money" (2 of 2 votes)
    Names the 30-day window. | AdvisoryMet None | "30 days"
    money | AdvisoryMissed None | no evidence
    Scored { value: 0.0, passed: false }
    criteria "Names the 30-day window.", "money" | Unscored None | the judge is unreadable: its `met_2` is "yes"
    Unscored { reason: "criteria \"Names the 30-day window.\", \"money\": the judge is unreadable: its `met_2` is \"yes\"" }
    "#);
}

#[test]
fn factuality_compares_with_what_is_expected() {
    let told = |value: Value, relation: &str| {
        let given = Scoring { expected: Some("30 days"), ..Scoring::default() };
        lines(&found(value, given, "30 days", &json!({"reasoning": "So.", "relation": relation})))
    };
    insta::assert_snapshot!(all_told(&[
        told(json!({"factuality": true}), "same"),
        told(json!({"factuality": true}), "Superset"),
        told(json!({"factuality": true}), "subset"),
        told(json!({"factuality": {"pass": ["same", "subset"]}}), "subset"),
        told(json!({"factuality": true}), "immaterial"),
        told(json!({"factuality": true}), "disagrees"),
        told(json!({"factuality": true}), "similar"),
    ]), @r#"
    factuality | Passed Some(1.0) | same, it states the same facts: So.
    factuality | Passed Some(1.0) | superset, it states all of the facts and more that do not contradict them: So.
    factuality | Failed Some(0.0) | subset, it states some of the facts and contradicts none: So. (2 of 2 votes)
    factuality | Passed Some(1.0) | subset, it states some of the facts and contradicts none: So.
    factuality | Passed Some(1.0) | immaterial, it differs in ways that do not matter for the facts: So.
    factuality | Failed Some(0.0) | disagrees, it contradicts at least one of the facts: So. (2 of 2 votes)
    factuality | Unscored None | the judge is unreadable: its relation is "similar"
    "#);
    let without = result_of(&check(json!({"factuality": true})), &answer("x"), None);
    assert_eq!(without.outcome, Outcome::Unscored);
}

#[test]
fn faithfulness_counts_supported_claims_and_names_an_answer_without_any() {
    let variables = BTreeMap::from([("context".to_owned(), json!(["Built in 1930.", "Made of steel."]))]);
    let told = |value: Value, claims: Value| {
        let given = Scoring { variables: Some(&variables), ..Scoring::default() };
        lines(&found(value, given, "x", &json!({"claims": claims})))
    };
    let claim =
        |claim: &str, supported: bool| json!({"claim": claim, "evidence": "", "supported": supported});
    let half = json!([claim("built in 1930", true), claim("the tallest", false)]);
    insta::assert_snapshot!(all_told(&[
        told(json!({"faithfulness": true}), json!([claim("built in 1930", true)])),
        told(json!({"faithfulness": true}), half.clone()),
        told(json!({"faithfulness": true, "threshold": 0.5}), half.clone()),
        told(json!({"faithfulness": true}), json!([])),
        told(json!({"faithfulness": "context"}), json!([])),
        told(json!({"faithfulness": "manual"}), json!([])),
        told(json!({"faithfulness": true}), json!([{"claim": "x"}])),
    ]), @r#"
    faithfulness | Passed Some(1.0) | every claim is supported (1)
    built in 1930 | AdvisoryMet None | no evidence
    faithfulness | Failed Some(0.5) | 1 of 2 claims are supported, 0.5 is below 1; not supported: "the tallest" (2 of 2 votes)
    built in 1930 | AdvisoryMet None | no evidence
    the tallest | AdvisoryMissed None | no evidence
    faithfulness | Passed Some(0.5) | 1 of 2 claims are supported, 0.5 reaches 0.5; not supported: "the tallest"
    built in 1930 | AdvisoryMet None | no evidence
    the tallest | AdvisoryMissed None | no evidence
    faithfulness | Passed Some(1.0) | vacuous: the answer makes no claim
    faithfulness to `context` | Passed Some(1.0) | vacuous: the answer makes no claim
    faithfulness to `manual` | Unscored None | the case has no variable `manual` to be faithful to
    faithfulness | Unscored None | the judge is unreadable: a claim of it is {"claim":"x"}
    "#);
    let print = |variables: &BTreeMap<String, Value>| {
        let checks = checks(json!([{"faithfulness": true}]));
        Scoring { checks: &checks, variables: Some(variables), ..Scoring::default() }.fingerprint()
    };
    let other = BTreeMap::from([("context".to_owned(), json!("Built in 1931."))]);
    let unused =
        BTreeMap::from([("context".to_owned(), variables["context"].clone()), ("x".to_owned(), json!(1))]);
    assert_ne!(print(&variables), print(&other));
    assert_eq!(print(&variables), print(&unused));
}

#[test]
fn pairwise_counts_only_where_both_orders_agree() {
    let reference = answer("the old answer");
    // A judge that prefers by what it is shown: `better` gets the text of the first and of the second answer.
    let told = |text: &str, better: &dyn Fn(&str, &str) -> &'static str| {
        let (checks, judge, response) =
            ([check(json!({"pairwise": "More helpful."}))], judge(), answer(text));
        let given = Scoring {
            checks: &checks,
            judge: Some(&judge),
            reference: Some(&reference),
            ..Scoring::default()
        };
        let subject = Subject { response: &response, cost_usd: None };
        let known = |inquiry: &Inquiry| {
            let shown = shown(&inquiry.request);
            let of =
                |name: &str| shown.split(&format!("<{name}_answer-")).nth(1).unwrap().lines().nth(1).unwrap();
            let object = json!({"reasoning": "So.", "better": better(of("first"), of("second")), "code": control_code(&inquiry.request)});
            Ok::<_, std::convert::Infallible>(Some(inquiry.read(&call("pairwise", object))))
        };
        let Ok(consultation) = given.consult(subject, &[], known);
        lines(&given.score(subject, &consultation.readings))
    };
    let longer = |one: &str, two: &str| if one.len() > two.len() { "first" } else { "second" };
    insta::assert_snapshot!(all_told(&[
        told("a new answer that is longer", &longer),
        told("short", &longer),
        told("short", &|_, _| "first"),
        told("short", &|_, _| "second"),
        told("short", &|_, _| "equal"),
        told("short", &|_, _| "third"),
        told("the old answer", &|_, _| "third"),
    ]), @r#"
    pairwise "More helpful." | Passed Some(1.0) | better than the old prompt's answer in both orders: So.
    pairwise "More helpful." | Failed Some(0.0) | worse than the old prompt's answer in both orders: So.
    pairwise "More helpful." | Passed Some(0.5) | a tie: the two orders do not agree on a better answer
    pairwise "More helpful." | Passed Some(0.5) | a tie: the two orders do not agree on a better answer
    pairwise "More helpful." | Passed Some(0.5) | a tie: the two orders do not agree on a better answer
    pairwise "More helpful." | Unscored None | the judge is unreadable: its `better` is "third"
    pairwise "More helpful." | Passed Some(0.5) | a tie: it is the old prompt's answer
    "#);
    let alone = result_of(&check(json!({"pairwise": true})), &answer("x"), None);
    insta::assert_snapshot!(alone.reason, @"there is no answer of the old prompt to compare with");
}
