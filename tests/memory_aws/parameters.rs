//! Parameter Store, as its documentation and its real error messages have it.

use std::collections::BTreeMap;

use prompt_assay::release::outside::{
    Failure, FailureClass, NewVersion, ParameterKind, ParameterTier, ParameterVersion, Parameters, Selector,
};

use super::{Aws, World, refused};

/// Versions that are kept.
const KEPT: usize = 100;

/// One parameter.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its versions, oldest first, labels included.
    pub versions: Vec<ParameterVersion>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Stored {
    /// The version that carries a label.
    pub fn labelled(&self, label: &str) -> Option<&ParameterVersion> {
        self.versions.iter().find(|version| version.labels.iter().any(|own| own == label))
    }

    fn newest(&self) -> Option<&ParameterVersion> {
        self.versions.last()
    }
}

impl Aws {
    /// Somebody edits a parameter in the console.
    pub fn edit_by_hand(&self, name: &str, value: &str) {
        let mut world = self.world();
        let modified_at = world.tick();
        let stored = world.parameters.entry(name.to_owned()).or_default();
        let version = stored.newest().map_or(1, |newest| newest.version + 1);
        stored.versions.push(ParameterVersion {
            version,
            value: value.to_owned(),
            kind: stored.newest().map_or(ParameterKind::Plain, |newest| newest.kind),
            tier: stored.newest().map_or(ParameterTier::Standard, |newest| newest.tier),
            // The console carries the description over.
            description: stored.newest().map(|newest| newest.description.clone()).unwrap_or_default(),
            modified_at,
            modified_by: "arn:aws:sts::123456789012:assumed-role/admin/sam".to_owned(),
            labels: Vec::new(),
        });
    }
}

impl Parameters for Aws {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        self.call("ssm:GetParameter", name, |world| {
            let Some(stored) = world.parameters.get(name) else { return Ok(None) };
            let found = match which {
                Selector::Latest => stored.newest(),
                Selector::Version(number) => stored.versions.iter().find(|one| one.version == *number),
                Selector::Label(label) => stored.labelled(label),
            };
            // GetParameter tells less than the history does.
            Ok(found.cloned().map(|found| ParameterVersion {
                description: String::new(),
                labels: Vec::new(),
                modified_by: String::new(),
                tier: ParameterTier::Standard,
                ..found
            }))
        })
    }

    fn get_many(&self, names: &[String]) -> Result<BTreeMap<String, ParameterVersion>, Failure> {
        self.call("ssm:GetParameters", &names.join(","), |world| {
            let newest = |name: &String| {
                let newest = world.parameters.get(name)?.newest()?.clone();
                Some((name.clone(), ParameterVersion { description: String::new(), ..newest }))
            };
            Ok(names.iter().filter_map(newest).collect())
        })
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.call("ssm:GetParameterHistory", name, |world| {
            Ok(world.parameters.get(name).map(|stored| stored.versions.clone()).unwrap_or_default())
        })
    }

    fn below(&self, path: &str) -> Result<Vec<String>, Failure> {
        self.call("ssm:GetParametersByPath", path, |world| {
            let prefix = format!("{}/", path.trim_end_matches('/'));
            Ok(world.parameters.keys().filter(|name| name.starts_with(&prefix)).cloned().collect())
        })
    }

    fn put(&self, new: &NewVersion) -> Result<u64, Failure> {
        self.call("ssm:PutParameter", &new.name, |world| put(world, new))
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        const ACTION: &str = "ssm:LabelParameterVersion";
        self.call(ACTION, name, |world| {
            let missing = |code: &str| refused(FailureClass::Missing, ACTION, name, code, "");
            let Some(stored) = world.parameters.get_mut(name) else { return missing("ParameterNotFound") };
            if !stored.versions.iter().any(|one| one.version == version) {
                return missing("ParameterVersionNotFound");
            }
            if let Some(bad) = labels.iter().find(|label| !is_label(label)) {
                let message = format!("invalid labels: {bad}");
                return refused(FailureClass::Refused, ACTION, name, "InvalidLabels", &message);
            }
            for one in &mut stored.versions {
                one.labels.retain(|own| !labels.contains(own));
            }
            let target = stored.versions.iter_mut().find(|one| one.version == version).expect("looked up above");
            if target.labels.len() + labels.len() > 10 {
                let code = "ParameterVersionLabelLimitExceeded";
                return refused(FailureClass::Refused, ACTION, name, code, "a version has at most 10 labels");
            }
            target.labels.extend(labels.iter().cloned());
            target.labels.sort();
            Ok(())
        })
    }

    fn unlabel(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.call("ssm:UnlabelParameterVersion", name, |world| {
            let versions = world.parameters.get_mut(name).map(|stored| &mut stored.versions);
            let target = versions.into_iter().flatten().find(|one| one.version == version);
            let Some(target) = target else {
                let (class, action) = (FailureClass::Missing, "ssm:UnlabelParameterVersion");
                return refused(class, action, name, "ParameterVersionNotFound", "");
            };
            target.labels.retain(|own| !labels.contains(own));
            Ok(())
        })
    }

    fn tags(&self, name: &str) -> Result<BTreeMap<String, String>, Failure> {
        self.call("ssm:ListTagsForResource", name, |world| {
            Ok(world.parameters.get(name).map(|stored| stored.tags.clone()).unwrap_or_default())
        })
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        const ACTION: &str = "ssm:AddTagsToResource";
        self.call(ACTION, name, |world| {
            let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
            let Some(stored) = world.parameters.get_mut(name) else {
                return refused(FailureClass::Missing, ACTION, name, "InvalidResourceId", "");
            };
            if !tags.iter().all(|(key, value)| key.chars().chain(value.chars()).all(allowed)) {
                return refused(FailureClass::Refused, ACTION, name, "ValidationException", "tag characters");
            }
            stored.tags.extend(tags.clone());
            if stored.tags.len() > 50 {
                return refused(FailureClass::Refused, ACTION, name, "TooManyTagsError", "at most 50 tags");
            }
            Ok(())
        })
    }

    fn untag(&self, name: &str, keys: &[String]) -> Result<(), Failure> {
        self.call("ssm:RemoveTagsFromResource", name, |world| {
            if let Some(stored) = world.parameters.get_mut(name) {
                stored.tags.retain(|key, _| !keys.contains(key));
            }
            Ok(())
        })
    }
}

