//! Laws that hold for all checks and all answers.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::scoring::judge;
use super::*;

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ab]{1,2}".prop_map(|text| json!({"contains": text})),
        "[ab]{0,3}".prop_map(|text| json!({"equals": text, "ignore_case": true})),
        "[ab]{1,3}".prop_map(|text| json!({"similarity": text, "threshold": 0.5})),
        "[ab]( [ab]){0,2}".prop_map(|text| json!({"rouge": {"to": text, "metric": "rouge1"}})),
        (0..4u64).prop_map(|n| json!({"length": {"max_chars": n}})),
        (0..3i64).prop_map(|n| json!({"number": {"value": n, "tolerance": 1}})),
        Just(json!({"equals": {"expected": true}})),
        "[rst]".prop_map(|rubric| json!({"judge": rubric})),
    ]
}

fn tree() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|check| json!({"not": check})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|checks| json!({"any": checks})),
            prop::collection::vec(inner, 1..4).prop_map(|checks| json!({"all": checks})),
        ]
    })
}

fn mode() -> impl Strategy<Value = ScoreMode> {
    prop_oneof![Just(ScoreMode::PassFail), Just(ScoreMode::Mean)]
}

fn reading() -> impl Strategy<Value = Option<Reading>> {
    prop_oneof![
        Just(None),
        Just(Some(Reading::Unreadable("odd".to_owned()))),
        (0..=4u8).prop_map(|quarter| {
            Some(Reading::Read { score: f64::from(quarter) / 4.0, reason: String::new(), points: Vec::new() })
        }),
    ]
}

/// Outcome and score of one check, with the same reading for every question.
fn outcome(value: &Value, mode: ScoreMode, text: &str, reading: &Option<Reading>) -> (Outcome, Option<f64>) {
    let (checks, judge, response) = ([check(value.clone())], judge(), answer(text));
    let scoring =
        Scoring { checks: &checks, expected: None, mode, judge: Some(&judge), ..Scoring::default() };
    let subject = Subject { response: &response, cost_usd: None };
    let questions = scoring.questions(subject, &Readings::new());
    let readings =
        questions.iter().filter_map(|q| Some((q.question.id(), vec![reading.clone()?; 3]))).collect();
    let result = scoring.score(subject, &readings).results.remove(0);
    (result.outcome, result.score)
}

fn near(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (a, b) => a == b,
    }
}

/// A check of every family; they are read once, because patterns and schemas take long to compile.
static EVERY_FAMILY: LazyLock<Vec<Check>> = LazyLock::new(|| {
    super::scoring::checks(json!([
        {"equals": "a", "ignore_case": true},
        {"ends_with": "ß", "ignore_case": true},
        {"contains": {"expected": true}},
        {"regex": "(?i)\\p{L}+"},
        {"json": true, "fenced": true},
        {"json_keys": ["a", "a[0]", "[*]"]},
        {"json_path": {"path": "a[-1].*", "number": 0}},
        {"json_schema": {"type": "object", "required": ["a"]}},
        {"number": {"value": 1, "relative": 0.5, "decimal_comma": true}},
        {"number": {"expected": true}},
        {"similarity": true},
        {"rouge": true},
        {"length": {"max_words": 3, "min_chars": 1}},
        {"tool_call": true},
        {"not": {"any": [{"json": true}, {"regex": "\\d"}]}}
    ]))
});

