//! From names to ids; everything that is missing is reported by name.

use super::{AppConfig, explained};
use crate::adapters::aws::Call;
use crate::cloud::{Failure, FailureClass};
use crate::release::ports::{ConfigurationPlace, Resolved};

/// The location of content in AppConfig itself.
const HOSTED: &str = "hosted";

/// Something that has an id and a name.
#[derive(Clone)]
struct Named {
    id: String,
    name: String,
    /// The location of a profile's content.
    location: Option<String>,
}

impl Named {
    fn of(id: Option<String>, name: Option<String>) -> Self {
        Self { id: id.unwrap_or_default(), name: name.unwrap_or_default(), location: None }
    }
}

/// All pages of a listing as [`Named`]s.
macro_rules! listed {
    ($call:expr, $pages:expr, $item:expr) => {{
        let mut pages = $pages.into_paginator().items().send();
        let mut found: Vec<Named> = Vec::new();
        while let Some(next) = pages.next().await {
            found.push($item(next.map_err(|error| explained($call.failed(&error)))?));
        }
        found
    }};
}

impl AppConfig {
    pub(super) async fn resolved(
        &self,
        place: &ConfigurationPlace,
        profiles: &[String],
    ) -> Result<Resolved, Failure> {
        let application = self.application(&place.application).await?;
        let environment = self.environment(&application, place).await?;
        let all = self.all_profiles(&application, place).await?;
        let strategy = self.strategy(&place.strategy).await?;
        let id = |wanted: &String| {
            let place = ConfigurationPlace { profile: wanted.clone(), ..place.clone() };
            self.profile(&application, &place, all.clone())
        };
        let ids = profiles.iter().map(id).collect();
        let profile = place.profile.clone();
        Ok((ConfigurationPlace { application, environment, profile, strategy }, ids))
    }

    pub(super) async fn profile_names(&self, place: &ConfigurationPlace) -> Result<Vec<String>, Failure> {
        let all = self.all_profiles(&place.application, place).await?;
        let is_hosted = |found: &Named| found.location.as_deref().is_none_or(|location| location == HOSTED);
        let mut names: Vec<String> = all.into_iter().filter(is_hosted).map(|found| found.name).collect();
        names.sort();
        Ok(names)
    }

    async fn application(&self, wanted: &str) -> Result<String, Failure> {
        let call = self.call("appconfig:ListApplications", wanted.to_owned(), "*");
        let all =
            listed!(call, self.client.list_applications(), |found: aws_sdk_appconfig::types::Application| {
                Named::of(found.id, found.name)
            });
        Ok(self.choose(&call, "application", wanted, all)?.id)
    }

    async fn environment(&self, application: &str, place: &ConfigurationPlace) -> Result<String, Failure> {
        let resource = format!("{}/{}", place.application, place.environment);
        let arn = format!("application/{application}");
        let call = self.call("appconfig:ListEnvironments", resource, &arn);
        let asked = self.client.list_environments().application_id(application);
        let all = listed!(call, asked, |found: aws_sdk_appconfig::types::Environment| {
            Named::of(found.id, found.name)
        });
        Ok(self.choose(&call, "environment", &place.environment, all)?.id)
    }

    async fn all_profiles(
        &self,
        application: &str,
        place: &ConfigurationPlace,
    ) -> Result<Vec<Named>, Failure> {
        let call = self.about_profiles(application, place);
        let asked = self.client.list_configuration_profiles().application_id(application);
        Ok(listed!(call, asked, |found: aws_sdk_appconfig::types::ConfigurationProfileSummary| {
            Named { location: found.location_uri, ..Named::of(found.id, found.name) }
        }))
    }

    fn about_profiles(&self, application: &str, place: &ConfigurationPlace) -> Call<'_> {
        let resource = format!("{}/{}", place.application, place.profile);
        let arn = format!("application/{application}");
        self.call("appconfig:ListConfigurationProfiles", resource, &arn)
    }

    fn profile(
        &self,
        application: &str,
        place: &ConfigurationPlace,
        all: Vec<Named>,
    ) -> Result<String, Failure> {
        let call = self.about_profiles(application, place);
        let profile = self.choose(&call, "configuration profile", &place.profile, all)?;
        match profile.location.as_deref() {
            None | Some(HOSTED) => Ok(profile.id),
            Some(other) => {
                let message = format!("the profile's content lies at {other}, not in AppConfig");
                let help = Some("create a profile with the location `hosted`".to_owned());
                Err(Failure { help, ..call.fails(FailureClass::Refused, message) })
            }
        }
    }

    async fn strategy(&self, wanted: &str) -> Result<String, Failure> {
        let call = self.call("appconfig:ListDeploymentStrategies", wanted.to_owned(), "*");
        let all = listed!(
            call,
            self.client.list_deployment_strategies(),
            |found: aws_sdk_appconfig::types::DeploymentStrategy| { Named::of(found.id, found.name) }
        );
        Ok(self.choose(&call, "deployment strategy", wanted, all)?.id)
    }

    /// The one with this id, else the only one with this name.
    fn choose(&self, call: &Call<'_>, what: &str, wanted: &str, all: Vec<Named>) -> Result<Named, Failure> {
        let names: Vec<String> = all.iter().map(|found| found.name.clone()).collect();
        let mut by_name = Vec::new();
        for found in all {
            if found.id == wanted {
                return Ok(found);
            }
            if found.name == wanted {
                by_name.push(found);
            }
        }
        if by_name.len() > 1 {
            let ids: Vec<_> = by_name.iter().map(|found| found.id.as_str()).collect();
            let message = format!("{} of them have the name `{wanted}`: {}", by_name.len(), ids.join(", "));
            let help = Some(format!("give the {what}'s id instead of its name"));
            return Err(Failure { help, ..call.fails(FailureClass::Refused, message) });
        }
        by_name.pop().ok_or_else(|| {
            let message = format!("there is no {what} with the name or id `{wanted}`");
            let there = match &names[..] {
                [] => "there is none".to_owned(),
                some => format!("there are {}", some.join(", ")),
            };
            let help =
                Some(format!("create it, or correct the name: in {} {there}", self.connection.region()));
            Failure { help, ..call.fails(FailureClass::Missing, message) }
        })
    }
}
