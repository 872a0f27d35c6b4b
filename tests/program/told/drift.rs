//! `drift` after a rollback, and what `drift --heal` suggests.

use insta::assert_snapshot;

use super::calm;
use super::held::two_live;

#[test]
fn a_recorded_rollback_is_told_and_is_no_difference() {
    let project = two_live();
    assert_eq!(project.run(&["rollback", "kind", "--reason", "too kind"]).status, 0);
    let commands: [&[&str]; 3] = [&["drift"], &["drift", "--heal"], &["drift", "--format", "markdown"]];
    let told = commands.map(|command| format!("$ {}\n{}", command.join(" "), calm(&project.run(command))));
    assert_snapshot!(told.join("\n"), @"
    $ drift
    exit status 0
    held  /prod/kind  the commit's content was rolled back, and is held
    prod: 1 held, as decided; nothing else differs
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`

    $ drift --heal
    exit status 0
    held  /prod/kind  the commit's content was rolled back, and is held
    prod: 1 held, as decided; nothing else differs
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`

    $ drift --format markdown
    exit status 0
    **<code>prod</code>: 1 held, as decided; nothing else differs**

    | parameter | kind | what |
    |---|---|---|
    | <code>/prod/kind</code> | held | the commit's content was rolled back, and is held |
    ");
}

#[test]
fn healing_suggests_itself_before_and_not_after() {
    let project = two_live();
    assert_eq!(project.run(&["rollback", "kind", "--reason", "too kind"]).status, 0);
    project.edit("prompts.yaml", "Be brief.", "Be very brief.");
    project.commit("edit");
    assert_eq!(project.run(&["eval", "--tier", "main"]).status, 0);
    let commands: [&[&str]; 3] = [&["drift"], &["drift", "--heal"], &["drift"]];
    let told = commands.map(|command| format!("$ {}\n{}", command.join(" "), calm(&project.run(command))));
    assert_snapshot!(told.join("\n"), @"
    $ drift
    exit status 1
    held     /prod/kind   the commit's content was rolled back, and is held
    differs  /prod/brief  the live version differs from the commit
    prod: 1 differ, 1 held
      = `prompt-assay drift --heal` releases the commit's contents that passed
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`

    $ drift --heal
    exit status 0
    held     /prod/kind   the commit's content was rolled back, and is held
    differs  /prod/brief  the live version differs from the commit
    prod: 1 differ, 1 held
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`
    held      kind   3       /prod/kind   this content was rolled back
    released  brief  1 -> 2  /prod/brief  OK, 1 of 1 (EVIDENCE)
      = change it, or pass `--lift-hold REASON`
    prod: 1 released, 1 held

    $ drift
    exit status 0
    held  /prod/kind  the commit's content was rolled back, and is held
    prod: 1 held, as decided; nothing else differs
      = contents that were rolled back stay held: change the prompt, or pass `--lift-hold REASON` to `prompt-assay release`
    ");
}
