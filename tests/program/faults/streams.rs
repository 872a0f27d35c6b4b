//! Standard output that nobody reads, and streams that are closed from the beginning. What happens if nobody reads
//! standard error is in `told/closed_stderr.rs`.

use std::io::pipe;
use std::process::{Command, Stdio};

use prompt_assay_test_support::on_disk::Project;
use prompt_assay_test_support::shell;

use super::Evaluation;

/// The exit status and standard error of a command whose standard output nobody reads.
fn unread(command: &mut Command) -> (Option<i32>, String) {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let output = command.stdout(Stdio::from(writer)).output().expect("the program starts");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn whoever_stops_reading_the_result_changes_no_status() {
    let evaluation = Evaluation::new();
    let (status, told) = unread(&mut evaluation.command());
    assert_eq!((status, told.contains("error")), (Some(1), false), "{told}");
    evaluation.ends_as_if_undisturbed(0, "standard output that nobody reads");
    let project = super::signals::released(3);
    let statuses: [(&[&str], i32); 9] = [
        (&["plan", "--base", "HEAD"], 0),
        (&["eval", "--tier", "main", "--base", "none"], 0),
        (&["release"], 0),
        (&["drift"], 0),
        (&["history", "p00"], 0),
        (&["show", "p00"], 0),
        (&["report"], 0),
        (&["cache", "export"], 0),
        (&["drift", "--format", "json"], 0),
    ];
    for (arguments, expected) in statuses {
        let (status, told) = unread(&mut project.command(arguments));
        assert_eq!(status, Some(expected), "{arguments:?}: {told}");
    }
    assert_eq!(project.run(&["drift"]).status, 0, "everything was released");
}

#[test]
fn streams_that_are_closed_from_the_beginning_get_nothing_into_the_files() {
    for closed in [">&-", "2>&-", "<&-", ">&- 2>&- <&-"] {
        let evaluation = Evaluation::new();
        let mut command = shell::after(&format!("exec {closed}; exec"), &evaluation.command());
        let ran = evaluation.project.ran(&mut command);
        assert_eq!(ran.status, 1, "{closed}: {}{}", ran.stdout, ran.stderr);
        // A descriptor that is free would be the next file's: the store's.
        evaluation.ends_as_if_undisturbed(0, closed);
        let project: Project = super::signals::released(2);
        assert_eq!(project.run(&["eval", "--tier", "main", "--base", "none"]).status, 0);
        let mut command = shell::after(&format!("exec {closed}; exec"), &project.command(&["release"]));
        assert_eq!(project.ran(&mut command).status, 0, "{closed}");
        assert_eq!(project.run(&["drift"]).status, 0, "{closed}");
    }
}
