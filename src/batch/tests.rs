use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{
    Guardrail, Message, Parameters, Performance, Request, Response, ResponseFormat, Role, StopReason, Tool,
    ToolCall, ToolChoice, Usage,
};
use crate::store::{MemoryStore, Store, StoredAnswer};
use crate::trial::{AnswerKey, Lane, Phase, Side, TrialId, TrialOutcome, Wanted, Window, Work};
use crate::variation::Variation;

fn policy(min_records: usize) -> BatchPolicy {
    BatchPolicy {
        role_arn: "arn:aws:iam::123456789012:role/batch".to_owned(),
        s3: "s3://jobs/nightly".parse().unwrap(),
        min_records,
        poll_s: 1,
        timeout_hours: 24,
    }
}

fn request(model: &str, text: &str) -> Request {
    Request::new(model, text)
}

fn trial(id: u64, model: &str, phase: Phase) -> Arc<Trial> {
    let request = request(model, &format!("question {id}"));
    Arc::new(Trial {
        id: TrialId(id),
        lane: Lane::Prompt,
        key: AnswerKey::screening(&request, Variation::NONE),
        comparison: Fingerprint::of_bytes(b"comparison"),
        request,
        prompt: "p".to_owned(),
        case: format!("case {id}"),
        side: Side::Candidate,
        phase,
        replaces_stored: false,
    })
}

fn screens(ids: std::ops::Range<u64>, model: &str) -> Vec<Arc<Trial>> {
    ids.map(|id| trial(id, model, Phase::Screen)).collect()
}

#[test]
fn calls_are_divided_by_model_and_too_few_make_no_job() {
    let trials = [screens(0..5, "a"), screens(5..7, "b")].concat();
    let (batches, few) = divide(trials, &policy(3));
    assert_eq!(batches.iter().map(|b| (b.model.as_str(), b.trials.len())).collect::<Vec<_>>(), [("a", 5)]);
    assert_eq!(few, BTreeMap::from([("b".to_owned(), 2)]));
}

#[test]
fn more_than_a_job_may_hold_are_several_of_like_size() {
    let (batches, _) = divide(screens(0..100_001, "a"), &policy(1));
    let sizes: Vec<usize> = batches.iter().map(|batch| batch.trials.len()).collect();
    assert_eq!(sizes, [33_334, 33_334, 33_333]);
}

#[test]
fn the_same_calls_are_the_same_job_whatever_their_order_and_others_are_not() {
    let names = |trials, policy: &BatchPolicy| {
        let (batches, _) = divide(trials, policy);
        batches.iter().map(|batch| batch.name(1)).collect::<Vec<_>>()
    };
    let mut backwards = screens(0..4, "a");
    backwards.reverse();
    let name = names(screens(0..4, "a"), &policy(1));
    assert_eq!(names(backwards, &policy(1)), name);
    assert_ne!(names(screens(0..5, "a"), &policy(1)), name);
    let elsewhere = BatchPolicy { s3: "s3://jobs/weekly".parse().unwrap(), ..policy(1) };
    assert_ne!(names(screens(0..4, "a"), &elsewhere), name);
    // Bedrock allows 63 characters: letters, digits, dashes.
    assert!(name[0].len() <= 63 && name[0].chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
}

#[test]
fn an_attempt_is_read_off_a_name_of_its_own_calls_only() {
    let batch = divide(screens(0..2, "a"), &policy(1)).0.remove(0);
    assert_eq!(batch.attempt(&batch.name(12)), Some(12));
    for other in ["prompt-assay-1", &batch.stem, &format!("{}-x", batch.stem), &format!("x{}", batch.name(1))]
    {
        assert_eq!(batch.attempt(other), None, "{other}");
    }
}

#[test]
fn a_record_is_the_body_of_converse() {
    let mut asked = request("m", "Where is my order?");
    asked.system = Some("Be brief.".to_owned());
    asked.messages.push(Message { role: Role::Assistant, text: "Which one?".to_owned() });
    asked.parameters = Parameters {
        max_tokens: 200,
        temperature: Some(0.3),
        top_p: Some(0.9),
        stop: vec!["END".to_owned()],
        extra: Some(json!({"top_k": 40})),
        response_format: Some(ResponseFormat {
            name: Some("reply".to_owned()),
            description: None,
            schema: json!({"type": "object"}),
        }),
        guardrail: Some(Guardrail { id: "gr1".to_owned(), version: "2".to_owned() }),
        performance: Some(Performance::Optimized),
    };
    asked.tools = vec![Tool {
        name: "score".to_owned(),
        description: Some("Scores.".to_owned()),
        input_schema: json!({"type": "object"}),
    }];
    asked.tool_choice = Some(ToolChoice::Tool("score".to_owned()));
    insta::assert_snapshot!(body(&asked).to_string(), @r#"{"messages":[{"role":"user","content":[{"text":"Where is my order?"}]},{"role":"assistant","content":[{"text":"Which one?"}]}],"system":[{"text":"Be brief."}],"inferenceConfig":{"maxTokens":200,"temperature":0.3,"topP":0.9,"stopSequences":["END"]},"additionalModelRequestFields":{"top_k":40},"toolConfig":{"tools":[{"toolSpec":{"name":"score","inputSchema":{"json":{"type":"object"}},"description":"Scores."}}],"toolChoice":{"tool":{"name":"score"}}},"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"reply"}}}},"guardrailConfig":{"guardrailIdentifier":"gr1","guardrailVersion":"2"},"performanceConfig":{"latency":"optimized"}}"#);
    insta::assert_snapshot!(body(&request("m", "Hello")).to_string(), @r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}],"inferenceConfig":{"maxTokens":1024}}"#);
}

