//! AppConfig only through its agent: a layer in Lambda, a container or a service elsewhere.

use std::env;
use std::time::Duration;

use super::loopback::{escaped, get};
use super::{Answer, Found, Key, Reading, Source, Which};
use crate::Error;

/// The agent's port.
const PORT: u16 = 2772;
/// Seconds between two polls of the agent by default.
const POLL: u64 = 45;
/// How long the client waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Configuration profiles of an environment. The deployed version is live; other versions and labels
/// cannot be chosen.
#[derive(Clone, Debug)]
pub struct AppConfigAgent {
    place: String,
    profile: String,
    port: u16,
    lag: Duration,
}

impl AppConfigAgent {
    /// The agent on localhost, with the pattern of the profiles' names, `{name}`.
    pub fn new(application: &str, environment: &str, profile: impl Into<String>) -> Self {
        let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let port = number("AWS_APPCONFIG_EXTENSION_HTTP_PORT").and_then(|port| u16::try_from(port).ok());
        let poll = number("AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS").unwrap_or(POLL);
        Self {
            place: format!("/applications/{}/environments/{}", escaped(application), escaped(environment)),
            profile: profile.into(),
            port: port.unwrap_or(PORT),
            lag: Duration::from_secs(poll),
        }
    }

    /// A port that overrides the environment.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    async fn one(&self, key: &Key) -> Answer {
        if key.which != Which::Live {
            return Err(deployed_only(key));
        }
        let profile = self.profile.replace("{name}", &key.name);
        let nobody = || {
            let (port, path) = (self.port, self.path(&profile));
            let message = format!(
                "the AppConfig agent on port {port} has no configuration at {path}: does it run, and may it read it?"
            );
            Err(Error::Unavailable(message))
        };
        self.ask(&profile).await.unwrap_or_else(nobody)
    }

    /// The agent's reply; `None` if there is no agent or no reply.
    pub(super) async fn ask(&self, profile: &str) -> Option<Answer> {
        let reply = get(self.port, &self.path(profile), &[], PATIENCE).await?;
        let version = reply.header("configuration-version").and_then(|version| version.parse().ok());
        let content = String::from_utf8(reply.body);
        let damaged = |_| Error::Damaged(format!("the configuration {profile} is no text"));
        Some(content.map_err(damaged).map(|content| Found { content, version }))
    }

    fn path(&self, profile: &str) -> String {
        format!("{}/configurations/{}", self.place, escaped(profile))
    }
}

/// A version or label was requested.
pub(super) fn deployed_only(key: &Key) -> Error {
    Error::NotFound(format!("{key}: AppConfig gives what is deployed, no version or label of one's choice"))
}

impl Source for AppConfigAgent {
    fn kind(&self) -> &'static str {
        "appconfig"
    }

    fn batch(&self) -> usize {
        1
    }

    fn lag(&self) -> Duration {
        self.lag
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(keys.len());
            for key in keys {
                answers.push(self.one(key).await);
            }
            answers
        })
    }
}
