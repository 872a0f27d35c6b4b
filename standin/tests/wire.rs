//! The wire as a client sees it, byte by byte.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use prompt_assay_standin::{
    Answer, Block, Config, Fault, FaultRate, Operation, Quota, Rate, Reply, Standin, ToolChoice, Usage,
};
use serde_json::{Value, json};

struct Seen {
    status: u16,
    headers: String,
    body: String,
    /// Whether as many bytes came as were promised.
    whole: bool,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

fn post(standin: &Standin, path: &str, body: &Value) -> std::io::Result<Seen> {
    send(standin, "POST", path, &body.to_string(), "authorization: AWS4-HMAC-SHA256 Credential=x\r\n")
}

fn send(standin: &Standin, method: &str, path: &str, body: &str, extra: &str) -> std::io::Result<Seen> {
    let mut stream = TcpStream::connect(standin.address())?;
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{extra}");
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (headers, body) = text.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let promised = headers.lines().find_map(|line| line.strip_prefix("content-length: "));
    Ok(Seen {
        status: headers[9..12].parse().expect("a status"),
        headers: headers.to_owned(),
        body: body.to_owned(),
        whole: promised.is_none_or(|length| length == body.len().to_string()),
    })
}

fn hello() -> Value {
    saying("Hello, you")
}

fn saying(text: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": text}]}], "inferenceConfig": {"maxTokens": 10}})
}

const CONVERSE: &str = "/model/amazon.nova-lite-v1%3A0/converse";

fn always(reply: impl Into<Reply>) -> Standin {
    let reply = reply.into();
    Standin::start(Config::default(), move |_| reply.clone()).expect("a free port")
}

#[test]
fn an_answer_has_the_form_of_converse() {
    let usage = Usage { input: 7, output: 5, cache_read: Some(3), cache_write: None };
    let reply = Answer::text("Hi").block(Block::Reasoning("hm".to_owned())).stop("max_tokens").usage(usage);
    let seen = post(&always(reply), CONVERSE, &hello()).expect("an answer");
    assert_eq!((seen.status, seen.whole), (200, true));
    assert!(seen.headers.contains("content-type: application/json"), "{}", seen.headers);
    assert!(
        seen.headers.contains("x-amzn-requestid: 00000000-0000-4000-8000-000000000000"),
        "{}",
        seen.headers
    );
    let content = json!([{"text": "Hi"}, {"reasoningContent": {"reasoningText": {"text": "hm"}}}]);
    let expected = json!({
        "metrics": {"latencyMs": 0},
        "output": {"message": {"content": content, "role": "assistant"}},
        "stopReason": "max_tokens",
        "usage": {"inputTokens": 7, "outputTokens": 5, "totalTokens": 15, "cacheReadInputTokens": 3},
    });
    assert_eq!(seen.json(), expected);
}

#[test]
fn a_tool_call_stops_with_tool_use_and_usage_is_estimated() {
    let seen =
        post(&always(Reply::tool_use("grade", json!({"score": 1}))), CONVERSE, &hello()).expect("an answer");
    let body = seen.json();
    assert_eq!(body["stopReason"], "tool_use");
    assert_eq!(body["output"]["message"]["content"][0]["toolUse"]["name"], "grade");
    assert_eq!(body["usage"], json!({"inputTokens": 3, "outputTokens": 3, "totalTokens": 6}));
}

#[test]
fn every_error_has_its_status_code_and_type() {
    let other =
        Fault::Error { status: 403, code: "ExpiredTokenException".to_owned(), message: "old".to_owned() };
    let table = [
        (Fault::Throttling, 429, "ThrottlingException"),
        (Fault::ModelNotReady, 429, "ModelNotReadyException"),
        (Fault::ServiceUnavailable, 503, "ServiceUnavailableException"),
        (Fault::InternalServer, 500, "InternalServerException"),
        (Fault::ModelTimeout, 408, "ModelTimeoutException"),
        (Fault::ModelError { original_status: 503 }, 424, "ModelErrorException"),
        (Fault::Validation("no".to_owned()), 400, "ValidationException"),
        (Fault::AccessDenied, 403, "AccessDeniedException"),
        (Fault::ResourceNotFound, 404, "ResourceNotFoundException"),
        (Fault::ServiceQuotaExceeded, 400, "ServiceQuotaExceededException"),
        (other, 403, "ExpiredTokenException"),
    ];
    for (fault, status, code) in table {
        let standin = always(fault.clone());
        let seen = post(&standin, CONVERSE, &hello()).expect("an answer");
        assert_eq!(seen.status, status, "{fault:?}");
        assert!(seen.headers.contains(&format!("x-amzn-errortype: {code}:")), "{fault:?}: {}", seen.headers);
        assert!(seen.json()["message"].is_string(), "{fault:?}");
        if let Fault::ModelError { original_status } = fault {
            assert_eq!(seen.json()["originalStatusCode"], original_status);
        }
        assert_eq!(standin.counters().by_status.get(&status), Some(&1), "{fault:?}");
    }
}

#[test]
fn broken_answers_are_broken_in_their_own_way() {
    let cut = post(&always(Fault::CutBody), CONVERSE, &hello()).map(|seen| seen.whole);
    assert!(
        cut.as_ref().map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |whole| !whole),
        "{cut:?}"
    );

