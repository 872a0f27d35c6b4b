//! A directory in the place of SSM and S3, for trying a release out: the same versions, labels and
//! history, as files that a person can read.
//!
//! `parameters/NAME/@/13.json` is version 13 of NAME, `@/labels.json` says which labels stand where;
//! `objects/KEY` is an object. `@` stands in no name, so that a name below another is no clash.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::release::outside::{
    Failure, FailureClass, NewVersion, Object, Objects, ParameterKind, ParameterTier, ParameterVersion,
    Parameters, Selector, Written,
};

/// The directory.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
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

fn failed(action: &'static str, place: &Path, error: &std::io::Error) -> Failure {
    Failure {
        class: match error.kind() {
            ErrorKind::PermissionDenied => FailureClass::Denied,
            ErrorKind::AlreadyExists => FailureClass::Conflict,
            _ => FailureClass::Refused,
        },
        action,
        resource: place.display().to_string(),
        code: None,
        message: error.to_string(),
        cure: Some("check that the directory may be read and written".to_owned()),
    }
}

impl Directory {
    /// A directory, made when first written to. `author` is recorded beside every version.
    pub fn new(root: PathBuf, author: &str) -> Self {
        Self { root, author: author.to_owned() }
    }

    fn parameter(&self, name: &str) -> PathBuf {
        self.root.join("parameters").join(name.trim_start_matches('/')).join("@")
    }

    fn object(&self, key: &str) -> PathBuf {
        self.root.join("objects").join(key)
    }

    fn labels(&self, name: &str) -> Result<Labels, Failure> {
        Ok(read(&self.parameter(name).join("labels.json"))?.unwrap_or_default())
    }

    fn tag_file(&self, name: &str) -> PathBuf {
        self.parameter(name).join("tags.json")
    }

    /// Numbers of the versions there are, sorted.
    fn numbers(&self, name: &str) -> Result<Vec<u64>, Failure> {
        let folder = self.parameter(name);
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| failed("read", &folder, &error))?,
        };
        let number = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".json")?.parse::<u64>().ok()
        };
        let mut numbers: Vec<u64> = entries.filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn change_labels(&self, name: &str, change: impl FnOnce(&mut Labels)) -> Result<(), Failure> {
        let mut labels = self.labels(name)?;
        change(&mut labels);
        replace(&self.parameter(name).join("labels.json"), &json(&labels))
    }
}

fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("plain values serialize to JSON")
}

fn bytes(place: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", place, &error)),
    }
}

fn read<T: DeserializeOwned>(place: &Path) -> Result<Option<T>, Failure> {
    let Some(bytes) = bytes(place)? else { return Ok(None) };
    let damaged = |error: serde_json::Error| {
        failed("read", place, &std::io::Error::new(ErrorKind::InvalidData, error.to_string()))
    };
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Writes beside the place and renames: a reader sees the old file or the new one.
fn replace(place: &Path, content: &[u8]) -> Result<(), Failure> {
    let beside = place.with_extension(format!("{}.new", std::process::id()));
    let folder = place.parent().unwrap_or(place);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&beside, content))
        .and_then(|()| std::fs::rename(&beside, place))
        .map_err(|error| failed("write", place, &error))
}

