//! HTTP answers: whole, slow, cut or broken.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::Value;
use tokio::time::Sleep;

use crate::fault::ErrorReply;
use crate::ledger::Ticket;

/// How a good answer reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    Dribble { chunk: usize, pause: Duration },
    TruncatedJson,
    CutBody,
}

/// Ends the connection without an answer, or in the middle of one.
#[derive(Debug)]
pub(crate) struct Abort;

impl fmt::Display for Abort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scripted end of the connection")
    }
}

impl std::error::Error for Abort {}

impl From<Infallible> for Abort {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A body that may take its time or break off; the request counts as in flight until it is gone.
pub(crate) struct Script {
    left: Bytes,
    chunk: usize,
    pause: Option<(Duration, Option<Pin<Box<Sleep>>>)>,
    breaks_off: bool,
    _ticket: Ticket,
}

impl Body for Script {
    type Data = Bytes;
    type Error = Abort;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Abort>>> {
        let script = &mut *self;
        if script.left.is_empty() {
            return Poll::Ready(script.breaks_off.then_some(Err(Abort)));
        }
        if let Some((pause, sleep)) = &mut script.pause {
            let sleeping = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(*pause)));
            std::task::ready!(sleeping.as_mut().poll(context));
            *sleep = None;
        }
        let size = script.chunk.min(script.left.len());
        Poll::Ready(Some(Ok(Frame::data(script.left.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        if self.breaks_off { SizeHint::new() } else { SizeHint::with_exact(self.left.len() as u64) }
    }
}

/// A JSON answer with status 200.
pub(crate) fn success(body: &Value, delivery: Delivery, ticket: Ticket) -> Response<Script> {
    delivered(StatusCode::OK, body.to_string(), delivery, ticket)
}

/// JSON with any status.
pub(crate) fn delivered(
    status: StatusCode,
    mut text: String,
    delivery: Delivery,
    ticket: Ticket,
) -> Response<Script> {
    if delivery == Delivery::TruncatedJson {
        text.truncate(text.floor_char_boundary(text.len() / 2));
    }
    let promised = text.len();
    let mut bytes = Bytes::from(text);
    let (chunk, pause) = match delivery {
        Delivery::Dribble { chunk, pause } => (chunk.max(1), Some((pause, None))),
        _ => (usize::MAX, None),
    };
    let breaks_off = delivery == Delivery::CutBody;
    if breaks_off {
        bytes.truncate(promised / 2);
    }
    let sequence = ticket.sequence;
    let script = Script { left: bytes, chunk, pause, breaks_off, _ticket: ticket };
    let mut response = respond(status, "application/json", sequence, script);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    response
}

/// An error in the AWS JSON form.
pub(crate) fn failure(error: &ErrorReply, ticket: Ticket) -> Response<Script> {
    let sequence = ticket.sequence;
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = respond(status, "application/json", sequence, whole(error.body.to_string(), ticket));
    let code = format!("{}:http://internal.amazon.com/coral/com.amazon.bedrock/", error.code);
    if let Ok(value) = HeaderValue::try_from(code) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// An HTML page.
pub(crate) fn page(status: u16, ticket: Ticket) -> Response<Script> {
    let sequence = ticket.sequence;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let html = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
    respond(status, "text/html; charset=utf-8", sequence, whole(html, ticket))
}

fn whole(text: String, ticket: Ticket) -> Script {
    Script { left: text.into(), chunk: usize::MAX, pause: None, breaks_off: false, _ticket: ticket }
}

fn respond(status: StatusCode, kind: &'static str, sequence: u64, body: Script) -> Response<Script> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let id = format!("00000000-0000-4000-8000-{sequence:012x}");
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