    let truncated = post(&always(Fault::TruncatedJson), CONVERSE, &hello()).expect("an answer");
    assert!(truncated.whole && truncated.status == 200);
    assert!(serde_json::from_str::<Value>(&truncated.body).is_err());

    let page = post(&always(Fault::Html { status: 502 }), CONVERSE, &hello()).expect("an answer");
    assert_eq!(page.status, 502);
    assert!(page.headers.contains("text/html") && page.body.starts_with("<html>"));

    let pause = std::time::Duration::from_millis(1);
    let slow = post(&always(Fault::Dribble { chunk: 16, pause }), CONVERSE, &hello()).expect("an answer");
    assert!(slow.whole && slow.json()["stopReason"] == "end_turn");

    let standin = always(Fault::Reset);
    let reset = post(&standin, CONVERSE, &hello()).map(|seen| seen.status);
    assert!(reset.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset), "{reset:?}");
    assert_eq!((standin.counters().unanswered, standin.counters().in_flight), (1, 0));
}

#[test]
fn a_script_sees_the_whole_request() {
    let standin = Standin::start(Config::default(), |call| {
        assert_eq!(call.model, "amazon.nova-lite-v1:0");
        assert_eq!(call.system.as_deref(), Some("Be brief."));
        assert_eq!(call.tool_choice, Some(ToolChoice::Tool("grade".to_owned())));
        assert_eq!(call.tools[0].input_schema["type"], "object");
        assert_eq!(call.headers.authorization_scheme.as_deref(), Some("AWS4-HMAC-SHA256"));
        Reply::text(format!("attempt {} of {:?}", call.attempt, call.parameters.max_tokens))
    })
    .expect("a free port");
    let tools = json!([{"toolSpec": {"name": "grade", "inputSchema": {"json": {"type": "object"}}}}]);
    let mut body = hello();
    body["system"] = json!([{"text": "Be brief."}]);
    body["toolConfig"] = json!({"tools": tools, "toolChoice": {"tool": {"name": "grade"}}});
    for attempt in 0..3 {
        let answer = post(&standin, CONVERSE, &body).expect("an answer").json();
        let text = format!("attempt {attempt} of Some(10)");
        assert_eq!(answer["output"]["message"]["content"][0]["text"], text.as_str());
    }
    let counters = standin.counters();
    assert_eq!((counters.total, counters.distinct, counters.most_repeated), (3, 1, 3));
    let attempts: Vec<_> = standin.requests().iter().map(|seen| (seen.call.attempt, seen.status)).collect();
    assert_eq!(attempts, [(0, Some(200)), (1, Some(200)), (2, Some(200))]);
}

#[test]
fn refusals_come_before_the_script() {
    let standin =
        Standin::start(Config::default(), |_| unreachable!("no valid request")).expect("a free port");
    let invalid = post(&standin, CONVERSE, &json!({"messages": []})).expect("an answer");
    assert_eq!(invalid.status, 400);
    assert!(invalid.headers.contains("ValidationException"));
    let signed = "authorization: AWS4-HMAC-SHA256 x\r\n";
    for (method, path, body, extra, status) in [
        ("POST", CONVERSE, "{}", "", 403),
        ("POST", CONVERSE, "not json", signed, 400),
        ("GET", CONVERSE, "", signed, 404),
        ("POST", "/model/a/invoke-with-response-stream", "{}", signed, 404),
        ("POST", "/model/a/invoke", "{}", signed, 400),
        ("POST", "/model/amazon.titan-embed-text-v2%3A0/invoke", "{\"inputText\": \"\"}", signed, 400),
        ("POST", "/model/amazon.titan-embed-text-v2%3A0/invoke", "{\"text\": \"Hi\"}", signed, 400),
    ] {
        let seen = send(&standin, method, path, body, extra).expect("an answer");
        assert_eq!(seen.status, status, "{method} {path} {body}");
    }
}

