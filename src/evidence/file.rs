//! Evidence as a file, versioned JSON, so that a second job with another role can release from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Evidence;
use crate::report::untrusted;
use crate::seal::{Seal, Sealed, Seals};

/// Version of the file's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// The file: one record per prompt, newest first where a prompt has several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// 1.
    pub schema_version: u32,
    /// The records.
    pub evidence: Vec<Evidence>,
    /// The seals of the run that wrote it, by the id of the record; none without a store key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seals: BTreeMap<String, Seal>,
}

/// Why a file is no evidence; each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not JSON, or not of this shape.
    #[error("not evidence: {0}\n  = pass a file written by `prompt-assay eval --tier main --evidence FILE`")]
    Shape(serde_json::Error),
    /// JSON of another kind.
    #[error(
        "not evidence: there is no `schema_version` with `evidence` beside it\n  = pass a file written by \
         `prompt-assay eval --tier main --evidence FILE`"
    )]
    NotOurs,
    /// Another version of the shape.
    #[error(
        "the evidence has schema_version {found}, this program reads {SCHEMA_VERSION}\n  = release with the version \
         of prompt-assay that wrote it, or write it again with `prompt-assay eval --tier main --evidence FILE`"
    )]
    Version {
        /// What the file says.
        found: String,
    },
    /// A record whose digest is not that of its claim.
    #[error(
        "the evidence {id} of {prompt} has a digest that does not match its content: it was edited or damaged\n  = \
         write it again with `prompt-assay eval --tier main --evidence FILE` (stored answers cost nothing)"
    )]
    Broken {
        /// Which record.
        id: String,
        /// Of which prompt, quoted.
        prompt: String,
    },
}

/// Writes records: indented, keys in stable order, a line break at the end.
pub fn render(evidence: &[Evidence], seals: &Seals) -> String {
    let sealed =
        |record: &Evidence| Some((record.id.clone(), seals.seal(&Sealed::Evidence(&record.text()))?));
    let file = EvidenceFile {
        schema_version: SCHEMA_VERSION,
        evidence: evidence.to_vec(),
        seals: evidence.iter().filter_map(sealed).collect(),
    };
    untrusted::json(&file)
}

/// Reads the records that count for a run with these seals, each with a digest that matches.
///
/// # Errors
/// See [`FileError`].
pub fn parse(json: &str, seals: &Seals) -> Result<Vec<Evidence>, FileError> {
    let value: Value = serde_json::from_str(json).map_err(FileError::Shape)?;
    match value.get("schema_version") {
        Some(version) if value.get("evidence").is_some() => {
            if version.as_u64() != Some(u64::from(SCHEMA_VERSION)) {
                let found = crate::report::untrusted::terminal_line(&version.to_string());
                return Err(FileError::Version { found });
            }
        }
        _ => return Err(FileError::NotOurs),
    }
    let file: EvidenceFile = serde_json::from_str(json).map_err(FileError::Shape)?;
    match file.evidence.iter().find(|evidence| !evidence.is_intact()) {
        None => {
            let seal = |record: &Evidence| file.seals.get(&record.id).copied();
            let counts = |record: &Evidence| seals.admit(&Sealed::Evidence(&record.text()), seal(record));
            Ok(file.evidence.iter().filter(|record| counts(record)).cloned().collect())
        }
        Some(broken) => Err(FileError::Broken {
            id: crate::report::untrusted::quoted(&broken.id),
            prompt: crate::report::untrusted::quoted(&broken.claim.prompt),
        }),
    }
}
