//! Every assertion of promptfoo: what has a counterpart decides the same, also in its `not-` form; the page lists all.

use std::collections::BTreeSet;

use prompt_assay::check::{Check, Outcome, Readings, Scoring, Subject};
use prompt_assay::foreign::promptfoo::names::{ASSERTIONS, Counterpart};
use prompt_assay::golden;
use prompt_assay::model::{Response, StopReason, Usage};
use prompt_assay::problem::Problems;
use prompt_assay::tree::MemoryTree;

/// An assertion of each type that a check decides, an answer that it accepts, and one that it does not.
const DECIDED: &[(&str, &str, &str, &str)] = &[
    ("assert-set", "assert: [{type: contains, value: a}, {type: contains, value: b}]", "ab", "a"),
    ("contains", "value: Ann", "Hello Ann", "Hello ann"),
    ("contains-all", "value: [a, b]", "b, a", "a"),
    ("contains-any", "value: [a, b]", "b", "c"),
    ("equals", "value: yes!", "yes!", "no"),
    ("icontains", "value: Ann", "HELLO ANN", "Hello"),
    ("icontains-all", "value: 'a, B'", "b A", "a"),
    ("icontains-any", "value: [a, B]", "b", "c"),
    ("is-json", "value: {type: object, required: [intent]}", "{\"intent\": 1}", "{}"),
    ("regex", "value: '^\\d+$'", "42", "x"),
    ("rouge-n", "value: the cat sat down", "the cat sat down", "dogs run away"),
    ("similar", "value: a, provider: 'openai:embedding:small'", "a", ""),
    (
        "similar:cosine",
        "value: a, provider: 'bedrock:embeddings:amazon.titan-embed-text-v2:0', threshold: 0.8",
        "a",
        "",
    ),
    ("starts-with", "value: Dear", "Dear Ann", "Hi"),
    ("word-count", "value: {min: 2, max: 3}", "one two", "one"),
    ("finish-reason", "value: stop", "any", ""),
];

/// An assertion of each type that a judge decides, and a part of its rubric.
const JUDGED: &[(&str, &str, &str)] = &[
    ("answer-relevance", "threshold: 0.8", "addresses what the input asks"),
    ("factuality", "value: Paris is in France", "Paris is in France"),
    ("g-eval", "value: [Polite, Brief]", "Polite\nBrief"),
    ("is-refusal", "", "refuses"),
    ("llm-rubric", "value: Polite", "Polite"),
    ("model-graded-closedqa", "value: Names the date", "Names the date"),
    ("model-graded-factuality", "value: Paris is in France", "Paris is in France"),
];

/// The check that an assertion becomes.
fn check(kind: &str, rest: &str) -> Result<Check, Problems> {
    let comma = if rest.is_empty() { "" } else { ", " };
    let text = format!(
        "prompts: [\"{{{{q}}}}\"]\ntests:\n  - vars: {{q: a}}\n    assert: [{{type: {kind}{comma}{rest}}}]\n"
    );
    let tree = MemoryTree::new([("promptfooconfig.yaml", text)]);
    let mut problems = Problems::new();
    let set = golden::read(&tree, "promptfooconfig.yaml", &mut BTreeSet::new(), &mut problems);
    set.map(|set| set.cases[0].checks[0].clone()).ok_or(problems)
}

fn passes(check: &Check, text: &str) -> bool {
    let stop = if text.is_empty() { StopReason::MaxTokens } else { StopReason::EndTurn };
    let response = Response {
        text: text.to_owned(),
        tool_calls: Vec::new(),
        stop,
        usage: Usage::default(),
        latency_ms: Some(9),
    };
    let scoring = Scoring { checks: std::slice::from_ref(check), ..Scoring::default() };
    let score = scoring.score(Subject { response: &response, cost_usd: None }, &Readings::new());
    score.results[0].outcome == Outcome::Passed
}

#[test]
fn what_a_check_decides_is_decided_the_same_also_negated() {
    for (kind, rest, good, bad) in DECIDED {
        let asserted = check(kind, rest).unwrap_or_else(|problems| panic!("{kind}: {problems}"));
        assert!(passes(&asserted, good) && !passes(&asserted, bad), "{kind}");
        let negated =
            check(&format!("not-{kind}"), rest).unwrap_or_else(|problems| panic!("not-{kind}: {problems}"));
        assert!(!passes(&negated, good) && passes(&negated, bad), "not-{kind}");
    }
}

