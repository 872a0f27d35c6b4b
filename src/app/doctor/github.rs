//! The token with which the action reads the base and writes its comment, where there is one.

use crate::adapters::github::{GitHub, GitHubError, Options, Pace};
use crate::doctor::{Finding, Look};

/// Looks whether the token reads the repository's commits. Whether it may write a comment shows when one is written.
///
/// # Errors
/// When the system refuses threads.
pub(super) fn look() -> anyhow::Result<Option<Look>> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let token = variable("PROMPT_ASSAY_GITHUB_TOKEN").or_else(|| variable("GITHUB_TOKEN"));
    let (Some(token), Some(repository)) = (token, variable("GITHUB_REPOSITORY")) else { return Ok(None) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked: Result<String, GitHubError> = runtime.block_on(async {
        let github = GitHub::new(Options {
            api_url: variable("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned()),
            token: Some(token),
            repository: repository.clone(),
            pace: Pace::default(),
        })?;
        github.commit("HEAD").await
    });
    let finding = match asked {
        Ok(_) => Finding::Fine("the token reads its commits".to_owned()),
        Err(GitHubError::Refused { status, message, help, .. }) => {
            Finding::Fault(format!("GitHub refuses to read its commits: {status} {message}"), help)
        }
        Err(error) => {
            Finding::Fault(error.to_string(), "check the network, HTTPS_PROXY and GITHUB_API_URL".to_owned())
        }
    };
    Ok(Some(Look::new(format!("GitHub {repository}"), finding)))
}