proptest! {
    #[test]
    fn not_not_is_nothing(tree in tree(), mode in mode(), text in "[ab1]{0,4}", reading in reading()) {
        let once = outcome(&tree, mode, &text, &reading);
        let thrice = outcome(&json!({"not": {"not": tree}}), mode, &text, &reading);
        prop_assert_eq!(once.0, thrice.0);
        prop_assert!(near(once.1, thrice.1));
    }

    #[test]
    fn spelling_does_not_matter(
        text in "[a-zß \n]{1,6}", ignore_case in any::<bool>(), threshold in 1..=9u8, weight in 1..4u8
    ) {
        let threshold = f64::from(threshold) / 10.0;
        let text = format!("x{text}");
        for (a, b) in [
            (
                json!({"equals": text, "ignore_case": ignore_case, "weight": weight}),
                json!({"weight": f64::from(weight), "equals": {"ignore_case": ignore_case, "value": text}}),
            ),
            (
                json!({"contains": text, "ignore_case": ignore_case, "name": "n"}),
                json!({"ignore_case": ignore_case, "contains_any": {"value": [text]}}),
            ),
            (
                json!({"not": {"judge": text, "threshold": threshold}}),
                json!({"not": {"judge": {"threshold": threshold, "rubric": format!("\n{text}\n")}}}),
            ),
            (
                json!({"similarity": text, "threshold": threshold, "ignore_case": ignore_case}),
                json!({"similarity": {"ignore_case": ignore_case, "threshold": threshold, "to": text}}),
            ),
        ] {
            prop_assert!(same(a.clone(), b.clone()), "{a} and {b}");
        }
    }

    #[test]
    fn any_and_all_are_dual(
        trees in prop::collection::vec(tree(), 1..4), mode in mode(), text in "[ab1]{0,4}", reading in reading()
    ) {
        let negated: Vec<Value> = trees.iter().map(|tree| json!({"not": tree})).collect();
        let any = outcome(&json!({"not": {"any": trees}}), mode, &text, &reading);
        let all = outcome(&json!({"all": negated}), mode, &text, &reading);
        prop_assert_eq!(any.0, all.0);
        prop_assert!(near(any.1, all.1));
    }

    #[test]
    fn questions_are_enough_to_score(
        trees in prop::collection::vec(tree(), 1..4), mode in mode(), text in "[ab1]{0,4}",
        quarters in prop::collection::vec(0..=4u8, 3)
    ) {
        let checks: Vec<Check> = trees.into_iter().map(check).collect();
        let (judge, response) = (judge(), answer(&text));
        let scoring = Scoring { checks: &checks, expected: Some("ab"), mode, judge: Some(&judge), ..Scoring::default() };
        let subject = Subject { response: &response, cost_usd: None };
        let questions = scoring.questions(subject, &Readings::new());
        let mut readings = Readings::new();
        for (question, quarter) in questions.iter().zip(quarters) {
            let score = f64::from(quarter) / 4.0;
            let vote = Reading::Read { score, reason: String::new(), points: Vec::new() };
            readings.insert(question.question.id(), vec![vote; 3]);
        }
        prop_assert!(scoring.questions(subject, &readings).is_empty());
        let Score::Scored { value, passed } = scoring.score(subject, &readings).score else {
            return Err(TestCaseError::fail("unscored"));
        };
        prop_assert!((0.0..=1.0).contains(&value));
        if mode == ScoreMode::PassFail {
            prop_assert_eq!(value, if passed { 1.0 } else { 0.0 });
        }
    }

    #[test]
    fn scoring_never_panics_and_reasons_stay_short(text in ".{0,60}|[0-9eE.,+−'\u{a0}-]{0,30}|[\\[{}\":,a\\]0]{0,30}") {
        let response = answer(&text);
        let scoring = Scoring { checks: &EVERY_FAMILY, expected: Some(&text), mode: ScoreMode::Mean, ..Scoring::default() };
        let score = scoring.score(Subject { response: &response, cost_usd: None }, &Readings::new());
        for result in score.results {
            prop_assert!(result.reason.chars().count() < 1000, "{}", result.reason);
            prop_assert!(!result.reason.contains(['\n', '\r', '\u{202e}']), "{}", result.reason);
        }
    }

    #[test]
    fn reading_never_panics(value in tree(), key in "[a-z_]{1,12}", other in tree()) {
        let mut value = value;
        if let Some(map) = value.as_object_mut() {
            map.insert(key, other);
        }
        if let Err(problems) = parse(&value) {
            prop_assert!(problems.has_errors());
        }
    }
}
