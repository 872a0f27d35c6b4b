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
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `greet.md` is a pointer of Git LFS here: its text is not in Git
      --> greet.md
       = keep texts out of LFS: `git lfs untrack` its pattern, then `git add --renormalize` the file and commit

    1 error; nothing was evaluated
    ");
    let project = Project::edited();
    project.write("golden/greet.yaml", POINTER);
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `golden/greet.yaml` is a pointer of Git LFS here: its text is not in Git
      --> golden/greet.yaml
       = keep texts out of LFS: `git lfs untrack` its pattern, then `git add --renormalize` the file and commit

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_catalog_in_a_submodule_is_another_repositorys() {
    let library = Project::new(&[("prompts.yaml", "shared: Be kind.\n")]);
    let project = Project::new(&[("prompt-assay.yaml", "models: {branch: x}\n")]);
    let url = format!("file://{}", library.root().display());
    project.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "library"]);
    project.write("prompt-assay.yaml", "models: {branch: x}\ncatalogs: [library/prompts.yaml]\n");
    project.commit("A library");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @r"
    exit status 2
    error: `library/prompts.yaml` lies in a submodule, whose files are another repository's: this one only names a commit of it
      --> library/prompts.yaml
       = keep prompts and golden sets in this repository, or run inside the submodule's own

    1 error; nothing was evaluated
    ");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD", "--head", "HEAD"]).told(), @r"
    exit status 2
    error: `library/prompts.yaml` lies in a submodule, whose files are another repository's: this one only names a commit of it
      --> library/prompts.yaml
       = keep prompts and golden sets in this repository, or run inside the submodule's own

    1 error; nothing was evaluated
    ");
    project.write("prompt-assay.yaml", "models: {branch: x}\ncatalogs: ['library/*.yaml']\n");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @r"
    exit status 2
    error: `library` lies in a submodule, whose files are another repository's: this one only names a commit of it
      --> prompt-assay.yaml
       = see `catalogs` in prompt-assay.yaml

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_golden_set_without_a_prompt_is_told() {
    let project = Project::new(GREETING);
    project.git(&["mv", "golden/greet.yaml", "golden/gret.yaml"]);
    project.write("golden/schema.json", "{\"type\": \"object\"}");
    project.git(&["add", "--all"]);
    let told = project.eval().told();
    assert_snapshot!(told, @r"
    exit status 1
    warning: the golden set `golden/gret.yaml` belongs to no prompt: its cases are not run
      --> golden/gret.yaml
       = name it after the prompt `greet`, if it belongs to it
    ");
    let project = Project::new(GREETING);
    project.edit("prompts.yaml", "greet:", "welcome:");
    assert_snapshot!(project.eval().told(), @r"
    exit status 1
    warning: the golden set `golden/greet.yaml` belongs to no prompt: its cases are not run
      --> golden/greet.yaml
       = give it its prompt's name, name it under the prompt's `golden`, or remove it
    ");
}

#[test]
fn a_catalog_that_is_named_and_missing_is_an_error() {
    let project = Project::edited();
    let config =
        |catalogs: &str| format!("models: {{branch: amazon.nova-lite-v1:0}}\ncatalogs: {catalogs}\n");
    project.write("prompt-assay.yaml", config("[prompts.yaml, missing.yaml]"));
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `catalogs` names `missing.yaml`, which does not exist
       = commit the file (`git add`), correct its name, or take it out of `catalogs`

    1 error; nothing was evaluated
    ");
    project.write("prompt-assay.yaml", config("[prompts.yaml, 'more/*.yaml']"));
    assert_snapshot!(project.eval().told(), @r"
    exit status 0
    warning: `catalogs` names `more/*.yaml`, which no file matches
       = correct the pattern, or take it out of `catalogs`
    ");
}

#[test]
fn files_that_nobody_added_are_named() {
    let project = Project::new(GREETING);
    project
        .write("prompt-assay.yaml", "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: ['*prompts.yaml']\n");
    project.write("more-prompts.yaml", "farewell: {file: farewell.md}\n");
    project.write("farewell.md", "Say goodbye.");
    project.write("golden/farewell.yaml", "- {id: a, input: x, checks: [{contains: Ada}]}\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 0
    warning: not in Git yet, so that a pull request would be without them: `farewell.md`, `golden/farewell.yaml`, `more-prompts.yaml`
       = add them with `git add`
    ");
    project.git(&["add", "--all"]);
    assert_eq!(project.eval().told(), "exit status 0\n");
}

#[test]
fn a_repository_with_reftable_is_named() {
    let project = Project::edited();
    project.git(&["config", "core.repositoryformatversion", "1"]);
    project.git(&["config", "extensions.refStorage", "reftable"]);
    assert_snapshot!(project.run(&["eval", "--base", "HEAD"]).told(), @r"
    exit status 2
    error: the repository keeps its branches as `reftable`, which cannot be read here
       = convert it: `git refs migrate --ref-format=files`
    ");
}

#[test]
fn a_sparse_checkout_is_no_missing_file() {
    let project = Project::new(&[
        ("llm/prompts.yaml", GREETING[0].1),
        ("llm/golden/greet.yaml", GREETING[1].1),
        (
            "prompt-assay.yaml",
            "models: {branch: amazon.nova-lite-v1:0}\ncatalogs: [llm/prompts.yaml]\ngolden: llm/golden\n",
        ),
        ("other/readme.md", "x"),
        GREETING[3],
    ]);
    project.git(&["sparse-checkout", "set", "other"]);
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `llm/prompts.yaml` is in Git and not checked out: the sparse checkout leaves it out
      --> llm/prompts.yaml
       = check it out (`git sparse-checkout add DIRECTORY`), or compare commits: `--head HEAD`

    1 error; nothing was evaluated
    ");
    project.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/llm/golden/"]);
    project.edit("llm/prompts.yaml", "warmly", "kindly");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `llm/golden/greet.yaml` is in Git and not checked out: the sparse checkout leaves it out
      --> llm/golden/greet.yaml
       = check it out (`git sparse-checkout add DIRECTORY`), or compare commits: `--head HEAD`

    1 error; nothing was evaluated
    ");
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
    assert_snapshot!(told, @r"
    exit status 2
    error: `prompts.yaml` is in Git and not in this clone, which is partial (`--filter`)
       = fetch what it lacks (`git fetch --refetch --no-filter origin`), or clone without `--filter`
    ");
    let bare = project.cloned(&["--filter=tree:0", "--no-checkout"]);
    assert_snapshot!(bare.run(&["eval", "--base", "HEAD~1", "--head", "HEAD~1"]).told(), @r"
    exit status 2
    error: `prompt-assay.yaml` is in Git and not in this clone, which is partial (`--filter`)
       = fetch what it lacks (`git fetch --refetch --no-filter origin`), or clone without `--filter`
    ");
}
