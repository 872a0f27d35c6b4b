//! The limiters of all models of a run, on the run's clock.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::limiter::{End, Limiter, Opening, Passage, Tokens, output_factor};
use crate::config::CallPolicy;

/// One limiter per model: the account and the region are the same for all of a run.
pub(super) struct Traffic<'a> {
    policy: &'a CallPolicy,
    began: Instant,
    limiters: BTreeMap<String, Limiter>,
    /// When a call may start that had to wait, though nothing has ended.
    wake: Option<Instant>,
}

impl<'a> Traffic<'a> {
    pub(super) fn new(policy: &'a CallPolicy) -> Self {
        Self { policy, began: Instant::now(), limiters: BTreeMap::new(), wake: None }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn limiter(&mut self, model: &str) -> &mut Limiter {
        if !self.limiters.contains_key(model) {
            let limit = self.policy.limits.get(model).copied().unwrap_or_default();
            let limiter = Limiter::new(self.policy.concurrency, limit, output_factor(model));
            self.limiters.insert(model.to_owned(), limiter);
        }
        self.limiters.get_mut(model).unwrap_or_else(|| unreachable!("just made"))
    }

    /// Whether a call may start now, beside `waiting` ones that keep their place.
    pub(super) fn may_start(&mut self, model: &str, waiting: usize, tokens: Tokens) -> Opening {
        let now = self.now();
        let opening = self.limiter(model).may_start(now, waiting, tokens);
        if let Opening::At(later) = opening {
            let later = self.began + later;
            self.wake = Some(self.wake.map_or(later, |wake| wake.min(later)));
        }
        opening
    }

    pub(super) fn started(&mut self, model: &str, tokens: Tokens) -> Passage {
        let now = self.now();
        self.limiter(model).started(now, tokens)
    }

    pub(super) fn ended(&mut self, model: &str, passage: Passage, end: End) {
        let now = self.now();
        self.limiter(model).ended(now, passage, end);
    }

    /// Below which bound a refused call draws its wait.
    pub(super) fn bound(&mut self, model: &str, turns: u32) -> Duration {
        self.limiter(model).bound(turns)
    }

    /// Takes the time at which to look again.
    pub(super) fn take_wake(&mut self) -> Option<Instant> {
        self.wake.take()
    }

    pub(super) fn has_wake(&self) -> bool {
        self.wake.is_some()
    }
}
