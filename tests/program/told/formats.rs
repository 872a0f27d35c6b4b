//! A format that is asked for is the format that comes, or an error that says which there are.

use insta::assert_snapshot;

use super::calm;
use super::held::two_live;

#[test]
fn versions_as_markdown() {
    let project = two_live();
    let commands: [&[&str]; 4] = [
        &["blame", "kind", "--at", "2999-01-01", "--format", "markdown"],
        &["history", "kind", "--format", "markdown"],
        &["blame", "kind", "--at", "2999-01-01", "--format", "junit"],
        &["history", "kind", "--format", "junit"],
    ];
    let told = commands.map(|command| format!("$ {}\n{}", command.join(" "), calm(&project.run(command))));
    assert_snapshot!(told.join("\n"), @"");
}
