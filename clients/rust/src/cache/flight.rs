//! One read in progress, and the handling of its answers.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::entries::Copy;
use super::{Event, FOREVER, Shared, builder};
use crate::sources::{Answer, Key, Which};
use crate::{Error, Prompt, stored};

/// One read; all callers that need it wait for it.
pub(super) struct Flight {
    pub(super) keys: Vec<Key>,
    pub(super) started: Instant,
    landed: watch::Sender<bool>,
}

impl Flight {
    pub(super) fn new(keys: Vec<Key>, started: Instant) -> Self {
        Self { keys, started, landed: watch::Sender::new(false) }
    }

    pub(super) async fn lands_before(&self, deadline: Instant) -> bool {
        let mut landed = self.landed.subscribe();
        tokio::time::timeout_at(deadline, landed.wait_for(|landed| *landed))
            .await
            .is_ok_and(|seen| seen.is_ok())
    }
}

impl Shared {
    /// Asks the source, and stores the answers.
    pub(super) async fn fly(self: Arc<Self>, flight: Arc<Flight>) {
        let mut answers = self.source.read(&flight.keys).await;
        answers.resize_with(flight.keys.len(), || Err(Error::Unavailable("no answer".to_owned())));
        self.tell(&Event::Read { keys: flight.keys.clone(), took: flight.started.elapsed() });
        let chance = builder::chance();
        let mut timed = Vec::new();
        for (key, answer) in flight.keys.iter().zip(answers) {
            timed.extend(self.settle(key, &flight, answer, chance).await);
        }
        flight.landed.send_replace(true);
        self.until_due(timed).await;
    }

    /// Revokes copies when their time has passed. All copies of one read are due together.
    async fn until_due(self: Arc<Self>, timed: Vec<(Arc<Copy>, Instant)>) {
        let Some(due) = timed.first().map(|(_, due)| *due) else { return };
        let copies: Vec<_> = timed.iter().map(|(copy, _)| Arc::downgrade(copy)).collect();
        drop((self, timed));
        tokio::time::sleep_until(due).await;
        for copy in copies.iter().filter_map(Weak::upgrade) {
            copy.age();
        }
    }

    /// Stores one answer; returns the entry whose time must be watched.
    async fn settle(
        &self,
        key: &Key,
        flight: &Arc<Flight>,
        answer: Answer,
        chance: f64,
    ) -> Option<(Arc<Copy>, Instant)> {
        let read = answer.and_then(|found| {
            let content = stored::read(&found.content);
            Ok((content.map_err(|error| error.after(&format!("the prompt {key}: ")))?, found.version))
        });
        let (content, version) = match read {
            Ok(read) => read,
            Err(error) => {
                let is_current = {
                    let mut states = self.states();
                    let state = states.get_mut(key).filter(|state| state.is_on(flight));
                    // A read without waiting callers has failed before.
                    state.map(|state| state.fail(&self.settings, error.clone())).is_some()
                };
                if is_current {
                    self.fall_back(key).await;
                }
                self.tell(&Event::Failed { key: key.clone(), error });
                return None;
            }
        };
        let mut changed = None;
        let mut timed = None;
        {
            let mut states = self.states();
            let state = states.get_mut(key)?;
            if state.fetched_at.is_some_and(|fetched_at| flight.started < fetched_at) {
                return None;
            }
            let (ttl, jitter) = (self.lives(), self.settings.jitter);
            state.fetched_at = Some(flight.started);
            state.must = flight.started + ttl.mul_f64(1.0 + jitter);
            state.due = flight.started + ttl.mul_f64(1.0 + jitter / 2.0 * chance);
            state.expires = flight.started + self.settings.max_stale;
            let is_pinned = matches!(key.which, Which::Version(_));
            if is_pinned {
                state.due = flight.started + FOREVER;
                (state.must, state.expires) = (state.due, state.due);
            }
            let before = state.prompt.take();
            let is_known = before.as_ref().filter(|before| before.content.fingerprint == content.fingerprint);
            let prompt = Arc::new(Prompt {
                name: key.name.as_str().into(),
                version,
                source: self.source.kind(),
                compiled: is_known.map_or_else(Arc::default, |before| Arc::clone(&before.compiled)),
                content: Arc::new(content),
                fetched_at: flight.started,
                stale_at: (!is_pinned).then_some(state.must),
            });
            if is_known.is_none() {
                changed = Some(Arc::clone(&prompt));
            }
            let is_timed = self.settings.background || is_pinned;
            let copy = Arc::new(Copy::new(&prompt, state.due, is_timed));
            self.entries.rcu(|entries| entries.with(key, &copy));
            state.prompt = Some(prompt);
            if is_timed && !is_pinned {
                timed = Some((copy, state.due));
            }
            if !self.settings.background {
                state.must = state.due;
            }
            if state.is_on(flight) {
                state.flight = None;
            }
            (state.failure, state.failures, state.retry_at) = (None, 0, self.began);
        }
        if let Some(prompt) = changed {
            self.tell(&Event::Changed(prompt));
        }
        timed
    }

    /// The packaged fallback, if there is no copy and the store is unavailable.
    pub(super) async fn fall_back(&self, key: &Key) {
        let Some(fallback) = &self.settings.fallback else { return };
        let is_wanted = {
            let states = self.states();
            states.get(key).is_some_and(|state| {
                let is_away = state.failure.as_ref().is_some_and(|failure| !failure.is_settled());
                is_away && state.prompt.is_none()
            })
        };
        if !is_wanted || key.which != Which::Live {
            return;
        }
        let keys = [key.clone()];
        let answer = fallback.read(&keys).await.pop();
        let read = answer
            .and_then(Result::ok)
            .and_then(|found| Some((stored::read(&found.content).ok()?, found.version)));
        let Some((content, version)) = read else {
            tracing::warn!(%key, "the fallback has no such prompt");
            return;
        };
        let now = Instant::now();
        let mut states = self.states();
        let Some(state) = states.get_mut(key).filter(|state| state.prompt.is_none()) else { return };
        // Returned while the store fails.
        state.expires = now + FOREVER;
        state.prompt = Some(Arc::new(Prompt {
            name: key.name.as_str().into(),
            version,
            source: "fallback",
            content: Arc::new(content),
            fetched_at: now,
            stale_at: Some(now.checked_sub(Duration::from_nanos(1)).unwrap_or(now)),
            compiled: Arc::new(OnceLock::new()),
        }));
    }
}
