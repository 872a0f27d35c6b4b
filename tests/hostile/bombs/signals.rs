//! A signal takes effect within a second at any time: while files are read, templates rendered,
//! texts compared, and while GitHub does not answer.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use prompt_assay_test_support::github::{Fault, GitHub};
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::repository::{Origin, shop};
use prompt_assay_test_support::step::Step;

use super::laid;

/// A second, and what a loaded machine needs to start and end processes.
const HEARD: Duration = Duration::from_millis(2_500);

/// Fifteen catalogs that take much longer to read than any machine waits here, each within its limits.
fn long_catalogs() -> Vec<(String, String)> {
    let many = "1,".repeat(450_000);
    let one =
        |n: usize| format!("p{n}: {{text: Be number {n}, parameters: {{extra: {{many: [{many}1]}}}}}}\n");
    (0..15).map(|n| (format!("c/{n}.yaml"), one(n))).collect()
}

/// They, and a configuration that names them.
fn long_reading(project: &Project) {
    let catalogs = "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: [prompts.yaml, \"c/*.yaml\"]\n";
    project.write("prompt-assay.yaml", catalogs);
    for (path, text) in long_catalogs() {
        project.write(&path, text);
    }
}

/// Starts a command, sends a signal after that time, and says how it ended and after how long; `None`
/// where it was over before.
fn interrupted(command: &mut Command, signal: &str, after: Duration) -> Option<(i32, String, Duration)> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut errors = child.stderr.take().expect("a pipe");
    let reading = std::thread::spawn(move || {
        let mut told = String::new();
        errors.read_to_string(&mut told).map(|_| told)
    });
    std::thread::sleep(after);
    if child.try_wait().expect("a child").is_some() {
        return None;
    }
    let sent = Instant::now();
    assert!(
        Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill").success()
    );
    let status = child.wait().expect("a child");
    let took = sent.elapsed();
    Some((status.code().unwrap_or(-1), reading.join().expect("a thread").expect("a log"), took))
}

#[test]
fn a_signal_is_heard_in_the_middle_of_reading() {
    let project = laid(long_reading);
    for (arguments, signal) in [
        (&["plan", "--base", "HEAD"][..], "TERM"),
        (&["plan", "--base", "HEAD"], "INT"),
        (&["eval", "--base", "HEAD", "--scripted", "rules.yaml"], "TERM"),
    ] {
        let ended = interrupted(&mut project.command(arguments), signal, Duration::from_millis(500));
        let (status, told, took) = ended.expect("it reads for longer");
        println!("{:<44} status {status} after {took:?}", format!("{signal} while {} reads", arguments[0]));
        assert_eq!(status, 3, "{told}");
        assert!(told.contains("interrupted: nothing was decided"), "{told}");
        assert!(took < HEARD, "{took:?}");
    }
    // The control: what is short enough ends by itself.
    let short = laid(|project| project.edit("prompts.yaml", "warmly", "kindly"));
    assert_eq!(short.run(&["plan", "--base", "HEAD"]).status, 0);
}

#[test]
fn the_action_hears_a_signal_in_the_middle_of_reading_and_leaves_its_outputs() {
    let mut base = shop();
    base.iter_mut().find(|(path, _)| path == "prompt-assay.yaml").expect("a configuration").1 =
        "provider: {scripted: rules.yaml}\nmodels: {branch: small, main: large}\ncatalogs: [prompts.yaml, \"c/*.yaml\"]\n".to_owned();
    base.extend(long_catalogs());
    let origin = Origin::between(&base, &[("README.md", "# Edited\n")]);
    let github = GitHub::start(Some(origin.path()));
    let step = Step::pull_request(&origin, &github);
    let running = step.start();
    std::thread::sleep(Duration::from_millis(700));
    let sent = Instant::now();
    running.signal("TERM");
    let left = running.left();
    let took = sent.elapsed();
    println!("{:<44} status {} after {took:?}", "TERM while the action reads", left.status);
    assert_eq!((left.status, left.outputs["reason"].as_str()), (3, "not_found_out"), "{}", left.log);
    assert!(left.summary.contains("interrupted"), "{}", left.summary);
    assert!(took < HEARD, "{took:?}");
}

#[test]
fn the_action_hears_a_signal_while_github_is_silent() {
    let origin = Origin::with_prompt("Another wording.");
    let github = GitHub::start(Some(origin.path()));
    github.state().faults.push(("GET", "/git/trees/", Fault::Silent));
    let step = Step::pull_request(&origin, &github);
    let running = step.start();
    while !github.log().iter().any(|line| line.contains("/git/trees/")) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let sent = Instant::now();
    running.signal("TERM");
    let left = running.left();
    assert_eq!(left.status, 3, "{}", left.log);
    assert!(sent.elapsed() < HEARD, "{:?}", sent.elapsed());
}