/// The rubric that the judge is asked by.
fn asked(check: &Check) -> String {
    let response = Response { latency_ms: Some(9), ..Response::saying(String::new()) };
    let scoring = Scoring { checks: std::slice::from_ref(check), ..Scoring::default() };
    let questions = scoring.all_questions(Subject { response: &response, cost_usd: None });
    questions[0].question.task().expect("a judge is asked").content()["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn what_a_judge_decides_has_its_rubric_also_negated() {
    for (kind, rest, rubric) in JUDGED {
        for name in [(*kind).to_owned(), format!("not-{kind}")] {
            let check = check(&name, rest).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            let asked = asked(&check);
            assert!(asked.contains(rubric), "{name}: {asked}");
            assert_eq!(check.label().starts_with("not "), name.starts_with("not-"), "{}", check.label());
        }
    }
}

#[test]
fn latency_and_cost_are_reported_beside_other_checks_and_have_no_opposite() {
    for kind in ["latency", "cost"] {
        let told = check(kind, "threshold: 2").unwrap_err().to_string();
        assert!(told.contains("no check of this case can fail"), "{told}");
        let told = check(&format!("not-{kind}"), "threshold: 2").unwrap_err().to_string();
        assert!(told.contains("no answer can be too fast or too cheap"), "{told}");
    }
}

#[test]
fn what_has_no_counterpart_is_refused_with_its_reason_and_its_line() {
    for (kind, counterpart) in ASSERTIONS {
        let Counterpart::None(why) = counterpart else { continue };
        for name in [(*kind).to_owned(), format!("not-{kind}")] {
            let told = check(&format!("\"{name}\""), "value: x").unwrap_err().to_string();
            assert!(told.contains(&format!("`{name}` of promptfoo has no counterpart")), "{told}");
            assert!(told.contains("promptfooconfig.yaml:4:") && told.contains(why), "{told}");
        }
    }
}

/// The types of promptfoo's own enumeration, without `not-`, and the special ones, as of November 2026.
const OF_PROMPTFOO: &str = "agent-rubric answer-relevance assert-set bleu classifier contains contains-all contains-any \
    contains-html contains-json contains-sql contains-xml context-faithfulness context-recall context-relevance \
    conversation-relevance cost equals factuality finish-reason g-eval gleu guardrails human icontains icontains-all \
    icontains-any is-html is-json is-refusal is-sql is-valid-function-call is-valid-openai-function-call \
    is-valid-openai-tools-call is-xml javascript latency levenshtein llm-rubric max-score meteor model-graded-closedqa \
    model-graded-factuality moderation perplexity perplexity-score pi python regex rouge-n ruby search-rubric select-best \
    similar similar:cosine similar:dot similar:euclidean skill-used starts-with tool-call-f1 trace-error-spans \
    trace-span-count trace-span-duration trajectory:goal-success trajectory:step-count trajectory:tool-args-match \
    trajectory:tool-sequence trajectory:tool-used webhook word-count";

#[test]
fn the_table_has_the_types_of_promptfoo_and_no_other() {
    let names: Vec<&str> = ASSERTIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, OF_PROMPTFOO.split_whitespace().collect::<Vec<_>>());
    let told = check("\"promptfoo:redteam:harmful\"", "value: x").unwrap_err().to_string();
    assert!(told.contains("`promptfoo:redteam:harmful` of promptfoo has no counterpart"), "{told}");
    let told = check("rouge-l", "value: x").unwrap_err().to_string();
    assert!(
        told.contains("unknown assertion `rouge-l`") && told.contains("promptfoo has `rouge-n`"),
        "{told}"
    );
}

#[test]
fn every_assertion_is_decided_judged_or_refused_and_on_the_page() {
    let page = include_str!("../../../docs/import.md");
    for (kind, counterpart) in ASSERTIONS {
        let (is_tested, cell) = match counterpart {
            Counterpart::Check(form) => (
                DECIDED.iter().any(|row| row.0 == *kind) || ["latency", "cost"].contains(kind),
                format!("`{form}`"),
            ),
            Counterpart::Judge(form) => {
                (JUDGED.iter().any(|row| row.0 == *kind), format!("by judge: `{form}`"))
            }
            Counterpart::None(why) => (true, format!("not supported: {why}")),
        };
        assert!(is_tested, "{kind} has no test");
        let row = format!("| `{kind}` | {cell} |");
        assert!(page.contains(&row), "docs/import.md lacks the row\n{row}");
    }
    assert_eq!(
        page.lines().filter(|line| line.starts_with("| `") && line.ends_with(" |")).count(),
        ASSERTIONS.len()
    );
}
