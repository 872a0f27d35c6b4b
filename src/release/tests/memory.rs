//! SSM and S3 in memory, with SSM's own rules: numbered versions, labels that move, a hundred
//! versions of which a labelled one is never dropped, no conditional put but the first. A fault can
//! be set on any call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use super::library::Kept;
use crate::cloud::{Failure, FailureClass};
use crate::release::client::Clock;
use crate::release::ports::*;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing happened, and the process ends.
    FailBefore,
    /// It happened, and the process ends.
    FailAfter,
    /// Nothing happened; the answer does not say so.
    TimeOut,
    /// It happened; the answer was lost.
    Lost,
    /// Too many requests.
    Throttle,
}

#[derive(Default)]
pub struct World {
    pub parameters: BTreeMap<String, Vec<ParameterVersion>>,
    pub objects: BTreeMap<String, Vec<u8>>,
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Prompt Management's prompts, by id.
    pub library: BTreeMap<String, Kept>,
    pub calls: usize,
    pub puts: usize,
    pub faults: BTreeMap<usize, Fault>,
    pub now: u64,
    /// For so many milliseconds nobody finds a version that was just written.
    pub lag_ms: u64,
    written: BTreeMap<(String, u64), u64>,
}

impl World {
    /// The versions that a reader finds at this moment.
    fn shown(&self, name: &str) -> Vec<ParameterVersion> {
        let versions = self.parameters.get(name).map(Vec::as_slice).unwrap_or_default();
        let is_shown = |version: &&ParameterVersion| {
            let written = self.written.get(&(name.to_owned(), version.version));
            written.is_none_or(|at| at + self.lag_ms <= self.now)
        };
        versions.iter().filter(is_shown).cloned().collect()
    }
}

/// AWS.
#[derive(Default)]
pub struct Aws(pub Mutex<World>, pub Option<Box<dyn Fn(usize) + Send + Sync>>);

pub fn failure(class: FailureClass, action: &'static str, resource: &str, message: &str) -> Failure {
    Failure {
        class,
        action,
        resource: resource.to_owned(),
        code: None,
        message: message.to_owned(),
        help: None,
    }
}

impl Aws {
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub fn call<T>(
        &self,
        (action, resource): (&'static str, &str),
        effect: impl FnOnce(&mut World) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let index = self.world().calls;
        if let Some(turn) = &self.1 {
            turn(index);
        }
        let mut world = self.world();
        world.calls += 1;
        let fail = |class| Err(failure(class, action, resource, "the fault of the test"));
        match world.faults.get(&index).copied() {
            None => effect(&mut world),
            Some(Fault::FailBefore) => fail(FailureClass::Refused),
            Some(Fault::TimeOut) => fail(FailureClass::Unclear),
            Some(Fault::Throttle) => fail(FailureClass::Throttled),
            Some(Fault::FailAfter) => effect(&mut world).and(fail(FailureClass::Refused)),
            Some(Fault::Lost) => effect(&mut world).and(fail(FailureClass::Unclear)),
        }
    }
}

impl Clock for Aws {
    fn now_ms(&self) -> u64 {
        self.world().now
    }

    fn sleep_ms(&self, ms: u64) {
        self.world().now += ms;
    }
}

impl Parameters for Aws {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        self.call(("ssm:GetParameter", name), |world| {
            let versions = world.parameters.get(name).map(Vec::as_slice).unwrap_or_default();
            Ok(match which {
                Selector::Latest => versions.last(),
                Selector::Version(number) => versions.iter().find(|v| v.version == *number),
                Selector::Label(label) => versions.iter().find(|v| v.labels.contains(label)),
            }
            .cloned())
        })
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.call(("ssm:GetParameterHistory", name), |world| Ok(world.shown(name)))
    }

    fn recent(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.history(name)
    }

    fn remembered(&self, _: &str) -> Result<Option<Vec<ParameterVersion>>, Failure> {
        Ok(None)
    }

    fn most_bytes(&self) -> Option<usize> {
        None
    }

