//! Nothing is paid twice: the same commit again, runs that were killed, asked to end, out of budget
//! or offline, and reports of stored runs. The stand-in counts the actual requests.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use prompt_assay::report::json;
use prompt_assay_standin::{Reply, Standin};
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::Value;

const EVAL: [&str; 5] = ["eval", "--base", "HEAD~1", "--head", "HEAD"];
const JSON: [&str; 2] = ["--format", "json"];

/// Calls in flight at most: `concurrency` of the project, for the prompt's model and for the judge's.
const IN_FLIGHT: u64 = 2 * 4;

fn eval(project: &Project, standin: &Standin, more: &[&str]) -> Ran {
    project.ran(rules_over_http::at(&mut project.command(&[&EVAL, more].concat()), standin))
}

fn content(ran: &Ran) -> Value {
    json::stable(&ran.json())
}

/// How many answers were given, and so paid.
fn paid(standin: &Standin) -> u64 {
    standin.counters().by_status.get(&200).copied().unwrap_or(0)
}

/// A run that nothing disturbs: its report, and how many answers it takes.
fn undisturbed() -> (Value, u64) {
    let standin = rules_over_http::start(sixty_cases::RULES);
    let ran = eval(&sixty_cases::briefer(), &standin, &JSON);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    (content(&ran), paid(&standin))
}

/// A stand-in whose answers take `delay` after the first `free` requests, until that is lifted;
/// the receiver is notified of the first one that does.
struct Slow {
    standin: Standin,
    first: Receiver<()>,
    is_slow: Arc<AtomicBool>,
}

impl Slow {
    fn after(free: u64, delay: Duration) -> Self {
        let (sender, first) = mpsc::channel();
        let is_slow = Arc::new(AtomicBool::new(true));
        let slow = Arc::clone(&is_slow);
        let standin = rules_over_http::start_with(sixty_cases::RULES, move |call, reply| match reply {
            Reply::Answer(answer) if call.sequence >= free && slow.load(Ordering::SeqCst) => {
                let _ = sender.send(());
                answer.latency(delay).into()
            }
            reply => reply,
        });
        Self { standin, first, is_slow }
    }

    /// Starts a run and returns when an answer is held back.
    fn run_until_slow(&self, project: &Project) -> Child {
        let mut command = project.command(&[&EVAL[..], &JSON].concat());
        let command = rules_over_http::at(&mut command, &self.standin);
        let child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        self.first.recv_timeout(Duration::from_secs(300)).expect("the run comes so far");
        child
    }

    fn lift(&self) {
        self.is_slow.store(false, Ordering::SeqCst);
    }
}

#[test]
fn the_same_commit_again_makes_no_call_and_writes_the_same_json() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let first = eval(&project, &standin, &JSON);
    let asked = standin.counters().total;
    let again = eval(&project, &standin, &JSON);
    assert_eq!((first.status, again.status), (1, 1), "{}{}", first.stderr, again.stderr);
    assert_eq!(standin.counters().total, asked, "the second run asks nothing");
    assert_eq!(content(&first), content(&again));
    let (first, again) = (first.json(), again.json());
    assert_eq!(again["cost"]["spent_usd"], 0.0);
    assert_eq!(again["cost"]["verdict_usd"], first["cost"]["verdict_usd"]);
    assert!(first["cost"]["spent_usd"].as_f64().is_some_and(|spent| spent > 0.0));
}

#[test]
fn what_kill_9_interrupts_is_not_paid_again() {
    let (expected, answers) = undisturbed();
    // At the start, in the middle of screening, and among the confirmations.
    for free in [0, answers / 3, answers - 10] {
        let project = sixty_cases::briefer();
        let slow = Slow::after(free, Duration::from_secs(3600));
        let mut child = slow.run_until_slow(&project);
        child.kill().expect("the child runs");
        child.wait().expect("the child ends");
        slow.lift();
        let before = slow.standin.counters();
        let again = eval(&project, &slow.standin, &JSON);
        assert_eq!(content(&again), expected, "killed after {free} requests");
        let after = slow.standin.counters();
        let repeated = again_asked(&slow.standin, before.total);
        assert!(repeated <= IN_FLIGHT, "{repeated} calls of {} are made again", before.total);
        assert!(after.by_status[&200] <= answers + IN_FLIGHT, "{after:?}, {answers} are enough");
    }
}

/// How many of the requests after the first `before` had been made before; throttled attempts
/// apart.
fn again_asked(standin: &Standin, before: u64) -> u64 {
    let asked = standin.requests();
    let answered = |status: Option<u16>| status != Some(429);
    let (old, new): (Vec<_>, Vec<_>) =
        asked.iter().filter(|r| answered(r.status)).partition(|r| r.call.sequence < before);
    let repeats = new
        .iter()
        .filter(|r| old.iter().any(|o| (&o.call.model, &o.call.body) == (&r.call.model, &r.call.body)));
    repeats.count() as u64
}

