//! The context of a run: its runtime, its interrupts, its start time, and which stored objects
//! count.

use std::sync::Arc;
use std::time::Instant;

use super::signals::Interrupts;
use crate::config::{Config, RedactPattern};
use crate::prompt::Tier;
use crate::seal::{KeyError, Seals, StoreKeys};

/// What a run happens in.
pub struct Session {
    /// Where calls are made.
    pub runtime: tokio::runtime::Runtime,
    /// Ends calls early.
    pub interrupts: Interrupts,
    /// When it began.
    pub started: Instant,
    /// Which stored objects count in it.
    pub seals: Arc<Seals>,
}

impl Session {
    /// A session whose calls end with SIGINT and SIGTERM, and in which everything stored counts.
    ///
    /// # Errors
    /// When the system refuses threads.
    pub fn start(interrupts: &Interrupts) -> anyhow::Result<Self> {
        let started = Instant::now();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { runtime, interrupts: interrupts.clone(), started, seals: Arc::default() })
    }

    /// The same, in which only what these keys sealed counts, where the tier demands it.
    ///
    /// # Errors
    /// As for [`Session::start`].
    pub fn sealed(interrupts: &Interrupts, keys: Option<&StoreKeys>, tier: Tier) -> anyhow::Result<Self> {
        Ok(Self { seals: seals(keys, tier), ..Self::start(interrupts)? })
    }
}

const VARIABLE: &str = "PROMPT_ASSAY_STORE_KEY";

/// The store keys of this process, where it has any: from its environment, never from its command line, which
/// other users can see.
///
/// # Errors
/// When the variable holds none that can be used.
pub fn store_keys() -> anyhow::Result<Option<StoreKeys>> {
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
/// As for [`store_keys`].
pub fn main_tier_seals() -> anyhow::Result<Arc<Seals>> {
    Ok(seals(store_keys()?.as_ref(), Tier::Main))
}

/// The seals of a run. Only the main tier makes and requires them: answers bought on a branch count for
/// branches.
pub fn seals(keys: Option<&StoreKeys>, tier: Tier) -> Arc<Seals> {
    match (keys, tier) {
        (Some(keys), Tier::Main) => Arc::new(Seals::of(keys)),
        _ => Arc::default(),
    }
}

/// Lets no output show the keys.
pub fn redact(config: &mut Config, keys: Option<&StoreKeys>) {
    config.redact.extend(keys.into_iter().flat_map(StoreKeys::secrets).map(RedactPattern::literal));
}
