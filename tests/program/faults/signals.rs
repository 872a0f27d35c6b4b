//! SIGTERM and SIGKILL at many points of an evaluation, of the action and of a release.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use prompt_assay_test_support::github::{BOT, GitHub};
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::step::Step;

use super::Evaluation;

fn signal(process: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &process.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

/// Waits until something is the case, or the process has ended: true in the first case.
fn until(process: &mut Child, is_so: impl Fn() -> bool) -> bool {
    loop {
        if is_so() {
            return true;
        }
        if process.try_wait().expect("a child").is_some() {
            return false;
        }
        std::thread::yield_now();
    }
}

fn started(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// The exit status, and what was said.
fn ended(mut process: Child) -> (Option<i32>, String) {
    let mut told = String::new();
    process.stderr.take().expect("a pipe").read_to_string(&mut told).expect("UTF-8");
    (process.wait().expect("it ends").code(), told)
}

/// `kill -9` of an evaluation is in `killed.rs`.
#[test]
fn terminated_at_any_call_an_evaluation_keeps_every_answer_it_was_given() {
    let mut interrupted = 0;
    for calls in [1, 2, 3, 5, 7, 9, 12, 15, 18, 21, 24] {
        let evaluation = Evaluation::new();
        let mut process = started(&mut evaluation.command());
        if until(&mut process, || evaluation.model.requests().len() >= calls) {
            signal(&process, "TERM");
        }
        let (status, told) = ended(process);
        assert!([Some(3), Some(1)].contains(&status), "{calls} calls: {status:?} {told}");
        interrupted += usize::from(status == Some(3));
        evaluation.ends_as_if_undisturbed(0, &format!("SIGTERM after {calls} calls"));
    }
    assert!(interrupted >= 5, "most came in time: {interrupted}");
}

/// One comment with the result at the end, none that says something else, however often the job ended early.
#[test]
fn a_killed_or_terminated_action_leaves_no_wrong_comment() {
    let origin = Origin::with_prompt("A broken version.");
    let undisturbed = GitHub::start(Some(origin.path()));
    assert_eq!(Step::pull_request(&origin, &undisturbed).run().status, 1);
    let requests = undisturbed.log().len();
    for name in ["KILL", "TERM"] {
        let github = GitHub::start(Some(origin.path()));
        for at in 0..=requests {
            let step = Step::pull_request(&origin, &github).set("GITHUB_RUN_ID", &(100 + at).to_string());
            let before = github.log().len();
            let mut running = step.start();
            if running.until(|| github.log().len() >= before + at) {
                running.signal(name);
            }
            running.status();
            let ours: Vec<String> =
                github.state().comments.iter().filter(|c| c.author == BOT).map(|c| c.body.clone()).collect();
            assert!(ours.len() <= 1, "{name} at request {at}: {ours:#?}");
            for body in ours {
                let true_ones = [
                    "Do not merge",
                    "The result will be shown here.",
                    "The run was interrupted before a verdict",
                ];
                assert!(true_ones.iter().any(|told| body.contains(told)), "{name} at request {at}: {body}");
                let claims = ["No break found", "✅"].iter().any(|claim| body.contains(claim));
                assert!(!claims, "{name} at request {at}: {body}");
            }
        }
        let last = Step::pull_request(&origin, &github).set("GITHUB_RUN_ID", "900").run();
        assert_eq!(last.status, 1, "{}", last.log);
        assert_eq!(github.state().comments.len(), 1);
        assert!(github.comment().contains("Do not merge"), "{}", github.comment());
    }
}

/// So many prompts, to be released into a directory.
pub fn released(prompts: usize) -> Project {
    let catalog: String = (0..prompts).map(|n| format!("p{n:02}: Answer {n}.\n")).collect();
    let project = Project::new(&[
        ("prompts.yaml", &catalog),
        (
            "prompt-assay.yaml",
            "models: {branch: small, main: large}\nprovider: {scripted: rules.yaml}\nrelease:\n  release_on_scripted: true\n  \
             environments:\n    prod: {directory: released, ssm: \"/prod/{name}\"}\n",
        ),
        ("rules.yaml", "default: {text: ok}\n"),
        (".gitignore", "released/\n.prompt-assay/\n"),
    ]);
    for n in 0..prompts {
        let case = "cases: [{id: a, input: Hi, checks: [{contains: ok}]}]\n";
        project.write(&format!("golden/p{n:02}.yaml"), case);
    }
    project.commit("golden sets");
    project
}

/// How many files there are below a directory.
fn files(directory: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
    let count = |path: std::path::PathBuf| if path.is_dir() { files(&path) } else { 1 };
    entries.filter_map(|entry| entry.ok()).map(|entry| count(entry.path())).sum()
}

const INTERRUPTED: &str = "interrupted: what was written before is live, and the rest is as it was
   = run it again: it looks at what is live and completes it; `prompt-assay drift` shows the difference";

#[test]
fn a_killed_or_terminated_release_is_completed_by_the_next_and_shows_no_half_version() {
    const PROMPTS: usize = 24;
    let project = released(PROMPTS);
    assert_eq!(project.run(&["eval", "--tier", "main", "--base", "none"]).status, 0);
    let place = project.root().join("released");
    let mut told = std::collections::BTreeSet::new();
    for name in ["KILL", "TERM"] {
        for at in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 70] {
            if place.exists() {
                std::fs::remove_dir_all(&place).expect("deleted");
            }
            let mut process = started(&mut project.command(&["release", "--quiet"]));
            if until(&mut process, || files(&place) >= at) {
                signal(&process, name);
            }
            let (status, said) = ended(process);
            assert!([Some(0), Some(3), None].contains(&status), "{name} at {at} files: {status:?} {said}");
            if status == Some(3) {
                told.insert(said);
            }
            // Whoever reads now gets nothing, or the whole text.
            let shown = project.run(&["show", "p00"]);
            assert!(
                shown.status != 0 || shown.stdout == "Answer 0.\n",
                "{name} at {at} files: {}",
                shown.stdout
            );
            let completed = project.run(&["release"]);
            assert_eq!(completed.status, 0, "{name} at {at} files: {}{}", completed.stdout, completed.stderr);
            assert_eq!(project.run(&["drift"]).status, 0, "{name} at {at} files");
            for n in [0, PROMPTS / 2, PROMPTS - 1] {
                let history = project.run(&["history", &format!("p{n:02}"), "--format", "json"]).json();
                let versions = history["versions"].as_array().expect("versions").len();
                assert_eq!(versions, 1, "{name} at {at} files: {history}");
            }
        }
    }
    // A fast machine is done before it hears of the signal.
    for said in told {
        assert_eq!(said.trim_end(), INTERRUPTED);
    }
}
