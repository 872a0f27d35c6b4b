//! Whoever closes standard error ends nothing: no run, and no release midway.

use std::io::pipe;
use std::process::{Command, Stdio};

use prompt_assay_test_support::on_disk::Project;

/// The exit status and standard output of a command whose standard error nobody reads.
fn unread(command: &mut Command) -> (Option<i32>, String) {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let output = command.stderr(Stdio::from(writer)).output().expect("the program starts");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}

/// So many prompts that passed, to be released into a directory.
fn released(prompts: usize) -> Project {
    let catalog: String = (0..prompts).map(|n| format!("p{n:02}: Answer.\n")).collect();
    let project = Project::new(&[
        ("prompts.yaml", &catalog),
        (
            "prompt-assay.yaml",
            "models: {branch: small, main: large}\nprovider: {scripted: rules.yaml}\nrelease:\n  release_on_scripted: true\n  environments:\n    \
             prod: {directory: released, ssm: \"/prod/{name}\"}\n",
        ),
        ("rules.yaml", "default: {text: ok}\n"),
        (".gitignore", "released/\n.prompt-assay/\n"),
    ]);
    for n in 0..prompts {
        project.write(
            &format!("golden/p{n:02}.yaml"),
            "cases: [{id: a, input: Hi, checks: [{contains: ok}]}]\n",
        );
    }
    project.commit("golden sets");
    project
}

#[test]
fn a_release_that_tells_how_far_it_is_goes_to_its_end() {
    let project = released(12);
    let evaluated = unread(&mut project.command(&["eval", "--tier", "main", "--base", "none"]));
    assert_eq!(evaluated.0, Some(0), "{}", evaluated.1);
    let (status, stdout) = unread(&mut project.command(&["release"]));
    assert_eq!(status, Some(0), "{stdout}");
    assert!(stdout.ends_with("prod: 12 released\n"), "{stdout}");
    assert_eq!(project.run(&["drift"]).status, 0);
}

#[test]
fn every_command_ends_with_its_own_status() {
    let project = Project::edited();
    let eval = ["eval", "--base", "HEAD", "--scripted", "rules.yaml"];
    let cases: &[(&[&str], i32)] = &[
        (&eval, 0),
        (&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--no-cache", "-vv"], 0),
        (&["eval", "--base", "HEAD", "--scripted", "rules.yaml", "--max-calls", "1", "--no-cache"], 3),
        (&["plan", "--base", "no-such-revision"], 2),
        (&["no-such-command"], 2),
        (&["release"], 2),
        (&["action"], 2),
        (&["demo", "--directory", "demo"], 1),
    ];
    for (arguments, status) in cases {
        let ended = unread(&mut project.command(arguments));
        assert_eq!(ended.0, Some(*status), "{arguments:?}: {}", ended.1);
    }
    project.write("golden/greet.yaml", "cases: []\n");
    assert_eq!(unread(&mut project.command(&eval)).0, Some(2));
}
