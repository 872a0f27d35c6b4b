//! A repository in which nothing was committed yet.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

#[test]
fn it_is_said_that_there_is_no_commit() {
    let project = Project::nowhere();
    project.git(&["init", "--quiet", "--initial-branch", "main"]);
    for (path, text) in GREETING {
        project.write(path, text);
    }
    let commands: [&[&str]; 5] = [
        &["eval"],
        &["eval", "--tier", "main"],
        &["eval", "--base", "HEAD"],
        &["plan", "--base", "HEAD~1"],
        &["release"],
    ];
    let told = commands.map(|command| format!("$ {}\n{}", command.join(" "), project.run(command).told()));
    assert_snapshot!(told.join("\n"), @"
    $ eval
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one

    $ eval --tier main
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one

    $ eval --base HEAD
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one

    $ plan --base HEAD~1
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one

    $ release
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one
    ");
    let alone = project.run(&["eval", "--base", "none", "--scripted", "rules.yaml"]);
    assert_eq!(alone.status, 0, "{}", alone.told());
}
