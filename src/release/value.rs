//! The value of a parameter: plain text if possible, so that any reader works; an envelope if SSM
//! would refuse the text; a pointer to S3 if it does not fit, or to a version of Prompt Management.

use serde::{Deserialize, Serialize};

use super::ports::ParameterTier;
use super::prompt_management::VersionArn;
use crate::fingerprint::Fingerprint;

/// Bytes of a standard parameter.
pub const STANDARD_BYTES: usize = 4096;
/// Bytes of an advanced parameter.
pub const ADVANCED_BYTES: usize = 8192;

/// The beginning of every envelope; a text that begins so is put into an envelope, too.
const MARK: &str = "{\"v\":";

/// What a parameter's value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// The content itself.
    Text(String),
    /// Where the content is.
    Object(Pointer),
    /// Which version of Prompt Management it is.
    Prompt(PromptPointer),
}

/// Where a content lies in S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The object's version, in a bucket that keeps versions.
    pub version_id: Option<String>,
    /// Digest of the content.
    pub sha256: Fingerprint,
    /// Its length in bytes.
    pub bytes: usize,
}

/// Which version of a prompt in Prompt Management a content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptPointer {
    /// The version.
    pub version: VersionArn,
    /// Digest of the content.
    pub sha256: Fingerprint,
}

/// Why a value cannot be read. Written to complete "the value ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An envelope this program does not know.
    #[error("is an envelope of an unknown kind or version")]
    Unknown,
    /// The content does not match the envelope.
    #[error("does not have the SHA-256 that its envelope states")]
    Hash,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    v: u32,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(rename = "versionId", skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
    sha256: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// What `content` was called in version 1.
    #[serde(skip_serializing)]
    text: Option<String>,
}

impl Envelope {
    fn new(v: u32, kind: &str, sha256: Fingerprint) -> Self {
        let (uri, version_id, arn, bytes, content, text) = (None, None, None, None, None, None);
        Self { v, kind: kind.to_owned(), uri, version_id, arn, sha256, bytes, content, text }
    }
}

/// The value that holds a content, of any length: the text itself, or an envelope.
pub fn encode(content: &str) -> String {
    if !content.contains("{{") && !content.starts_with(MARK) && !content.is_empty() {
        return content.to_owned();
    }
    written(&Envelope { content: Some(content.to_owned()), ..Envelope::new(2, "text", digest(content)) })
}

/// The value that points to a content in S3.
pub fn point(pointer: &Pointer) -> String {
    written(&Envelope {
        uri: Some(format!("s3://{}/{}", pointer.bucket, pointer.key)),
        version_id: pointer.version_id.clone(),
        bytes: Some(pointer.bytes),
        ..Envelope::new(1, "s3", pointer.sha256)
    })
}

/// The value that says which version of Prompt Management a content is.
pub fn point_to_version(pointer: &PromptPointer) -> String {
    let arn = Some(pointer.version.arn.clone());
    written(&Envelope { arn, ..Envelope::new(1, "prompt", pointer.sha256) })
}

/// SSM interprets `{{` as a reference to another parameter; the escape means the same to every
/// reader of JSON. The envelope is flat, so that doubled braces stand in its texts only.
fn written(envelope: &Envelope) -> String {
    escaped(&serde_json::to_string(envelope).expect("an envelope is a JSON object"))
}

/// JSON without `{{`. `}}` stays where it closes two objects.
pub fn escaped(json: &str) -> String {
    json.replace("{{", "\\u007b\\u007b")
}

/// What a value says, checked against its own SHA-256.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode(value: &str) -> Result<Held, DecodeError> {
    if !value.starts_with(MARK) {
        return Ok(Held::Text(value.to_owned()));
    }
    let envelope: Envelope = serde_json::from_str(value).map_err(|_| DecodeError::Unknown)?;
    let content = if envelope.v == 1 { envelope.text } else { envelope.content };
    match (envelope.v, envelope.kind.as_str(), content, envelope.uri, envelope.bytes) {
        (1 | 2, "text", Some(text), _, _) if digest(&text) == envelope.sha256 => Ok(Held::Text(text)),
        (1 | 2, "text", Some(_), _, _) => Err(DecodeError::Hash),
        (1, "s3", _, Some(uri), Some(bytes)) => {
            let place = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
            let (bucket, key) = place.ok_or(DecodeError::Unknown)?;
            Ok(Held::Object(Pointer {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                version_id: envelope.version_id,
                sha256: envelope.sha256,
                bytes,
            }))
        }
        (1, "prompt", ..) => {
            let version = envelope.arn.as_deref().and_then(VersionArn::read).ok_or(DecodeError::Unknown)?;
            Ok(Held::Prompt(PromptPointer { version, sha256: envelope.sha256 }))
        }
        _ => Err(DecodeError::Unknown),
    }
}

