//! Names of files that do not exist, or are not inside the repository.

use std::os::unix::fs::symlink;

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

#[test]
fn a_path_outside_the_repository() {
    let project = Project::edited();
    project.write(
        "prompts.yaml",
        "greet: {text: Hello, golden: ../../greet.yaml}\nread: {file: ../../secret.md}\nroot: {file: /etc/hosts}\n\
         part: |\n  Hello.\n  {% include '../../secret.md' %}\n",
    );
    assert_snapshot!(project.eval().told(), @"
    exit status 2
    warning: the variable `name` (2 cases) is not used by the prompt `greet`
      --> golden/greet.yaml:2:5
       |   - id: morning
       = remove it, or use it in the prompt's text

    error: `../../greet.yaml` is outside the repository
      --> prompts.yaml:1:30
       | greet: {text: Hello, golden: ../../greet.yaml}
       = paths are relative to the catalog's directory and stay inside the repository

    error: `../../secret.md` is outside the repository
      --> prompts.yaml:2:14
       | read: {file: ../../secret.md}
       = paths are relative to the catalog's directory and stay inside the repository

    error: `/etc/hosts` is outside the repository
      --> prompts.yaml:3:14
       | root: {file: /etc/hosts}
       = paths are relative to the catalog's directory and stay inside the repository

    error: `../../secret.md` is outside the repository
      --> prompts.yaml:6:1
       | {% include '../../secret.md' %}
       = name a file inside the repository

    4 errors; nothing was evaluated
    ");
    let project = Project::edited();
    project.edit("golden/greet.yaml", "{contains: Grace}", "{json_schema: ../../reply.json}");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `../../reply.json` is outside the repository
      --> golden/greet.yaml:9:28
       |     checks: [{json_schema: ../../reply.json}]
       = paths are relative to the golden set's directory and stay inside the repository

    1 error; nothing was evaluated
    ");
    assert_snapshot!(project.run(&["eval", "--base", "HEAD", "--config", "../assay.yaml"]).told(), @r"
    exit status 2
    error: `../assay.yaml` is outside the repository
       = name a file inside the repository; `..` and links may not lead out of it
    ");
}

#[test]
fn a_configuration_that_leads_out_of_the_repository() {
    let project = Project::edited();
    project.write(
        "prompt-assay.yaml",
        "catalogs: [../prompts.yaml]\ngolden: ../golden\nprovider: {scripted: ../rules.yaml}\ndatabase: ../../assay.db\n",
    );
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `../prompts.yaml` is outside the repository
      --> prompt-assay.yaml:1:11
       | catalogs: [../prompts.yaml]
       = write a path or a glob inside the repository

    error: `../golden` is outside the repository
      --> prompt-assay.yaml:2:9
       | golden: ../golden
       = write a path inside the repository

    error: `../rules.yaml` is outside the repository
      --> prompt-assay.yaml:3:22
       | provider: {scripted: ../rules.yaml}
       = write a path inside the repository

    error: `../../assay.db` is outside the repository
      --> prompt-assay.yaml:4:11
       | database: ../../assay.db
       = write a path inside the repository

    4 errors; nothing was evaluated
    ");
}

#[test]
fn a_link_that_leads_out_of_the_repository() {
    let project = Project::edited();
    symlink("/etc/hosts", project.root().join("hosts.md")).expect("a link");
    symlink("..", project.root().join("above")).expect("a link");
    project.write("../home/secret.md", "Not for prompts");
    project.write("prompts.yaml", "greet: {file: hosts.md, user: {file: above/home/secret.md}}\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `hosts.md (a link)` is outside the repository
      --> prompts.yaml:1:15
       | greet: {file: hosts.md, user: {file: above/home/secret.md}}
       = name a file inside the repository; `..` and links may not lead out of it

    error: `above/home/secret.md (a link)` is outside the repository
      --> prompts.yaml:1:31
       | greet: {file: hosts.md, user: {file: above/home/secret.md}}
       = name a file inside the repository; `..` and links may not lead out of it

    2 errors; nothing was evaluated
    ");
    project.remove("golden/greet.yaml");
    symlink("/etc/hosts", project.root().join("golden/greet.yaml")).expect("a link");
    project.write("prompts.yaml", "greet: Hello\n");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: `golden/greet.yaml (a link)` is outside the repository
      --> golden/greet.yaml
       = name a file inside the repository; `..` and links may not lead out of it

    1 error; nothing was evaluated
    ");
}

#[test]
fn a_committed_link_that_leads_out_of_the_repository() {
    let project = Project::edited();
    symlink("/etc/hosts", project.root().join("hosts.md")).expect("a link");
    project.write("prompts.yaml", "greet: {file: hosts.md}\n");
    project.commit("A link");
    let ran = project.run(&["eval", "--base", "HEAD~1", "--head", "HEAD", "--scripted", "rules.yaml"]);
    assert_snapshot!(ran.told(), @r"
    exit status 2
    error: `hosts.md (a link to /etc/hosts)` is outside the repository
      --> prompts.yaml:1:15
       | greet: {file: hosts.md}
       = name a file inside the repository; `..` and links may not lead out of it

    1 error; nothing was evaluated
    ");
}

#[test]
fn files_that_do_not_exist() {
    let project = Project::edited();
    project.write(
        "prompts.yaml",
        "greet: {file: greet.md, golden: golden/great.yaml}\npart: |\n  Hello.\n  {% include 'tone.md' %}\n",
    );
    assert_snapshot!(project.eval().told(), @"
    exit status 2
    error: the golden set `golden/great.yaml` of `greet` does not exist
      --> prompts.yaml:1:1
       | greet: {file: greet.md, golden: golden/great.yaml}
       = create it or correct the name; paths are relative to the catalog's directory

    error: the file `greet.md` of `greet` does not exist
      --> prompts.yaml:1:15
       | greet: {file: greet.md, golden: golden/great.yaml}
       = create it or correct the name; paths are relative to the catalog's directory

    error: the prompt `part` includes `tone.md`, which does not exist
      --> prompts.yaml:4:1
       | {% include 'tone.md' %}
       = create the file or correct the name; paths count from the catalog's directory

    3 errors; nothing was evaluated
    ");
    let project = Project::edited();
    project.remove("prompts.yaml");
    assert_snapshot!(project.eval().told(), @r"
    exit status 2
    error: no prompt catalog found: looked for `prompts.yaml`, `prompts.yml`, `prompts.json` in the repository's root
       = write prompts.yaml (`prompt-assay init` proposes one), or name your catalogs under `catalogs` in prompt-assay.yaml

    1 error; nothing was evaluated
    ");
    assert_snapshot!(Project::edited().run(&["eval", "--base", "HEAD", "--scripted", "ruels.yaml"]).told(), @r#"
    exit status 2
    error: the scripted model's rules `ruels.yaml` do not exist
       = write what your model would say, at the least: default: {text: "…"}

    1 error; nothing was evaluated
    "#);
    assert_snapshot!(Project::edited().run(&["plan", "--config", "assay.yaml"]).told(), @r"
    exit status 2
    error: the configuration `assay.yaml` does not exist
       = name another file, or leave the option out to use prompt-assay.yaml

    1 error; nothing was evaluated
    ");
}