    fn ready(&self, _: &[String]) -> Result<(), Failure> {
        Ok(())
    }

    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        self.call(("ssm:GetParametersByPath", path), |world| {
            let prefix = format!("{}/", path.trim_end_matches('/'));
            Ok(world.parameters.keys().filter(|name| name.starts_with(&prefix)).cloned().collect())
        })
    }

    fn put(&self, new: &NewVersion) -> Result<u64, Failure> {
        self.call(("ssm:PutParameter", &new.name), |world| {
            let refused =
                |message: &str| failure(FailureClass::Refused, "ssm:PutParameter", &new.name, message);
            let most = if new.tier == ParameterTier::Advanced { 8192 } else { 4096 };
            if new.value.len() > most || new.value.is_empty() || new.value.contains("{{") {
                return Err(refused("ValidationException"));
            }
            if new.description.len() > 1024 {
                return Err(refused("description"));
            }
            let modified_at = world.now as i64 / 1000;
            let versions = world.parameters.entry(new.name.clone()).or_default();
            if new.create && !versions.is_empty() {
                return Err(failure(FailureClass::Conflict, "ssm:PutParameter", &new.name, "exists"));
            }
            if versions.last().is_some_and(|newest| newest.tier > new.tier) {
                return Err(refused("there is no way back to standard"));
            }
            if versions.len() >= 100 {
                if !versions[0].labels.is_empty() {
                    return Err(refused("ParameterMaxVersionLimitExceeded"));
                }
                versions.remove(0);
            }
            let version = versions.last().map_or(1, |newest| newest.version + 1);
            versions.push(ParameterVersion {
                version,
                value: new.value.clone(),
                kind: new.kind,
                tier: new.tier,
                description: new.description.clone(),
                modified_at,
                modified_by: "arn:aws:sts::123456789012:assumed-role/release/ci".to_owned(),
                labels: Vec::new(),
                by_label_only: false,
                left: None,
            });
            world.puts += 1;
            world.written.insert((new.name.clone(), version), world.now);
            Ok(version)
        })
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.call(("ssm:LabelParameterVersion", name), |world| {
            if world.shown(name).iter().all(|seen| seen.version != version) {
                return Err(failure(FailureClass::Missing, "ssm:LabelParameterVersion", name, "no version"));
            }
            for seen in world.parameters.entry(name.to_owned()).or_default() {
                seen.labels.retain(|label| !labels.contains(label));
                if seen.version == version {
                    seen.labels.extend(labels.iter().cloned());
                    seen.labels.sort();
                }
            }
            Ok(())
        })
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        self.call(("ssm:AddTagsToResource", name), |world| {
            if world.shown(name).is_empty() {
                return Err(failure(FailureClass::Missing, "ssm:AddTagsToResource", name, "no parameter"));
            }
            world.tags.entry(name.to_owned()).or_default().extend(tags.clone());
            Ok(())
        })
    }
}

impl Objects for Aws {
    fn bucket(&self) -> &str {
        "bucket"
    }

    fn get(&self, key: &str, _: Option<&str>) -> Result<Option<Object>, Failure> {
        self.call(("s3:GetObject", key), |world| {
            let object = |bytes: &Vec<u8>| Object { bytes: bytes.clone(), version_id: Some("1".to_owned()) };
            Ok(world.objects.get(key).map(object))
        })
    }

    fn put_new(&self, key: &str, bytes: &[u8], _: &str) -> Result<Written, Failure> {
        self.call(("s3:PutObject", key), |world| {
            if world.objects.contains_key(key) {
                return Ok(Written::Exists);
            }
            world.objects.insert(key.to_owned(), bytes.to_vec());
            Ok(Written::New(Some("1".to_owned())))
        })
    }

    fn put(&self, key: &str, bytes: &[u8], _: &str) -> Result<(), Failure> {
        self.call(("s3:PutObject", key), |world| {
            world.objects.insert(key.to_owned(), bytes.to_vec());
            Ok(())
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        self.call(("s3:ListBucket", prefix), |world| {
            Ok(world.objects.keys().filter(|key| key.starts_with(prefix)).cloned().collect())
        })
    }
}
