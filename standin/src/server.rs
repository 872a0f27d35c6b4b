//! The listening side: a thread of its own, so that blocking tests can use it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::cache::PromptCache;
use crate::call::ConverseCall;
use crate::config::{Config, Quota};
use crate::exchange::{Quotas, Shared, answer};
use crate::ledger::{Counters, Ledger, Recorded};
use crate::library::Library;
use crate::reply::Reply;

/// A running stand-in; stops when dropped.
pub struct Standin {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
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
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let thread = std::thread::Builder::new().name("standin".to_owned()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = started.send(Err(error));
                    return;
                }
            };
            runtime.block_on(async move {
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
                let bound = listen(port).await;
                let listener = match bound {
                    Ok((listener, address)) => {
                        let _ = started.send(Ok((address, Arc::clone(&shared))));
                        listener
                    }
                    Err(error) => {
                        let _ = started.send(Err(error));
                        return;
                    }
                };
                tokio::select! {
                    () = accept(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        })?;
        let (address, shared) =
            starting.recv().unwrap_or_else(|_| Err(io::Error::other("the stand-in's thread ended")))?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The endpoint URL, for `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` or `--endpoint-url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
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
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let answering: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(answer(Arc::clone(&shared), request));
        answering
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    if ended.is_err() {
        // Closing with a zero linger sends RST instead of FIN.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}
