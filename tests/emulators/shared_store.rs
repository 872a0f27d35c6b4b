//! The shared store in S3, against moto through the real SDK: an answer that one run bought is not
//! bought again by others; and after any failure of it, a run continues with its own store.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use prompt_assay::report::json;
use prompt_assay_standin::Standin;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::Value;

use crate::emulator;
use crate::emulator::Emulator;

const EVAL: [&str; 7] = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];

/// A bucket of its own for each test.
struct Bucket {
    name: &'static str,
    url: String,
}

impl Bucket {
    fn new(name: &'static str) -> Self {
        let url = Emulator::shared_moto().url();
        emulator::boto3_says(
            &url,
            &format!("import boto3; boto3.client('s3').create_bucket(Bucket='{name}')"),
        );
        Self { name, url }
    }

    fn command(&self, project: &Project, standin: &Standin, area: &str) -> Command {
        let mut command = project.command(&EVAL);
        rules_over_http::at(&mut command, standin);
        command
            .env("AWS_ENDPOINT_URL_S3", &self.url)
            .env("PROMPT_ASSAY_SHARED_STORE", format!("s3://{}/team/assay", self.name))
            .env("PROMPT_ASSAY_SHARED_AREA", area);
        command
    }

    fn run(&self, project: &Project, standin: &Standin, area: &str) -> Ran {
        project.ran(&mut self.command(project, standin, area))
    }

    /// How many objects lie below a prefix.
    fn count(&self, below: &str) -> usize {
        let program = format!(
            "import boto3\npages = boto3.client('s3').get_paginator('list_objects_v2').paginate(Bucket='{}', \
             Prefix='team/assay/{below}')\nprint(sum(len(page.get('Contents', [])) for page in pages))",
            self.name
        );
        emulator::boto3_says(&self.url, &program).trim().parse().expect("a number")
    }
}

fn paid(standin: &Standin) -> u64 {
    standin.counters().by_status.get(&200).copied().unwrap_or(0)
}

/// Another machine: the same repository without what was stored.
fn forget(project: &Project) {
    std::fs::remove_dir_all(project.root().join(".prompt-assay")).expect("something was stored");
}

fn content(ran: &Ran) -> Value {
    let mut report = json::stable(&ran.json());
    report.as_object_mut().expect("a report").shift_remove("warnings");
    report
}

/// The verdict and what it rests on, but not how many answers it took: in a run that buys, that depends on
/// what came first.
fn verdict(ran: &Ran) -> Value {
    let report = ran.json();
    let prompt = &report["prompts"][0];
    serde_json::json!([report["verdict"], prompt["sentence"], prompt["broken"], prompt["capital"]])
}

fn warnings(ran: &Ran) -> String {
    ran.json()["warnings"].to_string()
}

#[test]
fn the_push_to_main_after_the_queue_s_run_makes_no_call() {
    let (bucket, project) = (Bucket::new("queue"), sixty_cases::briefer());
    let standin = rules_over_http::start(sixty_cases::RULES);
    let queue = bucket.run(&project, &standin, "main");
    assert_eq!((queue.status, warnings(&queue).as_str()), (1, "[]"), "{}", queue.stderr);
    let asked = standin.counters().total;
    forget(&project);
    let push = bucket.run(&project, &standin, "main");
    assert_eq!((standin.counters().total, warnings(&push).as_str()), (asked, "[]"));
    assert_eq!(content(&push), content(&queue));
    assert_eq!(push.json()["cost"]["spent_usd"], 0.0);
    assert_eq!(bucket.count("main/v1/answers/") as u64, paid(&standin), "each answer once");
}

#[test]
fn a_branch_reuses_the_answers_of_main() {
    let (bucket, project) = (Bucket::new("baseline"), sixty_cases::reworded());
    let standin = rules_over_http::start(sixty_cases::RULES);
    let main = bucket.run(&project, &standin, "main");
    assert_eq!(main.status, 0, "{}", main.stderr);
    project.edit("prompts.yaml", "what happens next.", "what happens next, in two sentences.");
    project.commit("A branch");
    forget(&project);
    let before = paid(&standin);
    let branch = bucket.run(&project, &standin, "read");
    let with = paid(&standin) - before;
    forget(&project);
    let before = paid(&standin);
    let alone = project.ran(rules_over_http::at(&mut project.command(&EVAL), &standin));
    let without = paid(&standin) - before;
    assert_eq!((branch.status, alone.status), (0, 0), "{}{}", branch.stderr, alone.stderr);
    assert!(with + 60 <= without, "{with} calls, {without} without the shared store");
    assert_eq!(bucket.count("branch/"), 0, "who reads only writes nothing");
}

