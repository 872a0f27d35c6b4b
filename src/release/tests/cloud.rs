//! AppConfig in memory, with its own rules: hosted versions with an optimistic lock, one deployment
//! at a time in an environment, deployments that bake for a while and may be rolled back. A fault
//! can be set on any call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::memory::Fault;
use crate::cloud::{Failure, FailureClass};
use crate::release::client::Clock;
use crate::release::ports::*;

/// A deployment, and when it ends.
pub struct Baking {
    pub deployment: Deployment,
    pub until: u64,
    pub ends: DeploymentState,
}

#[derive(Default)]
pub struct Sky {
    /// By profile; a deleted one leaves a gap.
    pub hosted: BTreeMap<String, Vec<HostedVersion>>,
    pub last: BTreeMap<String, u64>,
    pub baking: Vec<Baking>,
    /// Milliseconds for which a deployment bakes.
    pub bake_ms: u64,
    /// How the deployment with this number will end.
    pub ends: BTreeMap<u64, DeploymentState>,
    /// Hosted versions that a profile may have.
    pub quota: Option<usize>,
    /// Profiles that do not exist.
    pub missing: Vec<String>,
    pub calls: Vec<&'static str>,
    pub faults: BTreeMap<usize, Fault>,
    pub now: u64,
}

impl Sky {
    fn settle(&mut self) {
        for baking in &mut self.baking {
            if baking.deployment.state == DeploymentState::InProgress && self.now >= baking.until {
                baking.deployment.state = baking.ends;
                baking.deployment.ended_at = i64::try_from(self.now / 1000 + 1).unwrap();
                if baking.ends == DeploymentState::RolledBack {
                    baking.deployment.rolled_back_by =
                        Some("CLOUDWATCH_ALARM: too many complaints".to_owned());
                }
            }
        }
    }

    /// Begins a deployment, with the rules of the service.
    pub fn start(&mut self, profile: &str, version: u64, description: &str) -> u64 {
        let number = self.baking.len() as u64 + 1;
        self.baking.push(Baking {
            deployment: Deployment {
                number,
                profile: profile.to_owned(),
                name: profile.to_owned(),
                version,
                state: DeploymentState::InProgress,
                description: description.to_owned(),
                started_at: i64::try_from(self.now / 1000 + 1).unwrap(),
                ended_at: 0,
                rolled_back_by: None,
            },
            until: self.now + self.bake_ms,
            ends: self.ends.get(&number).copied().unwrap_or(DeploymentState::Complete),
        });
        self.settle();
        number
    }

    /// What the newest complete deployment of a profile deploys: what readers get in the end.
    pub fn live(&self, profile: &str) -> Option<&HostedVersion> {
        let is_live = |one: &&Baking| {
            one.deployment.profile == profile && one.deployment.state == DeploymentState::Complete
        };
        let version = self.baking.iter().rev().find(is_live)?.deployment.version;
        self.hosted.get(profile)?.iter().find(|hosted| hosted.version == version)
    }
}

/// AppConfig, one connection to it.
#[derive(Default)]
pub struct Cloud(pub Mutex<Sky>);

/// Before a call: for races, whose turn it is.
pub type Turn = Box<dyn Fn() + Send + Sync>;

/// A connection of one process.
pub struct Line(pub std::sync::Arc<Cloud>, pub Option<Turn>);

fn failure(class: FailureClass, action: &'static str, code: &str, message: &str) -> Failure {
    Failure {
        class,
        action,
        resource: "shop/prod".to_owned(),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        help: None,
    }
}

impl Cloud {
    pub fn sky(&self) -> MutexGuard<'_, Sky> {
        self.0.lock().unwrap()
    }
}

impl Line {
    fn call<T>(
        &self,
        action: &'static str,
        effect: impl FnOnce(&mut Sky) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(turn) = &self.1 {
            turn();
        }
        let mut sky = self.0.sky();
        let index = sky.calls.len();
        sky.calls.push(action);
        sky.settle();
        let fail = |class| Err(failure(class, action, "Fault", "the fault of the test"));
        match sky.faults.get(&index).copied() {
            None => effect(&mut sky),
            Some(Fault::FailBefore) => fail(FailureClass::Refused),
            Some(Fault::TimeOut) => fail(FailureClass::Unclear),
            Some(Fault::Throttle) => fail(FailureClass::Throttled),
            Some(Fault::FailAfter) => effect(&mut sky).and(fail(FailureClass::Refused)),
            Some(Fault::Lost) => effect(&mut sky).and(fail(FailureClass::Unclear)),
        }
    }
}

