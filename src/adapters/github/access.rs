//! Who may write to the repository.

use serde::Deserialize;

use super::commits::encoded;
use super::exchange::{Ask, Verb};
use super::{GitHub, GitHubError};

#[derive(Deserialize)]
struct Access {
    permission: String,
}

impl GitHub {
    /// Whether a person may push to the repository, by any grant: GitHub includes teams and the
    /// organisation, and maps `maintain` to `write`, `triage` to `read`.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn may_write(&self, login: &str) -> Result<bool, GitHubError> {
        let what = format!("read whether `{login}` may write to the repository");
        let route = self.route(&format!("collaborators/{}/permission", encoded(login)));
        let ask = Ask { what: &what, permission: "metadata: read" };
        let access: Access = self.persist(Verb::Get, &route, &ask).await?.parsed(&what)?;
        Ok(matches!(access.permission.as_str(), "admin" | "write"))
    }
}
