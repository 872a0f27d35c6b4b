//! Answers of a model under test and of a judge, single and from batch jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use prompt_assay::batch;
use prompt_assay::check::{Judge, Readings, Score, Subject, control_code};
use prompt_assay::config::JudgePolicy;
use prompt_assay::golden::{self, GoldenSet};
use prompt_assay::model::{Message, Response, Role, StopReason, ToolCall, Usage};
use prompt_assay::problem::Problems;
use prompt_assay::prompt::ScoreMode;
use prompt_assay::tree::MemoryTree;

/// A case with every kind of check.
const SET: &str = r#"cases:
  - id: a
    input: Where is my parcel?
    expected: "It is on its way, 3.5 kg."
    vars: {context: "The parcel left Berlin."}
    checks:
      - {contains: parcel}
      - {regex: "(?i)^it .* way"}
      - {json_schema: {type: object, properties: {a: {type: [string, number]}}, required: [a]}}
      - {json_path: {path: "a[0].b", equals: 1}}
      - {length: {max_words: 30}}
      - {similarity: {threshold: 0.5}}
      - {semantic: {model: titan, threshold: 0.3}}
      - {rouge: {threshold: 0.3}}
      - {tool_call: lookup}
      - {judge: Names the parcel.}
  - id: b
    input: Where is my parcel?
    checks: [{judge: Is polite.}]
"#;

static GOLDEN: LazyLock<GoldenSet> = LazyLock::new(|| {
    let mut problems = Problems::new();
    let tree = MemoryTree::new([("golden/a.yaml", SET)]);
    let set = golden::read(&tree, "golden/a.yaml", &mut BTreeSet::new(), &mut problems);
    set.unwrap_or_else(|| panic!("{problems}"))
});

/// The bytes as a text, and as the input of a tool where they are JSON.
fn responses(bytes: &[u8], tool: &str) -> Vec<Response> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let response = |text: &str, tool_calls: Vec<ToolCall>, stop: StopReason| Response {
        text: text.to_owned(),
        tool_calls,
        stop,
        usage: Usage::default(),
        latency_ms: Some(1),
    };
    let mut all = vec![
        response(&text, Vec::new(), StopReason::EndTurn),
        response(&text, Vec::new(), StopReason::MaxTokens),
    ];
    if let Ok(input) = serde_json::from_str(&text) {
        let call = ToolCall { name: tool.to_owned(), input };
        all.push(response("", vec![call.clone(), call.clone()], StopReason::ToolUse));
        all.push(response("", vec![call], StopReason::ToolUse));
    }
    all
}

pub fn answers(bytes: &[u8]) {
    let judge =
        Judge::new(["judge".to_owned()].into_iter().collect(), &BTreeMap::new(), &JudgePolicy::default());
    for case in &GOLDEN.cases {
        for response in responses(bytes, "lookup") {
            let subject = Subject { response: &response, cost_usd: None };
            let scoring = case.scoring(ScoreMode::PassFail, Some(&judge));
            let score = scoring.score(subject, &Readings::new());
            if let Score::Scored { value, .. } = score.score {
                assert!((0.0..=1.0).contains(&value), "the score {value}");
            }
            for open in scoring.questions(subject, &Readings::new()) {
                if open.question.task().is_some() {
                    told(&judge, &open.question, bytes);
                }
            }
        }
    }
    let mut output = batch::Output::default();
    batch::read(&String::from_utf8_lossy(bytes), &mut output);
}

/// Whatever a judge says that does not know the control code, it is no verdict.
fn told(judge: &Judge, question: &prompt_assay::check::Question, bytes: &[u8]) {
    let conversation = [Message { role: Role::User, text: "Where is my parcel?".to_owned() }];
    let inquiry = question.inquire(Some(judge), &conversation, 0).expect("there is a judge");
    let code = control_code(&inquiry.request).expect("every question has a code");
    let tool = inquiry.request.tools.first().map(|tool| tool.name.clone()).expect("a verdict's form");
    for response in responses(bytes, &tool) {
        let knows = serde_json::to_string(&response).is_ok_and(|text| text.contains(code));
        assert!(knows || !inquiry.read(&response).is_read(), "a verdict without the control code counts");
    }
}