impl Clock for Cloud {
    fn now_ms(&self) -> u64 {
        self.sky().now
    }

    fn sleep_ms(&self, ms: u64) {
        self.sky().now += ms;
    }
}

impl Configurations for Line {
    fn resolve_all(&self, place: &ConfigurationPlace, profiles: &[String]) -> Result<Resolved, Failure> {
        let action = "appconfig:ListConfigurationProfiles";
        self.call(action, |sky| {
            let id = |name: &String| match sky.missing.contains(name) {
                true => Err(failure(FailureClass::Missing, action, "none", "there is none")),
                false => Ok(name.clone()),
            };
            Ok((place.clone(), profiles.iter().map(id).collect()))
        })
    }

    fn profiles(&self, _: &ConfigurationPlace) -> Result<Vec<String>, Failure> {
        self.call("appconfig:ListConfigurationProfiles", |sky| Ok(sky.hosted.keys().cloned().collect()))
    }

    fn versions(&self, place: &ConfigurationPlace) -> Result<Vec<HostedVersion>, Failure> {
        self.call("appconfig:ListHostedConfigurationVersions", |sky| {
            let without = |hosted: &HostedVersion| HostedVersion { content: Vec::new(), ..hosted.clone() };
            Ok(sky.hosted.get(&place.profile).into_iter().flatten().map(without).collect())
        })
    }

    fn version(&self, place: &ConfigurationPlace, version: u64) -> Result<Option<HostedVersion>, Failure> {
        self.call("appconfig:GetHostedConfigurationVersion", |sky| {
            let mut all = sky.hosted.get(&place.profile).into_iter().flatten();
            Ok(all.find(|hosted| hosted.version == version).cloned())
        })
    }

    fn host(
        &self,
        place: &ConfigurationPlace,
        content: &[u8],
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        let action = "appconfig:CreateHostedConfigurationVersion";
        self.call(action, |sky| {
            let all = sky.hosted.entry(place.profile.clone()).or_default();
            let newest = all.last().map_or(0, |hosted| hosted.version);
            if after > 0 && after != newest {
                return Err(failure(FailureClass::Conflict, action, "ConflictException", "not the latest"));
            }
            if sky.quota.is_some_and(|quota| all.len() >= quota) {
                let code = "ServiceQuotaExceededException";
                return Err(failure(FailureClass::Refused, action, code, "too many versions"));
            }
            if description.len() > 1024 || !description.is_ascii() || content.len() > 1_048_576 {
                return Err(failure(FailureClass::Refused, action, "BadRequestException", "too long"));
            }
            let version = sky.last.get(&place.profile).copied().unwrap_or_default() + 1;
            sky.last.insert(place.profile.clone(), version);
            let description = description.to_owned();
            all.push(HostedVersion { version, content: content.to_vec(), description });
            Ok(version)
        })
    }

    fn deployments(&self, _: &ConfigurationPlace, after: u64) -> Result<Vec<Deployment>, Failure> {
        self.call("appconfig:ListDeployments", |sky| {
            let newer = sky.baking.iter().filter(|baking| baking.deployment.number > after);
            let listed = |baking: &Baking| Deployment {
                description: String::new(),
                rolled_back_by: None,
                ..baking.deployment.clone()
            };
            Ok(newer.map(listed).collect())
        })
    }

    fn deploy(
        &self,
        place: &ConfigurationPlace,
        version: u64,
        description: &str,
        after: u64,
    ) -> Result<u64, Failure> {
        let action = "appconfig:StartDeployment";
        self.call(action, |sky| {
            let newest = sky.baking.len() as u64;
            let runs = |baking: &Baking| baking.deployment.state == DeploymentState::InProgress;
            if after > 0 && after != newest || sky.baking.iter().any(runs) {
                return Err(failure(FailureClass::Conflict, action, "ConflictException", "in progress"));
            }
            Ok(sky.start(&place.profile, version, description))
        })
    }

    fn deployment(&self, _: &ConfigurationPlace, number: u64) -> Result<Deployment, Failure> {
        self.call("appconfig:GetDeployment", |sky| {
            Ok(sky.baking[usize::try_from(number).unwrap() - 1].deployment.clone())
        })
    }
}
