//! Batch jobs end to end: the real binary and the real SDK against MiniStack's job API and S3. MiniStack never ends a
//! job, so the test plays the part of Bedrock that reads the file, answers it and writes the answers; single calls go
//! to the stand-in.

mod bedrock;
mod interrupted;
mod refused;

use prompt_assay::report::json;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::sixty_cases;
use serde_json::Value;

pub use bedrock::{Bedrock, Played, Running};

use crate::service_models::Recorder;

const EVAL: [&str; 7] = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];
const BATCH: [&str; 8] = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json", "--batch"];

/// Enough for the prompts, too much for the judges.
const ONE_JOB: &str = "min_records: 100";

/// Enough for the judges, too.
const TWO_JOBS: &str = "min_records: 20";

/// Screening answers of the sixty cases, both sides.
const SCREENED: u64 = 120;

/// The parts of a report that depend on content alone; whatever was noted about the way the answers came.
fn content(ran: &Ran) -> Value {
    let mut report = json::stable(&ran.json());
    report["warnings"] = Value::Null;
    report
}

fn warnings(ran: &Ran) -> String {
    ran.json()["warnings"].to_string()
}

fn spent(ran: &Ran) -> f64 {
    ran.json()["cost"]["spent_usd"].as_f64().expect("an amount")
}

fn paid(ran: &Ran) -> u64 {
    ran.json()["calls"]["paid"].as_u64().expect("a count")
}

/// Answers the two jobs of a run: the prompts', then the judges', whose questions the answers make known. How many
/// records the second had.
fn answer_both(bedrock: &Bedrock) -> u64 {
    let prompts = bedrock.wait_for(1).remove(0);
    assert_eq!(prompts.asked["modelInvocationType"], "Converse");
    assert_eq!(prompts.asked["roleArn"], "arn:aws:iam::123456789012:role/batch");
    assert_eq!(prompts.asked["clientRequestToken"], prompts.name.as_str());
    assert_eq!(prompts.asked["modelId"], "amazon.nova-lite-v1:0");
    assert_eq!(bedrock.records(&prompts).len() as u64, SCREENED);
    bedrock.answer(&prompts, Played::All);
    let judges = bedrock.wait_for(2).into_iter().find(|job| job.arn != prompts.arn).expect("another job");
    assert_eq!(judges.asked["modelId"], "amazon.nova-pro-v1:0");
    bedrock.answer(&judges, Played::All);
    bedrock.records(&judges).len() as u64
}

#[test]
fn a_run_by_batch_says_what_a_run_by_single_calls_says() {
    let (alone, bedrock) = (Bedrock::start(), Bedrock::start());
    let project = bedrock.project(TWO_JOBS);
    let single = alone.run(&project.cloned(&[]), &EVAL);
    assert_eq!((single.status, alone.jobs().len()), (1, 0), "{}", single.told());
    let running = bedrock.begin(&project, &BATCH);
    let judged = answer_both(&bedrock);
    let ran = running.ended();
    assert_eq!(ran.status, 1, "{}", ran.told());
    assert_eq!((content(&ran), warnings(&ran).as_str()), (content(&single), "[]"));
    assert_eq!(paid(&ran), SCREENED + judged + bedrock.asked_singly());
    assert_eq!(ran.json()["cost"]["verdict_usd"], single.json()["cost"]["verdict_usd"]);
}

#[test]
fn a_screening_by_batch_costs_half_and_once() {
    let (alone, bedrock) = (Bedrock::start(), Bedrock::start());
    let project = sixty_cases::reworded();
    bedrock.configure(&project, TWO_JOBS);
    // Nothing breaks: both ways all cases are screened.
    let single = alone.run(&project.cloned(&[]), &EVAL);
    let running = bedrock.begin(&project, &BATCH);
    let judged = answer_both(&bedrock);
    let ran = running.ended();
    assert_eq!((ran.status, content(&ran)), (single.status, content(&single)), "{}", ran.told());
    assert_eq!(paid(&ran), SCREENED + judged + bedrock.asked_singly());
    assert_eq!(paid(&ran), paid(&single));
    // Confirmations are single calls, at the full price both ways.
    let part = spent(&ran) / spent(&single);
    assert!((0.5..0.6).contains(&part), "{} of {}", spent(&ran), spent(&single));
    assert_eq!(ran.json()["cost"]["verdict_usd"], single.json()["cost"]["verdict_usd"]);
    // Everything is stored: the next run makes no request.
    let again = bedrock.run(&project, &BATCH);
    assert_eq!((spent(&again), paid(&again), bedrock.jobs().len()), (0.0, 0, 2));
    assert_eq!(content(&again), content(&ran));
}

