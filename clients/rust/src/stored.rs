//! The meaning of a stored value: `docs/stored-values.md`, tested with
//! `clients/contract/values.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::template::{Language, language};

const ENVELOPE_MARK: &str = "{\"v\":";
const PACKAGE_MARK: &str = "{\"prompt\":";
const MANAGED: &str =
    "the prompt is in Bedrock Prompt Management: pass the `arn` of the value to Converse as the model";
const NEWER: &str = "a newer prompt-assay wrote it, update prompt-assay-client";

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The system text.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said: a template, or, rendered, the text.
    pub content: String,
}

/// A prompt's content, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// SHA-256 of the content, as `prompt-assay history` shows it.
    pub fingerprint: String,
    /// The template language of the messages.
    pub template: Language,
    /// The messages.
    pub messages: Vec<Message>,
    /// The model it was evaluated with; `None` for a plain text.
    pub model: Option<String>,
    /// The parameters it was evaluated with, as in the catalog; empty for a plain text.
    pub parameters: Map<String, Value>,
    /// The tools on offer, as in the catalog.
    pub tools: Vec<Value>,
    /// Whether a tool must be called, as in the catalog.
    pub tool_choice: Option<Value>,
}

/// The form of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The content itself.
    Content(String),
    /// Where it is.
    Pointer(Pointer),
}

/// The place of a content in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    pub(crate) sha256: String,
    pub(crate) bytes: usize,
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "s3://{}/{}", self.bucket, self.key)
    }
}

impl Pointer {
    /// The content, if these bytes are the ones that were released.
    pub(crate) fn check(&self, found: Vec<u8>) -> Result<String, Error> {
        if found.len() != self.bytes {
            let (there, released) = (found.len(), self.bytes);
            let message = format!("{self} has {there} bytes where {released} were released: it was altered");
            return Err(Error::Damaged(message));
        }
        if sha256(&found) != self.sha256 {
            let message = format!("{self} does not have the SHA-256 that was released: it was altered");
            return Err(Error::Damaged(message));
        }
        String::from_utf8(found).map_err(|_| Error::Damaged(format!("{self} is no text")))
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which key holds the text, by the version of the envelope or of the messages.
fn content_key(version: Option<&Value>) -> Option<&'static str> {
    match version.and_then(Value::as_u64) {
        Some(1) => Some("text"),
        Some(2) => Some("content"),
        _ => None,
    }
}

/// The content that a parameter's value holds, or where it is.
pub(crate) fn open(value: &str) -> Result<Held, Error> {
    if !value.starts_with(ENVELOPE_MARK) {
        return Ok(Held::Content(value.to_owned()));
    }
    let envelope = object(value, "the envelope")?;
    let version = envelope.get("v");
    match (envelope.get("kind").and_then(Value::as_str), content_key(version)) {
        (Some("text"), Some(key)) => {
            let content = envelope.get(key).and_then(Value::as_str);
            let content = content.ok_or_else(|| Error::Damaged(format!("the envelope has no `{key}`")))?;
            if envelope.get("sha256").and_then(Value::as_str) != Some(&sha256(content.as_bytes())) {
                let message = "the envelope's text does not have the SHA-256 stated beside it: it was edited";
                return Err(Error::Damaged(message.to_owned()));
            }
            Ok(Held::Content(content.to_owned()))
        }
        (Some("s3"), Some("text")) => pointer(&envelope).map(Held::Pointer),
        (Some("prompt"), Some("text")) => Err(Error::Damaged(MANAGED.to_owned())),
        (kind, _) => {
            let version = version.unwrap_or(&Value::Null);
            let kind = kind.unwrap_or("none");
            Err(Error::Damaged(format!("an envelope of version {version} and kind {kind}: {NEWER}")))
        }
    }
}

fn pointer(envelope: &Map<String, Value>) -> Result<Pointer, Error> {
    let text = |key: &str| envelope.get(key).and_then(Value::as_str).map(str::to_owned);
    let uri = text("uri").unwrap_or_default();
    let place = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
    let bytes = envelope.get("bytes").and_then(Value::as_u64).and_then(|bytes| usize::try_from(bytes).ok());
    match (place, text("sha256"), bytes) {
        (Some((bucket, key)), Some(sha256), Some(bytes)) if !bucket.is_empty() && !key.is_empty() => {
            let (bucket, key) = (bucket.to_owned(), key.to_owned());
            Ok(Pointer { bucket, key, version_id: text("versionId"), sha256, bytes })
        }
        _ => {
            Err(Error::Damaged(format!("the pointer `{uri}` is no s3:// address with `sha256` and `bytes`")))
        }
    }
}

/// The parsed content: a plain text, or messages with model and parameters.
pub(crate) fn read(content: &str) -> Result<Content, Error> {
    let fingerprint = sha256(content.as_bytes());
    if !content.starts_with(PACKAGE_MARK) {
        return Ok(Content {
            fingerprint,
            template: language(content),
            messages: vec![Message { role: Role::System, content: content.to_owned() }],
            model: None,
            parameters: Map::new(),
            tools: Vec::new(),
            tool_choice: None,
        });
    }
    let mut package = object(content, "the prompt")?;
    let Some(key) = content_key(package.get("prompt")) else {
        let version = package.get("prompt").unwrap_or(&Value::Null);
        return Err(Error::Damaged(format!("a prompt of version {version}: {NEWER}")));
    };
    let template = package.get("template").cloned().unwrap_or_default();
    let template: Language = serde_json::from_value(template.clone())
        .map_err(|_| Error::Damaged(format!("the template language {template} is not known: {NEWER}")))?;
    let messages = messages(package.get("messages"), key)?;
    let list = |value: Option<Value>| match value {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let parameters = match package.shift_remove("parameters") {
        Some(Value::Object(parameters)) => parameters,
        _ => Map::new(),
    };
    Ok(Content {
        fingerprint,
        template,
        messages,
        model: package.get("model").and_then(Value::as_str).map(str::to_owned),
        parameters,
        tools: list(package.shift_remove("tools")),
        tool_choice: package.shift_remove("tool_choice"),
    })
}

fn messages(found: Option<&Value>, key: &str) -> Result<Vec<Message>, Error> {
    let items = found.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return Err(Error::Damaged("it has no messages".to_owned()));
    }
    let message = |item: &Value| {
        let role = serde_json::from_value(item.get("role")?.clone()).ok()?;
        Some(Message { role, content: item.get(key)?.as_str()?.to_owned() })
    };
    let wrong = || Error::Damaged(format!("its messages are not of the form {{role, {key}}}"));
    items.iter().map(|item| message(item).ok_or_else(wrong)).collect()
}

fn object(text: &str, what: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|error| Error::Damaged(format!("{what} is no JSON: {error}")))
}
