//! Reads AppConfig's state with as few calls as possible: names are resolved once, contents never
//! change, and only newer deployments are listed again.

use std::collections::{BTreeMap, BTreeSet};

use super::AppConfigStore;
use crate::cloud::{Failure, FailureClass};
use crate::release::audit::Audit;
use crate::release::names;
use crate::release::ports::{
    ConfigurationPlace, Deployment, DeploymentState, HostedVersion, Left, ParameterKind, ParameterTier,
    ParameterVersion, Resolved,
};
use crate::release::value;

/// The number of versions that a release reads, in addition to the live one.
const RECENT: usize = 10;
/// The number of deployments that are read to find the newest with a record.
const ASKED: usize = 50;
/// Represents a content that is not text: it is not a valid envelope.
const NO_TEXT: &str = "{\"v\":0}";

/// What was read so far.
#[derive(Debug, Default)]
pub struct Known {
    place: Option<ConfigurationPlace>,
    /// Profiles' ids, or why there is none, by name.
    profiles: BTreeMap<String, Result<String, Failure>>,
    /// By the profile's id and number.
    contents: BTreeMap<(String, u64), HostedVersion>,
    /// All of the environment, by number.
    pub(super) deployments: BTreeMap<u64, Deployment>,
    /// Up to which number all of them were listed.
    pub(super) listed: u64,
    /// Ended ones with the details that a listing lacks, by number.
    ended: BTreeMap<u64, Deployment>,
}

impl Known {
    /// The version that a profile's newest complete deployment deploys.
    pub(super) fn live(&self, profile: &str) -> Option<u64> {
        let is_live = |one: &&Deployment| one.profile == profile && one.state == DeploymentState::Complete;
        self.deployments.values().rev().find(is_live).map(|one| one.version)
    }

    /// The deployment that blocks others.
    pub(super) fn running(&self) -> Option<Deployment> {
        let is_running = |one: &&Deployment| one.state == DeploymentState::InProgress;
        self.deployments.values().rev().find(is_running).cloned()
    }
}

impl AppConfigStore {
    fn resolve(&self, names: &[String]) -> Result<(), Failure> {
        let (place, ids): Resolved = self.configurations.resolve_all(&self.place, names)?;
        let mut known = self.known();
        known.place = Some(place);
        known.profiles.extend(names.iter().cloned().zip(ids));
        Ok(())
    }

    /// Application, environment and strategy by their ids.
    pub(super) fn resolved(&self) -> Result<ConfigurationPlace, Failure> {
        if let Some(place) = self.known().place.clone() {
            return Ok(place);
        }
        self.resolve(&self.names)?;
        Ok(self.known().place.clone().unwrap_or_else(|| self.place.clone()))
    }

