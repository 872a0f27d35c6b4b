//! AppConfig: through its agent if one runs locally, else through AppConfigData.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_appconfigdata::Client;
use aws_sdk_appconfigdata::error::ProvideErrorMetadata;
use aws_sdk_appconfigdata::operation::get_latest_configuration::GetLatestConfigurationOutput;
use tokio::time::Instant;

use super::agent::{AppConfigAgent, deployed_only};
use super::aws::{configuration, explained};
use super::{Answer, Found, Key, Reading, Source, Which};
use crate::Error;

/// Configuration profiles of an environment. The deployed version is live; other versions and labels
/// cannot be chosen.
#[derive(Debug)]
pub struct AppConfig {
    agent: Option<AppConfigAgent>,
    application: String,
    environment: String,
    profile: String,
    client: Client,
    sessions: Mutex<BTreeMap<String, Session>>,
    /// Whether the newest answer came from the agent.
    is_agent_s: AtomicBool,
}

/// How configurations are found.
#[derive(Debug)]
pub struct AppConfigBuilder {
    application: String,
    environment: String,
    profile: String,
    agent: Option<AppConfigAgent>,
    config: Option<SdkConfig>,
}

/// The data from AppConfigData about one profile.
#[derive(Clone, Debug)]
struct Session {
    /// Valid for one answer.
    token: String,
    /// The earliest time of the next poll.
    due: Instant,
    content: String,
}

impl AppConfig {
    /// An application, one of its environments, and the pattern of the profiles' names, `{name}`.
    pub fn builder(
        application: impl Into<String>,
        environment: impl Into<String>,
        profile: impl Into<String>,
    ) -> AppConfigBuilder {
        let (application, environment, profile) = (application.into(), environment.into(), profile.into());
        let agent = Some(AppConfigAgent::new(&application, &environment, &profile));
        AppConfigBuilder { application, environment, profile, agent, config: None }
    }

    async fn one(&self, key: &Key) -> Answer {
        if key.which != Which::Live {
            return Err(deployed_only(key));
        }
        let profile = self.profile.replace("{name}", &key.name);
        let answer = match &self.agent {
            Some(agent) => agent.ask(&profile).await,
            None => None,
        };
        self.is_agent_s.store(answer.is_some(), Ordering::Relaxed);
        match answer {
            Some(answer) => answer,
            None => Ok(Found { content: self.ask_service(&profile).await?, version: None }),
        }
    }

    async fn ask_service(&self, profile: &str) -> Result<String, Error> {
        let known = self.sessions().get(profile).cloned();
        if let Some(session) = known.as_ref().filter(|session| Instant::now() < session.due) {
            return Ok(session.content.clone());
        }
        let answer = match &known {
            Some(session) => self.latest(profile, &session.token).await?,
            None => None,
        };
        let answer = match answer {
            Some(answer) => answer,
            None => {
                let token = self.begin(profile).await?;
                let refused =
                    || Error::Unavailable(format!("{}: its token is refused", self.called(profile)));
                self.latest(profile, &token).await?.ok_or_else(refused)?
            }
        };
        let told = answer.configuration.map(|blob| blob.into_inner()).unwrap_or_default();
        let told = String::from_utf8(told);
        let told = told.map_err(|_| Error::Damaged(format!("{} is no text", self.called(profile))))?;
        // An empty reply means "no change". A new session gets everything again.
        let content = match known {
            Some(session) if told.is_empty() => session.content,
            _ => told,
        };
        let interval = u64::try_from(answer.next_poll_interval_in_seconds).unwrap_or_default();
        let session = Session {
            token: answer.next_poll_configuration_token.unwrap_or_default(),
            due: Instant::now() + Duration::from_secs(interval),
            content: content.clone(),
        };
        self.sessions().insert(profile.to_owned(), session);
        Ok(content)
    }

    /// `None`: the token is no longer valid. It is valid for one answer, which may have been lost, and for a
    /// day.
    async fn latest(
        &self,
        profile: &str,
        token: &str,
    ) -> Result<Option<GetLatestConfigurationOutput>, Error> {
        match self.client.get_latest_configuration().configuration_token(token).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == Some("BadRequestException") => Ok(None),
            Err(error) => Err(explained(&error, &self.called(profile), "appconfig:GetLatestConfiguration")),
        }
    }

    async fn begin(&self, profile: &str) -> Result<String, Error> {
        let call = self.client.start_configuration_session().application_identifier(&self.application);
        let call = call.environment_identifier(&self.environment).configuration_profile_identifier(profile);
        let begun = call.send().await.map_err(|error| {
            explained(&error, &self.called(profile), "appconfig:StartConfigurationSession")
        })?;
        Ok(begun.initial_configuration_token.unwrap_or_default())
    }

    fn called(&self, profile: &str) -> String {
        format!("the configuration {}/{}/{profile}", self.application, self.environment)
    }

    fn sessions(&self) -> MutexGuard<'_, BTreeMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AppConfigBuilder {
    /// The agent that is asked first, such as one on another port; `None`: no agent. Default: the one
    /// on localhost.
    #[must_use]
    pub fn agent(mut self, agent: Option<AppConfigAgent>) -> Self {
        self.agent = agent;
        self
    }

    /// The application's own configuration of the SDK. Check its timeouts and retries.
    #[must_use]
    pub fn config(mut self, config: SdkConfig) -> Self {
        self.config = Some(config);
        self
    }

    /// Finds credentials and region as the SDK does.
    pub async fn build(self) -> AppConfig {
        let config = configuration(self.config).await;
        AppConfig {
            agent: self.agent,
            client: Client::new(&config),
            application: self.application,
            environment: self.environment,
            profile: self.profile,
            sessions: Mutex::default(),
            is_agent_s: AtomicBool::new(false),
        }
    }
}

impl Source for AppConfig {
    fn kind(&self) -> &'static str {
        "appconfig"
    }

    fn batch(&self) -> usize {
        1
    }

    fn lag(&self) -> Duration {
        let agent = self.agent.as_ref().filter(|_| self.is_agent_s.load(Ordering::Relaxed));
        agent.map_or(Duration::ZERO, AppConfigAgent::lag)
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
