//! The calls: each is made once, and all its pages are read. `release::client` repeats them.

use std::collections::BTreeMap;

use aws_sdk_ssm::primitives::DateTime;
use aws_sdk_ssm::types::{
    Parameter, ParameterHistory, ParameterStringFilter, ParameterTier as Tier, ParameterType,
    ResourceTypeForTagging, Tag,
};

use super::{Ssm, is_absent};
use crate::cloud::{Failure, FailureClass};
use crate::release::ports::{
    NewVersion, ParameterKind, ParameterTier, ParameterVersion, Parameters, Selector,
};

const HISTORY_PAGE: i32 = 50;
const NAMES_PAGE: i32 = 50;

impl Parameters for Ssm {
    fn get(&self, name: &str, which: &Selector) -> Result<Option<ParameterVersion>, Failure> {
        self.runtime.block_on(async {
            let selected = match which {
                Selector::Latest => name.to_owned(),
                Selector::Version(version) => format!("{name}:{version}"),
                Selector::Label(label) => format!("{name}:{label}"),
            };
            let call = self.about("ssm:GetParameter", name);
            match self.client.get_parameter().name(selected).with_decryption(true).send().await {
                Ok(output) => Ok(output.parameter.map(current)),
                Err(error) => match call.failed(&error) {
                    failure if is_absent(&failure) => Ok(None),
                    failure => Err(self.explained(failure)),
                },
            }
        })
    }

    fn history(&self, name: &str) -> Result<Vec<ParameterVersion>, Failure> {
        self.runtime.block_on(async {
            let call = self.about("ssm:GetParameterHistory", name);
            let (mut versions, mut next) = (Vec::new(), None);
            loop {
                let asked = self.client.get_parameter_history().name(name).with_decryption(true);
                match asked.max_results(HISTORY_PAGE).set_next_token(next).send().await {
                    Ok(page) => {
                        versions.extend(page.parameters.unwrap_or_default().into_iter().map(past));
                        next = further(page.next_token);
                    }
                    Err(error) => match call.failed(&error) {
                        failure if is_absent(&failure) => return Ok(Vec::new()),
                        failure => return Err(self.explained(failure)),
                    },
                }
                if next.is_none() {
                    versions.sort_by_key(|version| version.version);
                    return Ok(versions);
                }
            }
        })
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
        // By `DescribeParameters`, which shows names without values: no other secret is read.
        self.runtime.block_on(async {
            let call = self.about_all("ssm:DescribeParameters", path);
            let path = if path == "/" { path } else { path.trim_end_matches('/') };
            let filter =
                ParameterStringFilter::builder().key("Path").option("Recursive").values(path).build();
            let filter = filter.map_err(|error| call.fails(FailureClass::Refused, error.to_string()))?;
            let (mut names, mut next) = (Vec::new(), None);
            loop {
                let asked = self.client.describe_parameters().parameter_filters(filter.clone());
                let sent = asked.max_results(NAMES_PAGE).set_next_token(next).send().await;
                let page = sent.map_err(|error| self.explained(call.failed(&error)))?;
                names.extend(page.parameters.unwrap_or_default().into_iter().filter_map(|found| found.name));
                next = further(page.next_token);
                if next.is_none() {
                    names.sort();
                    return Ok(names);
                }
            }
        })
    }

    fn put(&self, version: &NewVersion) -> Result<u64, Failure> {
        self.runtime.block_on(async {
            let call = self.about("ssm:PutParameter", &version.name);
            let (tier, most) = match version.tier {
                ParameterTier::Standard => (Tier::Standard, 4_096),
                ParameterTier::Advanced => (Tier::Advanced, 8_192),
            };
            let bytes = version.value.len();
            if bytes > most {
                let message = format!("the value has {bytes} bytes; the {tier} tier holds {most}");
                return Err(call.fails(FailureClass::Refused, message));
            }
            let (kind, key) = match version.kind {
                ParameterKind::Plain => (ParameterType::String, None),
                ParameterKind::Secure => (ParameterType::SecureString, version.key_id.clone()),
            };
            let asked = self.client.put_parameter().name(&version.name).value(&version.value);
            // Without `text`, an account's default could make the value `json`, which has another price.
            let asked = asked.r#type(kind).set_key_id(key).tier(tier).data_type("text");
            let sent = asked.description(&version.description).overwrite(!version.create).send().await;
            let output = sent.map_err(|error| self.explained(call.failed(&error)))?;
            Ok(number(output.version))
        })
    }