fn put(world: &mut World, new: &NewVersion) -> Result<u64, Failure> {
    const ACTION: &str = "ssm:PutParameter";
    let invalid = |message: &str| {
        refused(FailureClass::Refused, ACTION, &new.name, "ValidationException", message)
    };
    if let Some(message) = bad_value(new) {
        return invalid(message);
    }
    let modified_at = world.tick();
    let is_there = world.parameters.contains_key(&new.name);
    if new.create && is_there {
        let message = "The parameter already exists.";
        return refused(FailureClass::Conflict, ACTION, &new.name, "ParameterAlreadyExists", message);
    }
    let stored = world.parameters.entry(new.name.clone()).or_default();
    if let Some(newest) = stored.newest() {
        if newest.tier > new.tier {
            return invalid("an advanced parameter cannot become a standard one");
        }
        if newest.kind != new.kind {
            let code = "HierarchyTypeMismatchException";
            return refused(FailureClass::Refused, ACTION, &new.name, code, "the type cannot change");
        }
    }
    if stored.versions.len() == KEPT {
        if !stored.versions[0].labels.is_empty() {
            let code = "ParameterMaxVersionLimitExceeded";
            return refused(FailureClass::Refused, ACTION, &new.name, code, "the oldest version has a label");
        }
        stored.versions.remove(0);
    }
    let version = stored.newest().map_or(1, |newest| newest.version + 1);
    stored.versions.push(ParameterVersion {
        version,
        value: new.value.clone(),
        kind: new.kind,
        tier: new.tier,
        description: new.description.clone(),
        modified_at,
        modified_by: "arn:aws:sts::123456789012:assumed-role/release/run".to_owned(),
        labels: Vec::new(),
    });
    Ok(version)
}

fn bad_value(new: &NewVersion) -> Option<&'static str> {
    let most = match new.tier {
        ParameterTier::Standard => 4096,
        ParameterTier::Advanced => 8192,
    };
    let name = new.name.trim_start_matches('/').to_ascii_lowercase();
    let levels = new.name.split('/').filter(|level| !level.is_empty()).count();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    match () {
        () if new.value.is_empty() => Some("the value is empty"),
        () if new.value.len() > most => Some("the value is larger than its tier allows"),
        () if new.value.contains("{{") => {
            Some("Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
        }
        () if new.description.chars().count() > 1024 => Some("the description is longer than 1024"),
        () if name.starts_with("aws") || name.starts_with("ssm") => {
            Some("No access to reserved parameter name")
        }
        () if !new.name.chars().all(is_plain) => Some("the name has characters that are not allowed"),
        () if new.name.contains('/') && !new.name.starts_with('/') => Some("the name must begin with a slash"),
        () if levels > 15 => Some("the hierarchy has more than 15 levels"),
        () if new.name.len() > 1011 - "arn:aws:ssm:us-gov-west-1:123456789012:parameter/".len() => {
            Some("the name is too long")
        }
        () => None,
    }
}

fn is_label(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    let is_reserved = lower.starts_with("aws") || lower.starts_with("ssm");
    let allowed = label.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    !label.is_empty() && label.len() <= 100 && allowed && !is_reserved && !label.as_bytes()[0].is_ascii_digit()
}
