//! The trait of remote sources that may have answers that a store lacks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::trial::Trial;

/// Says whether the store holds the answer now.
pub type Finding = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Where an answer may be found at the cost of waiting, such as a store that several machines
/// share. It never fails: what cannot be had is not there.
pub trait RemoteAnswers: Send + Sync {
    /// Looks for a trial's answer and brings it into the store.
    fn bring(&self, trial: Arc<Trial>) -> Finding;
}
