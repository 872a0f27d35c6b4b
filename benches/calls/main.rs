//! How fast and how frugally calls are made: the whole program against a stand-in in another
//! process, each figure beside its floor. `docs/performance.md` says what the figures mean.
//!
//! `cargo bench --bench calls`, or a part of it: `cargo bench --bench calls -- quota faults`

mod floor;
mod measured;
mod project;
mod server;

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use measured::Measured;
use project::{Project, Shape};
use server::{Manner, SERVE, Server};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, manner] = arguments.as_slice()
        && first == SERVE
    {
        return server::serve(manner);
    }
    let parts: [(&str, fn()); 6] = [
        ("start", start),
        ("cached", cached),
        ("throughput", throughput),
        ("judge", judge),
        ("quota", quota),
        ("faults", faults),
    ];
    let chosen =
        |name: &str| arguments.iter().all(|a| a.starts_with("--")) || arguments.iter().any(|a| a == name);
    for (_, part) in parts.iter().filter(|(name, _)| chosen(name)) {
        part();
    }
}

fn say(what: &str, figure: impl std::fmt::Display, floor: &str, most: &str) {
    println!("{what:<58} {figure:>16}   {floor:<32} {most}");
}

fn ratio(took: Duration, floor: f64) -> String {
    format!("{:.3} x", took.as_secs_f64() / floor)
}

fn start() {
    let version = median(21, || {
        let done =
            Command::new(env!("CARGO_BIN_EXE_prompt-assay")).arg("--version").output().expect("it runs");
        assert!(done.status.success());
    });
    let floor = median(21, || {
        assert!(Command::new("true").status().expect("it runs").success());
    });
    say("start: --version", format!("{version:.1?}"), &format!("`true`: {floor:.1?}"), "at most 10 ms");
}

fn cached() {
    let project = Project::new(Shape { cases: 100, edited: true, judged: false }, "{}");
    let mut server = Server::start(&Manner::latency(0));
    project.eval(&server.url, &[]);
    let before = server.counters()["total"].clone();
    let mut times: Vec<Duration> = (0..15).map(|_| project.eval(&server.url, &[]).0.wall).collect();
    assert_eq!(server.counters()["total"], before, "everything is stored");
    times.sort();
    say("cached: 100 cases, whole process", format!("{:.1?}", times[7]), "", "at most 150 ms");
}

fn throughput() {
    for cases in [3_000, 30_000] {
        for (edited, what) in [(false, "a new prompt"), (true, "both sides")] {
            if edited && cases > 3_000 {
                continue;
            }
            let calls = "{concurrency: 20}";
            let project = Project::new(Shape { cases, edited, judged: false }, calls);
            let mut server = Server::start(&Manner::latency(20));
            let (took, report) = project.eval(&server.url, &[]);
            let made = answered(&mut server);
            assert_eq!(made, cases as u64 * if edited { 2 } else { 1 });
            assert_eq!(report["verdict"], "OK");
            let floor = floor::measure(&server.url, made, 20).as_secs_f64();
            let arithmetic = made as f64 * 0.020 / 20.0;
            let name = format!("throughput: {cases} cases, 20 ms, 20 in flight, {what}");
            let beside = format!("{made} bare calls: {floor:.2} s");
            say(&name, ratio(took.wall, floor), &beside, "at most 1.10 x");
            say("", ratio(took.wall, arithmetic), &format!("20 ms / 20 each: {arithmetic:.1} s"), "");
            cost(&name, took, made);
        }
    }
}

fn cost(name: &str, took: Measured, made: u64) {
    let cpu = 1e3 * took.cpu_s / made as f64;
    say(&format!("  {name}"), format!("{cpu:.3} ms/call"), "processor time, all of it", "at most 0.5 ms");
    say("", format!("{:.0} MB", took.peak_mb), "most memory resident", "at most 120 MB");
}

fn judge() {
    let calls = "{concurrency: 20}";
    let project = Project::new(Shape { cases: 100, edited: false, judged: true }, calls);
    let mut server = Server::start(&Manner::latency(1_000));
    let (took, _) = project.eval(&server.url, &[]);
    assert_eq!(answered(&mut server), 200);
    say(
        "judge: 100 cases and their judge, 1 s, 20 in flight",
        ratio(took.wall, 6.0),
        "critical path: 6 s",
        "at most 1.15 x",
    );
}

