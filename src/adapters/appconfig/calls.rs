//! The calls: each is made once, and all its pages are read.

use aws_sdk_appconfig::operation::get_deployment::GetDeploymentOutput;
use aws_sdk_appconfig::primitives::{Blob, DateTime};
use aws_sdk_appconfig::types::{DeploymentEvent, DeploymentEventType, DeploymentState as State};
use serde_json::Value;

use super::{AppConfig, explained};
use crate::cloud::{Failure, FailureClass};
use crate::release::ports::{
    ConfigurationPlace, Configurations, Deployment, DeploymentState, HostedVersion, Resolved,
};

/// The longest description.
const DESCRIPTION: usize = 1_024;

impl Configurations for AppConfig {
    fn resolve_all(&self, place: &ConfigurationPlace, profiles: &[String]) -> Result<Resolved, Failure> {
        self.runtime.block_on(self.resolved(place, profiles))
    }

    fn profiles(&self, place: &ConfigurationPlace) -> Result<Vec<String>, Failure> {
        self.runtime.block_on(self.profile_names(place))
    }

    fn versions(&self, place: &ConfigurationPlace) -> Result<Vec<HostedVersion>, Failure> {
        self.runtime.block_on(async {
            let path = format!("/configurationprofile/{}", place.profile);
            let call = self.about("appconfig:ListHostedConfigurationVersions", place, &path);
            let asked = self.client.list_hosted_configuration_versions();
            let asked = asked.application_id(&place.application).configuration_profile_id(&place.profile);
            let mut pages = asked.into_paginator().items().send();
            let mut versions = Vec::new();
            while let Some(next) = pages.next().await {
                let found = next.map_err(|error| explained(call.failed(&error)))?;
                let (version, description) =
                    (number(found.version_number), found.description.unwrap_or_default());
                versions.push(HostedVersion { version, content: Vec::new(), description });
            }
            versions.sort_by_key(|version| version.version);
            Ok(versions)
        })
    }

    fn version(&self, place: &ConfigurationPlace, version: u64) -> Result<Option<HostedVersion>, Failure> {
        self.runtime.block_on(async {
            let path =
                format!("/configurationprofile/{}/hostedconfigurationversion/{version}", place.profile);
            let call = self.about("appconfig:GetHostedConfigurationVersion", place, &path);
            let asked = self.client.get_hosted_configuration_version().application_id(&place.application);
            let asked = asked.configuration_profile_id(&place.profile).version_number(signed(version));
            match asked.send().await {
                Ok(found) => Ok(Some(HostedVersion {
                    version: number(found.version_number),
                    content: found.content.map(Blob::into_inner).unwrap_or_default(),
                    description: found.description.unwrap_or_default(),
                })),
                Err(error) => match call.failed(&error) {
                    failure if failure.class == FailureClass::Missing => Ok(None),
                    failure => Err(explained(failure)),
                },
            }
        })
    }

    fn host(
        &self,
        place: &ConfigurationPlace,
        content: &[u8],
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        self.runtime.block_on(async {
            let path = format!("/configurationprofile/{}", place.profile);
            let call = self.about("appconfig:CreateHostedConfigurationVersion", place, &path);
            let asked = self.client.create_hosted_configuration_version();
            let asked = asked.application_id(&place.application).configuration_profile_id(&place.profile);
            let asked = asked.content(Blob::new(content)).content_type(content_type(content));
            let asked = asked.description(ascii(description));
            // Without a version there is no number to lock on; the deployment's lock decides then.
            let asked = asked.set_latest_version_number((after > 0).then(|| signed(after)));
            let output = asked.send().await.map_err(|error| explained(call.failed(&error)))?;
            Ok(number(output.version_number))
        })
    }

    fn deployments(&self, place: &ConfigurationPlace, after: u64) -> Result<Vec<Deployment>, Failure> {
        // The newest come first, so that the known ones need not be listed again.
        self.runtime.block_on(async {
            let path = format!("/environment/{}", place.environment);
            let call = self.about("appconfig:ListDeployments", place, &path);
            let asked = self.client.list_deployments();
            let asked = asked.application_id(&place.application).environment_id(&place.environment);
            let mut pages = asked.into_paginator().send();
            let mut deployments = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| explained(call.failed(&error)))?;
                let mut is_known = false;
                for found in page.items.unwrap_or_default() {
                    let number = number(found.deployment_number);
                    if number <= after {
                        is_known = true;
                        continue;
                    }
                    deployments.push(match found.configuration_profile_id {
                        Some(profile) => Deployment {
                            number,
                            profile,
                            name: found.configuration_name.unwrap_or_default(),
                            version: version_number(found.configuration_version.as_deref()),
                            state: state(found.state.as_ref()),
                            description: String::new(),
                            started_at: seconds(found.started_at.as_ref()),
                            ended_at: seconds(found.completed_at.as_ref()),
                            rolled_back_by: None,
                        },
                        None => self.one_deployment(place, number).await?,
                    });
                }
                if is_known {
                    break;
                }
            }
            deployments.sort_by_key(|deployment| deployment.number);
            Ok(deployments)
        })
    }

    fn deploy(
        &self,
        place: &ConfigurationPlace,
        version: u64,
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        self.runtime.block_on(async {
            let path = format!("/environment/{}", place.environment);
            let call = self.about("appconfig:StartDeployment", place, &path);
            let asked = self.client.start_deployment().application_id(&place.application);
            let asked = asked.environment_id(&place.environment).configuration_profile_id(&place.profile);
            let asked = asked.deployment_strategy_id(&place.strategy).description(ascii(description));
            let asked = asked.configuration_version(version.to_string());
            let asked = asked.set_latest_deployment_number((after > 0).then(|| signed(after)));
            let output = asked.send().await.map_err(|error| explained(call.failed(&error)))?;
            Ok(number(output.deployment_number))
        })
    }

    fn deployment(&self, place: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure> {
        self.runtime.block_on(self.one_deployment(place, number))
    }
}

