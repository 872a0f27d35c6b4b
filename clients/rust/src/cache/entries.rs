//! The data that a hit reads: without a lock, without a clock if a timer signals the end of the time, and without a
//! reference counter that another processor writes to.

use std::cell::Cell;
use std::collections::HashMap; // order never leaves
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use tokio::time::Instant;

use crate::Prompt;
use crate::sources::{Key, Which};

/// The existing copies, by name.
// order never leaves: copies are only looked up.
#[derive(Clone, Default)]
pub(super) struct Entries(HashMap<Arc<str>, OfName, foldhash::fast::RandomState>);

#[derive(Clone, Default)]
struct OfName {
    live: Option<Arc<Copy>>,
    /// Few: versions and labels.
    others: Vec<(Which, Arc<Copy>)>,
}

/// A copy that may be returned for some time.
pub(super) struct Copy {
    /// The same prompt for each group of threads: a power of two.
    handles: Box<[Arc<Prompt>]>,
    /// Whether it still may be returned; a timer revokes this.
    is_fresh: AtomicBool,
    /// Until when it may be returned, if no timer runs.
    due: Instant,
}

impl Entries {
    /// The prompt, if no read is needed.
    pub(super) fn hit(&self, name: &str, which: &Which) -> Option<Arc<Prompt>> {
        let of_name = self.0.get(name)?;
        match which {
            Which::Live => of_name.live.as_ref()?.hit(),
            which => of_name.others.iter().find(|(other, _)| other == which)?.1.hit(),
        }
    }

    /// These, and another copy.
    pub(super) fn with(&self, key: &Key, copy: &Arc<Copy>) -> Self {
        let mut more = self.clone();
        let of_name = more.0.entry(key.name.as_str().into()).or_default();
        let copy = Arc::clone(copy);
        match &key.which {
            Which::Live => of_name.live = Some(copy),
            which => {
                of_name.others.retain(|(other, _)| other != which);
                of_name.others.push((which.clone(), copy));
            }
        }
        more
    }
}

impl Copy {
    /// A new copy, which may be returned until `due`; a timer signals this if `is_timed`.
    pub(super) fn new(prompt: &Arc<Prompt>, due: Instant, is_timed: bool) -> Self {
        let handle = |number| if number == 0 { Arc::clone(prompt) } else { Arc::new(Prompt::clone(prompt)) };
        Self { handles: (0..groups()).map(handle).collect(), is_fresh: AtomicBool::new(is_timed), due }
    }

    #[inline]
    fn hit(&self) -> Option<Arc<Prompt>> {
        let is_fresh = self.is_fresh.load(Ordering::Acquire) || Instant::now() < self.due;
        is_fresh.then(|| Arc::clone(&self.handles[group() & (self.handles.len() - 1)]))
    }

    /// The time is up.
    pub(super) fn age(&self) {
        self.is_fresh.store(false, Ordering::Release);
    }
}

/// The number of groups of threads: about as many as run at once, because a handle has a few
/// hundred bytes.
fn groups() -> usize {
    const MOST: usize = 32;
    static GROUPS: LazyLock<usize> = LazyLock::new(|| {
        available_parallelism().map_or(1, |threads| threads.get().next_power_of_two().min(MOST))
    });
    *GROUPS
}

/// The number of this thread, in the order of the threads' first requests.
#[inline]
fn group() -> usize {
    const NONE: usize = usize::MAX;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<usize> = const { Cell::new(NONE) };
    }
    let number = NUMBER.get();
    if number != NONE {
        return number;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % NONE;
    NUMBER.set(number);
    number
}