fn quota() {
    let usage = serde_json::json!([60, 40]);
    let manner = Manner::latency(100)
        .with("requests_per_s", 10.0)
        .with("tokens_per_min", 60_000.0)
        .with("usage", usage);
    let shape = Shape { cases: 500, edited: false, judged: false };
    let known = "{concurrency: 20, limits: {\"amazon.nova-lite-v1:0\": {requests_per_minute: 600, tokens_per_minute: 60000}}}";
    // A full bucket of 10, then 10 a second; 100 tokens each never empty the tokens' bucket.
    let floor = (500.0 - 10.0) / 10.0;
    for (calls, what) in [("{concurrency: 20}", "learned"), (known, "configured")] {
        let project = Project::new(shape, calls);
        let mut server = Server::start(&manner);
        let (took, report) = project.eval(&server.url, &[]);
        refusals(
            &format!("quota: 500 cases, 10/s and 60,000 tokens/min, {what}"),
            took,
            floor,
            &mut server,
            &report,
        );
    }
    changing_quota(&manner);
}

/// Halved after 15 s, doubled again after 35 s.
fn changing_quota(manner: &Manner) {
    let project = Project::new(Shape { cases: 500, edited: false, judged: false }, "{concurrency: 20}");
    let mut server = Server::start(manner);
    std::thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let server = &mut server;
        let address = server.url.clone();
        let project = &project;
        scope.spawn(move || {
            sender.send(project.eval(&address, &[])).expect("someone waits");
        });
        let begun = Instant::now();
        let (mut counts, mut done) = (vec![0], None);
        let mut second = 0_u64;
        while done.is_none() {
            second += 1;
            let next = Duration::from_secs(second);
            std::thread::sleep(next.saturating_sub(begun.elapsed()));
            match second {
                15 => server.set_requests(5.0),
                35 => server.set_requests(10.0),
                _ => {}
            }
            counts.push(answered(server));
            done = receiver.try_recv().ok();
        }
        let (took, report): (Measured, Value) = done.expect("it is done");
        let rate = |from: usize, to: usize| {
            (counts[to.min(counts.len() - 1)] - counts[from]) as f64 / (to - from) as f64
        };
        let floor = 15.0 + 20.0 + (500.0 - 10.0 - 150.0 - 100.0) / 10.0;
        refusals("quota: 10/s, halved after 15 s, doubled after 35 s", took, floor, server, &report);
        say(
            "  answers a second 10 s after it was halved",
            format!("{:.2}", rate(25, 35)),
            "quota: 5 a second",
            "",
        );
        say(
            "  answers a second 10 s after it was doubled",
            format!("{:.2}", rate(45, 55)),
            "quota: 10 a second",
            "",
        );
    });
}

fn refusals(name: &str, took: Measured, floor: f64, server: &mut Server, report: &Value) {
    let counters = server.counters();
    let refused = counters["by_status"]["429"].as_u64().unwrap_or(0);
    let share = 100.0 * refused as f64 / counters["total"].as_u64().unwrap_or(1) as f64;
    say(name, ratio(took.wall, floor), &format!("ideal: {floor:.1} s"), "at most 1.15 x");
    say("  refused", format!("{share:.1} %"), "", "at most 10 %");
    no_case_lost(report);
}

fn no_case_lost(report: &Value) {
    let lost = report["prompts"][0]["lost"].as_array().map_or(0, Vec::len);
    assert_eq!((lost, &report["verdict"]), (0, &Value::from("OK")), "{report}");
}

fn faults() {
    let shape = Shape { cases: 100, edited: false, judged: false };
    let calls = "{concurrency: 8}";
    let time = |manner: &Manner| {
        let project = Project::new(shape, calls);
        let server = Server::start(manner);
        let (took, report) = project.eval(&server.url, &[]);
        no_case_lost(&report);
        took.wall
    };
    let free = time(&Manner::latency(100));
    let half = time(&Manner::latency(100).with("faults", serde_json::json!({"429": 0.5})));
    let most = "at most 2.5 x";
    let floor = format!("without faults: {free:.1?}");
    say(
        "faults: 100 cases, half of all requests 429, 8 in flight",
        ratio(half, free.as_secs_f64()),
        &floor,
        most,
    );
    let mix = serde_json::json!({"500": 0.05, "503": 0.05, "408": 0.05, "424": 0.05, "reset": 0.05, "truncated": 0.05});
    let mixed = time(&Manner::latency(100).with("faults", mix));
    say(
        "faults: 5 % each of 500 503 408 424, reset, truncated",
        ratio(mixed, free.as_secs_f64()),
        &floor,
        "all answered",
    );
}

/// Answers given so far.
fn answered(server: &mut Server) -> u64 {
    server.counters()["by_status"]["200"].as_u64().unwrap_or(0)
}

fn median(rounds: usize, mut measured: impl FnMut()) -> Duration {
    measured();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            measured();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}