#[test]
fn a_record_is_what_a_single_call_sends() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(TWO_JOBS);
    let single = bedrock.run(&project.cloned(&[]), &EVAL);
    assert_eq!(single.status, 1);
    // A single run ends early and confirms; nothing but the report tells what was asked at screening.
    let report = single.json();
    let lines = report["calls"]["lines"].as_array().expect("lines").iter();
    let screened = lines.filter(|line| line["lane"] == "prompt" && line["phase"] == "screen");
    let screened: u64 = screened.filter_map(|line| line["bought"].as_u64()).sum();
    let (judges, prompts): (Vec<Value>, Vec<Value>) =
        bedrock.sent_singly().into_iter().partition(|body| body["toolConfig"].is_object());
    let running = bedrock.begin(&project, &BATCH);
    for (number, sent) in [prompts, judges].iter().enumerate() {
        let job = bedrock.wait_for(number + 1).remove(number);
        let records = bedrock.records(&job);
        let is_record = |body: &&Value| records.iter().any(|record| record["modelInput"] == **body);
        let found = sent.iter().filter(is_record).count() as u64;
        // A judge is also asked about confirmations, whose answers may be others.
        let least = if number == 0 { screened } else { 1 };
        assert!(found >= least && found > 0, "{found} of {screened}: {}", records[0]);
        bedrock.answer(&job, Played::All);
    }
    assert_eq!(running.ended().status, 1);
}

#[test]
fn records_without_an_answer_are_asked_one_by_one_whatever_the_order_and_the_files() {
    let (alone, bedrock) = (Bedrock::start(), Bedrock::start());
    let project = bedrock.project(ONE_JOB);
    let expected = alone.run(&project.cloned(&[]), &EVAL);
    let running = bedrock.begin(&project, &BATCH);
    let job = bedrock.wait_for(1).remove(0);
    bedrock.answer(&job, Played::InPart);
    let ran = running.ended();
    assert_eq!(ran.status, 1, "{}", ran.told());
    let told = warnings(&ran);
    for note in [
        "20 of the 120 records of the batch job",
        "failed with status 429: Too many requests: bought by single calls.",
        "18 of the 120 records of the batch job",
        "were left out: bought by single calls.",
        "1 lines of the batch job",
    ] {
        assert!(told.contains(note), "{note}: {told}");
    }
    assert_eq!(content(&ran), content(&expected));
    assert_eq!(paid(&ran), SCREENED - 38 + bedrock.asked_singly());
}

#[test]
fn too_few_records_are_asked_one_by_one_and_the_report_says_so() {
    let bedrock = Bedrock::start();
    let project = bedrock.project("min_records: 500");
    let ran = bedrock.run(&project, &BATCH);
    assert_eq!((ran.status, bedrock.jobs().len()), (1, 0), "{}", ran.told());
    let note = "120 answers of `amazon.nova-lite-v1:0` were bought by single calls, at the full price: a batch job needs \
                at least 500 records (`calls.batch.min_records`).";
    assert!(warnings(&ran).contains(note), "{}", warnings(&ran));
    assert_eq!(paid(&ran), bedrock.asked_singly());
    assert!(bedrock.proxy.calls().is_empty(), "nobody was asked for jobs");
}

#[test]
fn a_budget_that_the_worst_case_would_pass_buys_no_job() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    for (cap, most) in [("--max-calls", "119"), ("--max-cost", "0.003"), ("--max-tokens", "20000")] {
        let machine = project.cloned(&[]);
        let ran = bedrock.run(&machine, &[&BATCH[..], &[cap, most]].concat());
        assert_eq!(bedrock.jobs().len(), 0, "{cap}: {}", ran.told());
        let note = format!("can use more than `{}` leaves", cap.trim_start_matches("--").replace('-', "_"));
        assert!(warnings(&ran).contains(&note), "{}", warnings(&ran));
    }
}

