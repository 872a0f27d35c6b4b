//! How long a copy is valid, and what happens if the store does not answer.

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::Instant;

use super::entries::Entries;
use super::{Event, Prompts, Shared};
use crate::sources::Source;

type OnEvent = Box<dyn Fn(&Event) + Send + Sync>;

/// How prompts are kept.
pub(super) struct Settings {
    pub(super) ttl: Duration,
    pub(super) jitter: f64,
    pub(super) timeout: Duration,
    pub(super) max_stale: Duration,
    pub(super) negative_ttl: Duration,
    pub(super) background: bool,
    pub(super) fallback: Option<Arc<dyn Source>>,
    pub(super) on_event: Option<OnEvent>,
}

/// Builds [`Prompts`].
pub struct Builder {
    source: Arc<dyn Source>,
    settings: Settings,
}

impl Builder {
    pub(super) fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            settings: Settings {
                ttl: Duration::from_secs(300),
                jitter: 0.2,
                timeout: Duration::from_secs(3),
                max_stale: Duration::from_secs(86_400),
                negative_ttl: Duration::from_secs(10),
                background: env::var_os("AWS_LAMBDA_FUNCTION_NAME").is_none(),
                fallback: None,
                on_event: None,
            },
        }
    }

    /// The time to live. Default: five minutes.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.settings.ttl = ttl;
        self
    }

    /// The jitter, a share of the time to live, from 0 to 1. Default: 0.2.
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.settings.jitter = jitter.clamp(0.0, 1.0);
        self
    }

    /// How long a `get` waits for the store at most. Default: three seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// The age from which on a copy is not served, whatever the store does. Default: a day.
    #[must_use]
    pub fn max_stale(mut self, max_stale: Duration) -> Self {
        self.settings.max_stale = max_stale;
        self
    }

    /// How long "not found" and "access denied" are remembered. Default: ten seconds.
    #[must_use]
    pub fn negative_ttl(mut self, negative_ttl: Duration) -> Self {
        self.settings.negative_ttl = negative_ttl;
        self
    }

    /// Whether to refresh in the background. Default: everywhere but in Lambda, which stops between
    /// invocations.
    #[must_use]
    pub fn background(mut self, background: bool) -> Self {
        self.settings.background = background;
        self
    }

    /// What is served when the store does not answer and there is no copy yet.
    #[must_use]
    pub fn fallback(mut self, fallback: impl Source) -> Self {
        self.settings.fallback = Some(Arc::new(fallback));
        self
    }

    /// Called with every event; must be quick.
    #[must_use]
    pub fn on_event(mut self, on_event: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.settings.on_event = Some(Box::new(on_event));
        self
    }

    /// The prompts. Nothing is read yet.
    pub fn build(self) -> Prompts {
        Prompts {
            shared: Arc::new(Shared {
                source: self.source,
                settings: self.settings,
                entries: ArcSwap::from_pointee(Entries::default()),
                states: Mutex::new(BTreeMap::new()),
                began: Instant::now(),
            }),
        }
    }
}

/// A number from 0 to 1, for jitter: the standard library's own randomness is enough.
pub(super) fn chance() -> f64 {
    let drawn = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(drawn >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
