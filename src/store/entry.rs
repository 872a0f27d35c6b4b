//! The entries of a store, one line of text each: the form for a file or a shared store. A line
//! contains its version and the digest of its content, so that a damaged, truncated or foreign line
//! is recognised before it is used. A line from a trusted run also contains that run's seal.

use serde::{Deserialize, Serialize};

use super::StoredAnswer;
use crate::evidence::Evidence;
use crate::fingerprint::Fingerprint;
use crate::model::Response;
use crate::seal::{Seal, Sealed, Seals};
use crate::trial::AnswerKey;

/// The version of the lines.
pub const VERSION: u32 = 1;

const HEAD: &str = r#"{"v":1,"digest":""#;
const MIDDLE: &str = r#"","entry":"#;
const DIGITS: usize = 64;

/// One entry of a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "entries are read and written one at a time")]
pub enum Entry {
    /// A paid answer.
    Answer(AnswerEntry),
    /// How a comparison began.
    Comparison {
        /// The comparison.
        key: Fingerprint,
        /// Whether its baseline was paid.
        paid: bool,
        /// When it began, seconds since 1970-01-01 UTC.
        at: u64,
        /// The seal of the run that began it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal: Option<Seal>,
    },
    /// A finished run.
    Run {
        /// When it ended, seconds since 1970-01-01 UTC.
        at: u64,
        /// Its public JSON report.
        report: String,
    },
    /// The record that a content passed.
    Evidence {
        /// The record.
        record: Box<Evidence>,
        /// When it was stored, seconds since 1970-01-01 UTC; 0 if that is not known.
        at: u64,
        /// The seal of the run that stored it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seal: Option<Seal>,
    },
    /// A commit that was evaluated on the main tier.
    Evaluated {
        /// The commit's id.
        commit: String,
        /// When the run ended, seconds since 1970-01-01 UTC.
        at: u64,
    },
    /// What follows belongs to a file of this program.
    Begin,
    /// The file is complete up to this line.
    End {
        /// Entries since [`Entry::Begin`].
        entries: u64,
    },
}

/// A paid answer, with what it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerEntry {
    /// Under which name it is stored.
    pub key: AnswerKey,
    /// The fingerprint of the request it answers.
    pub request: Fingerprint,
    /// Who answered.
    pub model: String,
    /// The comparison that bought it.
    pub bought_by: Fingerprint,
    /// When it was bought, seconds since 1970-01-01 UTC.
    pub at: u64,
    /// The answer.
    pub response: Response,
    /// The seal of the run that bought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

impl AnswerEntry {
    /// The answer as a store gives it.
    pub fn stored(self) -> StoredAnswer {
        StoredAnswer { response: self.response, bought_by: self.bought_by }
    }
}

/// Why a line is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Another kind of file, or a line that was edited.
    #[error("is not a line that prompt-assay wrote")]
    Foreign,
    /// The content is not what was written.
    #[error("is damaged: its content does not have the digest it names")]
    Damaged,
    /// A later release wrote it.
    #[error("has version {0}, this program reads {VERSION}; update prompt-assay")]
    Newer(u32),
    /// The digest is right, but the content is invalid.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// A response as it is stored and sealed.
///
/// # Panics
/// Never: a response holds no maps with keys that are not strings.
pub fn response_text(response: &Response) -> String {
    serde_json::to_string(response).expect("a response serializes to JSON")
}

impl AnswerEntry {
    /// The answer with the seal of the run that bought it.
    pub fn sealed(mut self, seals: &Seals) -> Self {
        self.seal = self.with_content(|content| seals.seal(content));
        self
    }

    fn with_content<T>(&self, then: impl FnOnce(&Sealed<'_>) -> T) -> T {
        then(&Sealed::Answer {
            key: self.key.0,
            request: self.request,
            bought_by: self.bought_by,
            response: &response_text(&self.response),
        })
    }
}

impl Entry {
    /// The entry with this run's seal, if it is of a kind that has one.
    pub fn sealed(self, seals: &Seals) -> Self {
        match self {
            Entry::Answer(answer) => Entry::Answer(answer.sealed(seals)),
            Entry::Comparison { key, paid, at, .. } => {
                Entry::Comparison { key, paid, at, seal: seals.seal(&Sealed::Comparison { key, paid }) }
            }
            Entry::Evidence { record, at, .. } => {
                let seal = seals.seal(&Sealed::Evidence(&record.text()));
                Entry::Evidence { record, at, seal }
            }
            other @ (Entry::Run { .. } | Entry::Evaluated { .. } | Entry::Begin | Entry::End { .. }) => other,
        }
    }

    /// Whether it counts in a run with these seals.
    pub fn counts(&self, seals: &Seals) -> bool {
        match self {
            Entry::Answer(answer) => answer.with_content(|content| seals.admit(content, answer.seal)),
            Entry::Comparison { key, paid, seal, .. } => {
                seals.admit(&Sealed::Comparison { key: *key, paid: *paid }, *seal)
            }
            Entry::Evidence { record, seal, .. } => seals.admit(&Sealed::Evidence(&record.text()), *seal),
            // It proves nothing: an evaluated commit only shows where to search.
            Entry::Run { .. } | Entry::Evaluated { .. } | Entry::Begin | Entry::End { .. } => true,
        }
    }

