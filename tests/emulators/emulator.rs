//! Emulators of AWS on loopback ports: moto (SSM, S3) and MiniStack (AppConfig and much else), and boto3 as a
//! third-party reader.
//!
//! The first run in a target directory installs them, pinned, into a virtual environment there. A server ends when it
//! is dropped, and when the process of the test ends in any way.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use prompt_assay::adapters::aws::{Connection, Keys, Options};
use tempfile::TempDir;

use crate::python_environment;

/// What is installed. `flask` and `flask-cors` are what moto's server needs of its `server` extra; the rest of that
/// extra is for services that no test uses, and takes minutes.
const PACKAGES: [&str; 6] = [
    "moto[s3,ssm]==5.2.5",
    "flask==3.1.3",
    "flask-cors==6.0.5",
    "ministack==1.5.33",
    "boto3==1.43.106",
    "botocore==1.43.106",
];

/// The region of everything here.
pub const REGION: &str = "us-east-1";

/// The virtual environment's `python`.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| python_environment::python("emulators", &PACKAGES, "moto, MiniStack and boto3"))
}

/// Ends the server with the process that holds the other end of its standard input.
const WATCH: &str = r#"
import os, sys, threading
def watch():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
"#;

/// What moto finds out anew for every request (its folders, the methods of a class) it finds out once, and no request is
/// logged: that halves the time of a call, of which some tests make ten thousand.
const MOTO: &str = r#"
import functools, logging
import moto.backends, moto.core.responses
folders = list(moto.backends.list_of_moto_modules())
moto.backends.list_of_moto_modules = lambda: folders
moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.port, flush=True)
server.serve_forever()
"#;

const MINISTACK: &str = r#"
import asyncio, os, socket
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
os.environ["GATEWAY_PORT"] = str(port)
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
config = Config()
config.bind = [f"fd://{listening.fileno()}"]
print(port, flush=True)
asyncio.run(serve(app, config))
"#;

/// MiniStack takes batch jobs and leaves them going for ever; here a test plays the part that answers: it hears of new
/// jobs below a place of its own, ends them in a state of its choice, lets the service refuse, and lets it forget.
/// A request token that was seen before identifies the same job, as in Bedrock.
const MINISTACK_PLAYED: &str = r#"
import asyncio, json, os, socket
from urllib.parse import parse_qsl
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
os.environ["GATEWAY_PORT"] = str(port)
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.services import bedrock
jobs, tokens, refusals, news = [], {}, {}, asyncio.Condition()
record, create = bedrock._job_record, bedrock._create_model_invocation_job
def place(asked):
    return asked["inputDataConfig"]["s3InputDataConfig"]["s3Uri"]
def recorded(kind, body, *rest, **more):
    job = record(kind, body, *rest, **more)
    jobs.append(job)
    tokens[body["clientRequestToken"]] = job["JobArn"]
    return job
def created(body):
    asked = json.loads(body)
    for below in [below for below in refusals if place(asked).startswith(below)]:
        return bedrock._error(*refusals.pop(below))
    if asked["clientRequestToken"] in tokens:
        return bedrock._json({"JobArn": tokens[asked["clientRequestToken"]]})
    return create(body)
bedrock._job_record, bedrock._create_model_invocation_job = recorded, created
async def told(send, answer):
    head = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
async def played(scope, receive, send):
    if scope["type"] != "http" or not scope["path"].startswith("/_played/"):
        await app(scope, receive, send)
        async with news:
            news.notify_all()
        return
    asked = dict(parse_qsl(scope["query_string"].decode()))
    def known():
        return [job for job in jobs if place(job["BodyEcho"]).startswith(asked["place"])]
    match scope["path"].removeprefix("/_played/"):
        case "wait":
            async with news:
                await news.wait_for(lambda: len(known()) >= int(asked["jobs"]))
            await told(send, known())
        case "jobs":
            await told(send, known())
        case "end":
            for job in jobs:
                if job["JobArn"] == asked["arn"]:
                    job.update(Status=asked["status"], Message=asked.get("message"))
            await told(send, None)
        case "refuse":
            refusals[asked["place"]] = (asked["code"], asked["message"], int(asked["status"]))
            await told(send, None)
        case "forget":
            for job in known():
                job["JobName"] = "forgotten"
                tokens.pop(job["BodyEcho"]["clientRequestToken"], None)
                jobs.remove(job)
            await told(send, None)
config = Config()
config.bind = [f"fd://{listening.fileno()}"]
print(port, flush=True)
asyncio.run(serve(played, config))
"#;

