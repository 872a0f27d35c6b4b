//! Seals: HMAC-SHA-256 over stored objects, with a key that only trusted runs have. An object
//! without a matching seal was not written by such a run, or not under this name, and is treated as
//! absent.

mod keys;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub use self::keys::{KeyError, SHORTEST, StoreKeys};
use crate::fingerprint::Fingerprint;

type HmacSha256 = Hmac<Sha256>;

/// Part of every seal, so that seals made elsewhere with the same key are not valid here.
const PURPOSE: &[u8] = b"prompt-assay store v1";

/// A seal: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seal(Fingerprint);

impl Seal {
    /// Reads what [`Seal::as_bytes`] gave; `None` for anything of another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Fingerprint::from_bytes(bytes.try_into().ok()?)))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// The sealed data: an object of a store with everything that a run relies on, including its name.
#[derive(Clone, Copy, Debug)]
pub enum Sealed<'a> {
    /// A paid answer.
    Answer {
        /// Under which name it is stored.
        key: Fingerprint,
        /// The request it answers.
        request: Fingerprint,
        /// The comparison that bought it.
        bought_by: Fingerprint,
        /// The response as JSON.
        response: &'a str,
    },
    /// How a comparison began.
    Comparison {
        /// The comparison.
        key: Fingerprint,
        /// Whether its baseline was paid.
        paid: bool,
    },
    /// Evidence as JSON: it names its content, its golden set and its scoring itself.
    Evidence(&'a str),
    /// A shard's report as JSON: it names its commits, its plan and its number itself.
    Shard(&'a str),
    /// A batch job, which answers are taken from.
    Job {
        /// Its name.
        name: &'a str,
        /// Its ARN, once it is known.
        arn: Option<&'a str>,
        /// The model it asks.
        model: &'a str,
        /// Where its answers will be stored.
        output: &'a str,
        /// Its calls: keys, requests and comparisons, one after the other.
        records: &'a [u8],
    },
}

impl Sealed<'_> {
    /// The kind comes first, and each part follows its length: no two objects give the same bytes.
    fn feed(&self, mac: &mut HmacSha256) {
        let mut part = |bytes: &[u8]| {
            mac.update(&(bytes.len() as u64).to_le_bytes());
            mac.update(bytes);
        };
        match self {
            Sealed::Answer { key, request, bought_by, response } => {
                part(b"answer");
                [key, request, bought_by].into_iter().for_each(|name| part(name.as_bytes()));
                part(response.as_bytes());
            }
            Sealed::Comparison { key, paid } => {
                part(b"comparison");
                part(key.as_bytes());
                part(&[u8::from(*paid)]);
            }
            Sealed::Evidence(record) => {
                part(b"evidence");
                part(record.as_bytes());
            }
            Sealed::Shard(report) => {
                part(b"shard");
                part(report.as_bytes());
            }
            Sealed::Job { name, arn, model, output, records } => {
                part(b"job");
                [name, model, output].into_iter().for_each(|text| part(text.as_bytes()));
                part(records);
                arn.iter().for_each(|arn| part(arn.as_bytes()));
            }
        }
    }
}

/// Seals what a run writes, and decides whether the objects that it reads count.
#[derive(Default)]
pub struct Seals {
    /// The first one seals; empty: nothing is sealed and everything counts.
    keys: Vec<HmacSha256>,
    refused: Mutex<Refused>,
}

/// The objects that did not count, by name, each once.
#[derive(Default)]
struct Refused {
    answers: BTreeSet<Fingerprint>,
    comparisons: BTreeSet<Fingerprint>,
    evidence: BTreeSet<Fingerprint>,
    shards: BTreeSet<Fingerprint>,
    jobs: BTreeSet<String>,
}

impl std::fmt::Debug for Seals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seals({} keys)", self.keys.len())
    }
}

impl Seals {
    /// Seals of a run that has these keys: an object that none of them sealed does not count.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    pub fn of(keys: &StoreKeys) -> Self {
        let keyed = |text: &str| {
            let mut mac = HmacSha256::new_from_slice(text.as_bytes()).expect("any length is a key");
            mac.update(PURPOSE);
            mac
        };
        Self { keys: keys.texts().map(keyed).collect(), refused: Mutex::default() }
    }

    /// Whether unsealed objects do not count.
    pub fn are_demanded(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The seal of something that this run writes; `None` without a key.
    pub fn seal(&self, content: &Sealed<'_>) -> Option<Seal> {
        let mut mac = self.keys.first()?.clone();
        content.feed(&mut mac);
        Some(Seal(Fingerprint::from_bytes(mac.finalize().into_bytes().into())))
    }

    /// Whether an object that was read counts. One that does not is remembered for [`Seals::said`].
    pub fn admit(&self, content: &Sealed<'_>, seal: Option<Seal>) -> bool {
        let fits = |key: &HmacSha256, seal: &Seal| {
            let mut mac = key.clone();
            content.feed(&mut mac);
            mac.verify_slice(seal.as_bytes()).is_ok()
        };
        if self.keys.is_empty() || seal.is_some_and(|seal| self.keys.iter().any(|key| fits(key, &seal))) {
            return true;
        }
        let mut refused = self.refused();
        match content {
            Sealed::Answer { key, .. } => refused.answers.insert(*key),
            Sealed::Comparison { key, .. } => refused.comparisons.insert(*key),
            Sealed::Evidence(record) => refused.evidence.insert(Fingerprint::of_bytes(record.as_bytes())),
            Sealed::Shard(report) => refused.shards.insert(Fingerprint::of_bytes(report.as_bytes())),
            Sealed::Job { name, .. } => refused.jobs.insert((*name).to_owned()),
        };
        false
    }

    /// The objects that did not count so far, in one sentence.
    pub fn said(&self) -> Option<String> {
        let refused = self.refused();
        let shards = (refused.shards.len(), "report of a shard", "reports of shards");
        let kinds = [
            (refused.answers.len(), "stored answer", "stored answers"),
            (refused.comparisons.len(), "comparison", "comparisons"),
            (refused.evidence.len(), "record of evidence", "records of evidence"),
            (refused.jobs.len(), "batch job", "batch jobs"),
            shards,
        ];
        let counted = |(count, one, more): &(usize, &str, &str)| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            _ => Some(format!("{count} {more}")),
        };
        let parts: Vec<String> = kinds.iter().filter_map(counted).collect();
        let whole: usize = kinds.iter().map(|(count, ..)| count).sum();
        let (last, before) = parts.split_last()?;
        let list = match before {
            [] => last.clone(),
            before => format!("{} and {last}", before.join(", ")),
        };
        let (was, counts) = if whole == 1 { ("was", "it counts") } else { ("were", "they count") };
        // Who merges shards buys nothing.
        let bought = if whole > shards.0 { ", and answers that are needed are bought again" } else { "" };
        Some(format!(
            "{list} {was} not sealed with the store key of this run: {counts} as absent{bought} (docs/action.md, \
             \"Trust\")."
        ))
    }

    // A panic elsewhere cannot leave the set incomplete.
    fn refused(&self) -> MutexGuard<'_, Refused> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
