//! A directory instead of SSM and S3, for trying a release out: the same versions, labels and
//! history, as files that a person can read.
//!
//! `parameters/NAME/@/13.json` is version 13 of NAME, `@/labels.json` says which labels are on which
//! version; `objects/KEY` is an object. No name contains `@`, so a name below another name does not
//! collide with it.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::adapters::clock;
use crate::adapters::files::Root;
use crate::cloud::{Failure, FailureClass};
use crate::release::ports::{
    NewVersion, Object, Objects, ParameterKind, ParameterTier, ParameterVersion, Parameters, Selector,
    Written,
};

/// The directory.
#[derive(Debug)]
pub struct Directory {
    base: PathBuf,
    below: String,
    author: String,
}

#[derive(Serialize, Deserialize)]
struct Version {
    value: String,
    secure: bool,
    advanced: bool,
    description: String,
    modified_at: i64,
    modified_by: String,
}

type Labels = BTreeMap<String, u64>;

fn failed(action: &'static str, place: &str, error: &io::Error) -> Failure {
    Failure {
        class: match error.kind() {
            ErrorKind::PermissionDenied => FailureClass::Denied,
            ErrorKind::AlreadyExists => FailureClass::Conflict,
            _ => FailureClass::Refused,
        },
        action,
        resource: place.to_owned(),
        code: None,
        message: error.to_string(),
        help: Some("check that the directory may be read and written".to_owned()),
    }
}

impl Directory {
    /// A directory below `base`, created by the first write: no name and no link in it leads out of
    /// `base`. `author` is recorded with every version.
    pub fn new(base: PathBuf, below: &str, author: &str) -> Self {
        Self { base, below: below.to_owned(), author: author.to_owned() }
    }

    /// Makes sure that no link leads to the directory.
    ///
    /// # Errors
    /// When one does.
    pub fn check(&self) -> io::Result<()> {
        Root::open(&self.base)?.directory(&self.below).map(drop)
    }

    fn parameter(&self, name: &str, file: &str) -> String {
        format!("{}/parameters/{}/@{file}", self.below, name.trim_start_matches('/'))
    }

    fn object(&self, key: &str) -> String {
        format!("{}/objects/{key}", self.below)
    }

    /// Does something below the base.
    fn at<T>(
        &self,
        action: &'static str,
        place: &str,
        work: impl FnOnce(&Root) -> io::Result<T>,
    ) -> Result<T, Failure> {
        Root::open(&self.base).and_then(|root| work(&root)).map_err(|error| failed(action, place, &error))
    }

    fn bytes(&self, place: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.at("read", place, |root| root.read(place))
    }