/// The digest of the content that a value holds or points to.
///
/// # Errors
/// See [`DecodeError`].
pub fn digest_of(value: &str) -> Result<Fingerprint, DecodeError> {
    Ok(match decode(value)? {
        Held::Text(text) => digest(&text),
        Held::Object(pointer) => pointer.sha256,
        Held::Prompt(pointer) => pointer.sha256,
    })
}

/// SHA-256 of a content's bytes.
pub fn digest(content: &str) -> Fingerprint {
    Fingerprint::of_bytes(content.as_bytes())
}

/// The tier of a value, by its bytes; `None`: it fits no parameter. There is no way back from
/// advanced.
pub fn tier(value: &str, now: ParameterTier, advanced: bool) -> Option<ParameterTier> {
    match value.len() {
        0..=STANDARD_BYTES => Some(now),
        0..=ADVANCED_BYTES if advanced || now == ParameterTier::Advanced => Some(ParameterTier::Advanced),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_content_comes_back_and_holds_no_double_brace(
            content in "([{}\"\\\\]|\\PC|\n|\\{\"v\":1|\\{\\{ name \\}\\}){0,40}"
        ) {
            let value = encode(&content);
            prop_assert!(!value.contains("{{"));
            prop_assert!(!value.is_empty());
            prop_assert_eq!(decode(&value), Ok(Held::Text(content.clone())));
            prop_assert_eq!(digest_of(&value), Ok(digest(&content)));
        }

        #[test]
        fn every_pointer_comes_back(key in "[a-zA-Z0-9/{}._-]{1,40}", version in proptest::option::of("[ -~]{1,20}")) {
            let sha256 = digest("x");
            let pointer = Pointer { bucket: "b".to_owned(), key, version_id: version, sha256, bytes: 1 };
            let value = point(&pointer);
            prop_assert!(!value.contains("{{"));
            prop_assert_eq!(decode(&value), Ok(Held::Object(pointer)));
        }
    }

    #[test]
    fn a_version_of_prompt_management_comes_back() {
        let arn = "arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ:12";
        let pointer = PromptPointer { version: VersionArn::read(arn).unwrap(), sha256: digest("x") };
        let value = point_to_version(&pointer);
        insta::assert_snapshot!(value, @r#"{"v":1,"kind":"prompt","arn":"arn:aws:bedrock:eu-west-1:123456789012:prompt/ABCDEFGHIJ:12","sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}"#);
        assert_eq!(decode(&value), Ok(Held::Prompt(pointer)));
        assert_eq!(digest_of(&value), Ok(digest("x")));
        assert_eq!(decode(&value.replace(":12", "")), Err(DecodeError::Unknown));
    }

    #[test]
    fn plain_stays_plain_and_an_envelope_is_readable() {
        assert_eq!(encode("Be kind. {name} }}"), "Be kind. {name} }}");
        insta::assert_snapshot!(encode("Hi {{ name }}"), @r#"{"v":2,"kind":"text","sha256":"2bcbc518c7197b6076e34b6e464c023bb61c989cee0f013c122d4221e5379510","content":"Hi \u007b\u007b name }}"}"#);
    }

    #[test]
    fn an_edited_envelope_is_noticed() {
        let value = encode("Hi {{ name }}").replace("Hi", "Ho");
        assert_eq!(decode(&value), Err(DecodeError::Hash));
        assert_eq!(decode("{\"v\":2,\"kind\":\"text\"}"), Err(DecodeError::Unknown));
    }

    #[test]
    fn what_version_1_wrote_stays_readable() {
        let value = encode("Hi {{ name }}").replace("\"v\":2", "\"v\":1").replace("\"content\"", "\"text\"");
        assert_eq!(decode(&value), Ok(Held::Text("Hi {{ name }}".to_owned())));
    }

    #[test]
    fn tiers_go_by_bytes_and_never_down() {
        use ParameterTier::{Advanced, Standard};
        let of = |bytes: usize, now, advanced| tier(&"ä".repeat(bytes / 2), now, advanced);
        assert_eq!(of(4096, Standard, true), Some(Standard));
        assert_eq!(of(4098, Standard, true), Some(Advanced));
        assert_eq!(of(4098, Standard, false), None);
        assert_eq!(of(4098, Advanced, false), Some(Advanced));
        assert_eq!(of(2, Advanced, false), Some(Advanced));
        assert_eq!(of(8192, Standard, true), Some(Advanced));
        assert_eq!(of(8194, Advanced, true), None);
    }
}
