//! Whatever leaves prompts or cases out of a comparison is said, with its cause.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::{GREETING, Project};

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";

#[test]
fn a_pointer_of_git_lfs_is_no_text() {
    let project = Project::edited();
    project.write("prompts.yaml", "greet: {file: greet.md}\n");
    project.write("greet.md", POINTER);
    project.git(&["add", "--all"]);
    assert_snapshot!(project.eval().told(), @"");
    let project = Project::edited();
    project.write("golden/greet.yaml", POINTER);
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn a_catalog_in_a_submodule_is_another_repositorys() {
    let library = Project::new(&[("prompts.yaml", "shared: Be kind.\n")]);
    let project = Project::new(&[("prompt-assay.yaml", "models: {branch: x}\n")]);
    let url = format!("file://{}", library.root().display());
    project.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "library"]);
    project.write("prompt-assay.yaml", "models: {branch: x}\ncatalogs: [library/prompts.yaml]\n");
    project.commit("A library");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @"");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD", "--head", "HEAD"]).told(), @"");
    project.write("prompt-assay.yaml", "models: {branch: x}\ncatalogs: ['library/*.yaml']\n");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @"");
}

#[test]
fn a_golden_set_without_a_prompt_is_told() {
    let project = Project::new(GREETING);
    project.git(&["mv", "golden/greet.yaml", "golden/gret.yaml"]);
    project.write("golden/schema.json", "{\"type\": \"object\"}");
    project.git(&["add", "--all"]);
    let told = project.eval().told();
    assert_snapshot!(told, @"");
    let project = Project::new(GREETING);
    project.edit("prompts.yaml", "greet:", "welcome:");
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn a_catalog_that_is_named_and_missing_is_an_error() {
    let project = Project::edited();
    let config = |catalogs: &str| format!("models: {{branch: amazon.nova-lite-v1:0}}\ncatalogs: {catalogs}\n");
    project.write("prompt-assay.yaml", config("[prompts.yaml, missing.yaml]"));
    assert_snapshot!(project.eval().told(), @"");
    project.write("prompt-assay.yaml", config("[prompts.yaml, 'more/*.yaml']"));
    assert_snapshot!(project.eval().told(), @"");
}

#[test]
fn files_that_nobody_added_are_named() {
    let project = Project::new(GREETING);
    project.write("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: ['*prompts.yaml']\n");
    project.write("more-prompts.yaml", "farewell: {file: farewell.md}\n");
    project.write("farewell.md", "Say goodbye.");
    project.write("golden/farewell.yaml", "- {id: a, input: x, checks: [{contains: Ada}]}\n");
    assert_snapshot!(project.eval().told(), @"");
    project.git(&["add", "--all"]);
    assert_eq!(project.eval().told(), "exit status 0\n");
}

#[test]
fn a_repository_with_reftable_is_named() {
    let project = Project::edited();
    project.git(&["config", "core.repositoryformatversion", "1"]);
    project.git(&["config", "extensions.refStorage", "reftable"]);
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @"");
}

#[test]
fn a_sparse_checkout_is_no_missing_file() {
    let project = Project::new(&[
        ("llm/prompts.yaml", GREETING[0].1),
        ("llm/golden/greet.yaml", GREETING[1].1),
        ("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: [llm/prompts.yaml]\ngolden: llm/golden\n"),
        ("other/readme.md", "x"),
        GREETING[3],
    ]);
    project.git(&["sparse-checkout", "set", "other"]);
    assert_snapshot!(project.eval().told(), @"");
    project.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/llm/golden/"]);
    project.edit("llm/prompts.yaml", "warmly", "kindly");
    assert_snapshot!(project.eval().told(), @"");
    let ran = project.run(&["eval", "--base", "HEAD", "--head", "HEAD", "--scripted", "rules.yaml"]);
    assert_eq!(ran.told(), "exit status 0\n");
}

#[test]
fn what_a_partial_clone_lacks_is_no_missing_baseline() {
    let project = Project::new(GREETING);
    project.git(&["config", "uploadpack.allowFilter", "true"]);
    project.edit("prompts.yaml", "warmly", "kindly");
    project.commit("Kinder");
    let clone = project.cloned(&["--filter=blob:none"]);
    let told = clone.run(&["eval", "--base", "HEAD~1", "--scripted", "rules.yaml"]).told();
    assert_snapshot!(told, @"");
    let bare = project.cloned(&["--filter=tree:0", "--no-checkout"]);
    assert_snapshot!(bare.run(&["eval", "--base", "HEAD~1", "--head", "HEAD~1"]).told(), @"");
}
