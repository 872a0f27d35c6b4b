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
    assert_snapshot!(told.join("\n"), @"
    $ blame kind --at 2999-01-01 --format markdown
    exit status 0
    | version | written | what | by | commit | pr | score | state |
    |---|---|---|---|---|---|---|---|
    | 2 | DATE       TIME     | release | somebody | COMMIT  | &#45; | 1/1 | live |

    $ history kind --format markdown
    exit status 0
    | version | written | what | by | commit | pr | score | state |
    |---|---|---|---|---|---|---|---|
    | 2 | DATE       TIME     | release | somebody | COMMIT  | &#45; | 1/1 | live |
    | 1 | DATE       TIME     | release | somebody | COMMIT  | &#45; | 1/1 |  |

    $ blame kind --at 2999-01-01 --format junit
    exit status 2
    error: versions are no test results; use `--format terminal|markdown|json`

    $ history kind --format junit
    exit status 2
    error: versions are no test results; use `--format terminal|markdown|json`
    ");
}
