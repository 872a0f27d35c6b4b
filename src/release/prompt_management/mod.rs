//! Bedrock Prompt Management as the place of contents: each is a version of a prompt there, which applications call by
//! its ARN. It has no labels, so the parameter in SSM stays what a release is about, with its history, label and
//! holds; its value points to the version, as it points to an object of S3 where that is the place.

pub mod publish;
pub mod text;
pub mod variant;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::names::Fault;
use crate::cloud::Failure;

/// Variables of a prompt.
pub const MOST_VARIABLES: usize = 20;
/// Longest name of a prompt.
const LONGEST_NAME: usize = 100;

/// Why a prompt has no form in Prompt Management, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct NotExpressible {
    /// What is in the way.
    pub what: String,
    /// What to write instead.
    pub help: &'static str,
}

impl NotExpressible {
    fn new(what: impl Into<String>, help: &'static str) -> Self {
        Self { what: what.into(), help }
    }

    /// Of a text that means more than values in their places.
    fn of_text(what: impl Into<String>) -> Self {
        Self::new(
            what,
            "Prompt Management knows `{{name}}` and nothing else: write the text so, or release the prompt to an \
             environment without `prompt_management`",
        )
    }
}

/// A version that a parameter points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionArn {
    /// The whole ARN, which `Converse` takes as the model.
    pub arn: String,
    /// The prompt's id.
    pub prompt: String,
    /// The version, from 1.
    pub version: u32,
}

impl VersionArn {
    /// Reads an ARN; `None`: it is none of a prompt's version.
    pub fn read(arn: &str) -> Option<Self> {
        let is_plain = arn.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/-".contains(&byte));
        let resource = arn.splitn(6, ':').nth(5).filter(|_| is_plain && arn.starts_with("arn:aws"))?;
        let (prompt, version) = resource.strip_prefix("prompt/")?.split_once(':')?;
        let is_id = !prompt.is_empty() && prompt.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let version = version.parse().ok().filter(|version| is_id && *version > 0)?;
        Some(Self { arn: arn.to_owned(), prompt: prompt.to_owned(), version })
    }
}

/// A prompt, or a version of one, as a list names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The prompt's name.
    pub name: String,
    /// The prompt's id.
    pub id: String,
    /// The ARN of the prompt or of the version.
    pub arn: String,
    /// The version; `None`: the draft.
    pub version: Option<u32>,
    /// What was written beside it (untrusted text).
    pub description: String,
}

/// The draft of a prompt, or a version, as a whole: an update replaces all of a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The prompt's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What was written beside it (untrusted text).
    pub description: Option<String>,
    /// The KMS key that it is encrypted with; `None`: AWS's own.
    pub key: Option<String>,
    /// Its variant, as the service speaks it; `None`: it has none yet.
    pub variant: Option<Value>,
}

/// Bedrock Prompt Management. One call is one attempt, as for all stores.
pub trait ManagedPrompts: Send + Sync {
    /// All prompts of the account and region.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn prompts(&self) -> Result<Vec<Listed>, Failure>;

    /// The versions of a prompt, oldest first, without the draft.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn versions(&self, id: &str) -> Result<Vec<Listed>, Failure>;

    /// The draft, or a version; `None`: there is none.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn get(&self, id: &str, version: Option<u32>) -> Result<Option<Draft>, Failure>;

    /// Makes a prompt whose draft has this variant.
    ///
    /// # Errors
    /// [`crate::cloud::FailureClass::Conflict`] where the name is taken.
    fn create(&self, name: &str, description: &str, variant: &Value) -> Result<Listed, Failure>;

    /// Replaces the draft of a prompt.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn update(&self, id: &str, draft: &Draft) -> Result<(), Failure>;

    /// Makes a version of the draft, which never changes.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn publish(&self, id: &str, description: &str) -> Result<Listed, Failure>;

    /// Deletes one version of a prompt, never the prompt.
    ///
    /// # Errors
    /// See [`crate::cloud::FailureClass`].
    fn delete(&self, id: &str, version: u32) -> Result<(), Failure>;
}

/// The prompts of an account, and how many versions of each may stay.
pub struct Managed {
    /// The service.
    pub service: Arc<dyn ManagedPrompts>,
    /// Versions of a prompt that stay; `None`: nothing is ever deleted.
    pub keep: Option<usize>,
    /// The prompts by name, once they were listed.
    pub known: Mutex<Option<BTreeMap<String, Listed>>>,
}

/// The prompt's name for a parameter, which is unique as the parameter is: `/prod/llm/reply` is `prod-llm-reply`.
pub fn name_of(parameter: &str) -> String {
    let words = parameter.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Whether the service would refuse this name, of a prompt or of a variable: letters and digits, each with at most
/// one `-` or `_` behind it.
pub fn name_fault(name: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric).count();
    let is_mark = |byte: u8| byte == b'-' || byte == b'_';
    let bytes = name.as_bytes();
    let allowed = bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || is_mark(*byte));
    let doubled = bytes.windows(2).any(|pair| is_mark(pair[0]) && is_mark(pair[1]));
    let begins = bytes.first().is_some_and(u8::is_ascii_alphanumeric);
    !allowed || doubled || !begins || letters > LONGEST_NAME
}

/// Why a parameter has no prompt.
pub fn parameter_fault(parameter: &str) -> Option<Fault> {
    let name = name_of(parameter);
    name_fault(&name).then(|| {
        let message =
            format!("`{parameter}` would be the prompt `{name}`, a name that Prompt Management refuses");
        (message, "use at most 100 letters and digits in the parameter's name")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_service_takes() {
        for (parameter, name) in [
            ("/prod/llm/reply", "prod-llm-reply"),
            ("/prod/llm/support.reply_to", "prod-llm-support-reply-to"),
            ("a--b", "a-b"),
        ] {
            assert_eq!((name_of(parameter).as_str(), name_fault(name)), (name, false));
        }
        for bad in ["", "-a", "_a", "a__b", "a-_b", "a.b", "ä", &"a".repeat(101)] {
            assert!(name_fault(bad), "{bad}");
        }
        assert!(!name_fault(&"a-".repeat(100)));
        assert!(parameter_fault(&format!("/{}", "a".repeat(101))).is_some());
    }

    #[test]
    fn only_a_version_s_arn_is_read() {
        let arn = "arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ:12";
        let read = VersionArn::read(arn).unwrap();
        assert_eq!((read.prompt.as_str(), read.version), ("ABCDEFGHIJ", 12));
        for bad in [
            "arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ",
            "arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ:0",
            "arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ:DRAFT",
            "arn:aws:bedrock:eu-west-1:123456789012:prompt/../x:1",
            "arn:aws:bedrock:eu-west-1:123456789012:agent/ABCDEFGHIJ:1",
            "arn:aws:bedrock:\u{1b}[31m:123456789012:prompt/ABCDEFGHIJ:1",
            "prompt/ABCDEFGHIJ:1",
        ] {
            assert_eq!(VersionArn::read(bad), None, "{bad}");
        }
    }
}
