//! The stand-in for Bedrock.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use tokio::time::Instant;

use crate::cache::PromptCache;
use crate::call::ConverseCall;
use crate::config::{Config, Quota};
use crate::exchange::{Quotas, Shared, answer};
use crate::ledger::{Counters, Ledger, Recorded};
use crate::library::Library;
use crate::reply::Reply;
use crate::server::Server;

/// A running stand-in; stops when dropped.
pub struct Standin {
    server: Server,
    shared: Arc<Shared>,
}

impl Standin {
    /// Starts on a loopback port. `handler` answers each request that is valid and within the quota;
    /// it runs on the stand-in's one thread and should return at once. If it panics, the connection
    /// closes.
    ///
    /// # Errors
    /// When the port cannot be taken.
    pub fn start(
        config: Config,
        handler: impl Fn(&ConverseCall) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let port = config.port;
        let library = Library::new(config.most_versions);
        let quotas = Quotas { quota: config.quota, ..Quotas::default() };
        let shared = Arc::new(Shared {
            config,
            handler: Arc::new(handler),
            ledger: Ledger::default(),
            quotas: quotas.into(),
            cache: PromptCache::default(),
            library,
            refused: AtomicU32::new(0),
            start: Instant::now(),
        });
        let answering = Arc::clone(&shared);
        let server = Server::start(port, move |request| Box::pin(answer(Arc::clone(&answering), request)))?;
        Ok(Self { server, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The endpoint URL, for `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` or `--endpoint-url`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Totals so far.
    pub fn counters(&self) -> Counters {
        self.shared.ledger.counters()
    }

    /// The understood requests so far, in order of arrival; none unless [`Config::record`].
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.ledger.recorded()
    }

    /// The prompts of Prompt Management.
    pub fn library(&self) -> Library {
        self.shared.library.clone()
    }

    /// Changes the quota of every model from now on; what was used stays used.
    pub fn set_quota(&self, quota: Quota) {
        self.shared.with_quotas(|quotas, now| {
            quotas.quota = quota;
            for lane in quotas.lanes.values_mut() {
                lane.set(quota, now);
            }
        });
    }

    /// Blocks until the stand-in ends, which it does not by itself.
    pub fn wait(self) {
        self.server.wait();
    }
}
