//! A proxy between the real SDK and an emulator that numbers the calls and makes chosen ones fail as networks
//! and services fail: before the effect, after it, by throttling, without an answer.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};

use crate::in_between;
use crate::in_between::{Answer, InBetween};

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service says that it failed, and nothing was done.
    Fails,
    /// The connection breaks off, and nothing was done.
    BreaksOff,
    /// It was done, and the answer is lost.
    AnswerLost,
    /// Too many requests; nothing was done.
    Throttles,
    /// Nothing was done, and there is never an answer.
    Hangs,
}

/// Every fault.
pub const FAULTS: [Fault; 5] =
    [Fault::Fails, Fault::BreaksOff, Fault::AnswerLost, Fault::Throttles, Fault::Hangs];

#[derive(Default)]
struct State {
    calls: Vec<String>,
    faults: BTreeMap<usize, Fault>,
    denies: bool,
    /// The operation that is denied.
    denied: Option<String>,
    /// From this call on nothing gets through; whether this one's effect still happens.
    dead: Option<(usize, bool)>,
    /// Holds every call from this number on until it is let go.
    hold: Option<usize>,
}

struct Shared {
    state: Mutex<State>,
    behind: SocketAddr,
    held: tokio::sync::Notify,
    arrived: Condvar,
}

/// The proxy; it ends when it is dropped.
pub struct FaultProxy {
    server: InBetween,
    shared: Arc<Shared>,
}

impl FaultProxy {
    /// Listens before `url`, an `http://address:port`.
    pub fn before(url: &str) -> Self {
        let (state, held) = (Mutex::default(), tokio::sync::Notify::new());
        let behind = in_between::behind(url);
        let shared = Arc::new(Shared { state, behind, held, arrived: Condvar::new() });
        let of_server = Arc::clone(&shared);
        let server = InBetween::start(move |request| answer(request, Arc::clone(&of_server)));
        Self { server, shared }
    }

    /// A service with nothing behind it that denies every call.
    pub fn denying() -> Self {
        let proxy = Self::before("http://127.0.0.1:9");
        proxy.state().denies = true;
        proxy
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Forgets the calls so far and lets the call with this number, from 0, fail.
    pub fn arm(&self, number: usize, fault: Fault) {
        *self.state() = State { faults: BTreeMap::from([(number, fault)]), ..State::default() };
    }

    /// Forgets the calls so far; the call with this number still has its `effect`, or not, and no answer of it or of
    /// any later one comes back, as if the process had ended there.
    pub fn die_at(&self, number: usize, effect: bool) {
        *self.state() = State { dead: Some((number, effect)), ..State::default() };
    }

    /// Forgets the calls so far, and denies this operation, such as `PutParameter`.
    pub fn deny(&self, operation: &str) {
        *self.state() = State { denied: Some(operation.to_owned()), ..State::default() };
    }

    /// Waits until so many calls have come in.
    pub fn wait_for(&self, calls: usize) {
        let waiting = |state: &mut State| state.calls.len() < calls;
        let patience = Duration::from_secs(60);
        let waited = self.shared.arrived.wait_timeout_while(self.state(), patience, waiting);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{} calls came in of {calls}: {:?}", state.calls.len(), state.calls);
    }

    /// Forgets the calls so far; none fails.
    pub fn disarm(&self) {
        *self.state() = State::default();
        self.shared.held.notify_waiters();
    }

    /// Forgets the calls so far, and holds those from this number on until [`FaultProxy::release`].
    pub fn hold_from(&self, number: usize) {
        *self.state() = State { hold: Some(number), ..State::default() };
    }

    /// Lets go what is held.
    pub fn release(&self) {
        self.state().hold = None;
        self.shared.held.notify_waiters();
    }

    /// What was called, in order: `PutParameter` and the like, or method and path.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Answer> {
    let service = Service::of(&request);
    let (number, fault, dead) = {
        let mut state = shared.state();
        let called = name(&request);
        let is_denied = state.denies || state.denied.as_ref() == Some(&called);
        state.calls.push(called);
        shared.arrived.notify_all();
        if is_denied {
            return Ok(match service {
                Service::Ssm => service.error(400, "AccessDeniedException", ""),
                _ => service.error(403, "AccessDeniedException", "AccessDenied"),
            });
        }
        let number = state.calls.len() - 1;
        (number, state.faults.get(&number).copied(), state.dead)
    };
    if let Some((_, effect)) = dead.filter(|(from, _)| number >= *from) {
        if effect && dead.is_some_and(|(from, _)| number == from) {
            forward(request, shared.behind).await?;
        }
        return Err(broken_off());
    }
    loop {
        let mut notified = std::pin::pin!(shared.held.notified());
        notified.as_mut().enable();
        if shared.state().hold.is_none_or(|from| number < from) {
            break;
        }
        notified.await;
    }
    match fault {
        None => forward(request, shared.behind).await,
        Some(Fault::Fails) => Ok(service.error(500, "InternalServerError", "InternalError")),
        Some(Fault::BreaksOff) => Err(broken_off()),
        Some(Fault::AnswerLost) => {
            forward(request, shared.behind).await?;
            Err(broken_off())
        }
        Some(Fault::Throttles) => Ok(match service {
            Service::Ssm => service.error(400, "ThrottlingException", ""),
            Service::S3 => service.error(503, "", "SlowDown"),
            Service::Other => service.error(429, "TooManyRequestsException", ""),
        }),
        Some(Fault::Hangs) => std::future::pending().await,
    }
}

fn broken_off() -> io::Error {
    io::Error::other("broken off")
}

async fn forward(request: Request<Incoming>, behind: SocketAddr) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    in_between::forward(head, body, behind).await
}

/// How a service words its errors.
#[derive(Clone, Copy)]
enum Service {
    Ssm,
    S3,
    Other,
}

impl Service {
    fn of(request: &Request<Incoming>) -> Self {
        let header =
            |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        match header("authorization") {
            _ if header("x-amz-target").starts_with("AmazonSSM.") => Service::Ssm,
            signed if signed.contains("/s3/aws4_request") => Service::S3,
            _ => Service::Other,
        }
    }

    fn error(self, status: u16, code: &str, xml_code: &str) -> Answer {
        let body = match self {
            Service::S3 => format!("<Error><Code>{xml_code}</Code><Message>no</Message></Error>"),
            _ => format!("{{\"__type\":\"{code}\",\"message\":\"no\"}}"),
        };
        Response::builder()
            .status(status)
            .header("x-amzn-requestid", "1")
            .header("x-amz-request-id", "1")
            .header("x-amzn-errortype", code)
            .body(Full::new(Bytes::from(body)))
            .expect("a response")
    }
}

fn name(request: &Request<Incoming>) -> String {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
    match target.and_then(|target| target.split_once('.')) {
        Some((_, operation)) => operation.to_owned(),
        None => format!("{} {}", request.method(), request.uri().path()),
    }
}
