//! Bedrock as a run with `--batch` sees it: MiniStack for jobs and their files, the stand-in for single calls, and
//! this module plays the part of the service that answers a file.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use prompt_assay::adapters::s3::S3Bucket;
use prompt_assay_standin::Standin;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::{Value, json};

use crate::emulator::{self, Emulator};
use crate::fault_proxy::FaultProxy;

/// The bucket of all tests; each has a prefix of its own.
const BUCKET: &str = "jobs";

/// A job as it was submitted.
#[derive(Clone, Debug)]
pub struct Job {
    pub arn: String,
    pub name: String,
    /// The request.
    pub asked: Value,
}

/// How the service answers a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Played {
    /// Every record, in one file, backwards.
    All,
    /// In two files; every fifth record is throttled, every seventh left out, and one line is cut off.
    InPart,
    /// The first half, and the job ends in this state.
    HalfThen(&'static str),
    /// Nothing at all, and the job says it is complete.
    Nothing,
}

pub struct Bedrock {
    jobs: &'static Emulator,
    /// Where this test's files lie.
    pub place: String,
    /// Between the program and MiniStack.
    pub proxy: FaultProxy,
    singly: Standin,
    /// Answers the records of jobs by the same rules.
    models: Standin,
    runtime: tokio::runtime::Runtime,
}

impl Bedrock {
    pub fn start() -> Self {
        static BUCKET_IS_THERE: OnceLock<()> = OnceLock::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let jobs = Emulator::shared_ministack_played();
        BUCKET_IS_THERE.get_or_init(|| {
            let create = format!("import boto3; boto3.client('s3').create_bucket(Bucket='{BUCKET}')");
            emulator::boto3_says(&jobs.url(), &create);
        });
        let place = format!("s3://{BUCKET}/test-{:02}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let proxy = FaultProxy::before(&jobs.url());
        let [singly, models] = [(); 2].map(|()| rules_over_http::start(sixty_cases::RULES));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { jobs, place, proxy, singly, models, runtime }
    }

    /// A repository whose edit breaks six cases, and whose configuration knows where jobs run.
    pub fn project(&self, more: &str) -> Project {
        let project = sixty_cases::briefer();
        self.configure(&project, more);
        project
    }

    /// Says again where jobs run, in the last commit.
    pub fn configure(&self, project: &Project, more: &str) {
        let path = project.root().join("prompt-assay.yaml");
        let text = std::fs::read_to_string(path).expect("a configuration");
        let text = text.split("calls:").next().unwrap_or_default();
        let (role, place) = ("arn:aws:iam::123456789012:role/batch", &self.place);
        let batch =
            format!("calls:\n  batch: {{role_arn: \"{role}\", s3: \"{place}\", poll_s: 1, {more}}}\n");
        project.write("prompt-assay.yaml", format!("{text}{batch}"));
        project.git(&["add", "--all"]);
        project.git(&["commit", "--quiet", "--amend", "--no-edit"]);
    }

    /// The program with arguments, in front of it all.
    pub fn command(&self, project: &Project, arguments: &[&str]) -> Command {
        let mut command = project.command(arguments);
        rules_over_http::at(&mut command, &self.singly);
        command
            .env("AWS_ENDPOINT_URL_BEDROCK", self.proxy.url())
            .env("AWS_ENDPOINT_URL_S3", self.proxy.url());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, project: &Project, arguments: &[&str]) -> Ran {
        project.ran(&mut self.command(project, arguments))
    }

    /// Starts the program and does not wait.
    pub fn begin<'p>(&self, project: &'p Project, arguments: &[&str]) -> Running<'p> {
        Running::start(project, self.command(project, arguments))
    }

    /// The jobs so far, once there are so many.
    pub fn wait_for(&self, count: usize) -> Vec<Job> {
        jobs(&self.jobs.play(&format!("wait?place={}&jobs={count}", self.place)))
    }

    pub fn jobs(&self) -> Vec<Job> {
        jobs(&self.jobs.play(&format!("jobs?place={}", self.place)))
    }

    /// The next job is refused.
    pub fn refuse(&self, (code, status): (&str, u16), message: &str) {
        let (place, message) = (&self.place, message.replace(' ', "+"));
        self.jobs.play(&format!("refuse?place={place}&code={code}&status={status}&message={message}"));
    }

    /// The jobs so far can no longer be found by their names.
    pub fn forget(&self) {
        self.jobs.play(&format!("forget?place={}", self.place));
    }

    /// The records of a job's file.
    pub fn records(&self, job: &Job) -> Vec<Value> {
        let uri = job.asked["inputDataConfig"]["s3InputDataConfig"]["s3Uri"].as_str().expect("a place");
        let key = uri.strip_prefix("s3://jobs/").expect("the bucket");
        let object = self.runtime.block_on(async { self.bucket().await.get(key, None).await });
        let bytes = object.expect("an answer").expect("the file of records").bytes;
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
    }

    async fn bucket(&self) -> S3Bucket {
        S3Bucket::connect(&self.jobs.connection().await, BUCKET)
    }

    /// Answers a job's file, and ends the job.
    pub fn answer(&self, job: &Job, how: Played) {
        let mut records = self.records(job);
        records.reverse();
        let line = |record: &Value| {
            let output = self.converse(&job.asked["modelId"], &record["modelInput"]);
            json!({"recordId": record["recordId"], "modelInput": record["modelInput"], "modelOutput": output})
                .to_string()
        };
        let (files, status) = match how {
            Played::All => (vec![records.iter().map(line).collect::<Vec<_>>()], "Completed"),
            Played::HalfThen(status) => {
                (vec![records[..records.len() / 2].iter().map(line).collect()], status)
            }
            Played::Nothing => (Vec::new(), "Completed"),
            Played::InPart => (in_part(&records, line), "PartiallyCompleted"),
        };
        for (number, lines) in files.iter().enumerate() {
            self.write(job, &format!("part-{number}.jsonl.out"), &lines.join("\n"));
        }
        if how != Played::Nothing {
            self.write(job, "manifest.json.out", "{\"totalRecordCount\": 1}");
        }
        self.end(job, status, "");
    }

    /// Ends a job.
    pub fn end(&self, job: &Job, status: &str, message: &str) {
        let (arn, message) = (&job.arn, message.replace(' ', "+"));
        self.jobs.play(&format!("end?arn={arn}&status={status}&message={message}"));
    }

    /// Writes into the directory that Bedrock makes below the job's output.
    fn write(&self, job: &Job, file: &str, text: &str) {
        let uri = job.asked["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"].as_str().expect("a place");
        let key = format!("{}0abc/{file}", uri.strip_prefix("s3://jobs/").expect("the bucket"));
        let write = async { self.bucket().await.put(&key, text.as_bytes(), "application/jsonl").await };
        self.runtime.block_on(write).expect("written");
    }

    /// One answer of the model. The rules throttle some first attempts; a job tries again by itself.
    fn converse(&self, model: &Value, body: &Value) -> Value {
        let address = self.models.url();
        let (model, body) = (model.as_str().expect("a model").replace(':', "%3A"), body.to_string());
        loop {
            let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("the stand-in");
            write!(
                stream,
                "POST /model/{model}/converse HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Authorization: Bearer key\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .expect("a request");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            let (head, said) = answer.split_once("\r\n\r\n").expect("a body");
            if head.starts_with("HTTP/1.1 200") {
                return serde_json::from_str(said).expect("an answer");
            }
            assert!(head.starts_with("HTTP/1.1 429"), "{answer}");
        }
    }

    /// Answers that single calls brought.
    pub fn asked_singly(&self) -> u64 {
        self.singly.counters().by_status.get(&200).copied().unwrap_or(0)
    }

    /// The bodies that single calls sent, without what is for logs alone.
    pub fn sent_singly(&self) -> Vec<Value> {
        let mut bodies: Vec<Value> =
            self.singly.requests().iter().map(|request| request.call.body.clone()).collect();
        for body in bodies.iter_mut().filter_map(Value::as_object_mut) {
            body.remove("requestMetadata");
        }
        bodies
    }
}

