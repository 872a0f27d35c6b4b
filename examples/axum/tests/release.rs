//! The service runs, calls the model with the live prompt, and sees a release and a rollback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use prompt_assay_example_support::{Cloud, call, question};
use serde_json::Value;

struct Service {
    process: Child,
    port: u16,
}

impl Service {
    fn start(cloud: &Cloud, ttl: Option<&str>) -> Self {
        let mut command = cloud.command(env!("CARGO_BIN_EXE_prompt-assay-example-axum"));
        command.env("PORT", "0").envs(ttl.map(|ttl| ("PROMPTS_TTL", ttl))).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the service");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let port = line.trim().strip_prefix("listening on port ").expect(&line).parse().expect("a port");
        Self { process, port }
    }

    /// Status and body.
    fn asked(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the service");
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        (head[9..12].parse().expect("a status"), body.to_owned())
    }

    fn answers(&self) -> Value {
        let (status, body) = self.asked("POST /answer", &question().to_string());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_service_sees_a_release_and_a_rollback() {
    let mut cloud = Cloud::start();
    // It looks at every request, so no time has to pass.
    let service = Service::start(&cloud, Some("0"));
    assert_eq!(service.asked("GET /ready", "").0, 503, "nothing is released yet");
    drop(service);
    let service = Service::start(&cloud, Some("0"));
    for (index, text) in ["Help {name}.", "Help {name} kindly.", "Help {name}."].into_iter().enumerate() {
        let version = cloud.release("/prod/llm/support", text);
        assert_eq!(version, index as u64 + 1);
        assert_eq!(service.asked("GET /ready", "").0, 200);
        let told = service.answers();
        assert_eq!(
            (told["answer"].as_str(), told["prompt"]["version"].as_u64()),
            (Some("On its way."), Some(version))
        );
        assert_eq!(cloud.asked(), ("amazon.nova-lite-v1:0".to_owned(), call(text)));
    }
}

#[test]
fn the_service_keeps_the_prompt_in_memory() {
    let mut cloud = Cloud::start();
    cloud.release("/prod/llm/support", "Help {name}.");
    let service = Service::start(&cloud, None);
    assert_eq!(service.answers()["prompt"]["version"], 1);
    cloud.release("/prod/llm/support", "Help {name} kindly.");
    assert_eq!(service.answers()["prompt"]["version"], 1, "it has not been five minutes");
    assert_eq!(cloud.asked().1, call("Help {name}."));
}