impl AppConfig {
    async fn one_deployment(&self, place: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure> {
        let path = format!("/environment/{}/deployment/{number}", place.environment);
        let call = self.about("appconfig:GetDeployment", place, &path);
        let asked = self.client.get_deployment().application_id(&place.application);
        let asked = asked.environment_id(&place.environment).deployment_number(signed(number));
        asked.send().await.map(deployment).map_err(|error| explained(call.failed(&error)))
    }
}

fn deployment(found: GetDeploymentOutput) -> Deployment {
    Deployment {
        number: number(found.deployment_number),
        rolled_back_by: rolled_back_by(found.event_log()),
        profile: found.configuration_profile_id.unwrap_or_default(),
        name: found.configuration_name.unwrap_or_default(),
        version: version_number(found.configuration_version.as_deref()),
        state: state(found.state.as_ref()),
        description: found.description.unwrap_or_default(),
        started_at: seconds(found.started_at.as_ref()),
        ended_at: seconds(found.completed_at.as_ref()),
    }
}

/// The newest event of a rollback with information: an alarm's ARN, an account.
fn rolled_back_by(events: &[DeploymentEvent]) -> Option<String> {
    use DeploymentEventType::{RevertCompleted, RollbackStarted};
    let event =
        events.iter().find(|event| matches!(event.event_type, Some(RevertCompleted | RollbackStarted)))?;
    let by = event.triggered_by.as_ref().map(|by| by.as_str()).unwrap_or_default();
    let words = [by, event.description.as_deref().unwrap_or_default()];
    let said = words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(": ");
    Some(said).filter(|said| !said.is_empty())
}

/// For a state that is not known yet, the program waits and assumes nothing.
fn state(state: Option<&State>) -> DeploymentState {
    match state {
        Some(State::Complete) => DeploymentState::Complete,
        Some(State::RollingBack | State::RolledBack | State::Reverted) => DeploymentState::RolledBack,
        _ => DeploymentState::InProgress,
    }
}

/// Validators with a JSON schema check a content only if its type is JSON.
fn content_type(content: &[u8]) -> &'static str {
    match serde_json::from_slice::<Value>(content) {
        Ok(Value::Object(_) | Value::Array(_)) => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// A description as AppConfig takes it: ASCII. Other characters are written as JSON writes them, so
/// that JSON stays the same JSON; if that becomes too long, as `?`.
fn ascii(description: &str) -> String {
    let mut escaped = String::with_capacity(description.len());
    for character in description.chars() {
        if character.is_ascii() {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    if escaped.len() <= DESCRIPTION {
        return escaped;
    }
    let plain = description.chars().map(|character| if character.is_ascii() { character } else { '?' });
    plain.take(DESCRIPTION).collect()
}

/// A deployment names its version by number or, if another program started it, by a label.
fn version_number(version: Option<&str>) -> u64 {
    version.and_then(|version| version.parse().ok()).unwrap_or_default()
}

fn number(number: i32) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn signed(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn seconds(time: Option<&DateTime>) -> i64 {
    time.map(DateTime::secs).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_ascii_and_json_stays_the_same_json() {
        let said = serde_json::json!({"by": "Zoë 🦀", "why": "plain"}).to_string();
        let sent = ascii(&said);
        insta::assert_snapshot!(sent, @r#"{"by":"Zo\u00eb \ud83e\udd80","why":"plain"}"#);
        assert_eq!(
            serde_json::from_str::<Value>(&sent).unwrap(),
            serde_json::from_str::<Value>(&said).unwrap()
        );
        assert_eq!(ascii(&"é".repeat(1_000)), "?".repeat(1_000));
        assert_eq!(ascii(&"a".repeat(2_000)).len(), DESCRIPTION);
    }

    #[test]
    fn json_is_called_json() {
        assert_eq!(content_type(b"{\"a\": 1}"), "application/json");
        assert_eq!(content_type(b"You are helpful."), "text/plain; charset=utf-8");
        assert_eq!(content_type(b"7"), "text/plain; charset=utf-8");
    }
}