fn line(key: AnswerKey, rest: &Value) -> String {
    let mut line = json!({"recordId": key.0.to_hex(), "modelInput": {}});
    line.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    line.to_string()
}

fn said(text: &str) -> Value {
    json!({"modelOutput": {
        "output": {"message": {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm."}}},
            {"text": text},
            {"toolUse": {"toolUseId": "1", "name": "score", "input": {"b": 1, "a": 2}}}
        ]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 12, "cacheReadInputTokens": 2},
        "metrics": {"latencyMs": 250}
    }})
}

fn answer_of(text: &str) -> Response {
    Response {
        text: text.to_owned(),
        tool_calls: vec![ToolCall { name: "score".to_owned(), input: json!({"a": 2, "b": 1}) }],
        stop: StopReason::ToolUse,
        usage: Usage { input: 7, output: 3, cache_read: 2, cache_write: 0 },
        latency_ms: None,
    }
}

fn key(name: &str) -> AnswerKey {
    AnswerKey(Fingerprint::of_bytes(name.as_bytes()))
}

#[test]
fn answers_are_joined_by_record_and_what_is_no_answer_says_why() {
    let overflow = json!({"modelOutput": {"output": {"message": {"content": []}}, "usage": {"inputTokens": 1, "outputTokens": 0}, "stopReason": "model_context_window_exceeded"}});
    let lines = [
        line(key("b"), &said("second")),
        line(key("a"), &said("first")),
        line(
            key("throttled"),
            &json!({"error": {"errorCode": 429, "errorMessage": "Too many requests"}, "modelOutput": null}),
        ),
        line(key("empty"), &json!({})),
        line(key("odd"), &json!({"modelOutput": {"content": "?"}})),
        line(key("overflow"), &overflow),
        String::new(),
        "{\"recordId\": \"cut o".to_owned(),
        line(key("b"), &said("a second word")),
        json!({"recordId": "ours-not", "modelOutput": {}}).to_string(),
    ];
    let mut output = Output::default();
    read(&lines.join("\n"), &mut output);
    assert_eq!(output.answers[&key("a")], answer_of("first"));
    assert_eq!(output.answers[&key("b")], answer_of("second"));
    assert_eq!(output.answers[&key("overflow")].stop, StopReason::ContextWindowExceeded);
    assert_eq!(output.unreadable, 2);
    let why = |name| output.failed[&key(name)].as_str();
    assert_eq!(why("throttled"), "failed with status 429: Too many requests");
    assert_eq!(why("empty"), "came without an answer");
    assert_eq!(why("odd"), "came with an answer that cannot be read");
    // Another file of the same job may answer what this one did not.
    read(&line(key("throttled"), &said("late")), &mut output);
    assert_eq!(output.answers[&key("throttled")], answer_of("late"));
    assert!(!output.failed.contains_key(&key("throttled")));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_never_becomes_an_answer(text in "[ -~\n]{0,200}") {
        let mut output = Output::default();
        read(&text, &mut output);
        prop_assert!(output.answers.is_empty());
    }

    #[test]
    fn every_cut_of_an_answer_is_unreadable(cut in 1..400_usize) {
        let whole = line(key("a"), &said("first"));
        let cut = cut.min(whole.len() - 1);
        let mut output = Output::default();
        read(&whole[..cut], &mut output);
        prop_assert_eq!((output.answers.len(), output.unreadable), (0, 1));
    }
}