#[test]
fn main_never_reads_what_a_branch_wrote() {
    let (bucket, project) = (Bucket::new("areas"), sixty_cases::briefer());
    let standin = rules_over_http::start(sixty_cases::RULES);
    bucket.run(&project, &standin, "branch");
    let bought = paid(&standin);
    assert_eq!((bucket.count("main/"), bucket.count("branch/v1/answers/") as u64), (0, bought));
    forget(&project);
    bucket.run(&project, &standin, "branch");
    assert_eq!(paid(&standin), bought, "a branch reads it");
    forget(&project);
    bucket.run(&project, &standin, "main");
    assert_eq!(paid(&standin), 2 * bought, "main buys for itself");
}

#[test]
fn damaged_and_foreign_objects_are_bought_again_and_said() {
    let (bucket, project) = (Bucket::new("poisoned"), sixty_cases::briefer());
    let standin = rules_over_http::start(sixty_cases::RULES);
    let first = bucket.run(&project, &standin, "main");
    let bought = paid(&standin);
    // One is edited, one is another answer's under this name, one is no text.
    let poison = format!(
        "import boto3\ns3 = boto3.client('s3')\n\
         keys = [o['Key'] for o in s3.list_objects_v2(Bucket='{0}', Prefix='team/assay/main/v1/answers/')['Contents']]\n\
         body = lambda key: s3.get_object(Bucket='{0}', Key=key)['Body'].read()\n\
         put = lambda key, body: s3.put_object(Bucket='{0}', Key=key, Body=body)\n\
         put(keys[0], body(keys[0]).replace(b'\"text\":\"', b'\"text\":\"Forged. '))\n\
         put(keys[1], body(keys[5]))\nput(keys[2], b'\\xff\\xfe')",
        bucket.name
    );
    emulator::boto3_says(&bucket.url, &poison);
    forget(&project);
    let again = bucket.run(&project, &standin, "main");
    assert_eq!(paid(&standin), bought + 3, "{}", again.stderr);
    assert_eq!(content(&again), content(&first));
    assert!(warnings(&again).contains("An object of the shared store was not used"), "{}", warnings(&again));
}

#[test]
fn two_runs_at_the_same_time_share_one_store() {
    let bucket = Bucket::new("together");
    let projects = [sixty_cases::briefer(), sixty_cases::briefer()];
    let standin = rules_over_http::start(sixty_cases::RULES);
    let running = projects.each_ref().map(|project| {
        let mut command = bucket.command(project, &standin, "main");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    });
    let mut ran = Vec::new();
    for (child, project) in running.into_iter().zip(&projects) {
        ran.push(Ran::new(child.wait_with_output().expect("it ends"), &project.root()));
    }
    assert_eq!(content(&ran[0]), content(&ran[1]));
    assert!(ran.iter().all(|ran| warnings(ran) == "[]"), "{}{}", ran[0].stderr, ran[1].stderr);
    let bought = paid(&standin);
    forget(&projects[0]);
    let third = bucket.run(&projects[0], &standin, "main");
    assert_eq!((paid(&standin), content(&third)), (bought, content(&ran[0])));
}

/// A server that answers every request with these bytes, or with nothing at all.
fn server(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().flatten() {
            match answer {
                Some(answer) => {
                    let _ = stream.read(&mut [0; 16 << 10]);
                    let _ = stream.write_all(answer.as_bytes());
                }
                None => held.push(stream),
            }
        }
    });
    url
}

const DENIED: &str = "HTTP/1.1 403 Forbidden\r\nx-amz-request-id: 1\r\ncontent-type: application/xml\r\ncontent-length: 72\r\n\
    connection: close\r\n\r\n<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>";

#[test]
fn a_store_that_is_down_denied_or_silent_is_a_warning() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let alone = project.ran(rules_over_http::at(&mut project.command(&EVAL), &standin));
    let places = [
        ("down", "http://127.0.0.1:9".to_owned()),
        ("denied", server(Some(DENIED))),
        ("silent", server(None)),
    ];
    for (what, url) in places {
        forget(&project);
        let bucket = Bucket { name: "nowhere", url };
        let ran = bucket.run(&project, &standin, "main");
        assert_eq!((ran.status, verdict(&ran)), (1, verdict(&alone)), "{what}: {}", ran.stderr);
        let warnings = warnings(&ran);
        assert!(warnings.contains("The shared store could not be"), "{what}: {warnings}");
        assert!(!warnings.contains("secret"), "{what}: {warnings}");
    }
}
