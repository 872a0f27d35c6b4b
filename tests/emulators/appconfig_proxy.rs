//! A proxy between the real SDK and MiniStack that adds the behaviour of AppConfig that MiniStack
//! lacks:
//!
//! * it remembers descriptions of hosted versions, and adds them to the answers and the listing;
//! * it locks on `Latest-Version-Number`, and refuses more than 1 MiB and descriptions over 1,024;
//! * listings come in pages of fifty, deployments the newest first, with the profile's id.
//!
//! Nothing else is touched: deployments, their states and what readers get are MiniStack's.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::in_between;
use crate::in_between::{Answer, InBetween, forward};

/// Items of a page.
const PAGE: usize = 50;
/// Bytes of a content.
const MOST_BYTES: usize = 1_048_576;

#[derive(Default)]
struct Remembered {
    /// By the path of a hosted version.
    descriptions: BTreeMap<String, String>,
    /// Profiles' ids by the path of a deployment.
    profiles: BTreeMap<String, String>,
    calls: Vec<String>,
}

struct Shared {
    behind: SocketAddr,
    /// Held over a whole call: looking and writing are one.
    remembered: Mutex<Remembered>,
}

/// The proxy; it ends when it is dropped.
pub struct AppConfigProxy {
    server: InBetween,
    shared: Arc<Shared>,
}

impl AppConfigProxy {
    /// Listens before `url`, an `http://address:port`.
    pub fn before(url: &str) -> Self {
        let shared = Arc::new(Shared { behind: in_between::behind(url), remembered: Mutex::default() });
        let of_server = Arc::clone(&shared);
        let server = InBetween::start(move |request| answer(request, Arc::clone(&of_server)));
        Self { server, shared }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Takes what was called since the last time, as method and path.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.remembered.blocking_lock().calls)
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let path = head.uri.path().to_owned();
    let mut remembered = shared.remembered.lock().await;
    remembered.calls.push(format!("{} {path}", head.method));
    let is_listing = head.method == Method::GET;
    match path.rsplit('/').next() {
        Some("hostedconfigurationversions") if head.method == Method::POST => {
            host(head, body, shared.behind, &mut remembered).await
        }
        Some("hostedconfigurationversions") if is_listing => {
            let add = |item: &mut Value| {
                let path = format!("{path}/{}", item["VersionNumber"]);
                item["Description"] = json!(remembered.descriptions.get(&path));
            };
            paged(head, shared.behind, false, add).await
        }
        Some("deployments") if is_listing => {
            let add = |item: &mut Value| {
                let path = format!("{path}/{}", item["DeploymentNumber"]);
                item["ConfigurationProfileId"] = json!(remembered.profiles.get(&path));
            };
            paged(head, shared.behind, true, add).await
        }
        Some("deployments") if head.method == Method::POST => {
            let response = forward(head, body, shared.behind).await?;
            let said = json_of(&response).await;
            if let (Some(number), Some(profile)) =
                (said["DeploymentNumber"].as_u64(), said["ConfigurationProfileId"].as_str())
            {
                remembered.profiles.insert(format!("{path}/{number}"), profile.to_owned());
            }
            Ok(response)
        }
        _ => {
            let mut response = forward(head, body, shared.behind).await?;
            if let Some(description) = remembered.descriptions.get(&path) {
                let value = HeaderValue::from_str(description).expect("a description in ASCII");
                response.headers_mut().insert("description", value);
            }
            Ok(response)
        }
    }
}

async fn host(
    head: Parts,
    body: Bytes,
    behind: SocketAddr,
    remembered: &mut Remembered,
) -> io::Result<Answer> {
    let path = head.uri.path().to_owned();
    let text = |headers: &HeaderMap, name: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let description = text(&head.headers, "description").unwrap_or_default();
    if body.len() > MOST_BYTES {
        return Ok(refusal(413, "PayloadTooLargeException"));
    }
    if description.len() > 1024 {
        return Ok(refusal(400, "BadRequestException"));
    }
    let versions = json_of(&list(&head, behind).await?).await;
    let numbers = versions["Items"].as_array().into_iter().flatten();
    let newest = numbers.filter_map(|item| item["VersionNumber"].as_u64()).max().unwrap_or_default();
    let lock = text(&head.headers, "latest-version-number");
    if lock.is_some_and(|lock| lock != newest.to_string()) {
        return Ok(refusal(409, "ConflictException"));
    }
    let response = forward(head, body, behind).await?;
    if let Some(number) = text(response.headers(), "version-number") {
        remembered.descriptions.insert(format!("{path}/{number}"), description);
    }
    Ok(response)
}

fn refusal(status: u16, code: &str) -> Answer {
    Response::builder()
        .status(status)
        .header("x-amzn-errortype", code)
        .body(Full::new(Bytes::from(json!({"Message": "no"}).to_string())))
        .expect("a response")
}

/// All items of a listing.
async fn list(head: &Parts, behind: SocketAddr) -> io::Result<Answer> {
    let uri = format!("{}?max_results=1000000", head.uri.path());
    let mut request = Request::builder().uri(uri).body(()).expect("a request").into_parts().0;
    request.headers = head.headers.clone();
    request.headers.remove(CONTENT_LENGTH);
    forward(request, Bytes::new(), behind).await
}

/// One page, its items amended.
async fn paged(
    head: Parts,
    behind: SocketAddr,
    backwards: bool,
    amend: impl Fn(&mut Value),
) -> io::Result<Answer> {
    let query = head.uri.query().unwrap_or_default().to_owned();
    let token = query.split('&').find_map(|pair| pair.strip_prefix("next_token="));
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or_default();
    let answer = list(&head, behind).await?;
    let mut said = json_of(&answer).await;
    let Some(items) = said["Items"].as_array_mut() else { return Ok(answer) };
    if backwards {
        items.reverse();
    }
    let all = items.len();
    let mut page: Vec<Value> = items.drain(..).skip(from).take(PAGE).collect();
    page.iter_mut().for_each(amend);
    said["Items"] = json!(page);
    if from + PAGE < all {
        said["NextToken"] = json!((from + PAGE).to_string());
    }
    let (mut head, _) = answer.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(head, Full::new(Bytes::from(said.to_string()))))
}

/// An answer's JSON, read without taking it away.
async fn json_of(answer: &Answer) -> Value {
    let body = answer.body().clone().collect().await.expect("a body in memory").to_bytes();
    serde_json::from_slice(&body).unwrap_or_default()
}
