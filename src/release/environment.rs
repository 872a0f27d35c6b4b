//! One environment of `release:`: which stores, under which names, with which label.

use std::ops::RangeInclusive;

use super::appconfig::settings::{self as appconfig, Target};
use super::names::{Fault, label_fault, parameter_fault};
use crate::document::{Fields, Key, Node, Shape, Source};
use crate::problem::Problems;
use crate::tree::resolve;

const ENVIRONMENT: Shape = Shape {
    name: "an environment",
    keys: &[
        "region",
        "directory",
        "ssm",
        "secure",
        "key",
        "advanced",
        "tags",
        "label",
        "s3",
        "appconfig",
        "prompt_management",
    ],
};
const S3: Shape = Shape { name: "`s3`", keys: &["bucket", "prefix"] };
const PROMPT_MANAGEMENT: Shape = Shape { name: "`prompt_management`", keys: &["keep"] };
/// Versions that stay: what is live, what was live before it, and the next; and no more than a version has digits for.
const KEEP: RangeInclusive<u64> = 3..=10_000;
/// What stands for the prompt's name in a pattern.
pub(super) const NAME: &str = "{name}";

/// An environment that prompts are released to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name, such as `prod`.
    pub name: String,
    /// AWS's region; `None`: as the environment of the process says.
    pub region: Option<String>,
    /// A directory instead of AWS, relative to the repository's root.
    pub directory: Option<String>,
    /// AppConfig instead of SSM.
    pub appconfig: Option<Target>,
    /// The name of the parameter or profile of prompts that give none, with `{name}` in it.
    pub pattern: Option<String>,
    /// Whether parameters are `SecureString`.
    pub secure: bool,
    /// The key of a `SecureString`.
    pub key: Option<String>,
    /// Whether advanced parameters may be used.
    pub advanced: bool,
    /// Whether tags are written beside the record.
    pub tags: bool,
    /// The label that makes a version live.
    pub label: String,
    /// Bucket and prefix for contents that do not fit a parameter.
    pub bucket: Option<(String, String)>,
    /// Whether contents are versions in Bedrock's Prompt Management, and how many of a prompt stay.
    pub prompt_management: Option<PromptManagement>,
}

/// What an environment says about Prompt Management.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptManagement {
    /// Versions of a prompt that stay; `None`: nothing is ever deleted.
    pub keep: Option<usize>,
}

impl Environment {
    /// Reads one of `environments`.
    pub(super) fn read(source: &Source, key: &Key, node: &Node, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::read(source, node, &ENVIRONMENT, problems)?;
        fields.at_most_one(&["directory", "region"], problems);
        fields.at_most_one(&["directory", "s3"], problems);
        fields.at_most_one(&["directory", "prompt_management"], problems);
        let mut text = |key: &str| fields.text(key, problems).map(str::to_owned);
        let (region, directory, pattern, own_key, label) =
            (text("region"), text("directory"), text("ssm"), text("key"), text("label"));
        if let Some(error) = directory.as_deref().and_then(|path| resolve("", path).err()) {
            problems.push(
                fields.error("directory", error.to_string()).help("write a path inside the repository"),
            );
        }
        let pattern = pattern.filter(|pattern| {
            let fault = parameter_fault(&pattern.replace(NAME, "name"));
            let is_usable = pattern.contains(NAME) && fault.is_none();
            if !pattern.contains(NAME) {
                let message = "`ssm` of an environment needs `{name}` instead of the prompt's name";
                problems.push(fields.error("ssm", message).help("write, for example, /prod/llm/{name}"));
            }
            push(&fields, "ssm", fault, problems);
            is_usable
        });
        let target = appconfig::read(&fields, problems);
        let pattern = target.as_ref().map(|target| target.profile.clone()).or(pattern);
        let label = label.unwrap_or_else(|| "live".to_owned());
        push(&fields, "label", label_fault(&label), problems);
        let bucket = fields.inner("s3", &S3, problems).and_then(|s3| {
            if !s3.has("bucket") {
                problems.push(s3.error("bucket", "`s3` needs `bucket`").help("name the bucket"));
            }
            let prefix = s3.text("prefix", problems).unwrap_or("prompts/").to_owned();
            Some((s3.text("bucket", problems)?.to_owned(), prefix))
        });
        let prompt_management =
            fields.inner("prompt_management", &PROMPT_MANAGEMENT, problems).map(|inner| {
                let keep = inner.integer("keep", KEEP, problems);
                PromptManagement { keep: keep.and_then(|keep| usize::try_from(keep).ok()) }
            });
        Some(Environment {
            name: key.text.clone(),
            region,
            directory,
            appconfig: target,
            pattern,
            secure: fields.flag("secure", problems).unwrap_or_default(),
            key: own_key,
            advanced: fields.flag("advanced", problems).unwrap_or(true),
            tags: fields.flag("tags", problems).unwrap_or(true),
            label,
            bucket,
            prompt_management,
        })
    }
}

fn push(fields: &Fields<'_>, key: &str, fault: Option<Fault>, problems: &mut Problems) {
    if let Some((message, help)) = fault {
        problems.push(fields.error(key, message).help(help));
    }
}
