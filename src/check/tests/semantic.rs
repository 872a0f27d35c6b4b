//! `semantic`: which texts are asked about, and what their vectors make of an answer.

use super::*;
use crate::model::Embedding;

fn told_of(vectors: &[(&str, &[f32])], expected: Option<&str>, text: &str) -> (String, Vec<String>) {
    let check = check(json!({"semantic": {"model": "m", "threshold": 0.9}}));
    let (response, mut readings) = (answer(text), Readings::new());
    for (text, numbers) in vectors {
        let question = EmbeddingQuestion { model: "m".to_owned(), text: (*text).to_owned() };
        let vector =
            Embedding::new(numbers.to_vec()).map(Reading::Vector).unwrap_or_else(Reading::Unreadable);
        readings.insert(Question::Embedding(question).id(), vec![vector]);
    }
    let scoring = Scoring { checks: std::slice::from_ref(&check), expected, ..Scoring::default() };
    let subject = Subject { response: &response, cost_usd: None };
    let result = scoring.score(subject, &readings).results.remove(0);
    let open = scoring.questions(subject, &readings).into_iter().map(|open| match open.question {
        Question::Embedding(of) => format!("{} x{}", of.text, open.votes),
        Question::Judge(_) => "a judge".to_owned(),
    });
    (format!("{:?}: {}", result.outcome, result.reason), open.collect())
}

#[test]
fn each_text_is_asked_about_once_and_only_where_it_matters() {
    let told = |vectors: &[(&str, &[f32])], text: &str| told_of(vectors, Some(" wanted "), text);
    assert_eq!(
        told(&[], "other"),
        ("NotAsked: m was not asked".to_owned(), vec!["wanted x1".to_owned(), "other x1".to_owned()])
    );
    assert_eq!(told(&[("wanted", &[1.0])], "other").1, ["other x1"]);
    for (text, found) in
        [(" wanted\n", "Passed: it is the same text"), (" ", "Failed: the text is empty, wanted \"wanted\"")]
    {
        assert_eq!(told(&[], text), (found.to_owned(), Vec::new()));
    }
    let (missing, open) = told_of(&[], None, "other");
    assert_eq!(missing, "Unscored: the case has no `expected` to compare with");
    assert!(open.is_empty());
}

#[test]
fn a_text_that_is_not_embedded_yet_stays_open_when_the_other_is_known() {
    let check = check(json!({"semantic": {"model": "m", "threshold": 0.9}}));
    let response = answer("other");
    let scoring =
        Scoring { checks: std::slice::from_ref(&check), expected: Some("wanted"), ..Scoring::default() };
    let subject = Subject { response: &response, cost_usd: None };
    let known = |inquiry: &Inquiry| -> Result<Option<Reading>, std::convert::Infallible> {
        let is_wanted = format!("{:?}", inquiry.request).contains("wanted");
        Ok(is_wanted.then(|| Reading::Vector(Embedding::new(vec![1.0]).expect("a vector"))))
    };
    let Ok(found) = scoring.consult(subject, &[], known);
    assert_eq!(found.open.len(), 1, "{:?}", found.open);
    assert!(format!("{:?}", found.open[0].request).contains("other"));
}

#[test]
fn the_angle_between_the_vectors_decides() {
    let found = |wanted: &[f32], other: &[f32]| {
        told_of(&[("wanted", wanted), ("other", other)], Some("wanted"), "other").0
    };
    insta::assert_snapshot!(
        [
            found(&[1.0, 0.0], &[2.0, 0.1]),
            found(&[3.0, 4.0], &[4.0, 3.0]),
            found(&[1.0, 0.0], &[4.0, 3.0]),
            found(&[1.0, 0.0], &[-1.0, 0.0]),
            found(&[1.0, 0.0], &[1.0]),
            found(&[1.0], &[0.0]),
        ]
        .join("\n"), @r#"
    Passed: semantic similarity 0.998
    Passed: semantic similarity 0.96
    Failed: semantic similarity 0.8 is below 0.9: wanted "wanted", found "other"
    Failed: semantic similarity 0 is below 0.9: wanted "wanted", found "other"
    Unscored: m gave vectors of different lengths
    Unscored: m gave no embedding of "other": its vector is zero, which has no direction
    "#);
}

#[test]
fn model_and_threshold_are_named_and_belong_to_the_score() {
    let base = json!({"semantic": {"model": "m", "threshold": 0.9}});
    for other in [
        json!({"semantic": {"model": "n", "threshold": 0.9}}),
        json!({"semantic": {"model": "m", "threshold": 0.8}}),
        json!({"semantic": {"to": "a", "model": "m", "threshold": 0.9}}),
    ] {
        assert!(!same(base.clone(), other));
    }
    let refused = |value: Value| parse(&value).unwrap_err().to_string();
    for (value, why) in [
        (json!({"semantic": "a"}), "`semantic` has no `model`"),
        (json!({"semantic": {"model": "m"}}), "`semantic` has no `threshold`"),
        (json!({"semantic": {"model": "a b", "threshold": 0.5}}), "`model` must be a name without spaces"),
        (
            json!({"semantic": {"model": "m", "threshold": 2}}),
            "`threshold` takes a number above 0, at most 1",
        ),
        (
            json!({"semantic": {"to": "", "model": "m", "threshold": 0.5}}),
            "`semantic` compares with an empty text",
        ),
    ] {
        let told = refused(value);
        assert!(told.contains(why), "{told}");
    }
    assert_eq!(
        check(json!({"any": [base, {"semantic": {"to": "x", "model": "n", "threshold": 1}}]})).models(),
        ["m", "n"]
    );
}
