//! `kill -9` at random times, 200 times: stored answers are never paid again, and the report equals
//! that of an undisturbed run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};

use prompt_assay::fingerprint::Fingerprint;
use prompt_assay::report::json;
use prompt_assay_standin::Standin;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::{rules_over_http, sixty_cases};
use serde_json::Value;

const KILLS: usize = 200;
/// Campaigns that go on at the same time, each on machines of its own.
const CAMPAIGNS: usize = 4;
/// Calls in flight at most: four for each of the two models.
const IN_FLIGHT: usize = 8;
/// The longest life, in calls that the model has heard of.
const LONGEST: u64 = 24;

const EVAL: [&str; 7] = ["eval", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"];

/// The messages for the killing process.
enum Heard {
    /// A call reached the model.
    Call,
    /// The process has closed its output: here it is.
    End(String),
}

/// A model that reports every call.
fn model(ears: Sender<Heard>) -> Standin {
    rules_over_http::start_with(sixty_cases::RULES, move |_, reply| {
        // No server listens between two lives.
        let _ = ears.send(Heard::Call);
        reply
    })
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 += 1;
        let digits = Fingerprint::of_bytes(&self.0.to_le_bytes()).short(15);
        u64::from_str_radix(&digits, 16).expect("digits") % most
    }
}

/// One life: killed when the model has heard of so many calls (0: at once), unless it ends before.
fn life(
    project: &Project,
    model: &Standin,
    calls: u64,
    ears: (&Sender<Heard>, &Receiver<Heard>),
) -> Option<String> {
    let (sender, receiver) = ears;
    while receiver.try_recv().is_ok() {}
    let mut command = project.command(&EVAL);
    rules_over_http::at(&mut command, model)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = command.spawn().expect("it starts");
    let mut output = process.stdout.take().expect("a pipe");
    let listener = sender.clone();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).expect("UTF-8");
        let _ = listener.send(Heard::End(text));
    });
    let mut left = calls;
    let mut ended = None;
    while left > 0 && ended.is_none() {
        match receiver.recv().expect("the model lives") {
            Heard::Call => left -= 1,
            Heard::End(text) => ended = Some(text),
        }
    }
    if ended.is_none() {
        process.kill().expect("it may be killed");
    }
    let status = process.wait().expect("it ends");
    reader.join().expect("it reads");
    // A kill that came too late killed nothing.
    let text = ended.or_else(|| {
        status.code()?;
        receiver.try_iter().find_map(|heard| match heard {
            Heard::End(text) => Some(text),
            Heard::Call => None,
        })
    })?;
    assert_eq!(status.code(), Some(1), "a life that ends finds the breaks");
    Some(text)
}

/// No more of what a life was answered is asked for again than was in flight when it was killed.
fn nothing_stored_is_paid_twice(model: &Standin, lives: &[usize]) {
    let requests = model.requests();
    let mut begun = 0;
    let mut answered: BTreeMap<String, usize> = BTreeMap::new();
    let mut again: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (life, end) in lives.iter().enumerate() {
        for request in &requests[begun..*end] {
            let key = format!("{} {}", request.call.model, request.call.body);
            if let Some(before) = answered.get(&key).filter(|before| **before != life) {
                again.entry(*before).or_default().insert(key.clone());
            }
            if request.status == Some(200) {
                answered.insert(key, life);
            }
        }
        begun = *end;
    }
    for (life, keys) in again {
        assert!(keys.len() <= IN_FLIGHT, "{} answers of life {life} were paid again: {keys:?}", keys.len());
    }
}

fn stable(report: &str) -> Value {
    json::stable(&serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}")))
}

/// Kills until it has killed often enough and the last evaluation has ended.
fn campaign(seed: u64, kills: usize, origin: &Project, expected: &Value) {
    let mut dice = Dice(seed << 32);
    let mut killed = 0;
    while killed < kills {
        let (sender, receiver) = channel();
        let model = model(sender.clone());
        let project = origin.cloned(&[]);
        let mut lives = Vec::new();
        let report = loop {
            let calls = if killed < kills { dice.below(LONGEST) } else { u64::MAX };
            let ended = life(&project, &model, calls, (&sender, &receiver));
            lives.push(model.requests().len());
            match ended {
                Some(report) => break report,
                None => killed += 1,
            }
        };
        assert_eq!(stable(&report), *expected, "seed {seed}, {killed} kills");
        nothing_stored_is_paid_twice(&model, &lives);
    }
}

#[test]
fn killed_200_times_nothing_stored_is_paid_twice_and_the_verdict_stays() {
    let origin = sixty_cases::briefer();
    let undisturbed = origin.cloned(&[]);
    let (sender, receiver) = channel();
    let model = model(sender.clone());
    let report = life(&undisturbed, &model, u64::MAX, (&sender, &receiver)).expect("nobody kills it");
    let expected = stable(&report);
    std::thread::scope(|scope| {
        for seed in 0..CAMPAIGNS {
            let (origin, expected) = (&origin, &expected);
            scope.spawn(move || campaign(seed as u64, KILLS / CAMPAIGNS, origin, expected));
        }
    });
}
