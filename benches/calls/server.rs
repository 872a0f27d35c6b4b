//! The stand-in as a process of its own, so that its time and memory are not taken for ours.

use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use prompt_assay_standin::{
    Config, ConverseCall, Fault, FaultRate, Latency, Quota, Rate, Reply, Standin, ToolChoice, Usage,
};
use serde_json::{Value, json};

/// The first argument of the process that only serves.
pub const SERVE: &str = "--serve";

/// How the stand-in behaves; `{latency_ms, faults, requests_per_s, tokens_per_min, usage, broken}`.
#[derive(Clone, Debug)]
pub struct Manner(pub Value);

impl Manner {
    /// Answers after so many milliseconds.
    pub fn latency(ms: u64) -> Self {
        Self(json!({"latency_ms": ms}))
    }

    /// The same with another trait.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0[key] = value.into();
        self
    }
}

/// A stand-in in another process.
pub struct Server {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where it listens.
    pub url: String,
}

impl Server {
    /// Starts it.
    pub fn start(manner: &Manner) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([SERVE, &manner.0.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the stand-in starts");
        let ask = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut server = Self { child, ask, answers, url: String::new() };
        server.url = server.line();
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the stand-in answers");
        line.trim().to_owned()
    }

    /// Requests by status, and those without an answer.
    pub fn counters(&mut self) -> Value {
        writeln!(self.ask, "counters").expect("the stand-in listens");
        serde_json::from_str(&self.line()).expect("counters")
    }

    /// So many requests a second from now on.
    pub fn set_requests(&mut self, per_second: f64) {
        writeln!(self.ask, "{per_second}").expect("the stand-in listens");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process that serves: does what standard input says until that ends.
pub fn serve(manner: &str) {
    let manner: Value = serde_json::from_str(manner).expect("a manner");
    let latency = Duration::from_millis(manner["latency_ms"].as_u64().unwrap_or(0));
    let faults = manner["faults"].as_object().into_iter().flatten();
    let config = Config {
        latency: if latency.is_zero() { Latency::None } else { Latency::Fixed(latency) },
        quota: Quota {
            requests: manner["requests_per_s"].as_f64().map(Rate::per_second),
            tokens: manner["tokens_per_min"].as_f64().map(Rate::per_minute),
        },
        faults: faults
            .map(|(name, rate)| FaultRate { fault: fault(name), rate: rate.as_f64().unwrap_or(0.0) })
            .collect(),
        record: false,
        ..Config::default()
    };
    let quota = config.quota;
    let standin = Standin::start(config, move |call| reply(call, &manner)).expect("a free port");
    println!("{}", standin.url());
    for line in stdin().lines() {
        let line = line.expect("a line");
        match line.parse::<f64>() {
            Ok(rate) => standin.set_quota(Quota { requests: Some(Rate::per_second(rate)), ..quota }),
            Err(_) => {
                let counters = standin.counters();
                println!(
                    "{}",
                    json!({"by_status": counters.by_status, "unanswered": counters.unanswered, "total": counters.total})
                );
            }
        }
        stdout().flush().expect("a reader");
    }
}

fn reply(call: &ConverseCall, manner: &Value) -> Reply {
    if let Some(ToolChoice::Tool(name)) = &call.tool_choice {
        let text = call.messages.last().map_or("", |message| message.text.as_str());
        let code = text.rsplit_once("Write the control code ").and_then(|(_, rest)| rest.get(..8));
        return Reply::tool_use(name, json!({"reasoning": "It says so.", "score": 1.0, "code": code}));
    }
    let is_broken = manner["broken"]
        .as_str()
        .is_some_and(|word| call.system.as_deref().is_some_and(|system| system.contains(word)));
    let text = if is_broken { "no" } else { "ok, your order arrives on Monday" };
    let answer = prompt_assay_standin::Answer::text(text);
    match manner["usage"].as_array().map(Vec::as_slice) {
        Some([input, output]) => {
            let (input, output) = (input.as_u64().unwrap_or(0), output.as_u64().unwrap_or(0));
            answer.usage(Usage { input, output, ..Usage::default() }).into()
        }
        _ => answer.into(),
    }
}

fn fault(name: &str) -> Fault {
    match name {
        "429" => Fault::Throttling,
        "500" => Fault::InternalServer,
        "503" => Fault::ServiceUnavailable,
        "408" => Fault::ModelTimeout,
        "424" => Fault::ModelError { original_status: 500 },
        "reset" => Fault::Reset,
        "truncated" => Fault::CutBody,
        other => panic!("the fault {other}"),
    }
}
