//! GitHub's response, with any status.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::GitHubError;

/// The response, with any status.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub has_next_page: bool,
    pub retry_after: Option<Duration>,
    pub remaining: Option<u64>,
    pub reset: Option<u64>,
    pub body: String,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// GitHub's message, or the text in its place (a proxy's page).
    pub fn message(&self) -> String {
        let json: Option<Value> = serde_json::from_str(&self.body).ok();
        let said = json.as_ref().and_then(|json| json["message"].as_str()).map(str::to_owned);
        said.unwrap_or_else(|| self.body.lines().next().unwrap_or_default().chars().take(200).collect())
    }

    pub fn parsed<T: DeserializeOwned>(&self, what: &str) -> Result<T, GitHubError> {
        serde_json::from_str(&self.body).map_err(|error| GitHubError::Unavailable {
            what: what.to_owned(),
            reason: format!("the answer has another shape than documented: {error}"),
        })
    }
}
