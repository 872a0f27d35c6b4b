//! GitHub's REST interface, through octocrab: trees without a clone, and one comment kept up to
//! date. octocrab's own retries are off, because they repeat a POST that may have succeeded.

mod access;
mod comments;
mod commits;
mod exchange;
mod history;
mod labels;
mod pace;
mod tree;

pub use comments::{Spot, Written};
pub use history::AuthoredThere;
pub use pace::Pace;
pub use tree::{ApiTree, Local};

use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;

/// How GitHub is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// The API, Enterprise Server's included.
    pub api_url: String,
    /// The token; without one only public repositories can be read.
    pub token: Option<String>,
    /// `owner/name`.
    pub repository: String,
    /// Limits of time and patience.
    pub pace: Pace,
}

/// GitHub could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// No client could be made.
    #[error("cannot speak to GitHub's API at `{url}`: {reason}")]
    Client {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// GitHub said no, and would say it again.
    #[error("GitHub refuses to {what}: {status} {message}\n   = {help}")]
    Refused {
        /// What was tried.
        what: String,
        /// HTTP status.
        status: u16,
        /// GitHub's words.
        message: String,
        /// What to do.
        help: String,
    },
    /// No usable answer within the limits of time.
    #[error("GitHub did not {what}: {reason}\n   = this is not the pull request's fault; re-run the job")]
    Unavailable {
        /// What was tried.
        what: String,
        /// The last thing that went wrong.
        reason: String,
    },
}

impl GitHubError {
    /// Whether the token lacks a permission.
    pub fn is_permission(&self) -> bool {
        matches!(self, GitHubError::Refused { status: 401 | 403 | 404, .. })
    }
}

/// A repository on GitHub.
#[derive(Clone)]
pub struct GitHub {
    octocrab: Octocrab,
    repository: String,
    pace: Pace,
}

impl GitHub {
    /// A client. Must be called inside a Tokio runtime; connects to nothing yet.
    ///
    /// # Errors
    /// When the address or the token is malformed.
    pub fn new(options: Options) -> Result<Self, GitHubError> {
        let failed = |error: octocrab::Error| GitHubError::Client {
            url: options.api_url.clone(),
            reason: error.to_string(),
        };
        let mut builder = Octocrab::builder()
            .base_uri(options.api_url.trim_end_matches('/'))
            .map_err(failed)?
            .add_retry_config(RetryConfig::None)
            .set_connect_timeout(Some(options.pace.connect))
            .set_read_timeout(Some(options.pace.silence))
            .set_write_timeout(Some(options.pace.silence));
        if let Some(token) = &options.token {
            builder = builder.personal_token(token.clone());
        }
        let octocrab = builder.build().map_err(failed)?;
        Ok(Self { octocrab, repository: options.repository, pace: options.pace })
    }

    /// An address inside the repository.
    fn route(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.repository)
    }
}
