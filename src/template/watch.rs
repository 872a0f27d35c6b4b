//! What is being rendered now, for a module that has a clock. Steps count what a template executes
//! and produces, but not the size of its values: a list that contains the same list twice, which
//! again contains a list twice, and so on, is larger than any machine can process, and `==`, `in`,
//! `~`, `sort` or a key of a mapping process all of it. Only the end of the process stops them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A rendering that has begun and has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendering {
    /// Distinguishes it from earlier ones.
    pub number: u64,
    /// What is rendered, for a person: file, line, prompt and case.
    pub subject: String,
}

/// The last one that began; a process renders one text after the other.
static NOW: Mutex<Option<Rendering>> = Mutex::new(None);

/// What is being rendered.
pub fn being_rendered() -> Option<Rendering> {
    now().clone()
}

fn now() -> MutexGuard<'static, Option<Rendering>> {
    NOW.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A rendering, until it is dropped.
pub(super) struct Begun(u64);

impl Begun {
    pub(super) fn with(subject: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        *now() = Some(Rendering { number, subject });
        Self(number)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        now().take_if(|rendering| rendering.number == self.0);
    }
}
