//! GitHub's REST interface, through octocrab: trees without a clone, and one comment kept up to
//! date. octocrab's own retries are off, because they repeat a POST that may have succeeded.

mod answer;
mod comments;
mod commits;
mod exchange;
mod history;
mod pace;
mod people;
mod tree;

pub use comments::{Spot, Written};
pub use history::AuthoredThere;
pub use pace::Pace;
pub use tree::{ApiTree, Local};

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use octocrab::Octocrab;
use octocrab::service::middleware::retry::RetryConfig;

use crate::adapters::tls;

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
    #[error("cannot reach GitHub's API at `{url}`: {reason}")]
    Client {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
    /// GitHub refused, and would refuse again.
    #[error("GitHub refuses to {what}: {status} {message}\n   = {help}")]
    Refused {
        /// What was tried.
        what: String,
        /// HTTP status.
        status: u16,
        /// GitHub's message.
        message: String,
        /// What to do.
        help: String,
    },
    /// The run would exceed a limit.
    #[error("{what}: {limit}\n   = {help}")]
    TooMuch {
        /// What was to be done.
        what: String,
        /// The limit, and that it is exceeded.
        limit: String,
        /// What to do.
        help: &'static str,
    },
    /// No usable answer within the limits of time.
    #[error("GitHub did not {what}: {reason}\n   = the pull request is not the cause; re-run the job")]
    Unavailable {
        /// What was tried.
        what: String,
        /// The last error.
        reason: String,
    },
}

impl GitHubError {
    fn too_much(what: &str, limit: String) -> Self {
        let help = "check the commits out, so that files need no requests (`fetch-depth: 0`; under \
                    `pull_request_target` only the base), or split the pull request";
        GitHubError::TooMuch { what: format!("cannot {what}"), limit, help }
    }

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
    /// Requests for files that may still be made, of all copies of this client together.
    left: Arc<AtomicU32>,
}

/// Requests of one run for the files of commits. A job's token has a thousand an hour for the whole
/// repository.
const MOST_REQUESTS: u32 = 500;

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
        tls::for_the_process();
        let octocrab = builder.build().map_err(failed)?;
        let left = Arc::new(AtomicU32::new(MOST_REQUESTS));
        Ok(Self { octocrab, repository: options.repository, pace: options.pace, left })
    }

    /// Uses one of the run's requests for files.
    ///
    /// # Errors
    /// When there is none left.
    fn take_request(&self, what: &str) -> Result<(), GitHubError> {
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.map(|_| ()).map_err(|_| {
            GitHubError::too_much(
                what,
                format!("this run would make more than {MOST_REQUESTS} requests to GitHub's API for files"),
            )
        })
    }

    /// An address inside the repository.
    fn route(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.repository)
    }
}