#[test]
fn sigterm_ends_a_run_gently_and_keeps_what_was_paid() {
    let (expected, answers) = undisturbed();
    let project = sixty_cases::briefer();
    let slow = Slow::after(answers / 3, Duration::from_millis(300));
    let child = slow.run_until_slow(&project);
    let sent = std::process::Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status();
    assert!(sent.is_ok_and(|status| status.success()));
    let ended = Ran::new(child.wait_with_output().expect("the child ends"), &project.root());
    assert_eq!(ended.status, 3, "{}", ended.stderr);
    let report = ended.json();
    assert_eq!(
        (&report["verdict"], &report["prompts"][0]["reason"]),
        (&"NOT_MEASURED".into(), &"interrupted".into())
    );
    slow.lift();
    let before = slow.standin.counters().total;
    let again = eval(&project, &slow.standin, &JSON);
    assert_eq!(content(&again), expected);
    assert_eq!(again_asked(&slow.standin, before), 0, "calls in flight were waited for, and kept");
    assert_eq!(paid(&slow.standin), answers);
}

#[test]
fn offline_needs_neither_credentials_nor_a_region_once_everything_is_stored() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let bought = eval(&project, &standin, &JSON);
    let asked = standin.counters().total;
    for more in [&["--offline"][..], &[]] {
        let stored = project.run(&[&EVAL[..], &JSON, more].concat());
        assert_eq!(stored.status, 1, "{}", stored.stderr);
        assert_eq!(content(&stored), content(&bought));
    }
    assert_eq!(standin.counters().total, asked);
}

#[test]
fn offline_without_answers_is_not_measured_and_makes_no_call() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let ran = eval(&project, &standin, &["--format", "json", "--offline"]);
    assert_eq!((ran.status, standin.counters().total), (3, 0), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(
        (&report["verdict"], &report["prompts"][0]["reason"]),
        (&"NOT_MEASURED".into(), &"lost_calls".into())
    );
}

#[test]
fn a_budget_that_ends_too_early_is_not_measured_and_the_next_run_goes_on_from_there() {
    let (expected, answers) = undisturbed();
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let short = eval(&project, &standin, &["--format", "json", "--max-calls", "20"]);
    assert_eq!(short.status, 3, "{}", short.stderr);
    let report = short.json();
    assert_eq!(
        (&report["verdict"], &report["prompts"][0]["reason"]),
        (&"NOT_MEASURED".into(), &"budget".into())
    );
    let sentence = report["prompts"][0]["sentence"].as_str().unwrap_or_default();
    assert!(
        sentence.contains("max_calls") && sentence.contains("the next run continues from there"),
        "{sentence}"
    );
    assert!(paid(&standin) <= 20, "{:?}", standin.counters());
    let more = eval(&project, &standin, &["--format", "json", "--max-calls", "500"]);
    assert_eq!(content(&more), expected);
    assert_eq!(paid(&standin), answers, "nothing is paid twice");
}

#[test]
fn a_stored_run_is_rendered_as_it_was() {
    let project = sixty_cases::briefer();
    let standin = rules_over_http::start(sixty_cases::RULES);
    let none = project.run(&["report"]);
    assert_eq!(none.status, 2);
    insta::assert_snapshot!(none.told(), @r"
    exit status 2
    error: nothing has been evaluated here: `[repository]/.prompt-assay/assay.db` does not exist; run `prompt-assay eval`, or name a JSON result
    ");
    for format in ["markdown", "terminal", "junit"] {
        let ran = eval(&project, &standin, &["--format", format]);
        let stored = project.run(&["report", "--format", format]);
        assert_eq!((stored.status, &stored.stdout), (ran.status, &ran.stdout), "{format}");
        assert_eq!(stored.stderr, "");
    }
    // The store has the answers, so a stored run holds the texts of its findings alone.
    let without_texts = |mut report: Value| {
        let results = report["prompts"][0]["results"].as_array_mut().expect("results");
        results
            .iter_mut()
            .for_each(|case| drop(case.as_object_mut().expect("a case").shift_remove("detail")));
        report
    };
    let (ran, stored) =
        (eval(&project, &standin, &["--format", "json"]), project.run(&["report", "--format", "json"]));
    assert_eq!((stored.status, without_texts(stored.json())), (ran.status, without_texts(ran.json())));
    let file = ["--format", "json", "--output", "report.json"];
    assert_eq!(eval(&project, &standin, &file).stdout, "");
    let shown = project.run(&["report", "report.json", "--format", "markdown"]);
    assert_eq!((shown.status, shown.stdout), (1, project.run(&["report", "--format", "markdown"]).stdout));
}

#[test]
fn a_file_that_is_no_report_is_refused() {
    let project = sixty_cases::briefer();
    project.write("report.json", "{\"schema_version\": 99}");
    insta::assert_snapshot!(project.run(&["report", "report.json"]).told(), @r"
    exit status 2
    error: the report has schema_version 99, this program reads 2
      = render it with the release of prompt-assay that wrote it, or write it again with `prompt-assay eval --format json` (stored answers cost nothing)
    ");
    insta::assert_snapshot!(project.run(&["report", "prompts.yaml"]).told(), @r"
    exit status 2
    error: not a JSON report: expected value at line 1 column 1
      = pass a file written by `prompt-assay eval --format json`
    ");
    insta::assert_snapshot!(project.run(&["report", "missing.json"]).told(), @r"
    exit status 2
    error: cannot read `missing.json`: No such file or directory (os error 2)
    ");
    let plan = project.run(&["plan", "--base", "HEAD~1", "--format", "json"]);
    project.write("plan.json", plan.stdout);
    insta::assert_snapshot!(project.run(&["report", "plan.json"]).told(), @r"
    exit status 2
    error: this is a plan, and a plan has no results
      = pass a file written by `prompt-assay eval --format json`
    ");
}
