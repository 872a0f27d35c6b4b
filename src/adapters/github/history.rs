//! The history of one file, if the clone has none.

use base64::Engine as _;
use serde::Deserialize;

use super::commits::{PERMISSION, encoded};
use super::exchange::{Ask, Verb};
use super::{GitHub, GitHubError};

/// The maximum number of file versions that are searched: each is a request.
const MOST_VERSIONS: usize = 20;

/// A commit and its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoredThere {
    /// The commit's id.
    pub commit: String,
    /// The author's login, else the name in the commit (untrusted text).
    pub author: String,
    /// When it was written, as GitHub says it: `2026-01-05T09:00:00Z`.
    pub at: String,
}

#[derive(Deserialize)]
struct Listed {
    sha: String,
    commit: Inner,
    #[serde(default)]
    author: Option<Account>,
}

#[derive(Deserialize)]
struct Inner {
    author: Option<Author>,
}

#[derive(Deserialize)]
struct Author {
    #[serde(default)]
    name: String,
    #[serde(default)]
    date: String,
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    login: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    content: String,
}

impl GitHub {
    /// The commit, at or before `start`, since which a file satisfies `holds` without interruption;
    /// `None` if that is too many versions ago.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn brought_in(
        &self,
        start: &str,
        path: &str,
        holds: impl Fn(&[u8]) -> bool,
    ) -> Result<Option<AuthoredThere>, GitHubError> {
        let what = format!("list the commits of `{path}`");
        let query = format!("commits?sha={}&path={}&per_page=100", encoded(start), encoded(path));
        let ask = Ask { what: &what, permission: PERMISSION };
        let answer = self.persist(Verb::Get, &self.route(&query), &ask).await?;
        let mut found = None;
        let versions: Vec<Listed> = answer.parsed(&what)?;
        let is_whole = versions.len() <= MOST_VERSIONS;
        for version in versions.into_iter().take(MOST_VERSIONS) {
            if !holds(&self.content(&version.sha, path).await?) {
                return Ok(found);
            }
            found = Some(version.authored());
        }
        Ok(found.filter(|_| is_whole))
    }

    /// A file's bytes at a commit; none where it does not exist.
    async fn content(&self, commit: &str, path: &str) -> Result<Vec<u8>, GitHubError> {
        let what = format!("read `{path}` of {commit}");
        let segments: Vec<String> = path.split('/').map(encoded).collect();
        let route = self.route(&format!("contents/{}?ref={}", segments.join("/"), encoded(commit)));
        let ask = Ask { what: &what, permission: PERMISSION };
        let answer = match self.persist(Verb::Get, &route, &ask).await {
            Err(GitHubError::Refused { status: 404, .. }) => return Ok(Vec::new()),
            answer => answer?,
        };
        let digits: String = answer.parsed::<Content>(&what)?.content.split_ascii_whitespace().collect();
        base64::engine::general_purpose::STANDARD
            .decode(digits)
            .map_err(|error| GitHubError::Unavailable { what, reason: error.to_string() })
    }
}

impl Listed {
    fn authored(self) -> AuthoredThere {
        let written = self.commit.author.unwrap_or(Author { name: String::new(), date: String::new() });
        let login = self.author.and_then(|account| account.login);
        AuthoredThere { commit: self.sha, author: login.unwrap_or(written.name), at: written.date }
    }
}
