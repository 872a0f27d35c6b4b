//! The prompt cache: which prefixes were written, and what a call reads of it and writes to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::call::{ConverseCall, estimate, list};
use crate::number::Fnv;
use crate::reply::Usage;

/// A prefix without reads is kept for this time.
const KEPT: Duration = Duration::from_secs(300);

/// Prefixes by model and content, and when they were last used.
#[derive(Default)]
pub(crate) struct PromptCache(Mutex<BTreeMap<(String, u64), Duration>>);

/// A prefix that ends at a cache point.
struct Prefix {
    name: u64,
    tokens: u64,
}

/// What a call finds when it starts; what it writes is there when it ends.
pub(crate) struct Looked {
    prefixes: Vec<Prefix>,
    read: u64,
}

impl PromptCache {
    /// Looks up the prefixes of a call that are long enough.
    pub(crate) fn look(&self, call: &ConverseCall, least: u64, now: Duration) -> Looked {
        let prefixes: Vec<Prefix> = prefixes(&call.body).filter(|prefix| prefix.tokens >= least).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, used| now.saturating_sub(*used) < KEPT);
        let known = prefixes.iter().filter(|prefix| kept.contains_key(&(call.model.clone(), prefix.name)));
        let read = known.map(|prefix| prefix.tokens).max().unwrap_or(0);
        Looked { prefixes, read }
    }

    /// The call ended: its prefixes are there from now on. Of its input, what it read and wrote is
    /// counted apart.
    pub(crate) fn settle(&self, call: &ConverseCall, looked: &Looked, usage: Usage, now: Duration) -> Usage {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for prefix in &looked.prefixes {
            kept.insert((call.model.clone(), prefix.name), now);
        }
        let Some(whole) = looked.prefixes.iter().map(|prefix| prefix.tokens).max() else { return usage };
        Usage {
            input: usage.input.saturating_sub(whole),
            cache_read: Some(looked.read),
            cache_write: Some(whole.saturating_sub(looked.read)),
            ..usage
        }
    }
}

/// Tools, system and messages, in the order in which a model reads them, up to each cache point.
fn prefixes(body: &Value) -> impl Iterator<Item = Prefix> + '_ {
    let (mut hash, mut tokens) = (Fnv::new(), 0);
    blocks(body).into_iter().filter_map(move |block| {
        if block.get("cachePoint").is_some() {
            return Some(Prefix { name: hash.finish(), tokens });
        }
        hash.write_json(block);
        tokens += block["text"].as_str().map_or_else(|| estimate(&block.to_string()), estimate);
        None
    })
}

/// Every block that may be a cache point or stand before one.
pub(crate) fn blocks(body: &Value) -> Vec<&Value> {
    let messages = list(&body["messages"]).iter().flat_map(|message| list(&message["content"]));
    list(&body["toolConfig"]["tools"]).iter().chain(list(&body["system"])).chain(messages).collect()
}
