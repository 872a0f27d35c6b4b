//! AppConfig: hosted versions per profile, one deployment at a time per environment.

use std::collections::BTreeMap;

use prompt_assay::release::outside::{
    ConfigurationPlace, Configurations, Deployment, DeploymentState, Failure, FailureClass, HostedVersion,
};

use super::{Aws, World, refused};

/// One environment of an application.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Hosted versions by profile, oldest first.
    pub profiles: BTreeMap<String, Vec<HostedVersion>>,
    /// Deployments, oldest first.
    pub deployments: Vec<Deployment>,
    /// So many looks at a deployment before it is complete.
    pub looks: u32,
    looked: u32,
}

impl Environment {
    /// An environment with one empty profile, in which a deployment takes so many looks.
    pub fn with_profile(profile: &str, looks: u32) -> Self {
        Self { profiles: BTreeMap::from([(profile.to_owned(), Vec::new())]), looks, ..Self::default() }
    }

    /// What the application reads: the newest complete deployment of the profile.
    pub fn live(&self, profile: &str) -> Option<&HostedVersion> {
        let done = |one: &&Deployment| one.profile == profile && one.state == DeploymentState::Complete;
        let version = self.deployments.iter().rev().find(done)?.version;
        self.profiles.get(profile)?.iter().find(|hosted| hosted.version == version)
    }
}

/// The environment at a place, with its profile.
fn at<'a>(
    world: &'a mut World,
    place: &ConfigurationPlace,
    action: &'static str,
) -> Result<&'a mut Environment, Failure> {
    let key = (place.application.clone(), place.environment.clone());
    let code = "ResourceNotFoundException";
    match world.environments.get_mut(&key) {
        Some(found) if found.profiles.contains_key(&place.profile) => Ok(found),
        Some(_) => refused(FailureClass::Missing, action, &place.profile, code, "no such profile"),
        None => refused(FailureClass::Missing, action, &place.environment, code, "no such environment"),
    }
}

impl Configurations for Aws {
    fn resolve(&self, place: &ConfigurationPlace) -> Result<ConfigurationPlace, Failure> {
        const ACTION: &str = "appconfig:ListEnvironments";
        self.call(ACTION, &place.application, |world| at(world, place, ACTION).map(|_| place.clone()))
    }

    fn versions(&self, place: &ConfigurationPlace) -> Result<Vec<HostedVersion>, Failure> {
        const ACTION: &str = "appconfig:ListHostedConfigurationVersions";
        self.call(ACTION, &place.profile, |world| {
            let versions = at(world, place, ACTION)?.profiles[&place.profile].iter();
            Ok(versions.map(|hosted| HostedVersion { content: Vec::new(), ..hosted.clone() }).collect())
        })
    }

    fn version(&self, place: &ConfigurationPlace, version: u64) -> Result<Option<HostedVersion>, Failure> {
        const ACTION: &str = "appconfig:GetHostedConfigurationVersion";
        self.call(ACTION, &place.profile, |world| {
            let versions = &at(world, place, ACTION)?.profiles[&place.profile];
            Ok(versions.iter().find(|hosted| hosted.version == version).cloned())
        })
    }

    fn host(
        &self,
        place: &ConfigurationPlace,
        content: &[u8],
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        const ACTION: &str = "appconfig:CreateHostedConfigurationVersion";
        self.call(ACTION, &place.profile, |world| {
            let versions = at(world, place, ACTION)?.profiles.get_mut(&place.profile).expect("looked up");
            let newest = versions.last().map_or(0, |hosted| hosted.version);
            let refuse = |class, code, message| refused(class, ACTION, &place.profile, code, message);
            if newest != after {
                return refuse(FailureClass::Conflict, "ConflictException", "a newer version exists");
            }
            if content.len() > 1_048_576 {
                return refuse(FailureClass::Refused, "PayloadTooLargeException", "more than 1 MB");
            }
            if !description.is_ascii() || description.len() > 1024 {
                return refuse(FailureClass::Refused, "BadRequestException", "the description");
            }
            let (content, description) = (content.to_vec(), description.to_owned());
            versions.push(HostedVersion { version: newest + 1, content, description });
            Ok(newest + 1)
        })
    }

    fn deployments(&self, place: &ConfigurationPlace) -> Result<Vec<Deployment>, Failure> {
        const ACTION: &str = "appconfig:ListDeployments";
        self.call(ACTION, &place.environment, |world| Ok(at(world, place, ACTION)?.deployments.clone()))
    }

    fn deploy(
        &self,
        place: &ConfigurationPlace,
        version: u64,
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        const ACTION: &str = "appconfig:StartDeployment";
        self.call(ACTION, &place.environment, |world| {
            let started_at = world.tick();
            let environment = at(world, place, ACTION)?;
            let newest = environment.deployments.last().map_or(0, |one| one.number);
            let is_busy =
                environment.deployments.iter().any(|one| one.state == DeploymentState::InProgress);
            if is_busy || newest != after {
                let message = "another deployment is in progress or newer";
                let class = FailureClass::Conflict;
                return refused(class, ACTION, &place.environment, "ConflictException", message);
            }
            let state = match environment.looks {
                0 => DeploymentState::Complete,
                _ => DeploymentState::InProgress,
            };
            environment.looked = 0;
            environment.deployments.push(Deployment {
                number: newest + 1,
                profile: place.profile.clone(),
                version,
                state,
                description: description.to_owned(),
                started_at,
            });
            Ok(newest + 1)
        })
    }

    fn deployment(&self, place: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure> {
        const ACTION: &str = "appconfig:GetDeployment";
        self.call(ACTION, &place.environment, |world| {
            let environment = at(world, place, ACTION)?;
            environment.looked += 1;
            let is_done = environment.looked >= environment.looks;
            let found = environment.deployments.iter_mut().find(|one| one.number == number);
            let Some(found) = found else {
                let (class, code) = (FailureClass::Missing, "ResourceNotFoundException");
                return refused(class, ACTION, &place.environment, code, "no such deployment");
            };
            if is_done && found.state == DeploymentState::InProgress {
                found.state = DeploymentState::Complete;
            }
            Ok(found.clone())
        })
    }
}