    /// A profile's place; `None`: there is no such profile.
    pub(super) fn place_of(&self, name: &str) -> Result<Option<ConfigurationPlace>, Failure> {
        let place = self.resolved()?;
        let found = self.known().profiles.get(name).cloned();
        let found = match found {
            Some(found) => found,
            None => {
                self.resolve(&[name.to_owned()])?;
                self.known().profiles[name].clone()
            }
        };
        match found {
            Ok(profile) => Ok(Some(ConfigurationPlace { profile, ..place })),
            Err(failure) if failure.class == FailureClass::Missing => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Reads newer deployments, and the state of those in progress. A complete one is not read
    /// again: a revert of it during this run is not noticed.
    fn refresh(&self, place: &ConfigurationPlace) -> Result<(), Failure> {
        let (listed, running) = {
            let known = self.known();
            (known.listed, known.running())
        };
        if let Some(running) = running {
            let now = self.configurations.deployment(place, running.number)?;
            self.known().deployments.insert(now.number, now);
        }
        let newer = self.configurations.deployments(place, listed)?;
        let mut known = self.known();
        for one in newer {
            known.listed = known.listed.max(one.number);
            known.deployments.insert(one.number, one);
        }
        Ok(())
    }

    /// A hosted version; `None`: it was deleted.
    pub(super) fn content(
        &self,
        place: &ConfigurationPlace,
        version: u64,
    ) -> Result<Option<HostedVersion>, Failure> {
        let key = (place.profile.clone(), version);
        if let Some(content) = self.known().contents.get(&key) {
            return Ok(Some(content.clone()));
        }
        let found = self.configurations.version(place, version)?;
        if let Some(found) = &found {
            self.known().contents.insert(key, found.clone());
        }
        Ok(found)
    }

    /// A profile's versions, oldest first; unless the `whole` is asked for, the newest and the live
    /// one. Deployments are read first: a newer one than these makes the next deployment fail.
    pub(super) fn look(&self, name: &str, whole: bool) -> Result<Vec<ParameterVersion>, Failure> {
        let Some(place) = self.place_of(name)? else { return Ok(Vec::new()) };
        self.refresh(&place)?;
        let numbers: Vec<u64> =
            self.configurations.versions(&place)?.iter().map(|listed| listed.version).collect();
        let live = self.known().live(&place.profile);
        let began = self.began(&place);
        let first = if whole { 0 } else { numbers.len().saturating_sub(RECENT) };
        let version = |number: u64, hosted: HostedVersion| ParameterVersion {
            version: number,
            value: std::str::from_utf8(&hosted.content).map_or_else(|_| NO_TEXT.to_owned(), value::encode),
            labels: if live == Some(number) { vec![self.label.clone()] } else { Vec::new() },
            ..bare(number, hosted.description, began.get(&number).copied().unwrap_or_default())
        };
        let mut found = BTreeMap::new();
        for (position, number) in numbers.into_iter().enumerate() {
            if position < first && Some(number) != live {
                continue;
            }
            if let Some(hosted) = self.content(&place, number)? {
                found.insert(number, version(number, hosted));
            }
        }
        if let Some((released, left)) = self.released(&place, live, &found)? {
            if !found.contains_key(&released)
                && let Some(hosted) = self.content(&place, released)?
            {
                found.insert(released, version(released, hosted));
            }
            if let Some(found) = found.get_mut(&released) {
                found.labels.push(names::release_label(&self.label));
                found.left = left;
            }
        }
        Ok(found.into_values().collect())
    }

    /// The version that this program made live last, and how it stopped being live. Deployments are read for
    /// their records only if the live version is not the newest one with a record.
    fn released(
        &self,
        place: &ConfigurationPlace,
        live: Option<u64>,
        found: &BTreeMap<u64, ParameterVersion>,
    ) -> Result<Option<(u64, Option<Left>)>, Failure> {
        let has_record = |found: &&ParameterVersion| {
            let audit = Audit::read(&found.description);
            audit.is_some_and(|audit| value::digest_of(&found.value) == Ok(audit.sha))
        };
        let newest = found.values().rev().find(has_record).map(|found| found.version);
        if newest.is_some() && newest == live {
            return Ok(newest.map(|newest| (newest, None)));
        }
        let of_profile =
            |one: &&Deployment| one.profile == place.profile && one.state != DeploymentState::InProgress;
        let ended: Vec<Deployment> = self.known().deployments.values().filter(of_profile).cloned().collect();
        let mut instead: Option<Deployment> = None;
        for one in ended.into_iter().rev().take(ASKED) {
            let one = self.told(place, one)?;
            let is_rolled_back = one.state == DeploymentState::RolledBack;
            if Audit::read(&one.description).is_none() {
                if !is_rolled_back {
                    instead = Some(one);
                }
                continue;
            }
            let left = match instead {
                _ if is_rolled_back => {
                    Some(Left { at: one.ended_at, by: one.rolled_back_by.unwrap_or_default() })
                }
                other => other
                    .map(|other| Left { at: other.started_at, by: format!("deployment {}", other.number) }),
            };
            return Ok(Some((one.version, left)));
        }
        Ok(None)
    }

    /// An ended deployment with the details that a listing lacks.
    fn told(&self, place: &ConfigurationPlace, listed: Deployment) -> Result<Deployment, Failure> {
        let known =
            self.known().ended.get(&listed.number).filter(|known| known.state == listed.state).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let told = self.configurations.deployment(place, listed.number)?;
        self.known().ended.insert(told.number, told.clone());
        Ok(told)
    }

    /// When a profile's versions first went live.
    fn began(&self, place: &ConfigurationPlace) -> BTreeMap<u64, i64> {
        let mut began = BTreeMap::new();
        for one in self.known().deployments.values() {
            if one.profile == place.profile && one.state == DeploymentState::Complete {
                began.entry(one.version).or_insert(one.started_at);
            }
        }
        began
    }

    /// Versions that were deleted, by what their deployments say.
    pub(super) fn deleted(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        let Some(place) = self.place_of(name)? else { return Ok(Vec::new()) };
        self.refresh(&place)?;
        let kept: BTreeSet<u64> =
            self.configurations.versions(&place)?.iter().map(|listed| listed.version).collect();
        let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
        for one in self.known().deployments.values() {
            if one.profile == place.profile && one.version > 0 && !kept.contains(&one.version) {
                numbers.entry(one.version).or_insert(one.number);
            }
        }
        let began = self.began(&place);
        let mut found = Vec::new();
        for (version, number) in numbers {
            let one = self.configurations.deployment(&place, number)?;
            found.push(bare(version, one.description, began.get(&version).copied().unwrap_or_default()));
        }
        Ok(found)
    }
}

/// A version without its content.
fn bare(version: u64, description: String, modified_at: i64) -> ParameterVersion {
    ParameterVersion {
        version,
        value: String::new(),
        kind: ParameterKind::Plain,
        tier: ParameterTier::Standard,
        description,
        modified_at,
        modified_by: String::new(),
        labels: Vec::new(),
        by_label_only: true,
        left: None,
    }
}
