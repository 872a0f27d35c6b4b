//! Commits: which one a name means, the merge base of two, and earlier ones.

use serde::Deserialize;

use super::exchange::{Ask, Verb};
use super::{GitHub, GitHubError};

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

#[derive(Deserialize)]
struct PullRequest {
    number: u64,
    #[serde(default)]
    merged_at: Option<String>,
}

#[derive(Deserialize)]
struct Comparison {
    merge_base_commit: Commit,
}

pub(super) const PERMISSION: &str = "contents: read";

impl GitHub {
    /// The full id of the commit that a branch, a tag or a shortened id means.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn commit(&self, name: &str) -> Result<String, GitHubError> {
        let what = format!("find the commit `{name}`");
        let route = self.route(&format!("commits/{}", encoded(name)));
        let answer = self.persist(Verb::Get, &route, &Ask { what: &what, permission: PERMISSION }).await?;
        Ok(answer.parsed::<Commit>(&what)?.sha)
    }

    /// The newest commit that both have among their ancestors.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn merge_base(&self, one: &str, other: &str) -> Result<String, GitHubError> {
        let what = format!("compare `{one}` with `{other}`");
        let route = self.route(&format!("compare/{}...{}?per_page=1", encoded(one), encoded(other)));
        let answer = self.persist(Verb::Get, &route, &Ask { what: &what, permission: PERMISSION }).await?;
        Ok(answer.parsed::<Comparison>(&what)?.merge_base_commit.sha)
    }

    /// A commit and up to 99 before it, newest first.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn ancestors(&self, commit: &str) -> Result<Vec<String>, GitHubError> {
        let what = format!("list the commits before `{commit}`");
        let route = self.route(&format!("commits?sha={}&per_page=100", encoded(commit)));
        let answer = self.persist(Verb::Get, &route, &Ask { what: &what, permission: PERMISSION }).await?;
        Ok(answer.parsed::<Vec<Commit>>(&what)?.into_iter().map(|commit| commit.sha).collect())
    }

    /// The merged pull request of a commit; `None` if there is none.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn merged_pull_request(&self, commit: &str) -> Result<Option<u64>, GitHubError> {
        let what = format!("find the pull request of `{commit}`");
        let route = self.route(&format!("commits/{}/pulls?per_page=100", encoded(commit)));
        let ask = Ask { what: &what, permission: "pull-requests: read" };
        let answer = self.persist(Verb::Get, &route, &ask).await?;
        let found: Vec<PullRequest> = answer.parsed(&what)?;
        Ok(found.into_iter().find(|found| found.merged_at.is_some()).map(|found| found.number))
    }
}

/// One segment of an address: everything but plain letters and digits as `%XX`.
pub(super) fn encoded(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