#[test]
fn what_jobs_bought_counts_against_the_budget_of_the_rest() {
    let bedrock = Bedrock::start();
    let project = bedrock.project(ONE_JOB);
    let running = bedrock.begin(&project, &[&BATCH[..], &["--max-calls", "123"]].concat());
    bedrock.answer(&bedrock.wait_for(1)[0], Played::All);
    let ran = running.ended();
    assert_eq!((ran.status, bedrock.asked_singly(), paid(&ran)), (3, 3, 123), "{}", ran.told());
    assert_eq!(ran.json()["prompts"][0]["reason"], "budget");
}

#[test]
fn machines_that_share_a_store_share_what_jobs_answered() {
    let bedrock = Bedrock::start();
    let project = sixty_cases::reworded();
    bedrock.configure(&project, ONE_JOB);
    let shared = format!("{}/shared", bedrock.place);
    let machines = [(); 3].map(|()| project.cloned(&[]));
    let command = |machine: &Project, arguments: &[&str]| {
        let mut command = bedrock.command(machine, arguments);
        command.env("PROMPT_ASSAY_SHARED_STORE", &shared).env("PROMPT_ASSAY_SHARED_AREA", "main");
        command
    };
    let running = Running::start(&machines[0], command(&machines[0], &BATCH));
    bedrock.answer(&bedrock.wait_for(1)[0], Played::All);
    let first = running.ended();
    assert!(paid(&first) > SCREENED, "{}", first.told());
    let asked = bedrock.asked_singly();
    for (machine, arguments) in [(&machines[1], &BATCH[..]), (&machines[2], &EVAL[..])] {
        let next = machine.ran(&mut command(machine, arguments));
        assert_eq!((next.status, paid(&next), spent(&next)), (first.status, 0, 0.0), "{}", next.told());
        assert_eq!((bedrock.jobs().len(), bedrock.asked_singly()), (1, asked));
        assert_eq!(content(&next), content(&first));
    }
}

#[test]
fn calls_about_jobs_are_what_the_service_models_say() {
    let bedrock = Bedrock::start();
    let recorder = Recorder::before(&bedrock.proxy.url(), false);
    let project = bedrock.project(TWO_JOBS);
    let mut command = bedrock.command(&project, &BATCH);
    command.env("AWS_ENDPOINT_URL_BEDROCK", recorder.url()).env("AWS_ENDPOINT_URL_S3", recorder.url());
    let running = Running::start(&project, command);
    answer_both(&bedrock);
    let ran = running.ended();
    assert_eq!(ran.status, 1, "{}", ran.told());
    let (seen, problems) = recorder.held_against_botocore();
    assert!(problems.is_empty(), "{problems:#?}");
    insta::assert_snapshot!(seen.join("\n"), @"
    bedrock CreateModelInvocationJob
    bedrock GetModelInvocationJob
    bedrock ListModelInvocationJobs
    s3 GetObject
    s3 ListObjectsV2
    s3 PutObject
    ");
}

#[test]
fn a_job_asks_a_judge_in_the_form_that_single_calls_found_out() {
    let bedrock = Bedrock::start();
    let project = sixty_cases::reworded();
    project.edit("prompt-assay.yaml", "amazon.nova-pro-v1:0", "mistral.mistral-large-2407-v1:0");
    bedrock.configure(&project, TWO_JOBS);
    let single = bedrock.run(&project, &EVAL);
    assert_eq!(single.status, 0, "{}", single.told());
    // Another rubric: the same answers, and other questions about them.
    project.edit("golden/support.yaml", "the next step", "what comes next");
    project.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    let running = bedrock.begin(&project, &BATCH);
    let job = bedrock.wait_for(1).remove(0);
    assert_eq!(job.asked["modelId"], "mistral.mistral-large-2407-v1:0");
    let records = bedrock.records(&job);
    let choice = |record: &Value| record["modelInput"]["toolConfig"]["toolChoice"].to_string();
    assert!(records.iter().all(|record| choice(record) == "{\"any\":{}}"), "{}", records[0]);
    bedrock.answer(&job, Played::All);
    let ran = running.ended();
    assert_eq!((ran.status, warnings(&ran).contains("by single calls")), (0, false), "{}", ran.told());
}
