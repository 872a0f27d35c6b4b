//! Lookups outside the store, for answers that other runs have bought: in parallel with calls, and
//! before a call.

use std::collections::{BTreeMap, HashSet}; // order never leaves
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::store::RemoteAnswers;
use crate::trial::{AnswerKey, Trial};

/// Lookups in progress, and keys that are known to be absent.
pub(super) struct Lookups {
    remote: Option<Arc<dyn RemoteAnswers>>,
    looking: JoinSet<(AnswerKey, bool)>,
    under_way: BTreeMap<AnswerKey, Arc<Trial>>,
    absent: HashSet<AnswerKey>,
}

impl Lookups {
    /// `None`: there is only the store.
    pub(super) fn new(remote: Option<Arc<dyn RemoteAnswers>>) -> Self {
        Self { remote, looking: JoinSet::new(), under_way: BTreeMap::new(), absent: HashSet::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Of trials that the store cannot answer, those that no other source can answer either; starts
    /// lookups for the others.
    pub(super) fn sift(&mut self, missed: Vec<Arc<Trial>>) -> Vec<Arc<Trial>> {
        missed.into_iter().filter(|trial| self.is_absent(trial)).collect()
    }

    /// Whether only a call can give the answer; starts a lookup if that is not known.
    fn is_absent(&mut self, trial: &Arc<Trial>) -> bool {
        let Some(remote) = self.remote.as_ref().filter(|_| !trial.replaces_stored) else { return true };
        if self.absent.contains(&trial.key) {
            return true;
        }
        if !self.under_way.contains_key(&trial.key) {
            let (key, bringing) = (trial.key, remote.bring(Arc::clone(trial)));
            self.under_way.insert(key, Arc::clone(trial));
            self.looking.spawn(async move { (key, bringing.await) });
        }
        false
    }

    /// The next lookup to end: the key, and whether the store has the answer now. Never returns
    /// while none is in progress; may be dropped and called again without loss.
    pub(super) async fn next(&mut self) -> (AnswerKey, bool) {
        match self.looking.join_next().await {
            Some(Ok((key, found))) => {
                self.under_way.remove(&key);
                if !found {
                    self.absent.insert(key);
                }
                (key, found)
            }
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            None => std::future::pending().await,
        }
    }
}
