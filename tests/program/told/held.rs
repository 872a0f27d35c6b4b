//! What a person rolled back stays out, and is no failure of a release: alone, beside others, or asked for by name.

use insta::assert_snapshot;
use prompt_assay_test_support::on_disk::Project;

use super::calm;

/// Two prompts that went live, one of them twice.
pub fn two_live() -> Project {
    let golden = "cases: [{id: a, input: Hi, checks: [{contains: ok}]}]\n";
    let project = Project::new(&[
        ("prompts.yaml", "kind: Be kind.\nbrief: Be brief.\n"),
        ("golden/kind.yaml", golden),
        ("golden/brief.yaml", golden),
        (
            "prompt-assay.yaml",
            "models: {branch: small, main: large}\nprovider: {scripted: rules.yaml}\nrelease:\n  release_on_scripted: true\n  environments:\n    \
             prod: {directory: released, ssm: \"/prod/{name}\"}\n",
        ),
        ("rules.yaml", "default: {text: ok}\n"),
        (".gitignore", "released/\n.prompt-assay/\n"),
    ]);
    for edit in ["Be kind.", "Be very kind."] {
        project.edit("prompts.yaml", "Be kind.", edit);
        project.commit("edit");
        assert_eq!(project.run(&["eval", "--tier", "main"]).status, 0);
        assert_eq!(project.run(&["release"]).status, 0);
    }
    project
}

#[test]
fn a_release_says_so_and_ends_with_the_same_status_whatever_stands_beside_it() {
    let project = two_live();
    assert_eq!(project.run(&["rollback", "kind", "--reason", "too kind"]).status, 0);
    let commands: [&[&str]; 4] = [
        &["release"],
        &["release", "--prompt", "kind"],
        &["release", "--prompt", "kind", "--prompt", "brief"],
        &["release", "--prompt", "kind", "--dry-run"],
    ];
    let told = commands.map(|command| format!("$ {}\n{}", command.join(" "), calm(&project.run(command))));
    assert_snapshot!(told.join("\n"), @"
    $ release
    exit status 0
    held       kind   3  /prod/kind   this content was rolled back
    unchanged  brief  1  /prod/brief  the live version equals the commit
      = change it, or pass `--lift-hold REASON`
    prod: 1 unchanged, 1 held

    $ release --prompt kind
    exit status 0
    held  kind  3  /prod/kind  this content was rolled back
      = change it, or pass `--lift-hold REASON`
    prod: 1 held

    $ release --prompt kind --prompt brief
    exit status 0
    held       kind   3  /prod/kind   this content was rolled back
    unchanged  brief  1  /prod/brief  the live version equals the commit
      = change it, or pass `--lift-hold REASON`
    prod: 1 unchanged, 1 held

    $ release --prompt kind --dry-run
    exit status 0
    held  kind  3  /prod/kind  this content was rolled back
      = change it, or pass `--lift-hold REASON`
    prod: 1 held; nothing was written (--dry-run)
    ");
}