    /// The line, without a line break.
    ///
    /// # Panics
    /// Never: an entry holds no maps with keys that are not strings.
    pub fn to_line(&self) -> String {
        let content = serde_json::to_string(self).expect("an entry serializes to JSON");
        let digest = Fingerprint::of_bytes(content.as_bytes());
        format!("{HEAD}{digest}{MIDDLE}{content}}}")
    }

    /// Reads a line.
    ///
    /// # Errors
    /// See [`EntryError`].
    pub fn of_line(line: &str) -> Result<Self, EntryError> {
        let Some(rest) = line.strip_prefix(HEAD) else { return Err(not_ours(line)) };
        let (digest, rest) = rest.split_at_checked(DIGITS).ok_or(EntryError::Damaged)?;
        let digest = Fingerprint::from_hex(digest).ok_or(EntryError::Damaged)?;
        let content = rest.strip_prefix(MIDDLE).and_then(|rest| rest.strip_suffix('}'));
        let content = content.ok_or(EntryError::Damaged)?;
        if Fingerprint::of_bytes(content.as_bytes()) != digest {
            return Err(EntryError::Damaged);
        }
        serde_json::from_str(content).map_err(|error| EntryError::Unreadable(error.to_string()))
    }
}

/// Something else, or a line of a later release.
fn not_ours(line: &str) -> EntryError {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
        #[serde(rename = "digest")]
        _digest: Fingerprint,
    }
    match serde_json::from_str::<Versioned>(line) {
        Ok(line) if line.v > VERSION => EntryError::Newer(line.v),
        _ => EntryError::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{StopReason, ToolCall, Usage};
    use crate::seal::StoreKeys;

    fn answer(text: &str) -> Entry {
        let name = |text: &str| Fingerprint::of_bytes(text.as_bytes());
        Entry::Answer(AnswerEntry {
            key: AnswerKey(name("key")),
            request: name("request"),
            model: "m".to_owned(),
            bought_by: name("comparison"),
            at: 1,
            response: Response {
                text: text.to_owned(),
                tool_calls: vec![ToolCall { name: "score".to_owned(), input: serde_json::json!({"b": 0.9}) }],
                stop: StopReason::Other("newer".to_owned()),
                usage: Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 },
                latency_ms: Some(5),
            },
            seal: None,
        })
    }

    #[test]
    fn a_line_shows_what_it_holds() {
        let entry = Entry::Comparison { key: Fingerprint::of_bytes(b"c"), paid: true, at: 7, seal: None };
        insta::assert_snapshot!(entry.to_line(), @r#"{"v":1,"digest":"960bab9507af1d4f7717cf68155c9a43eeb31b2d1391835823cac275b85503f7","entry":{"kind":"comparison","key":"2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6","paid":true,"at":7}}"#);
    }

    proptest! {
        #[test]
        fn every_answer_comes_back_from_its_line(text in ".*") {
            let entry = answer(&text);
            let line = entry.to_line();
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Entry::of_line(&line), Ok(entry));
        }

        #[test]
        fn a_seal_outlives_its_line_whatever_numbers_a_model_writes(number in proptest::num::f64::NORMAL) {
            let seals = Seals::of(&StoreKeys::read(&"k".repeat(32)).unwrap().unwrap());
            let Entry::Answer(mut content) = answer("x") else { unreachable!() };
            content.response.tool_calls[0].input = serde_json::json!({"z": number, "a": [number]});
            let sealed = Entry::Answer(content.clone()).sealed(&seals);
            let read = Entry::of_line(&sealed.to_line()).unwrap();
            prop_assert!(read.counts(&seals));
            prop_assert!(!Entry::Answer(content).counts(&seals));
        }

        #[test]
        fn a_changed_or_cut_line_is_never_believed(at in 0..2000_usize, with in 32..127_u8) {
            let mut bytes = answer("Order 7 is on its way.").to_line().into_bytes();
            let at = at % bytes.len();
            let cut = String::from_utf8(bytes[..at].to_vec()).unwrap();
            prop_assert!(Entry::of_line(&cut).is_err());
            prop_assume!(bytes[at] != with && !bytes[at].eq_ignore_ascii_case(&with));
            bytes[at] = with;
            prop_assert!(Entry::of_line(&String::from_utf8(bytes).unwrap()).is_err());
        }
    }

    #[test]
    fn foreign_and_newer_lines_say_what_they_are() {
        let newer = answer("x").to_line().replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(Entry::of_line(&newer), Err(EntryError::Newer(2)));
        for foreign in ["", "{}", "null", "{\"v\":1}", "id,input", "{\"v\":2}"] {
            assert_eq!(Entry::of_line(foreign), Err(EntryError::Foreign), "{foreign}");
        }
        let content = "{\"kind\":\"comparison\"}";
        let digest = Fingerprint::of_bytes(content.as_bytes());
        let line = format!("{HEAD}{digest}{MIDDLE}{content}}}");
        assert!(matches!(Entry::of_line(&line), Err(EntryError::Unreadable(_))));
    }
}
