//! A stand-in for a server with OpenAI's Chat Completions.

use std::io;
use std::sync::Arc;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::call::{estimate, list};
use crate::fault::Fault;
use crate::ledger::{Counters, Ledger, Ticket};
use crate::number::Fnv;
use crate::server::Server;
use crate::wire::{self, Abort, Delivery, Script};

/// One request, as a script sees it.
#[derive(Clone, Debug)]
pub struct ChatCall {
    /// `GET` or `POST`.
    pub method: String,
    /// Such as `/v1/chat/completions`.
    pub path: String,
    /// The header `authorization`, whole.
    pub authorization: Option<String>,
    /// The body; null if there is none.
    pub body: Value,
    /// How often this very request was seen before: 0 at first.
    pub attempt: u32,
}

impl ChatCall {
    /// The model that is asked.
    pub fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }

    /// The texts of a role, joined by line breaks.
    pub fn texts(&self, role: &str) -> String {
        let texts = list(&self.body["messages"]).iter().filter(|message| message["role"] == role);
        texts.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The text of the last message.
    pub fn last_text(&self) -> &str {
        let last = list(&self.body["messages"]).last();
        last.and_then(|message| message["content"].as_str()).unwrap_or_default()
    }
}

/// What a script answers.
#[derive(Clone, Debug)]
pub struct ChatReply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
    fault: Option<Fault>,
}

impl ChatReply {
    /// Any body with any status.
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body, fault: None }
    }

    /// A plain answer that ends by itself.
    pub fn text(text: &str) -> Self {
        Self::message(json!({"role": "assistant", "content": text}), "stop")
    }

    /// A tool call; the arguments are sent as the text that they are.
    pub fn tool_call(name: &str, arguments: &str) -> Self {
        let function = json!({"name": name, "arguments": arguments});
        let call = json!({"id": "call_1", "type": "function", "function": function});
        Self::message(json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
    }

    /// A message, and why it ended.
    pub fn message(message: Value, finish_reason: &str) -> Self {
        let output = estimate(&message.to_string());
        let usage = json!({"prompt_tokens": 10, "completion_tokens": output, "total_tokens": 10 + output});
        let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason});
        Self::json(200, json!({"object": "chat.completion", "choices": [choice], "usage": usage}))
    }

    /// An error in OpenAI's form.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let kind = "invalid_request_error";
        Self::json(status, json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
    }

    /// Why the answer ended.
    pub fn finish(mut self, reason: &str) -> Self {
        self.body["choices"][0]["finish_reason"] = reason.into();
        self
    }

    /// With a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A page, a hang, a reset or a broken body in its place; of other faults only what is not Bedrock's counts.
    pub fn fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::text("broken") }
    }
}

/// A running stand-in; stops when dropped.
pub struct ChatStandin {
    server: Server,
    ledger: Ledger,
}

impl ChatStandin {
    /// Starts on a free loopback port. `GET /v1/models` lists these models; `handler` answers everything else below
    /// `/v1/`, on the stand-in's one thread.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(
        models: &[&str],
        handler: impl Fn(&ChatCall) -> ChatReply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listed: Vec<Value> = models.iter().map(|id| json!({"id": id, "object": "model"})).collect();
        let listed = Arc::new(json!({"object": "list", "data": listed}));
        let (ledger, handler) = (Ledger::default(), Arc::new(handler));
        let counted = ledger.clone();
        let server = Server::start(0, move |request| {
            let (ticket, listed, handler) = (counted.arrive(), Arc::clone(&listed), Arc::clone(&handler));
            Box::pin(async move {
                let call = read(request, &ticket).await?;
                let reply = match (call.method.as_str(), call.path.as_str()) {
                    ("GET", "/v1/models") => ChatReply::json(200, Value::clone(&listed)),
                    (_, path) if path.starts_with("/v1/") => handler(&call),
                    _ => ChatReply::json(404, json!({"detail": "Not Found"})),
                };
                respond(reply, ticket).await
            })
        })?;
        Ok(Self { server, ledger })
    }

    /// What a configuration names as `base_url`.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    /// Totals so far.
    pub fn counters(&self) -> Counters {
        self.ledger.counters()
    }
}

async fn read(request: Request<Incoming>, ticket: &Ticket) -> Result<ChatCall, Abort> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(Abort) };
    let body = serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null);
    let (method, path) = (head.method.to_string(), head.uri.path().to_owned());
    let mut hash = Fnv::new();
    hash.write(path.as_bytes());
    hash.write_json(&body);
    let attempt = if head.method == Method::POST { ticket.repeat(hash.finish()) } else { 0 };
    Ok(ChatCall { method, path, authorization: header(&head.headers), body, attempt })
}

fn header(headers: &HeaderMap) -> Option<String> {
    headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

async fn respond(reply: ChatReply, ticket: Ticket) -> Result<Response<Script>, Abort> {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let delivery = match &reply.fault {
        None => Delivery::Whole,
        Some(Fault::Html { status }) => {
            ticket.answer(Some(*status));
            return Ok(wire::page(*status, ticket));
        }
        Some(Fault::Hang) => {
            ticket.answer(None);
            std::future::pending().await
        }
        Some(fault) => match fault.delivery() {
            Some(delivery) => delivery,
            None => {
                ticket.answer(None);
                return Err(Abort);
            }
        },
    };
    ticket.answer(Some(reply.status));
    let mut response = wire::delivered(status, reply.body.to_string(), delivery, ticket);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    Ok(response)
}