    fn read<T: DeserializeOwned>(&self, place: &str) -> Result<Option<T>, Failure> {
        let Some(bytes) = self.bytes(place)? else { return Ok(None) };
        let damaged = |error: serde_json::Error| {
            failed("read", place, &io::Error::new(ErrorKind::InvalidData, error.to_string()))
        };
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    fn replace(&self, place: &str, content: &[u8]) -> Result<(), Failure> {
        self.at("write", place, |root| root.write(place, content))
    }

    /// Writes only if nothing exists; false: something exists.
    fn create(&self, place: &str, content: &[u8]) -> Result<bool, Failure> {
        self.at("write", place, |root| root.create(place, content))
    }

    /// Names in a directory, and which of them are directories.
    fn names(&self, place: &str) -> Result<Vec<(String, bool)>, Failure> {
        self.at("read", place, |root| root.names(place))
    }

    fn labels(&self, name: &str) -> Result<Labels, Failure> {
        Ok(self.read(&self.parameter(name, "/labels.json"))?.unwrap_or_default())
    }

    fn tag_file(&self, name: &str) -> String {
        self.parameter(name, "/tags.json")
    }

    fn version_file(&self, name: &str, version: u64) -> String {
        self.parameter(name, &format!("/{version}.json"))
    }

    /// The numbers of the existing versions, sorted.
    fn numbers(&self, name: &str) -> Result<Vec<u64>, Failure> {
        let names = self.names(&self.parameter(name, ""))?;
        let number = |(name, _): &(String, bool)| name.strip_suffix(".json")?.parse::<u64>().ok();
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn change_labels(&self, name: &str, change: impl FnOnce(&mut Labels)) -> Result<(), Failure> {
        let mut labels = self.labels(name)?;
        change(&mut labels);
        self.replace(&self.parameter(name, "/labels.json"), &json(&labels))
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain values serialize to JSON")
}

impl Parameters for Directory {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        let history = self.history(name)?;
        Ok(match which {
            Selector::Latest => history.into_iter().next_back(),
            Selector::Version(number) => history.into_iter().find(|seen| seen.version == *number),
            Selector::Label(label) => history.into_iter().find(|seen| seen.labels.contains(label)),
        })
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        let labels = self.labels(name)?;
        let mut history = Vec::new();
        for number in self.numbers(name)? {
            let Some(version) = self.read::<Version>(&self.version_file(name, number))? else {
                continue;
            };
            history.push(ParameterVersion {
                version: number,
                value: version.value,
                kind: if version.secure { ParameterKind::Secure } else { ParameterKind::Plain },
                tier: if version.advanced { ParameterTier::Advanced } else { ParameterTier::Standard },
                description: version.description,
                modified_at: version.modified_at,
                modified_by: version.modified_by,
                labels: labels.iter().filter(|(_, at)| **at == number).map(|(l, _)| l.clone()).collect(),
                by_label_only: false,
                left: None,
            });
        }
        Ok(history)
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
        let mut found = Vec::new();
        let mut folders = vec![(path.trim_end_matches('/').to_owned(), 0)];
        while let Some((name, depth)) = folders.pop() {
            let folder = format!("{}/parameters/{}", self.below, name.trim_start_matches('/'));
            for (level, is_directory) in self.names(&folder)? {
                match level.as_str() {
                    "@" if depth > 0 => found.push(name.clone()),
                    "@" => {}
                    level if is_directory => folders.push((format!("{name}/{level}"), depth + 1)),
                    _ => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn put(&self, new: &NewVersion) -> Result<u64, Failure> {
        let next = self.numbers(&new.name)?.last().map_or(1, |newest| newest + 1);
        let place = self.version_file(&new.name, next);
        let version = Version {
            value: new.value.clone(),
            secure: new.kind == ParameterKind::Secure,
            advanced: new.tier == ParameterTier::Advanced,
            description: new.description.clone(),
            modified_at: i64::try_from(clock::now()).unwrap_or(i64::MAX),
            modified_by: self.author.clone(),
        };
        if (new.create && next > 1) || !self.create(&place, &json(&version))? {
            let exists = io::Error::new(ErrorKind::AlreadyExists, "there is a version already");
            return Err(failed("write", &place, &exists));
        }
        Ok(next)
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        if !self.numbers(name)?.contains(&version) {
            let place = self.version_file(name, version);
            let missing = io::Error::new(ErrorKind::NotFound, "no such version");
            return Err(Failure { class: FailureClass::Missing, ..failed("label", &place, &missing) });
        }
        self.change_labels(name, |all| all.extend(labels.iter().map(|label| (label.clone(), version))))
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        let mut all: BTreeMap<String, String> = self.read(&self.tag_file(name))?.unwrap_or_default();
        all.extend(tags.clone());
        self.replace(&self.tag_file(name), &json(&all))
    }
}

impl Objects for Directory {
    fn bucket(&self) -> &str {
        "directory"
    }

    fn get(&self, key: &str, _: Option<&str>) -> Result<Option<Object>, Failure> {
        Ok(self.bytes(&self.object(key))?.map(|bytes| Object { bytes, version_id: None }))
    }

    fn put_new(&self, key: &str, bytes: &[u8], _: &str) -> Result<Written, Failure> {
        let is_new = self.create(&self.object(key), bytes)?;
        Ok(if is_new { Written::New(None) } else { Written::Exists })
    }

    fn put(&self, key: &str, bytes: &[u8], _: &str) -> Result<(), Failure> {
        self.replace(&self.object(key), bytes)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let (mut found, mut folders) = (Vec::new(), vec![String::new()]);
        while let Some(folder) = folders.pop() {
            for (name, is_directory) in self.names(&self.object(&folder))? {
                let key = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if is_directory { folders.push(key) } else { found.push(key) }
            }
        }
        found.retain(|key| key.starts_with(prefix));
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(name: &str, value: &str, create: bool) -> NewVersion {
        NewVersion {
            name: name.to_owned(),
            value: value.to_owned(),
            kind: ParameterKind::Plain,
            key_id: None,
            tier: ParameterTier::Standard,
            description: "d".to_owned(),
            create,
        }
    }

    #[test]
    fn it_keeps_versions_labels_and_tags_as_ssm_does() {
        let place = prompt_assay_test_support::temporary::directory();
        let directory = Directory::new(place.path().to_path_buf(), "released", "ada");
        assert_eq!(directory.history("/prod/a"), Ok(Vec::new()));
        assert_eq!(Parameters::put(&directory, &version("/prod/a", "one", true)), Ok(1));
        let again = Parameters::put(&directory, &version("/prod/a", "one", true)).unwrap_err();
        assert_eq!(again.class, FailureClass::Conflict);
        assert_eq!(Parameters::put(&directory, &version("/prod/a", "two", false)), Ok(2));
        assert_eq!(Parameters::put(&directory, &version("/prod/a/b", "deep", true)), Ok(1));
        let live = ["live".to_owned()];
        directory.label("/prod/a", 1, &live).unwrap();
        directory.label("/prod/a", 2, &live).unwrap();
        let by_label = Parameters::get(&directory, "/prod/a", &Selector::Label("live".to_owned())).unwrap();
        assert_eq!(by_label.map(|found| (found.version, found.value)), Some((2, "two".to_owned())));
        assert_eq!(directory.label("/prod/a", 9, &live).unwrap_err().class, FailureClass::Missing);
        assert_eq!(directory.below("/prod"), Ok(vec!["/prod/a".to_owned(), "/prod/a/b".to_owned()]));
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        directory.tag("/prod/a", &tags).unwrap();
        assert_eq!(directory.read(&directory.tag_file("/prod/a")), Ok(Some(tags)));
    }

    #[test]
    fn an_object_is_written_once() {
        let place = prompt_assay_test_support::temporary::directory();
        let directory = Directory::new(place.path().to_path_buf(), "", "ada");
        assert_eq!(directory.put_new("p/x", b"one", ""), Ok(Written::New(None)));
        assert_eq!(directory.put_new("p/x", b"two", ""), Ok(Written::Exists));
        assert_eq!(Objects::get(&directory, "p/x", None).unwrap().unwrap().bytes, b"one");
        assert_eq!(directory.list("p/"), Ok(vec!["p/x".to_owned()]));
    }

    #[test]
    fn neither_a_name_nor_a_link_leads_out_of_it() {
        let place = prompt_assay_test_support::temporary::directory();
        let base = place.path().join("base");
        std::fs::create_dir_all(base.join("released/parameters")).unwrap();
        std::fs::create_dir(place.path().join("outside")).unwrap();
        for link in ["linked", "released/parameters/linked", "released/objects"] {
            std::os::unix::fs::symlink(place.path().join("outside"), base.join(link)).unwrap();
        }
        let directory = Directory::new(base.clone(), "released", "ada");
        for name in ["/../../../outside/x", "/linked/x", "/a/../../../../outside/x"] {
            assert!(Parameters::put(&directory, &version(name, "v", true)).is_err(), "{name}");
            assert!(directory.label(name, 1, &["live".to_owned()]).is_err(), "{name}");
            assert!(Parameters::get(&directory, name, &Selector::Latest).is_err(), "{name}");
        }
        assert!(Objects::put(&directory, "x", b"x", "").is_err());
        assert!(Objects::get(&directory, "../../outside/x", None).is_err());
        assert!(Parameters::put(&Directory::new(base, "linked", "ada"), &version("/a", "v", true)).is_err());
        assert_eq!(std::fs::read_dir(place.path().join("outside")).unwrap().count(), 0);
    }
}
