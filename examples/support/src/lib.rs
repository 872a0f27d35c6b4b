//! What the tests of the examples share: an SSM, which is moto's and run by the Python that `MOTO_PYTHON` names, and a
//! Bedrock, which is the stand-in.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use prompt_assay_standin::{Config, Reply, Standin};
use serde_json::{Value, json};

/// Releases what it is told, a line each, and says the version; ends with its input.
const MOTO: &str = r#"
import json, logging, sys
import boto3
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
url = "http://%s:%d" % server.get_host_and_port()
ssm = boto3.client("ssm", endpoint_url=url)
# The first call takes seconds.
ssm.describe_parameters()
print(url, flush=True)
for line in sys.stdin:
    name, text = json.loads(line)
    version = ssm.put_parameter(Name=name, Value=text, Type="String", Overwrite=True)["Version"]
    ssm.label_parameter_version(Name=name, ParameterVersion=version, Labels=["live"])
    print(version, flush=True)
"#;

const KEYS: [(&str, &str); 5] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

/// What an example needs of AWS; it ends when it is dropped.
pub struct Cloud {
    moto: Child,
    told: ChildStdin,
    says: BufReader<ChildStdout>,
    ssm: String,
    bedrock: Standin,
}

impl Cloud {
    /// An SSM without parameters, and a model that answers `On its way.`.
    pub fn start() -> Self {
        let python = env::var("MOTO_PYTHON").expect("MOTO_PYTHON names a Python with moto and boto3");
        let mut moto = Command::new(python)
            .args(["-c", MOTO])
            .envs(KEYS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python that MOTO_PYTHON names");
        let told = moto.stdin.take().expect("its input");
        let says = BufReader::new(moto.stdout.take().expect("its output"));
        let bedrock = Standin::start(Config::default(), |_| Reply::text("On its way.")).expect("a port");
        let mut cloud = Self { moto, told, says, ssm: String::new(), bedrock };
        cloud.ssm = cloud.line();
        cloud
    }

    /// Makes a text live, as a release does; its version.
    pub fn release(&mut self, name: &str, text: &str) -> u64 {
        writeln!(self.told, "{}", json!([name, text])).expect("its input");
        self.line().parse().expect("a version")
    }

    /// A command that has these as its AWS, and the prompts of `/prod/llm/{name}`.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(KEYS)
            .env("AWS_ENDPOINT_URL_SSM", &self.ssm)
            .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", self.bedrock.url())
            .env("PROMPTS", "/prod/llm/{name}")
            .env("MODEL_ID", "amazon.nova-lite-v1:0");
        command
    }

    /// The newest call of the model: which one, and the body.
    pub fn asked(&self) -> (String, Value) {
        let requests = self.bedrock.requests();
        let call = &requests.last().expect("a call of the model").call;
        (call.model.clone(), call.body.clone())
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.says.read_line(&mut line).expect("its output");
        assert!(read > 0, "moto ended");
        line.trim().to_owned()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.moto.kill();
        let _ = self.moto.wait();
    }
}

/// The question that is put to every example.
pub fn question() -> Value {
    json!({"name": "Ada", "question": "Where is my order?"})
}

/// The body of the call that a prompt and the question make.
pub fn call(text: &str) -> Value {
    json!({
        "messages": [{"role": "user", "content": [{"text": "Where is my order?"}]}],
        "system": [{"text": text.replace("{name}", "Ada")}],
    })
}
