//! One request and its answer: route, check, admit, inject a fault or ask the script.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::bucket::{Lane, Refusal};
use crate::cache::PromptCache;
use crate::call::{ConverseCall, input_tokens};
use crate::config::{Config, Quota};
use crate::embedding;
use crate::fault::{ErrorReply, Fault};
use crate::ledger::{Ledger, Operation, Ticket};
use crate::library::{Answered, Library};
use crate::reply::{Answer, Reply};
use crate::request::{authorized, hash, percent_decoded, read, route};
use crate::wire::{self, Abort, Delivery, Script};
use crate::{refusals, validation};

/// What Bedrock reserves when `maxTokens` is not set: the model's maximum.
const MODEL_MAX_TOKENS: u64 = 4096;

/// Of the runtime's clock.
const HALF_A_TICK: Duration = Duration::from_micros(500);

pub(crate) type Handler = Arc<dyn Fn(&ConverseCall) -> Reply + Send + Sync>;

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) handler: Handler,
    pub(crate) ledger: Ledger,
    pub(crate) quotas: Mutex<Quotas>,
    pub(crate) cache: PromptCache,
    pub(crate) library: Library,
    /// Calls refused for what the account has not done.
    pub(crate) refused: AtomicU32,
    pub(crate) start: Instant,
}

/// The quota in force and the state of each model's buckets.
#[derive(Default)]
pub(crate) struct Quotas {
    pub(crate) quota: Quota,
    pub(crate) lanes: BTreeMap<String, Lane>,
}

impl Shared {
    pub(crate) fn with_quotas<T>(&self, change: impl FnOnce(&mut Quotas, Duration) -> T) -> T {
        let now = self.start.elapsed();
        change(&mut self.quotas.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    fn admit(&self, call: &ConverseCall) -> Result<u64, ErrorReply> {
        let reserved = call.input_tokens() + call.parameters.max_tokens.unwrap_or(MODEL_MAX_TOKENS);
        let admitted = self.with_quotas(|quotas, now| {
            let quota = quotas.quota;
            let lane = quotas.lanes.entry(call.model.clone()).or_insert_with(|| Lane::new(quota, now));
            lane.admit(now, reserved as f64)
        });
        let throttled = |what: &str| {
            let message = format!("Too many {what}, please wait before trying again.");
            Err(ErrorReply::new(429, "ThrottlingException", message))
        };
        match admitted {
            Ok(()) => Ok(reserved),
            Err(Refusal::Requests) => throttled("requests"),
            Err(Refusal::Tokens) => throttled("tokens"),
        }
    }

    fn settle(&self, model: &str, unused: u64) {
        self.with_quotas(|quotas, _| {
            if let Some(lane) = quotas.lanes.get_mut(model) {
                lane.settle(unused as f64);
            }
        });
    }
}

/// Answers one HTTP request; an error resets the connection.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Script>, Abort> {
    let mut ticket = shared.ledger.arrive();
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return Err(Abort) };
    if let Some(found) = profile(&shared.config, head.uri.path()) {
        let found = authorized(&head.headers).and(found);
        ticket.answer(Some(found.as_ref().map_or_else(|error| error.status, |_| 200)));
        return Ok(match found {
            Ok(body) => wire::success(&body, Delivery::Whole, ticket),
            Err(error) => wire::failure(&error, ticket),
        });
    }
    if head.uri.path().starts_with("/prompts/") {
        return managed(&shared, &head, &body.to_bytes(), ticket);
    }
    let call = route(&head.method, head.uri.path()).and_then(|(operation, model)| {
        authorized(&head.headers)?;
        let bytes = body.to_bytes();
        let (model, bytes) = match model.contains(":prompt/") {
            true => shared.library.rendered(&model, &bytes)?,
            false => (model, bytes.to_vec()),
        };
        Ok((operation, read(operation, model, &bytes, &head.headers)?))
    });
    let (operation, mut call) = match call {
        Ok(call) => call,
        Err(error) => return Ok(fail(&error, ticket)),
    };
    call.sequence = ticket.sequence;
    let hash = hash(operation, &call);
    call.attempt = ticket.repeat(hash);
    if shared.config.record {
        ticket.record(operation, &call);
    }
    let refusal = match operation {
        Operation::Converse => validation::refusal(&call.body),
        Operation::CountTokens => validation::conversation(&call.body),
        Operation::InvokeModel => embedding::refusal(&call.model, &call.body),
    };
    if let Some(message) = refusal {
        return Ok(fail(&ErrorReply::validation(message), ticket));
    }
    let refusal = match operation {
        Operation::Converse => {
            let before = shared.refused.load(Ordering::Relaxed);
            refusals::of_converse(&call, &shared.config.account, before)
        }
        Operation::CountTokens => refusals::of_counting(&call),
        Operation::InvokeModel => None,
    };
    if let Some(error) = refusal {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return Ok(fail(&error, ticket));
    }
    match operation {
        Operation::Converse | Operation::InvokeModel => {
            answered(&shared, operation, call, hash, ticket).await
        }
        Operation::CountTokens => {
            ticket.answer(Some(200));
            let body = json!({"inputTokens": input_tokens(&call.body)});
            Ok(wire::success(&body, Delivery::Whole, ticket))
        }
    }
}

