//! The store key of a process: from its environment, never from its command line, which others see.

use std::sync::Arc;

use crate::cli::TierArg;
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

/// The seals of a command that rests on the main tier, whoever runs it: a release, a merge of shards.
///
/// # Errors
/// As for [`of_process`].
pub fn of_main_tier() -> anyhow::Result<Arc<Seals>> {
    Ok(seals(of_process()?.as_ref(), TierArg::Main))
}

/// The seals of a run. Only the main tier makes and demands them: what a branch buys counts for branches.
pub fn seals(keys: Option<&StoreKeys>, tier: TierArg) -> Arc<Seals> {
    match (keys, tier) {
        (Some(keys), TierArg::Main) => Arc::new(Seals::of(keys)),
        _ => Arc::default(),
    }
}
