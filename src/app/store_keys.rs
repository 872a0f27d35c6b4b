//! The store key of a process: from its environment, never from its command line, which other users
//! can see.

use std::sync::Arc;

use crate::prompt::Tier;
use crate::seal::{KeyError, Seals, StoreKeys};

const VARIABLE: &str = "PROMPT_ASSAY_STORE_KEY";

/// The keys, where there are any.
///
/// # Errors
/// When the variable holds none that can be used.
pub fn of_process() -> anyhow::Result<Option<StoreKeys>> {
    let Some(text) = std::env::var_os(VARIABLE) else { return Ok(None) };
    let read = match text.to_str() {
        Some(text) => StoreKeys::read(text),
        None => Err(KeyError::Unprintable),
    };
    read.map_err(|error| anyhow::anyhow!("`{VARIABLE}` {error}"))
}

/// The seals of a command that depends on the main tier, on any machine: a release, a merge of shards.
///
/// # Errors
/// As for [`of_process`].
pub fn of_main_tier() -> anyhow::Result<Arc<Seals>> {
    Ok(seals(of_process()?.as_ref(), Tier::Main))
}

/// The seals of a run. Only the main tier makes and requires them: answers bought on a branch count for
/// branches.
pub fn seals(keys: Option<&StoreKeys>, tier: Tier) -> Arc<Seals> {
    match (keys, tier) {
        (Some(keys), Tier::Main) => Arc::new(Seals::of(keys)),
        _ => Arc::default(),
    }
}
