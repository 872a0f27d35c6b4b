//! What a hit reads: no lock, and no clock where a timer says when the time is up.

use std::collections::HashMap; // order never leaves
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use tokio::time::Instant;

use crate::Prompt;
use crate::sources::{Key, Which};

// order never leaves: entries are only looked up.
type Map<K> = HashMap<K, Arc<Entry>, foldhash::fast::RandomState>;

/// All keys that were asked for.
#[derive(Clone, Default)]
pub(super) struct Entries {
    live: Map<String>,
    others: Map<Key>,
}

/// One key's copy.
#[derive(Default)]
pub(super) struct Entry {
    prompt: ArcSwapOption<Prompt>,
    /// Whether it may be served as it is; a timer takes it back.
    is_fresh: AtomicBool,
    /// Nanoseconds since the beginning up to which it may be served as it is, where no timer runs.
    due: AtomicU64,
}

impl Entries {
    pub(super) fn live(&self, name: &str) -> Option<&Arc<Entry>> {
        self.live.get(name)
    }

    pub(super) fn of(&self, key: &Key) -> Option<&Arc<Entry>> {
        match key.which {
            Which::Live => self.live.get(&key.name),
            _ => self.others.get(key),
        }
    }

    pub(super) fn with(&self, key: &Key, entry: &Arc<Entry>) -> Self {
        let mut more = self.clone();
        match key.which {
            Which::Live => more.live.insert(key.name.clone(), Arc::clone(entry)),
            _ => more.others.insert(key.clone(), Arc::clone(entry)),
        };
        more
    }
}

impl Entry {
    /// The copy, if nothing has to be asked or waited for.
    pub(super) fn hit(&self, began: Instant) -> Option<Arc<Prompt>> {
        if !self.is_fresh.load(Ordering::Acquire) {
            let due = self.due.load(Ordering::Acquire);
            if due == 0 || began.elapsed().as_nanos() >= u128::from(due) {
                return None;
            }
        }
        self.prompt.load_full()
    }

    /// The copy, whatever its age.
    pub(super) fn prompt(&self) -> Option<Arc<Prompt>> {
        self.prompt.load_full()
    }

    /// A copy that is not served without a look.
    pub(super) fn keep(&self, prompt: Arc<Prompt>) {
        self.prompt.store(Some(prompt));
    }

    /// A new copy, to be served as it is until `due`, which a timer tells if `is_timed`.
    pub(super) fn put(&self, prompt: Arc<Prompt>, due: Instant, began: Instant, is_timed: bool) {
        self.prompt.store(Some(prompt));
        let nanos = u64::try_from(due.duration_since(began).as_nanos()).unwrap_or(u64::MAX);
        self.due.store(nanos, Ordering::Release);
        self.is_fresh.store(is_timed, Ordering::Release);
    }

    /// The time is up.
    pub(super) fn age(&self) {
        self.is_fresh.store(false, Ordering::Release);
    }
}
