//! Who runs the program, as CI systems and shells say it in the environment.

use crate::evidence::Origin;

/// Who, and in which run; the commit is known from Git.
pub fn of_process() -> Origin {
    Origin { commit: None, pull_request: None, actor: actor(), run: run() }
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
