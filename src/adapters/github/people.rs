//! Who may write to the repository, and who added which label to a pull request, with the current description.

use serde::Deserialize;

use super::commits::encoded;
use super::exchange::{Ask, Verb};
use super::{GitHub, GitHubError};
use crate::action::{LabelEvent, Labels};

const PERMISSION: &str = "pull-requests: read";

#[derive(Deserialize)]
struct Access {
    permission: String,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    event: String,
    #[serde(default)]
    actor: Option<Actor>,
    #[serde(default)]
    created_at: String,
    #[serde(default)]
    label: Option<Label>,
}

#[derive(Deserialize)]
struct Actor {
    login: String,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct PullRequest {
    #[serde(default)]
    body: Option<String>,
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

    /// The history of a pull request's labels, oldest first, and its current description.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub async fn labels(&self, pull_request: u64) -> Result<Labels, GitHubError> {
        let ask = Ask { what: "read who put labels on the pull request", permission: PERMISSION };
        let events: Vec<Event> =
            self.pages(&self.route(&format!("issues/{pull_request}/events")), &ask).await?;
        let what = "read the pull request";
        let route = self.route(&format!("pulls/{pull_request}"));
        let answer = self.persist(Verb::Get, &route, &Ask { what, permission: PERMISSION }).await?;
        Ok(Labels {
            events: events.into_iter().filter_map(Event::of_label).collect(),
            description: answer.parsed::<PullRequest>(what)?.body.unwrap_or_default(),
        })
    }
}

impl Event {
    fn of_label(self) -> Option<LabelEvent> {
        let is_put_on = match self.event.as_str() {
            "labeled" => true,
            "unlabeled" => false,
            _ => return None,
        };
        Some(LabelEvent {
            label: self.label?.name?,
            is_put_on,
            by: self.actor.map(|actor| actor.login).unwrap_or_default(),
            at: self.created_at,
        })
    }
}