/// Writes where nothing is yet; false: something is.
fn create(place: &Path, content: &[u8]) -> Result<bool, Failure> {
    let folder = place.parent().unwrap_or(place);
    std::fs::create_dir_all(folder).map_err(|error| failed("write", folder, &error))?;
    match std::fs::OpenOptions::new().write(true).create_new(true).open(place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        opened => opened
            .and_then(|mut file| file.write_all(content))
            .map(|()| true)
            .map_err(|error| failed("write", place, &error)),
    }
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

    fn get_many(&self, names: &[String]) -> Result<BTreeMap<String, ParameterVersion>, Failure> {
        let mut found = BTreeMap::new();
        for name in names {
            if let Some(newest) = Parameters::get(self, name, &Selector::Latest)? {
                found.insert(name.clone(), newest);
            }
        }
        Ok(found)
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        let labels = self.labels(name)?;
        let mut history = Vec::new();
        for number in self.numbers(name)? {
            let Some(version) = read::<Version>(&self.parameter(name).join(format!("{number}.json")))? else {
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

    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut folders = vec![(path.trim_end_matches('/').to_owned(), 0)];
        while let Some((name, depth)) = folders.pop() {
            let folder = self.root.join("parameters").join(name.trim_start_matches('/'));
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_name().to_str() {
                    Some("@") if depth > 0 => found.push(name.clone()),
                    Some("@") | None => {}
                    Some(level) => folders.push((format!("{name}/{level}"), depth + 1)),
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn put(&self, new: &NewVersion) -> Result<u64, Failure> {
        let next = self.numbers(&new.name)?.last().map_or(1, |newest| newest + 1);
        let place = self.parameter(&new.name).join(format!("{next}.json"));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let version = Version {
            value: new.value.clone(),
            secure: new.kind == ParameterKind::Secure,
            advanced: new.tier == ParameterTier::Advanced,
            description: new.description.clone(),
            modified_at: i64::try_from(now).unwrap_or(i64::MAX),
            modified_by: self.author.clone(),
        };
        if (new.create && next > 1) || !create(&place, &json(&version))? {
            let exists = std::io::Error::new(ErrorKind::AlreadyExists, "there is a version already");
            return Err(failed("write", &place, &exists));
        }
        Ok(next)
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        if !self.numbers(name)?.contains(&version) {
            let place = self.parameter(name).join(format!("{version}.json"));
            let missing = std::io::Error::new(ErrorKind::NotFound, "no such version");
            return Err(Failure { class: FailureClass::Missing, ..failed("label", &place, &missing) });
        }
        self.change_labels(name, |all| all.extend(labels.iter().map(|label| (label.clone(), version))))
    }

    fn unlabel(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.change_labels(name, |all| all.retain(|label, at| *at != version || !labels.contains(label)))
    }

    fn tags(&self, name: &str) -> Result<BTreeMap<String, String>, Failure> {
        Ok(read(&self.tag_file(name))?.unwrap_or_default())
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        let mut all = self.tags(name)?;
        all.extend(tags.clone());
        replace(&self.tag_file(name), &json(&all))
    }

    fn untag(&self, name: &str, keys: &[String]) -> Result<(), Failure> {
        let mut all = self.tags(name)?;
        all.retain(|key, _| !keys.contains(key));
        replace(&self.tag_file(name), &json(&all))
    }
}

impl Objects for Directory {
    fn bucket(&self) -> &str {
        "directory"
    }

    fn get(&self, key: &str, _: Option<&str>) -> Result<Option<Object>, Failure> {
        Ok(bytes(&self.object(key))?.map(|bytes| Object { bytes, version_id: None }))
    }

    fn put_new(&self, key: &str, bytes: &[u8], _: &str) -> Result<Written, Failure> {
        let is_new = create(&self.object(key), bytes)?;
        Ok(if is_new { Written::New(None) } else { Written::Exists })
    }

    fn put(&self, key: &str, bytes: &[u8], _: &str) -> Result<(), Failure> {
        replace(&self.object(key), bytes)
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let root = self.root.join("objects");
        let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(key) = path.strip_prefix(&root).ok().and_then(Path::to_str) {
                    found.push(key.to_owned());
                }
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
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::new(place.path().join("released"), "ada");
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
        directory.unlabel("/prod/a", 2, &live).unwrap();
        assert!(directory.history("/prod/a").unwrap().iter().all(|seen| seen.labels.is_empty()));
        assert_eq!(directory.below("/prod"), Ok(vec!["/prod/a".to_owned(), "/prod/a/b".to_owned()]));
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        directory.tag("/prod/a", &tags).unwrap();
        assert_eq!(directory.tags("/prod/a"), Ok(tags));
    }

    #[test]
    fn an_object_is_written_once() {
        let place = tempfile::tempdir().unwrap();
        let directory = Directory::new(place.path().to_path_buf(), "ada");
        assert_eq!(directory.put_new("p/x", b"one", ""), Ok(Written::New(None)));
        assert_eq!(directory.put_new("p/x", b"two", ""), Ok(Written::Exists));
        assert_eq!(Objects::get(&directory, "p/x", None).unwrap().unwrap().bytes, b"one");
        assert_eq!(directory.list("p/"), Ok(vec!["p/x".to_owned()]));
    }
}
