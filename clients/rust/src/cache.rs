//! The prompts in memory: refreshed by one read for all waiting callers, and kept while the store is
//! unavailable.

mod builder;
mod entries;
mod flight;
mod get;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::Instant;

pub use self::builder::Builder;
use self::builder::Settings;
use self::entries::Entries;
use self::flight::Flight;
pub use self::get::Get;
use crate::sources::{Key, Source, Which};
use crate::{Error, Prompt};

/// The minimum time to live after the time of a source's own cache is subtracted.
const SHORTEST_TTL: Duration = Duration::from_secs(15);
/// Longer than any process runs.
const FOREVER: Duration = Duration::from_secs(3_000_000_000);

/// Something that happened, for metrics: never one per hit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The store was asked.
    Read {
        /// For what.
        keys: Vec<Key>,
        /// How long it took.
        took: Duration,
    },
    /// A prompt has another content than before, or its first one.
    Changed(Arc<Prompt>),
    /// A prompt could not be read.
    Failed {
        /// Which.
        key: Key,
        /// Why.
        error: Error,
    },
    /// A copy was returned although it is older than it should be.
    Stale(Arc<Prompt>),
    /// The fallback was served.
    Fallback(Arc<Prompt>),
}

/// Prompts from a source, kept in memory. Make one per process and clone it; clones share everything.
///
/// A copy is refreshed at a random time from `ttl` to `ttl * (1 + jitter / 2)`, and is returned without a
/// successful read of the store for at most `ttl * (1 + jitter)`. After that it is returned only while
/// the store fails, for at most `max_stale`, and it is marked: [`Prompt::is_stale`].
#[derive(Clone)]
pub struct Prompts {
    shared: Arc<Shared>,
}

struct Shared {
    source: Arc<dyn Source>,
    settings: Settings,
    /// The data that hits read. It is replaced as a whole, so that no reader waits.
    entries: ArcSwap<Entries>,
    /// The data that everything else uses.
    states: Mutex<BTreeMap<Key, State>>,
    began: Instant,
}

/// What is known of one key.
struct State {
    prompt: Option<Arc<Prompt>>,
    /// When the newest copy was asked for.
    fetched_at: Option<Instant>,
    /// The time from which it is refreshed in the background.
    due: Instant,
    /// The time from which the caller waits for it.
    must: Instant,
    /// The time from which it is not returned any more.
    expires: Instant,
    flight: Option<Arc<Flight>>,
    failure: Option<Error>,
    failures: u32,
    retry_at: Instant,
}

impl Prompts {
    /// Prompts from this source.
    pub fn builder(source: impl Source) -> Builder {
        Builder::new(Arc::new(source))
    }

    /// The live prompt, from memory; waits for the store only if there is no copy that may be served.
    /// Must be awaited in a Tokio runtime.
    ///
    /// # Errors
    /// Any but [`Error::Render`].
    #[inline]
    pub fn get<'a>(&'a self, name: &'a str) -> Get<'a> {
        Get::new(self, name, Which::Live)
    }

    /// This version, which never changes and is read once, or the one that carries a label.
    ///
    /// # Errors
    /// As for [`Prompts::get`].
    #[inline]
    pub fn get_which<'a>(&'a self, name: &'a str, which: Which) -> Get<'a> {
        Get::new(self, name, which)
    }

    /// The copy in memory, if it may be returned. This is the only part of a hit that is not compiled
    /// into the caller.
    fn hit(&self, name: &str, which: &Which) -> Option<Arc<Prompt>> {
        self.shared.entries.load().hit(name, which)
    }

    /// Reads these prompts, as many to a call as the source takes.
    ///
    /// # Errors
    /// The first one, after all were tried.
    pub async fn prefetch<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Result<(), Error> {
        let key = |name: N| Key { name: name.as_ref().to_owned(), which: Which::Live };
        let keys: Vec<Key> = names.into_iter().map(key).collect();
        let mut started = Vec::new();
        {
            let now = Instant::now();
            let mut states = self.shared.states();
            for key in &keys {
                self.shared.add(&mut states, key);
            }
            let mut wanted: Vec<Key> = keys.iter().filter(|key| states[*key].wants(now)).cloned().collect();
            wanted.sort();
            wanted.dedup();
            for part in wanted.chunks(self.shared.source.batch().max(1)) {
                started.push(begin(&mut states, part.to_vec(), now));
            }
        }
        for flight in started {
            tokio::spawn(Arc::clone(&self.shared).fly(flight));
        }
        let mut first = Ok(());
        for key in keys {
            if let (Err(error), Ok(())) = (self.shared.look(key).await, &first) {
                first = Err(error);
            }
        }
        first
    }
}

impl Shared {
    fn states(&self) -> MutexGuard<'_, BTreeMap<Key, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes sure that there is a state for the key.
    fn add(&self, states: &mut BTreeMap<Key, State>, key: &Key) {
        if !states.contains_key(key) {
            states.insert(key.clone(), State::new(self.began));
        }
    }

