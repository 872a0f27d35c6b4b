//! The data that a hit reads: without a lock, and without a clock if a timer signals the end of the
//! time.

use std::collections::HashMap; // order never leaves
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;

use crate::Prompt;
use crate::sources::{Key, Which};

// order never leaves: copies are only looked up.
type Map<K> = HashMap<K, Arc<Copy>, foldhash::fast::RandomState>;

/// The existing copies.
#[derive(Clone, Default)]
pub(super) struct Entries {
    live: Map<String>,
    others: Map<Key>,
}

/// A copy that may be returned for some time.
pub(super) struct Copy {
    prompt: Arc<Prompt>,
    /// Whether it still may be returned; a timer revokes this.
    is_fresh: AtomicBool,
    /// Until when it may be returned, if no timer runs.
    due: Instant,
}

impl Entries {
    pub(super) fn live(&self, name: &str) -> Option<&Arc<Copy>> {
        self.live.get(name)
    }

    pub(super) fn of(&self, key: &Key) -> Option<&Arc<Copy>> {
        match key.which {
            Which::Live => self.live.get(&key.name),
            _ => self.others.get(key),
        }
    }

    pub(super) fn with(&self, key: &Key, copy: &Arc<Copy>) -> Self {
        let mut more = self.clone();
        match key.which {
            Which::Live => more.live.insert(key.name.clone(), Arc::clone(copy)),
            _ => more.others.insert(key.clone(), Arc::clone(copy)),
        };
        more
    }
}

impl Copy {
    /// A new copy, which may be returned until `due`; a timer signals this if `is_timed`.
    pub(super) fn new(prompt: Arc<Prompt>, due: Instant, is_timed: bool) -> Self {
        Self { prompt, is_fresh: AtomicBool::new(is_timed), due }
    }

    /// The prompt, if no read is needed.
    pub(super) fn hit(&self) -> Option<Arc<Prompt>> {
        let is_fresh = self.is_fresh.load(Ordering::Acquire) || Instant::now() < self.due;
        is_fresh.then(|| Arc::clone(&self.prompt))
    }

    /// The time is up.
    pub(super) fn age(&self) {
        self.is_fresh.store(false, Ordering::Release);
    }
}