fn in_part(records: &[Value], line: impl Fn(&Value) -> String) -> Vec<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for (number, record) in records.iter().enumerate().filter(|(number, _)| number % 7 != 0) {
        let error = json!({"errorCode": 429, "errorMessage": "Too many requests"});
        lines.push(match number % 5 {
            0 => json!({"recordId": record["recordId"], "error": error}).to_string(),
            _ => line(record),
        });
    }
    lines.push("{\"recordId\": \"cut o".to_owned());
    let rest = lines.split_off(lines.len() / 2);
    vec![lines, rest]
}

fn jobs(text: &str) -> Vec<Job> {
    let listed: Vec<Value> = serde_json::from_str(text).expect("a list");
    let word = |job: &Value, key: &str| job[key].as_str().expect("a word").to_owned();
    listed
        .iter()
        .map(|job| Job {
            arn: word(job, "JobArn"),
            name: word(job, "JobName"),
            asked: job["BodyEcho"].clone(),
        })
        .collect()
}

/// A run in progress.
pub struct Running<'p> {
    child: Child,
    project: &'p Project,
}

impl<'p> Running<'p> {
    /// Starts a prepared command.
    pub fn start(project: &'p Project, mut command: Command) -> Self {
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        Self { child, project }
    }

    /// Waits for its end.
    pub fn ended(self) -> Ran {
        Ran::new(self.child.wait_with_output().expect("the program ends"), &self.project.root())
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("the program runs");
        self.child.wait().expect("the program ends");
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let sent = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }
}
