//! The trait of remote sources that may have answers that a store lacks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::trial::Trial;

/// Returns whether the store has the answer now.
pub type Finding = Pin<Box<dyn Future<Output = bool> + Send>>;

/// A source of answers that takes time, such as a store that several machines share. It never
/// fails: an unavailable answer counts as missing.
pub trait RemoteAnswers: Send + Sync {
    /// Looks for a trial's answer and writes it into the store.
    fn bring(&self, trial: Arc<Trial>) -> Finding;
}

/// Which part of the shared store a run uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// Reads and writes what trusted commits share.
    Main,
    /// Reads that, and reads and writes what branches share.
    Branch,
    /// Reads what trusted commits share.
    #[default]
    Read,
}

impl Area {
    /// Where is read, in this order.
    pub fn reads(self) -> &'static [&'static str] {
        match self {
            Area::Branch => &["main", "branch"],
            Area::Main | Area::Read => &["main"],
        }
    }

    /// Where is written.
    pub fn writes(self) -> Option<&'static str> {
        match self {
            Area::Main => Some("main"),
            Area::Branch => Some("branch"),
            Area::Read => None,
        }
    }
}
