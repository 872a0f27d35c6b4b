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
    assert_snapshot!(told.join("\n"), @"");
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
    assert_snapshot!(told.join("\n"), @"");
}
