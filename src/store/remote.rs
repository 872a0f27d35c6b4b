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