    async fn look(self: &Arc<Self>, key: Key) -> Result<Arc<Prompt>, Error> {
        let now = Instant::now();
        let (mut started, mut is_late) = (None, false);
        let waited = {
            let mut states = self.states();
            self.add(&mut states, &key);
            let state = states.get_mut(&key).expect("it was added");
            if let Some(prompt) = state.prompt.clone().filter(|_| now < state.due) {
                return Ok(prompt);
            }
            if state.flight.as_ref().is_some_and(|flight| now >= flight.started + self.settings.timeout) {
                // No caller waited until the end; a late answer is used all the same.
                let error = self.too_slow(&key);
                state.fail(&self.settings, error);
                is_late = true;
            }
            if state.wants(now) {
                let keys = self.together(&states, &key, now);
                started = Some(begin(&mut states, keys, now));
            }
            let state = &states[&key];
            // While the store fails, only Lambda waits for another attempt: it has no time in the background.
            let is_hopeful = state.failures == 0 || !self.settings.background;
            let must_wait = state.prompt.is_none() || (now >= state.must && is_hopeful);
            state.flight.clone().filter(|_| must_wait)
        };
        if is_late {
            self.fall_back(&key).await;
        }
        if let Some(flight) = started {
            tokio::spawn(Arc::clone(self).fly(flight));
        }
        if let Some(flight) = waited
            && !flight.lands_before(flight.started + self.settings.timeout).await
        {
            self.give_up(&flight).await;
        }
        self.served(&key)
    }

    /// The time to live of a new copy, minus the time of the source's own cache.
    fn lives(&self) -> Duration {
        self.settings.ttl.saturating_sub(self.source.lag()).max(self.settings.ttl.min(SHORTEST_TTL))
    }

    /// The key, and others that a read may take along because they are due soon.
    fn together(&self, states: &BTreeMap<Key, State>, key: &Key, now: Instant) -> Vec<Key> {
        let soon = now + self.lives().mul_f64(self.settings.jitter);
        let others = states.iter().filter(|(other, state)| {
            let is_soon = state.prompt.is_some() && state.due < soon && state.flight.is_none();
            is_soon && now >= state.retry_at && *other != key && !matches!(other.which, Which::Version(_))
        });
        let others = others.map(|(other, _)| other.clone()).take(self.source.batch().saturating_sub(1));
        std::iter::once(key.clone()).chain(others).collect()
    }

    /// No caller waits for this read any longer.
    async fn give_up(&self, flight: &Arc<Flight>) {
        for key in &flight.keys {
            let error = self.too_slow(key);
            let is_current = {
                let mut states = self.states();
                let state = states.get_mut(key).filter(|state| state.is_on(flight));
                state.map(|state| state.fail(&self.settings, error.clone())).is_some()
            };
            if is_current {
                self.fall_back(key).await;
                self.tell(&Event::Failed { key: key.clone(), error });
            }
        }
    }

    fn too_slow(&self, key: &Key) -> Error {
        let (kind, limit) = (self.source.kind(), self.settings.timeout);
        Error::Unavailable(format!("{key}: the {kind} source did not answer within {limit:?}"))
    }

    /// The copy there is, or why there is none.
    fn served(&self, key: &Key) -> Result<Arc<Prompt>, Error> {
        let (prompt, failure) = {
            let states = self.states();
            let state = &states[key];
            let prompt = state.prompt.clone().filter(|_| Instant::now() < state.expires);
            (prompt, state.failure.clone())
        };
        let Some(prompt) = prompt else {
            let old = || format!("{key}: the copy is too old to be served, and no newer one could be read");
            return Err(failure.unwrap_or_else(|| Error::Unavailable(old())));
        };
        if prompt.is_stale() {
            let is_fallback = prompt.source == "fallback";
            let prompt = Arc::clone(&prompt);
            self.tell(&if is_fallback { Event::Fallback(prompt) } else { Event::Stale(prompt) });
        }
        Ok(prompt)
    }

    fn tell(&self, event: &Event) {
        match event {
            Event::Read { keys, took } => tracing::debug!(count = keys.len(), ?took, "prompts read"),
            Event::Changed(prompt) => {
                tracing::info!(name = &*prompt.name, version = prompt.version, "prompt changed");
            }
            Event::Failed { key, error } => tracing::warn!(%key, %error, "prompt not read"),
            Event::Stale(prompt) => tracing::debug!(name = &*prompt.name, "stale prompt served"),
            Event::Fallback(prompt) => tracing::debug!(name = &*prompt.name, "fallback served"),
        }
        if let Some(on_event) = &self.settings.on_event {
            on_event(event);
        }
    }
}

/// Prepares a read, for `fly`.
fn begin(states: &mut BTreeMap<Key, State>, keys: Vec<Key>, now: Instant) -> Arc<Flight> {
    let flight = Arc::new(Flight::new(keys, now));
    for key in &flight.keys {
        if let Some(state) = states.get_mut(key) {
            state.flight = Some(Arc::clone(&flight));
        }
    }
    flight
}

impl State {
    fn new(began: Instant) -> Self {
        Self {
            prompt: None,
            fetched_at: None,
            due: began,
            must: began,
            expires: began,
            flight: None,
            failure: None,
            failures: 0,
            retry_at: began,
        }
    }

    fn wants(&self, now: Instant) -> bool {
        self.flight.is_none() && now >= self.due && now >= self.retry_at
    }

    fn is_on(&self, flight: &Arc<Flight>) -> bool {
        self.flight.as_ref().is_some_and(|own| Arc::ptr_eq(own, flight))
    }

    fn fail(&mut self, settings: &Settings, error: Error) {
        /// The longest wait before a failed read is tried again.
        const LONGEST_RETRY: Duration = Duration::from_secs(30);
        self.flight = None;
        let backoff = Duration::from_secs(1 << self.failures.min(10)).min(LONGEST_RETRY);
        let wait = if error.is_settled() { settings.negative_ttl } else { backoff };
        self.retry_at = Instant::now() + wait.mul_f64(1.0 + settings.jitter * builder::chance());
        self.failures += 1;
        self.failure = Some(error);
    }
}
