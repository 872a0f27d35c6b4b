//! Who runs the program, from the environment variables of CI systems and shells.

use crate::evidence::Origin;

/// Who, and in which run; the commit is known from Git.
pub fn of_process() -> Origin {
    Origin { commit: None, pull_request: None, actor: actor(), run: run() }
}

/// The pull request that a commit on the main line came from, as GitHub writes its message.
pub fn merged(message: &str) -> Option<u64> {
    let subject = message.lines().next()?.trim_end();
    let merge = subject.strip_prefix("Merge pull request #").and_then(|rest| rest.split(' ').next());
    let squash = || subject.strip_suffix(')')?.rsplit_once(" (#").map(|(_, number)| number);
    merge.or_else(squash)?.parse().ok()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn actor() -> Option<String> {
    ["GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR", "CODEBUILD_INITIATOR", "USER"]
        .iter()
        .find_map(|name| variable(name))
}

fn run() -> Option<String> {
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        let attempt = variable("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
        Some(format!("{server}/{repository}/actions/runs/{}/attempts/{attempt}", variable("GITHUB_RUN_ID")?))
    };
    github().or_else(|| variable("CODEBUILD_BUILD_ID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_is_read_from_the_messages_that_github_writes() {
        for (message, number) in [
            ("Merge pull request #123 from ada/kinder\n\nGreet kindly (#9)", Some(123)),
            ("Greet kindly (#124)\n\n* one\n* two", Some(124)),
            ("Revert \"Greet kindly (#124)\" (#125)", Some(125)),
            ("Greet kindly, see (#124) for more", None),
            ("Merge 1a2b3c into 4d5e6f", None),
            ("Greet kindly (#12x)", None),
            ("", None),
        ] {
            assert_eq!(merged(message), number, "{message}");
        }
    }
}