    fn label(&self, name: &str, version: u64, labels: &[String]) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let call = self.about("ssm:LabelParameterVersion", name);
            let asked = self.client.label_parameter_version().name(name).parameter_version(signed(version));
            let sent = asked.set_labels(Some(labels.to_vec())).send().await;
            let output = sent.map_err(|error| self.explained(call.failed(&error)))?;
            // The call succeeds even if no label was taken.
            let invalid = output.invalid_labels.unwrap_or_default();
            if invalid.is_empty() {
                return Ok(());
            }
            let message = format!("version {version} did not get the invalid labels {}", invalid.join(", "));
            let help = "a label has at most 100 letters, digits, `.`, `-` and `_`, and begins neither with a digit nor with \
                        `aws` or `ssm`";
            Err(Failure { help: Some(help.to_owned()), ..call.fails(FailureClass::Refused, message) })
        })
    }

    fn tag(&self, name: &str, tags: &BTreeMap<String, String>) -> Result<(), Failure> {
        self.runtime.block_on(async {
            let call = self.about("ssm:AddTagsToResource", name);
            let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
            let tags = tags.iter().map(tag).collect::<Result<Vec<_>, _>>();
            let tags = tags.map_err(|error| call.fails(FailureClass::Refused, error.to_string()))?;
            let asked = self.client.add_tags_to_resource().set_tags(Some(tags));
            let sent = asked.resource_type(ResourceTypeForTagging::Parameter).resource_id(name).send().await;
            sent.map(drop).map_err(|error| self.explained(call.failed(&error)))
        })
    }
}

/// The token of the next page: an empty one means that there is none.
fn further(token: Option<String>) -> Option<String> {
    token.filter(|token| !token.is_empty())
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

/// A parameter as `GetParameter` shows it: without description, labels, author and tier.
fn current(parameter: Parameter) -> ParameterVersion {
    ParameterVersion {
        version: number(parameter.version),
        value: parameter.value.unwrap_or_default(),
        kind: kind(parameter.r#type.as_ref()),
        tier: ParameterTier::Standard,
        description: String::new(),
        modified_at: seconds(parameter.last_modified_date.as_ref()),
        modified_by: String::new(),
        labels: Vec::new(),
        by_label_only: false,
        left: None,
    }
}

/// A version as the history lists it.
fn past(version: ParameterHistory) -> ParameterVersion {
    let tier = match version.tier {
        Some(Tier::Advanced) => ParameterTier::Advanced,
        _ => ParameterTier::Standard,
    };
    let mut labels = version.labels.unwrap_or_default();
    labels.sort();
    ParameterVersion {
        version: number(version.version),
        value: version.value.unwrap_or_default(),
        kind: kind(version.r#type.as_ref()),
        tier,
        description: version.description.unwrap_or_default(),
        modified_at: seconds(version.last_modified_date.as_ref()),
        modified_by: version.last_modified_user.unwrap_or_default(),
        labels,
        by_label_only: false,
        left: None,
    }
}

/// A `StringList` is read as the text it is; writing a `String` over it is refused by the service.
fn kind(kind: Option<&ParameterType>) -> ParameterKind {
    match kind {
        Some(ParameterType::SecureString) => ParameterKind::Secure,
        _ => ParameterKind::Plain,
    }
}

fn number(version: i64) -> u64 {
    u64::try_from(version).unwrap_or_default()
}

fn seconds(time: Option<&DateTime>) -> i64 {
    time.map(DateTime::secs).unwrap_or_default()
}
