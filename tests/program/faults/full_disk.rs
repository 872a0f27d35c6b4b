//! A full disk: no file may grow beyond a limit (`RLIMIT_FSIZE`, as anybody may set it), a file system of a few
//! kilobytes where the machine lets the tests mount one, and `/dev/full`.

use std::process::Command;

use insta::assert_snapshot;
use prompt_assay_test_support::github::GitHub;
use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::repository::Origin;
use prompt_assay_test_support::shell;
use prompt_assay_test_support::step::Step;

use super::{Evaluation, IN_FLIGHT};

/// The store's message, without its place.
fn told_of(stderr: &str) -> String {
    stderr.lines().filter(|line| !line.contains("quota of")).collect::<Vec<_>>().join("\n")
}

#[test]
fn files_that_may_not_grow_lose_no_more_than_the_calls_in_flight() {
    let mut seen = std::collections::BTreeSet::new();
    for blocks in [0, 8, 64, 96, 160, 256, 384] {
        let evaluation = Evaluation::new();
        let lines = format!("trap '' XFSZ; ulimit -f {blocks}; exec");
        let ran = evaluation.project.ran(&mut shell::after(&lines, &evaluation.command()));
        assert_eq!(ran.status, 3, "{blocks} blocks: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "", "no report of half an evaluation");
        seen.insert(told_of(&ran.stderr));
        evaluation.ends_as_if_undisturbed(IN_FLIGHT, &format!("{blocks} blocks"));
    }
    assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join("\n---\n"), @"
    error: the database `[repository]/.prompt-assay/assay.db` cannot be made: File too large (os error 27); let its directory be writable, or name another file with `database:` in prompt-assay.yaml
    ---
    error: the database `[repository]/.prompt-assay/assay.db` cannot be read or written: the disk reports an error; check it and its free space
    ");
}

/// Mounts a file system of so many kilobytes at the store's place, for this command alone; what is in it at the end
/// replaces the store.
fn within(kilobytes: u32) -> String {
    format!(
        "mkdir -p .prompt-assay && mount -t tmpfs -o size={kilobytes}k none .prompt-assay || exit 99\n\
         kept() {{ \"$@\"; status=$?; mkdir ../kept; cp -a .prompt-assay/. ../kept; exit $status; }}\nkept"
    )
}

/// The command with mounts of its own, as root or as anybody where the machine allows that.
fn with_mounts(command: &Command) -> Option<Command> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    let works = |way: &&&[&str]| {
        let tried =
            Command::new("unshare").args(**way).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
        tried.is_ok_and(|tried| tried.status.success())
    };
    let way = ways.iter().find(works)?;
    let mut wrapped = Command::new("unshare");
    wrapped.args(*way).arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        wrapped.envs(value.map(|value| (name, value)));
    }
    wrapped.current_dir(command.get_current_dir().expect("a directory"));
    Some(wrapped)
}

#[test]
fn a_disk_that_is_full_says_so_and_keeps_what_was_stored() {
    let mut seen = std::collections::BTreeSet::new();
    for kilobytes in [8, 100, 200, 400] {
        let evaluation = Evaluation::new();
        let Some(mut command) = with_mounts(&shell::after(&within(kilobytes), &evaluation.command())) else {
            println!(
                "NOT SHOWN: a full file system. This machine lets nobody mount one; the limit of files stands for it."
            );
            return;
        };
        let ran = evaluation.project.ran(&mut command);
        assert_eq!(ran.status, 3, "{kilobytes} kB: {}{}", ran.stdout, ran.stderr);
        seen.insert(told_of(&ran.stderr));
        let kept = evaluation.project.root().join("../kept");
        std::fs::rename(kept, evaluation.project.root().join(".prompt-assay"))
            .or_else(|_| {
                std::fs::remove_dir(evaluation.project.root().join(".prompt-assay"))?;
                std::fs::rename(
                    evaluation.project.root().join("../kept"),
                    evaluation.project.root().join(".prompt-assay"),
                )
            })
            .expect("the store");
        evaluation.ends_as_if_undisturbed(IN_FLIGHT, &format!("{kilobytes} kB"));
    }
    assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join("\n---\n"), @"
    error: the database `[repository]/.prompt-assay/assay.db` cannot be read or written: the disk reports an error; check it and its free space
    ---
    error: the database `[repository]/.prompt-assay/assay.db` cannot grow: the disk is full; free some space and run again, stored answers are kept
    ");
}

#[test]
fn a_result_that_does_not_fit_is_an_error_and_costs_nothing_the_next_time() {
    let evaluation = Evaluation::new();
    let mut told = Vec::new();
    for arguments in [&["--output", "/dev/full"][..], &["--html", "/dev/full"], &[]] {
        let mut command = evaluation.command();
        command.args(arguments);
        if arguments.is_empty() {
            command = shell::after("exec >/dev/full; exec", &command);
        }
        let ran = evaluation.project.ran(&mut command);
        let said = told_of(&ran.stderr);
        told.push(format!("{arguments:?}: exit status {}\n{said}", ran.status));
    }
    assert_snapshot!(told.join("\n"), @r#"
    ["--output", "/dev/full"]: exit status 3
    error: cannot write to `/dev/full`: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    ["--html", "/dev/full"]: exit status 3
    error: cannot write to `/dev/full`: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    []: exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    "#);
    evaluation.ends_as_if_undisturbed(0, "no space for the result");
}

#[test]
fn every_command_whose_output_does_not_fit_says_so() {
    let project = Project::edited();
    assert_eq!(project.eval().status, 0);
    let commands: [&[&str]; 5] =
        [&["plan", "--base", "HEAD"], &["report"], &["cache", "stats"], &["cache", "export"], &["demo"]];
    let told = commands.map(|arguments| {
        let mut command = shell::after("exec >/dev/full; exec", &project.command(arguments));
        format!("$ {}\n{}", arguments.join(" "), project.ran(&mut command).told())
    });
    assert_snapshot!(told.join("\n"), @"
    $ plan --base HEAD
    exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing

    $ report
    exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing

    $ cache stats
    exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing

    $ cache export
    exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing

    $ demo
    exit status 3
    error: cannot write to standard output: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    ");
}

#[test]
fn outputs_of_the_action_that_do_not_fit_fail_the_job() {
    let origin = Origin::with_prompt("Second version.");
    let mut told = Vec::new();
    for file in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        let github = GitHub::start(Some(origin.path()));
        let left = Step::pull_request(&origin, &github).set(file, "/dev/full").run();
        let errors: Vec<&str> =
            left.log.lines().skip_while(|line| !line.starts_with("error")).take(2).collect();
        told.push(format!("{file}: exit status {}\n{}", left.status, errors.join("\n")));
    }
    assert_snapshot!(told.join("\n"), @"
    GITHUB_OUTPUT: exit status 3
    error: cannot write to the runner's file `/dev/full`: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    GITHUB_STEP_SUMMARY: exit status 3
    error: cannot write to the runner's file `/dev/full`: No space left on device (os error 28)
       = make room, or name another place, and run it again: stored answers cost nothing
    ");
}