/// A running emulator.
pub struct Emulator {
    server: Child,
    port: u16,
    /// Its home, its temporary files and its log.
    home: TempDir,
}

impl Emulator {
    /// SSM and S3, with labels, the rule of a hundred versions and conditional writes.
    pub fn moto() -> Self {
        Self::start(MOTO, "/moto-api/")
    }

    /// AppConfig with deployments; SSM, S3, Bedrock's jobs in parts.
    pub fn ministack() -> Self {
        Self::start(MINISTACK, "/_ministack/health")
    }

    /// One MiniStack whose batch jobs a test answers and ends, for all tests of this binary: use places of your own.
    pub fn shared_ministack_played() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(MINISTACK_PLAYED, "/_ministack/health"))
    }

    /// Asks what plays the service, all with `place`: `wait?jobs=N`, `jobs`, `end?arn=…&status=…&message=…`,
    /// `refuse?code=…&status=…&message=…`, `forget`.
    pub fn play(&self, what: &str) -> String {
        let answer = self.ask(&format!("/_played/{what}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{what}: {answer}{}", self.log());
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        // Chunked or not: the JSON is on one line of its own.
        body.lines().find(|line| line.starts_with(['[', '{', 'n'])).unwrap_or_default().to_owned()
    }

    /// One moto for all tests of this binary: use names of your own.
    pub fn shared_moto() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(Self::moto)
    }

    /// One MiniStack for all tests of this binary: use names of your own.
    pub fn shared_ministack() -> &'static Self {
        static SHARED: OnceLock<Emulator> = OnceLock::new();
        SHARED.get_or_init(Self::ministack)
    }

    fn start(program: &str, question: &str) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let log = File::create(home.path().join("log")).expect("a file");
        let mut server = Command::new(python())
            .args(["-c", &format!("{WATCH}{program}")])
            .current_dir(home.path())
            .env_clear()
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("BIND_HOST", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the virtual environment's python");
        let mut said = String::new();
        let mut output = BufReader::new(server.stdout.take().expect("its output"));
        // A server may greet before it says its port.
        let port = loop {
            said.clear();
            let read = output.read_line(&mut said).expect("its output");
            if let Ok(port) = said.trim().parse::<u16>() {
                break port;
            }
            assert!(read > 0, "the emulator ended: {}", read_log(&home));
        };
        // What else it says must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let emulator = Self { server, port, home };
        let answer = emulator.ask(question);
        assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.0 200"), "{answer}");
        emulator
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How to connect to it, with keys that it does not look at.
    pub fn options(&self) -> Options {
        options(self.url())
    }

    /// A connection to it.
    pub async fn connection(&self) -> Connection {
        Connection::open(self.options()).await.expect("a region")
    }

    /// What it has logged, for a failing test.
    pub fn log(&self) -> String {
        read_log(&self.home)
    }

    /// Waits for the answer to `GET`.
    fn ask(&self, path: &str) -> String {
        let mut answer = String::new();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a listening emulator");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            .expect("a request");
        stream.read_to_string(&mut answer).unwrap_or_else(|error| panic!("{error}: {}", self.log()));
        answer
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn read_log(home: &TempDir) -> String {
    fs::read_to_string(home.path().join("log")).unwrap_or_default()
}

/// How to connect to an address on this machine.
pub fn options(url: String) -> Options {
    let keys = Keys {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    };
    Options {
        endpoint_url: Some(url),
        region: Some(REGION.to_owned()),
        keys: Some(keys),
        ..Options::default()
    }
}

/// A parameter's tags, from the service: the product writes tags and never reads them.
pub async fn tags_of(connection: &Connection, name: &str) -> BTreeMap<String, String> {
    let client = aws_sdk_ssm::Client::new(connection.config());
    let kind = aws_sdk_ssm::types::ResourceTypeForTagging::Parameter;
    let told = client.list_tags_for_resource().resource_type(kind).resource_id(name).send().await;
    let tags = told.expect("an answer").tag_list.unwrap_or_default();
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// The environment of a program that is to use an address on this machine as AWS, and nothing else of this machine.
pub fn environment(url: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", url),
    ];
    fixed.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// Runs a program of Python with boto3 against an address.
pub fn boto3(url: &str, program: &str) -> Output {
    let home = tempfile::tempdir().expect("a directory");
    Command::new(python())
        .args(["-c", program])
        .env_clear()
        .env("HOME", home.path())
        .envs(environment(url))
        .output()
        .expect("the virtual environment's python")
}

/// What a program of Python prints; it must succeed.
pub fn boto3_says(url: &str, program: &str) -> String {
    let output = boto3(url, program);
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}
