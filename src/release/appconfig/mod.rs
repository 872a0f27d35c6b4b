//! AppConfig as a store of versions with one label, so that a release works in the same way: a
//! profile's hosted versions are the versions, the version of the newest complete deployment has the
//! label, and moving the label means to deploy. The release label is on the version of the newest
//! deployment that has a record, whether it succeeded or not.

mod deploy;
mod look;
pub mod settings;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::look::Known;
use super::audit::Audit;
use super::client::Clock;
use super::names;
use super::ports::{ConfigurationPlace, Configurations, NewVersion, ParameterVersion, Parameters, Selector};
use super::value::{self, Held};
use crate::cloud::{Failure, FailureClass};

/// The longest content, in bytes. AWS's documentation says 1 MB in one place and more in others.
pub const MOST_BYTES: usize = 1_048_576;

/// One environment of AppConfig. Names are those of configuration profiles.
pub struct AppConfigStore {
    /// The service.
    pub configurations: Arc<dyn Configurations>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Reports what the release waits for.
    pub say: Box<dyn Fn(&str) + Send + Sync>,
    /// Application, environment and strategy, as configured; the profile is not used.
    pub place: ConfigurationPlace,
    /// All profiles that may be asked for, so that they are looked up at once.
    pub names: Vec<String>,
    /// The label that is reported for the live version.
    pub label: String,
    /// How long the end of one deployment is waited for.
    pub patience_ms: u64,
    /// What was seen so far.
    pub known: Mutex<Known>,
}

impl AppConfigStore {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a deployment represents this label.
    fn is_own(&self, label: &str) -> bool {
        label == self.label || label == names::release_label(&self.label)
    }

    fn failure(&self, action: &'static str, name: &str, message: String) -> Failure {
        let ConfigurationPlace { application, environment, .. } = &self.place;
        Failure {
            class: FailureClass::Refused,
            action,
            resource: format!("{application}/{environment}/{name}"),
            code: None,
            message,
            help: None,
        }
    }

    /// A profile that exists.
    fn existing(&self, name: &str) -> Result<ConfigurationPlace, Failure> {
        match self.place_of(name)? {
            Some(place) => Ok(place),
            None => Err(self.missing(&[name])?),
        }
    }

    /// The error for profiles that do not exist.
    fn missing(&self, names: &[&str]) -> Result<Failure, Failure> {
        let application = self.resolved()?.application;
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let create = format!(
            "aws appconfig create-configuration-profile --application-id {application} --location-uri hosted --type AWS.Freeform --name"
        );
        let (which, line) = match &quoted[..] {
            [name] => ("a configuration profile", format!("{create} {name}")),
            all => (
                "configuration profiles",
                format!("for name in {}; do {create} \"$name\"; done", all.join(" ")),
            ),
        };
        let message =
            format!("the application has no {} `{}`", which.trim_start_matches("a "), names.join("`, `"));
        let failure = self.failure("appconfig:ListConfigurationProfiles", names[0], message);
        let resource = self.place.application.clone();
        Ok(Failure {
            class: FailureClass::Missing,
            resource,
            help: Some(format!("create {which}: {line}")),
            ..failure
        })
    }

    /// Which version may be deleted if there are too many; its record is not lost.
    fn crowded(&self, place: &ConfigurationPlace, failure: Failure) -> Failure {
        let live = self.known().live(&place.profile);
        let kept = self.configurations.versions(place).unwrap_or_default();
        let Some(oldest) = kept.iter().map(|kept| kept.version).find(|version| Some(*version) != live) else {
            return failure;
        };
        let ConfigurationPlace { application, profile, .. } = place;
        Failure {
            help: Some(format!(
                "the profile has {} versions; delete the oldest, their records stay in the deployments: aws appconfig delete-hosted-configuration-version --application-id {application} --configuration-profile-id {profile} --version-number {oldest}",
                kept.len()
            )),
            ..failure
        }
    }
}

impl Parameters for AppConfigStore {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        let mut all = self.look(name, !matches!(which, Selector::Latest))?.into_iter();
        Ok(match which {
            Selector::Latest => all.next_back(),
            Selector::Version(version) => all.find(|kept| kept.version == *version),
            Selector::Label(label) => all.find(|kept| kept.labels.contains(label)),
        })
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.look(name, true)
    }

    fn recent(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.look(name, false)
    }

    fn remembered(&self, name: &str) -> Result<Option<Vec<ParameterVersion>>, Failure> {
        self.deleted(name).map(Some)
    }

    fn most_bytes(&self) -> Option<usize> {
        Some(MOST_BYTES)
    }

    fn ready(&self, names: &[String]) -> Result<(), Failure> {
        let mut missing = Vec::new();
        for name in names {
            if self.place_of(name)?.is_none() {
                missing.push(name.as_str());
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(self.missing(&missing)?) }
    }

    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        let names = self.configurations.profiles(&self.resolved()?)?;
        Ok(names.into_iter().filter(|name| name.starts_with(path)).collect())
    }

    /// Fails if the newest version is not the one in the record. The value is taken out of its
    /// envelope, because AppConfig accepts every text.
    fn put(&self, version: &NewVersion) -> Result<u64, Failure> {
        let action = "appconfig:CreateHostedConfigurationVersion";
        let place = self.existing(&version.name)?;
        let Ok(Held::Text(text)) = value::decode(&version.value) else {
            let message = "the value is a pointer, or does not match its own SHA-256".to_owned();
            return Err(self.failure(action, &version.name, message));
        };
        let after = Audit::read(&version.description).map_or(0, |audit| audit.after);
        let hosted = self.configurations.host(&place, text.as_bytes(), &version.description, after);
        hosted.map_err(|failure| match failure.code.as_deref() {
            Some("ServiceQuotaExceededException") => self.crowded(&place, failure),
            _ => failure,
        })
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        if labels.first() != Some(&self.label) || labels.iter().any(|label| !self.is_own(label)) {
            let message = format!("a deployment makes a version `{}`, and nothing else", self.label);
            return Err(self.failure("appconfig:StartDeployment", name, message));
        }
        self.make_live(name, version)
    }

    /// Nothing to do: the record is in the version's and the deployment's description.
    fn tag(&self, _: &str, _: &BTreeMap<String, String>) -> Result<(), Failure> {
        Ok(())
    }
}
