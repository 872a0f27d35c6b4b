//! Directories that may not be written.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{Project, Ran};
use prompt_assay_test_support::shell;

use super::Evaluation;

/// Who runs the tests may be root, whom no permission stops: then somebody else runs the command.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").expect("a process").uid() == 0
}

/// Takes the right to write from a directory and everything below it, or gives it back.
fn may_write(directory: &Path, may: bool) {
    if is_root() {
        let given = Command::new("chown").args(["-R", &NOBODY.to_string()]).arg(directory).status();
        assert!(given.expect("chown").success());
        // Temporary directories are their owner's alone.
        let opened = Command::new("chmod").arg("a+rx").arg(directory.parent().expect("a parent")).status();
        assert!(opened.expect("chmod").success());
    }
    let mode = if may { "u+w" } else { "a-w" };
    assert!(Command::new("chmod").args(["-R", mode]).arg(directory).status().expect("chmod").success());
}

fn ran(project: &Project, command: &Command) -> Ran {
    let lines = match is_root() {
        true => format!("exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups"),
        false => "exec".to_owned(),
    };
    project.ran(&mut shell::after(&lines, command))
}

#[test]
fn a_store_that_may_not_be_written_ends_the_run_before_a_call() {
    let mut told = Vec::new();
    for (name, is_there) in [("no store yet", false), ("a store", true)] {
        let evaluation = Evaluation::new();
        if is_there {
            assert_eq!(evaluation.run().status, 1);
        }
        let root = evaluation.project.root();
        let before = evaluation.model.requests().len();
        may_write(&root, false);
        let refused = ran(&evaluation.project, &evaluation.command());
        told.push(format!("{name}: {}", refused.told()));
        assert_eq!(evaluation.model.requests().len(), before, "{name}: nothing is bought");
        let mut without = evaluation.command();
        without.arg("--no-cache");
        assert_eq!(ran(&evaluation.project, &without).status, 1, "{name}: what the message names helps");
        may_write(&root, true);
    }
    assert_snapshot!(told.join("\n"), @"
    no store yet: exit status 3
    error: the database `[repository]/.prompt-assay/assay.db` cannot be made: Permission denied (os error 13); let its directory be writable, or name another file with `database:` in prompt-assay.yaml

    a store: exit status 3
    error: the database `[repository]/.prompt-assay/assay.db` is read-only; make the file and its directory writable (`eval` also runs without a store: `--no-cache`)
    ");
}

#[test]
fn a_release_that_may_not_write_changes_nothing() {
    let project = super::signals::released(3);
    assert_eq!(project.run(&["eval", "--tier", "main", "--base", "none"]).status, 0);
    may_write(&project.root(), false);
    let refused = ran(&project, &project.command(&["release"]));
    may_write(&project.root(), true);
    assert!(!project.root().join("released").exists());
    assert_snapshot!(format!("{}{}", refused.stdout, refused.told()), @"
    exit status 3
    error: the database `[repository]/.prompt-assay/assay.db` is read-only; make the file and its directory writable (`eval` also runs without a store: `--no-cache`)
    ");
    assert_eq!(project.run(&["release"]).status, 0);
}