/// Prompt Management, of a third endpoint.
fn managed(shared: &Shared, head: &Parts, body: &[u8], ticket: Ticket) -> Result<Response<Script>, Abort> {
    if let Err(error) = authorized(&head.headers) {
        return Ok(fail(&error, ticket));
    }
    let query = head.uri.query().unwrap_or_default();
    match shared.library.answer(&head.method, head.uri.path(), query, body) {
        Answered::Body(status, body) => {
            ticket.answer(Some(status));
            let mut response = wire::success(&body, Delivery::Whole, ticket);
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            Ok(response)
        }
        Answered::Error(error) => Ok(fail(&error, ticket)),
        Answered::Lost => {
            ticket.answer(None);
            Err(Abort)
        }
    }
}

/// `GetInferenceProfile` and `ListInferenceProfiles`, of the other endpoint of Bedrock; `None`: something else is asked.
fn profile(config: &Config, path: &str) -> Option<Result<Value, ErrorReply>> {
    if path.trim_end_matches('/') == "/inference-profiles" {
        return Some(profiles(config));
    }
    let asked = percent_decoded(path.strip_prefix("/inference-profiles/")?)?;
    let Some((arn, models)) = config.application_profiles.iter().find(|(arn, _)| *arn == asked) else {
        let message = format!("The requested inference profile {asked} does not exist.");
        return Some(Err(ErrorReply::new(404, "ResourceNotFoundException", message)));
    };
    let id = arn.rsplit('/').next().unwrap_or_default();
    let models: Vec<Value> = models.iter().map(|model| json!({"modelArn": model})).collect();
    Some(Ok(json!({
        "inferenceProfileArn": arn,
        "inferenceProfileId": id,
        "inferenceProfileName": "shop",
        "models": models,
        "status": "ACTIVE",
        "type": "APPLICATION",
    })))
}

/// All on one page.
fn profiles(config: &Config) -> Result<Value, ErrorReply> {
    let Some(ids) = &config.profiles else {
        let message = "User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: \
                       bedrock:ListInferenceProfiles because no identity-based policy allows the \
                       bedrock:ListInferenceProfiles action";
        return Err(ErrorReply::new(403, "AccessDeniedException", message));
    };
    let summary = |id: &String| {
        let base = id.split_once('.').map_or(id.as_str(), |(_, base)| base);
        json!({
            "inferenceProfileArn": format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{id}"),
            "inferenceProfileId": id,
            "inferenceProfileName": "AWS",
            "models": [{"modelArn": format!("arn:aws:bedrock:us-east-1::foundation-model/{base}")}],
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        })
    };
    Ok(json!({"inferenceProfileSummaries": ids.iter().map(summary).collect::<Vec<_>>()}))
}

fn fail(error: &ErrorReply, ticket: Ticket) -> Response<Script> {
    ticket.answer(Some(error.status));
    wire::failure(error, ticket)
}

async fn answered(
    shared: &Shared,
    operation: Operation,
    call: ConverseCall,
    hash: u64,
    ticket: Ticket,
) -> Result<Response<Script>, Abort> {
    let reserved = match shared.admit(&call) {
        Ok(reserved) => reserved,
        Err(error) => return Ok(fail(&error, ticket)),
    };
    let looked = shared.cache.look(&call, shared.config.cache_from, shared.start.elapsed());
    let request = hash.wrapping_add(u64::from(call.attempt));
    let struck = shared.config.random_fault(request).cloned();
    let (answer, fault) = match (shared.handler)(&call) {
        Reply::Fault(fault) => (Answer::text("ok"), Some(fault)),
        Reply::Answer(answer) => (answer, struck),
    };
    let latency = answer.latency.unwrap_or_else(|| shared.config.latency.draw(shared.config.seed, request));
    if !latency.is_zero() && fault != Some(Fault::Throttling) {
        // The runtime's clock ticks once a millisecond and rounds up: half a tick less is right on average.
        tokio::time::sleep(latency.saturating_sub(HALF_A_TICK)).await;
    }
    let Some(delivery) = fault.as_ref().map_or(Some(Delivery::Whole), Fault::delivery) else {
        shared.settle(&call.model, reserved);
        return strike(fault, &call.model, ticket).await;
    };
    if operation == Operation::InvokeModel {
        let (tokens, body) = embedding::answer(&call.model, &call.body);
        shared.settle(&call.model, reserved.saturating_sub(tokens));
        ticket.answer(Some(200));
        let mut response = wire::success(&body, delivery, ticket);
        response.headers_mut().insert("x-amzn-bedrock-input-token-count", tokens.into());
        return Ok(response);
    }
    let usage = match answer.usage {
        Some(usage) => usage,
        None => shared.cache.settle(&call, &looked, answer.usage_for(&call), shared.start.elapsed()),
    };
    // What is read from the cache takes nothing of the quota.
    let used = usage.input + usage.cache_write.unwrap_or(0) + usage.output;
    shared.settle(&call.model, reserved.saturating_sub(used));
    ticket.answer(Some(200));
    let body = answer.body(usage, latency, ticket.sequence);
    Ok(wire::success(&body, delivery, ticket))
}

/// A fault that is not a model's answer.
async fn strike(fault: Option<Fault>, model: &str, ticket: Ticket) -> Result<Response<Script>, Abort> {
    if let Some(error) = fault.as_ref().and_then(|fault| fault.error(model)) {
        return Ok(fail(&error, ticket));
    }
    match fault {
        Some(Fault::Html { status }) => {
            ticket.answer(Some(status));
            Ok(wire::page(status, ticket))
        }
        Some(Fault::Hang) => {
            ticket.answer(None);
            std::future::pending().await
        }
        _ => {
            ticket.answer(None);
            Err(Abort)
        }
    }
}