#[test]
fn tokens_are_counted_without_the_script() {
    let standin = always(Fault::Hang);
    let body = json!({"input": {"converse": hello()}});
    let seen = post(&standin, "/model/amazon.nova-lite-v1%3A0/count-tokens", &body).expect("an answer");
    assert_eq!(seen.json(), json!({"inputTokens": 3}));
    assert_eq!(standin.requests()[0].operation, Operation::CountTokens);
}

#[test]
fn beyond_the_quota_requests_are_throttled_until_it_is_raised() {
    let once = Rate { per_second: 0.0, burst: 2.0 };
    let quota = Quota { requests: Some(once), tokens: Some(Rate { per_second: 0.0, burst: 30.0 }) };
    let config = Config { quota, ..Config::default() };
    let standin = Standin::start(config, |_| Reply::text("four")).expect("a free port");
    let statuses = |standin: &Standin| post(standin, CONVERSE, &hello()).expect("an answer").status;
    assert_eq!([statuses(&standin), statuses(&standin), statuses(&standin)], [200, 200, 429]);
    standin.set_quota(Quota { requests: None, tokens: quota.tokens });
    // 3 input and 1 output tokens were used each time; 10 + 3 are reserved.
    assert_eq!([statuses(&standin), statuses(&standin), statuses(&standin)], [200, 200, 200]);
    assert_eq!([statuses(&standin), statuses(&standin)], [429, 429]);
    let other = post(&standin, "/model/another/converse", &hello()).expect("an answer");
    assert_eq!(other.status, 200, "each model has its own quota");
}

#[test]
fn random_faults_are_the_same_in_every_run() {
    let statuses = || {
        let faults = vec![FaultRate { fault: Fault::InternalServer, rate: 0.5 }];
        let config = Config { faults, seed: 42, ..Config::default() };
        let standin = Standin::start(config, |_| Reply::text("ok")).expect("a free port");
        let ask = |n: u32| post(&standin, CONVERSE, &saying(&n.to_string())).expect("an answer").status;
        (0..40).map(ask).collect::<Vec<u16>>()
    };
    let first = statuses();
    assert_eq!(first, statuses());
    assert!(first.contains(&200) && first.contains(&500));
}

#[test]
fn a_prefix_is_written_to_the_cache_by_the_first_call_and_read_by_the_next() {
    let standin = always(Reply::text("ok"));
    let point = json!({"cachePoint": {"type": "default"}});
    let ask = |system: &Value, question: &str| {
        let mut body = saying(question);
        body["system"] = system.clone();
        post(&standin, CONVERSE, &body).expect("an answer").json()["usage"].clone()
    };
    let usage = |input: u64, read: Option<u64>, write: Option<u64>| {
        let mut usage = json!({"inputTokens": input, "outputTokens": 1, "totalTokens": input + 1});
        if let (Some(read), Some(write)) = (read, write) {
            usage["totalTokens"] = (input + 1 + read + write).into();
            usage["cacheReadInputTokens"] = read.into();
            usage["cacheWriteInputTokens"] = write.into();
        }
        usage
    };
    let long = json!([{"text": "four".repeat(1024)}, point]);
    assert_eq!(ask(&long, "question"), usage(2, Some(0), Some(1024)));
    assert_eq!(ask(&long, "another question"), usage(4, Some(1024), Some(0)));
    let longer = json!([{"text": "four".repeat(1024)}, point, {"text": "more".repeat(10)}, point]);
    assert_eq!(ask(&longer, "question"), usage(2, Some(1024), Some(10)));
    let short = json!([{"text": "four".repeat(1023)}, point]);
    assert_eq!(ask(&short, "question"), usage(1025, None, None));
    assert_eq!(ask(&json!([{"text": "four".repeat(1024)}]), "question"), usage(1026, None, None));
}

#[test]
fn cache_points_are_checked() {
    let standin = always(Reply::text("ok"));
    let refused = |points: &[Value]| {
        let mut body = hello();
        body["system"] = [&[json!({"text": "Be brief."})], points].concat().into();
        let seen = post(&standin, CONVERSE, &body).expect("an answer");
        (seen.status, seen.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    let point = |kind: &str| json!({"cachePoint": {"type": kind}});
    assert_eq!(refused(&vec![point("default"); 4]).0, 200);
    let (status, message) = refused(&vec![point("default"); 5]);
    assert_eq!((status, message.as_str()), (400, "A maximum of 4 cache points may be provided. Found 5."));
    assert!(refused(&[point("for ever")]).1.contains("cachePoint.type"));
}
