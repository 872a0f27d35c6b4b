//! The audit trail beyond a hundred versions. SSM drops the oldest version at every write; before
//! it does, the records of the oldest few are written to a separate block: an object beside the
//! prompt's contents if there is a bucket, else a second parameter `NAME.audit.K`. A block is
//! written once and never changed.

use serde::{Deserialize, Serialize};

use super::audit::{Audit, LONGEST, ascii};
use super::client::StoreClient;
use super::ports::{NewVersion, ParameterKind, ParameterTier, ParameterVersion, Selector};
use super::value::STANDARD_BYTES;
use crate::cloud::{Failure, FailureClass};

/// Versions that SSM keeps.
pub const KEPT: usize = 100;
/// Versions of a block: that many of the longest records fit an advanced parameter.
const BLOCK: u64 = 5;

/// A version that is no longer kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Its number.
    pub version: u64,
    /// When it was written, seconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who wrote it.
    pub by: String,
    /// Its record, if it had one.
    pub audit: Option<Audit>,
}

fn block_of(version: u64) -> u64 {
    version.saturating_sub(1) / BLOCK
}

/// The parameter of a block.
pub fn companion(name: &str, block: u64) -> String {
    format!("{name}.audit.{block}")
}

/// Whether a parameter is a block of another one.
pub fn is_companion(name: &str) -> bool {
    name.rsplit_once(".audit.").is_some_and(|(_, k)| !k.is_empty() && k.bytes().all(|b| b.is_ascii_digit()))
}

fn key(prefix: &str, name: &str, block: u64) -> String {
    format!("{prefix}{}/audit/{block}.jsonl", name.trim_start_matches('/'))
}

fn archived(version: &ParameterVersion) -> Archived {
    Archived {
        version: version.version,
        at: version.modified_at,
        by: version.modified_by.chars().take(LONGEST / 8).collect(),
        audit: Audit::read(&version.description),
    }
}

fn record(version: &ParameterVersion) -> String {
    ascii(&serde_json::to_string(&archived(version)).expect("a record is a JSON object"))
}

/// Sees to it that the records which the next write makes SSM drop are kept. `history` is oldest
/// first.
///
/// # Errors
/// When they cannot be written: then no version may be written.
pub fn keep(client: &StoreClient<'_>, name: &str, history: &[ParameterVersion]) -> Result<(), Failure> {
    let Some(oldest) = history.first().filter(|_| history.len() >= KEPT) else { return Ok(()) };
    let block = block_of(oldest.version);
    let lines: Vec<String> =
        history.iter().take_while(|seen| block_of(seen.version) == block).map(record).collect();
    let text = lines.join("\n");
    if let Some(objects) = client.objects {
        let key = key(client.prefix, name, block);
        let put = || objects.put_new(&key, text.as_bytes(), "application/x-ndjson");
        return client.again(put).map(drop);
    }
    let version = NewVersion {
        name: companion(name, block),
        tier: if text.len() > STANDARD_BYTES { ParameterTier::Advanced } else { ParameterTier::Standard },
        value: text,
        kind: ParameterKind::Plain,
        key_id: None,
        description: format!("Audit records of {name}, written by prompt-assay; keep them"),
        create: true,
    };
    match client.again(|| client.parameters.put(&version)) {
        Err(failure) if failure.class != FailureClass::Conflict => Err(failure),
        _ => Ok(()),
    }
}

/// The records of versions that are no longer kept, oldest first: those before `oldest`, or those
/// that the store itself keeps.
///
/// # Errors
/// When a block cannot be read.
pub fn read(client: &StoreClient<'_>, name: &str, oldest: u64) -> Result<Vec<Archived>, Failure> {
    if let Some(remembered) = client.again(|| client.parameters.remembered(name))? {
        return Ok(remembered.iter().map(archived).collect());
    }
    let mut found = Vec::new();
    if oldest <= 1 {
        return Ok(found);
    }
    for block in 0..=block_of(oldest - 1) {
        let mut text = None;
        if let Some(objects) = client.objects {
            let object = client.again(|| objects.get(&key(client.prefix, name, block), None))?;
            text = object.map(|object| String::from_utf8_lossy(&object.bytes).into_owned());
        }
        if text.is_none() {
            let companion = companion(name, block);
            let kept = client.again(|| client.parameters.get(&companion, &Selector::Latest))?;
            text = kept.map(|kept| kept.value);
        }
        let lines = text.unwrap_or_default();
        let records = lines.lines().filter_map(|line| serde_json::from_str::<Archived>(line).ok());
        found.extend(records.filter(|record| record.version < oldest));
    }
    Ok(found)
}