#[test]
fn what_a_job_says_when_it_ends_early_names_the_help() {
    let ended = |status: &str, message: Option<&str>| JobEnded {
        name: "prompt-assay-1".to_owned(),
        status: status.to_owned(),
        message: message.map(str::to_owned),
        answered: 60,
        records: 120,
        timeout_hours: 24,
    };
    insta::assert_snapshot!(ended("Failed", Some("The role may not read the input")), @r"
    the batch job `prompt-assay-1` ended as Failed: The role may not read the input; 60 of its 120 answers came and are stored
       = fix the cause that the reason names (the role's access to the bucket, a model that has no batch inference here, fewer records than the model's quota asks for) and run it again: another job is submitted
    ");
    insta::assert_snapshot!(ended("Expired", None), @r"
    the batch job `prompt-assay-1` ended as Expired; 60 of its 120 answers came and are stored
       = it did not end within `calls.batch.timeout_hours` (24): raise it, or run at a quieter hour; the next run with `--batch` asks only for what is missing, a run without it asks at once and at the full price
    ");
    insta::assert_snapshot!(ended("Stopped", None), @r"
    the batch job `prompt-assay-1` ended as Stopped; 60 of its 120 answers came and are stored
       = somebody stopped it: the next run with `--batch` asks only for what is missing, a run without it asks at once and at the full price
    ");
    insta::assert_snapshot!(ended("Completed", None), @r"
    the batch job `prompt-assay-1` ended as Completed; 60 of its 120 answers came and are stored
       = its files are missing: make sure that no lifecycle rule removes them within a day, and run it again
    ");
    assert_eq!(JobState::of("Stopping"), JobState::Going);
    assert_eq!(JobState::of("PartiallyCompleted"), JobState::Answered);
}

/// Screens two cases and, when both are answered, asks a judge about each and confirms a third.
#[derive(Default)]
struct TwoStages {
    answered: Vec<u64>,
}

impl Work for TwoStages {
    fn wanted(&mut self, window: Window) -> Wanted {
        let open = |ids: &[u64], phase| {
            let open = ids.iter().filter(|id| !self.answered.contains(id));
            open.map(|id| trial(*id, "m", phase)).collect::<Vec<_>>()
        };
        let first = open(&[0, 1], Phase::Screen);
        if first.len() == 2 {
            assert!(window.soon > 0, "it looks ahead");
            return Wanted { now: vec![Arc::clone(&first[0])], soon: vec![Arc::clone(&first[1])] };
        }
        let later = [open(&[2, 3], Phase::Screen), open(&[4], Phase::Confirm)].concat();
        Wanted { now: [first, later].concat(), soon: Vec::new() }
    }

    fn observe(&mut self, id: TrialId, outcome: TrialOutcome) {
        assert!(matches!(outcome, TrialOutcome::Answered(_)));
        self.answered.push(id.0);
    }

    fn stop(&mut self, _: crate::trial::StopCause) {}
}

#[test]
fn a_rehearsal_goes_as_far_as_the_store_and_names_what_is_missing() {
    let store = MemoryStore::default();
    let mut rehearsal = Rehearsal::new(TwoStages::default());
    let missing = |rehearsal: &mut Rehearsal<TwoStages>| {
        rehearsal.missing(&store).unwrap().iter().map(|trial| trial.id.0).collect::<Vec<_>>()
    };
    let keep = |id| {
        let trial = trial(id, "m", Phase::Screen);
        let answer = StoredAnswer { response: answer_of("x"), bought_by: trial.comparison };
        store.keep_answer(trial.key, &trial.request, &answer).unwrap();
    };
    assert_eq!(missing(&mut rehearsal), [0, 1], "what is needed soon, too");
    keep(0);
    assert_eq!(missing(&mut rehearsal), [1, 2, 3], "no confirmation");
    [1, 2, 3].into_iter().for_each(keep);
    assert_eq!(missing(&mut rehearsal), [0_u64; 0]);
    keep(4);
    assert_eq!(missing(&mut rehearsal), [0_u64; 0], "the work is done");
}
