//! Repositories and revisions that cannot be compared, and comparisons that find nothing.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

#[test]
fn no_change_is_said_in_one_line_and_needs_neither_a_model_nor_a_region() {
    let project = Project::new(GREETING);
    let ran = project.run(&["eval", "--base", "HEAD"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = ran.stdout.trim_end().lines().skip(1).collect();
    let why = "No prompt is affected by this change (1 unaffected); nothing was evaluated.";
    assert_eq!(lines, ["", "✓ Nothing to check: no prompt is affected", "", why]);
    let plan = project.run(&["plan", "--base", "HEAD"]);
    let first = plan.stdout.lines().next();
    assert_eq!((plan.status, first), (0, Some("No prompt is affected (1 unaffected); nothing would run.")));
}

#[test]
fn a_revision_that_does_not_exist() {
    let project = Project::edited();
    assert_snapshot!(project.run(&["eval", "--base", "mian"]).told(), @r"
    exit status 2
    error: the revision `mian` is not in this clone
       = see `git branch -a` and `git log` for the existing revisions
    ");
    assert_snapshot!(project.run(&["plan", "--base", "HEAD", "--head", "feature"]).told(), @r"
    exit status 2
    error: the revision `feature` is not in this clone
       = see `git branch -a` and `git log` for the existing revisions
    ");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD~7"]).told(), @r"
    exit status 2
    error: the revision `HEAD~7` is not in this clone
       = see `git branch -a` and `git log` for the existing revisions
    ");
}

#[test]
fn a_shallow_clone_that_lacks_the_base() {
    let project = Project::new(GREETING);
    let base = project.git(&["rev-parse", "HEAD"]);
    project.git(&["switch", "--quiet", "--create", "kinder"]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("Kinder");
    project.git(&["switch", "--quiet", "main"]);
    project.write("README.md", "Prompts\n");
    project.commit("Main moves on");
    let clone = project.cloned(&["--depth", "1", "--branch", "kinder"]);
    let told = clone.run(&["eval", "--base", base.trim()]).told();
    assert_snapshot!(told.replace(base.trim(), "[base]"), @r"
    exit status 2
    error: the revision `[base]` is not in this clone
       = the clone is shallow: check out with `fetch-depth: 2` for the parent of a pull request's merge commit, or `fetch-depth: 0` for any revision
    ");
    assert_snapshot!(clone.run(&["eval", "--base", "HEAD~1"]).told(), @r"
    exit status 2
    error: the revision `HEAD~1` is not in this clone
       = the clone is shallow: check out with `fetch-depth: 2` for the parent of a pull request's merge commit, or `fetch-depth: 0` for any revision
    ");
    assert_snapshot!(clone.run(&["plan"]).told(), @r"
    exit status 2
    error: cannot tell which branch is the default one
       = the clone is shallow: check out with `fetch-depth: 0`, or name the base with `--base REV`
    ");
    let both = project.cloned(&["--depth", "1", "--no-single-branch", "--branch", "kinder"]);
    assert_snapshot!(both.run(&["plan"]).told(), @r"
    exit status 2
    error: `refs/remotes/origin/main` and the head have no common ancestor here
       = the clone is shallow: check out with `fetch-depth: 0`, or name the base with `--base REV`
    ");
    let whole = project.cloned(&["--branch", "kinder"]);
    assert_eq!(whole.run(&["plan"]).told(), "exit status 0\n", "the default base is the merge base");
}

#[test]
fn no_repository_and_no_commit() {
    let project = Project::nowhere();
    assert_snapshot!(project.run(&["eval"]).told(), @r"
    exit status 2
    error: no Git repository at or above `[repository]`
       = run inside the repository that holds the prompts, or `git init` one
    ");
    project.git(&["init", "--quiet", "--initial-branch", "main"]);
    assert_snapshot!(project.run(&["eval"]).told(), @"
    exit status 2
    error: the repository has no commit yet
       = commit the prompts and run again; `eval --base none` evaluates the working directory without one
    ");
}

#[test]
fn a_prompt_that_no_catalog_has() {
    let project = Project::edited();
    assert_snapshot!(project.run(&["eval", "--base", "HEAD", "--prompt", "gret"]).told(), @r"
    exit status 2
    error: no catalog has a prompt `gret` (`--prompt`)
       = did you mean `greet`?

    1 error; nothing was evaluated
    ");
    assert_snapshot!(project.run(&["plan", "--base", "HEAD", "--prompt", "summary"]).told(), @r"
    exit status 2
    error: no catalog has a prompt `summary` (`--prompt`)
       = the catalogs have `greet`

    1 error; nothing was evaluated
    ");
}
