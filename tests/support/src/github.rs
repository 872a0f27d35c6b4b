//! A GitHub in memory: comments with pages, permissions and limits, and the Git data of a
//! repository on disk. Faults are queued and hit the next request they fit.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::repository::git;

/// The repository that it has.
pub const REPOSITORY: &str = "shop/prompts";
/// Who the token of a workflow is.
pub const BOT: &str = "github-actions[bot]";

/// A comment on pull request 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// The login of who wrote it.
    pub author: String,
    /// Its Markdown.
    pub body: String,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The header `Accept`.
    pub accept: Option<String>,
    /// The body as text.
    pub body: String,
}

/// What goes wrong once.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status, headers and body, and nothing is done.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// It is done, and a proxy says 502.
    DoneBut502,
    /// It is done, and nothing is ever said.
    DoneButSilent,
    /// Nothing is done, and nothing is ever said.
    Silent,
}

/// What it knows and what happened; tests read and set it.
#[derive(Default)]
pub struct State {
    /// Comments of pull request 1, oldest first.
    pub comments: Vec<Comment>,
    /// Every request, in order.
    pub requests: Vec<Seen>,
    /// Method and a part of the target, and what happens to the next request that fits.
    pub faults: Vec<(&'static str, &'static str, Fault)>,
    /// The repository on disk that its Git data comes from.
    pub origin: Option<PathBuf>,
    /// The token may not write.
    pub is_read_only: bool,
    /// Another run's comment that appears just before ours is created.
    pub raced_by: Option<String>,
    /// What happened to pull request 1's labels, oldest first: put on or off, when.
    pub labels: Vec<(bool, &'static str, &'static str)>,
    /// What pull request 1 says of itself.
    pub description: String,
    /// Its newest commit, if GitHub reports it.
    pub head: Option<String>,
    /// Commits that pull request 1 brought.
    pub merged: Vec<String>,
    /// Every user's permission in the repository; `None`: it is not reported.
    pub permission: Option<&'static str>,
    /// Targets with this part are refused.
    pub forbidden: Option<&'static str>,
    next_id: u64,
}

impl State {
    /// Adds a comment; returns its number.
    pub fn add(&mut self, author: &str, body: &str) -> u64 {
        self.next_id += 1;
        self.comments.push(Comment { id: self.next_id, author: author.to_owned(), body: body.to_owned() });
        self.next_id
    }
}

/// The server; it ends when it is dropped.
pub struct GitHub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    arrivals: mpsc::Receiver<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl GitHub {
    /// Starts it on a free port, with the Git data of this repository.
    pub fn start(origin: Option<&Path>) -> Self {
        let state = Arc::new(Mutex::new(State { origin: origin.map(Path::to_path_buf), ..State::default() }));
        let (stop, stopped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let (arrived, arrivals) = mpsc::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = accept(listener, shared, arrived) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = starting.recv().unwrap();
        Self { address, state, arrivals, stop: Some(stop), thread: Some(thread) }
    }

    /// Blocks until a request of this method has been answered; a minute without one is a hang.
    pub fn wait_for(&self, method: &str) {
        while self.arrivals.recv_timeout(Duration::from_secs(60)).expect("a request") != method {}
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it knows, locked.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The one comment of the bot.
    pub fn comment(&self) -> String {
        let state = self.state();
        let mine: Vec<&Comment> = state.comments.iter().filter(|comment| comment.author == BOT).collect();
        assert_eq!(mine.len(), 1, "{mine:#?}");
        mine[0].body.clone()
    }

    /// `METHOD target` of all requests, in order.
    pub fn log(&self) -> Vec<String> {
        self.state().requests.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, state: Arc<Mutex<State>>, arrived: mpsc::Sender<String>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (state, arrived) = (Arc::clone(&state), arrived.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let (state, arrived, method) =
                    (Arc::clone(&state), arrived.clone(), request.method().to_string());
                async move {
                    let response = handle(request, state).await;
                    let _ = arrived.send(method);
                    response
                }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Reply {
    fn json(status: u16, value: Value) -> Self {
        Self { status, headers: Vec::new(), body: value.to_string() }
    }

    fn error(status: u16, message: &str) -> Self {
        Self::json(status, json!({"message": message, "documentation_url": "https://docs.github.com/rest"}))
    }
}

async fn handle(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let method = request.method().to_string();
    let target = request.uri().to_string();
    let accept = request.headers().get("accept").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let fault = {
        let mut state = state.lock().unwrap();
        let seen = Seen { method: method.clone(), target: target.clone(), accept, body: body.clone() };
        state.requests.push(seen);
        let hit = state.faults.iter().position(|(verb, part, _)| *verb == method && target.contains(part));
        hit.map(|index| state.faults.remove(index).2)
    };
    let act = || answer(&mut state.lock().unwrap(), &method, &target, &body);
    let reply = match fault {
        None => act(),
        Some(Fault::Answer(status, headers, body)) => Reply { status, headers, body },
        Some(Fault::DoneBut502) => {
            act();
            Reply { status: 502, headers: Vec::new(), body: "<html>Bad Gateway</html>".to_owned() }
        }
        Some(Fault::DoneButSilent) => {
            act();
            std::future::pending().await
        }
        Some(Fault::Silent) => std::future::pending().await,
    };
    let mut response = Response::builder().status(reply.status).header("content-type", "application/json");
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(Bytes::from(reply.body))).unwrap())
}

fn answer(state: &mut State, method: &str, target: &str, body: &str) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Some(rest) = path.strip_prefix(&format!("/repos/{REPOSITORY}/")) else {
        return Reply::error(404, "Not Found");
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let is_forbidden = state.forbidden.is_some_and(|part| target.contains(part));
    if (method != "GET" && state.is_read_only) || is_forbidden {
        return Reply::error(403, "Resource not accessible by integration");
    }
    match (method, parts.as_slice()) {
        ("GET", ["issues", "1", "comments"]) => list(state, query),
        ("POST", ["issues", "1", "comments"]) => match posted(body) {
            Ok(text) => {
                if let Some(other) = state.raced_by.take() {
                    state.add(BOT, &other);
                }
                let id = state.add(BOT, &text);
                Reply::json(201, comment(state.comments.iter().find(|comment| comment.id == id).unwrap()))
            }
            Err(reply) => reply,
        },
        (_, ["issues", "comments", id]) => {
            let index = state.comments.iter().position(|comment| comment.id.to_string() == *id);
            let Some(index) = index else { return Reply::error(404, "Not Found") };
            match (method, posted(body)) {
                ("PATCH", Ok(text)) => {
                    state.comments[index].body = text;
                    Reply::json(200, comment(&state.comments[index]))
                }
                ("PATCH", Err(reply)) => reply,
                _ => {
                    state.comments.remove(index);
                    Reply { status: 204, headers: Vec::new(), body: String::new() }
                }
            }
        }
        ("GET", ["issues", "1", "events"]) => Reply::json(200, labels(state)),
        ("GET", ["collaborators", _, "permission"]) => match state.permission {
            Some(permission) => Reply::json(200, json!({"permission": permission, "role_name": permission})),
            None => Reply::error(404, "Not Found"),
        },
        ("GET", ["pulls", "1"]) => {
            let head = state.head.as_ref().map(|sha| json!({"sha": sha}));
            Reply::json(200, json!({"number": 1, "body": state.description, "head": head}))
        }
        ("GET", ["commits", commit, "pulls"]) => Reply::json(200, merged(state, commit)),
        ("GET", _) => match state.origin.clone() {
            Some(origin) => data(&origin, &parts, query),
            None => Reply::error(404, "Not Found"),
        },
        _ => Reply::error(404, "Not Found"),
    }
}

/// Put on and taken off by `morgan`.
fn labels(state: &State) -> Value {
    let event = |(is_put_on, label, at): &(bool, &str, &str)| {
        let word = if *is_put_on { "labeled" } else { "unlabeled" };
        json!({"event": word, "actor": {"login": "morgan"}, "created_at": at, "label": {"name": label}})
    };
    let other = json!({"event": "subscribed", "actor": null, "created_at": "2026-01-05T09:00:00Z"});
    std::iter::once(other).chain(state.labels.iter().map(event)).collect::<Vec<_>>().into()
}

fn merged(state: &State, commit: &str) -> Value {
    match state.merged.iter().any(|merged| merged == commit) {
        true => json!([{"number": 9, "merged_at": null}, {"number": 1, "merged_at": "2026-01-05T09:00:00Z"}]),
        false => json!([]),
    }
}

fn posted(body: &str) -> Result<String, Reply> {
    let text =
        serde_json::from_str::<Value>(body).ok().and_then(|body| body["body"].as_str().map(str::to_owned));
    match text {
        Some(text) if text.chars().count() <= 65_536 => Ok(text),
        Some(_) => Err(Reply::error(422, "Body is too long (maximum is 65536 characters)")),
        None => Err(Reply::error(422, "Invalid request")),
    }
}

fn comment(comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "user": {"login": comment.author},
        "body": comment.body,
        "html_url": format!("https://github.example/{REPOSITORY}/pull/1#issuecomment-{}", comment.id),
    })
}

fn list(state: &State, query: &str) -> Reply {
    let number = |name: &str, default: usize| {
        parameter(query, name).and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (size, page) = (number("per_page", 30).min(100), number("page", 1));
    let shown: Vec<Value> = state.comments.iter().skip(size * (page - 1)).take(size).map(comment).collect();
    let mut reply = Reply::json(200, Value::Array(shown));
    if state.comments.len() > size * page {
        reply.headers.push(("link", format!("<https://api.example/x?page={}>; rel=\"next\"", page + 1)));
    }
    reply
}

/// Git data, from Git itself.
fn data(origin: &Path, parts: &[&str], query: &str) -> Reply {
    let reply = match parts {
        ["git", "trees", id] => {
            let mut arguments = vec!["ls-tree", "-l", "-t", "-z"];
            if query.contains("recursive=1") {
                arguments.push("-r");
            }
            git(origin, &[&arguments[..], &[id]].concat()).map(|lines| tree(&lines))
        }
        ["git", "blobs", id] => git(origin, &["cat-file", "blob", id])
            .map(|text| json!({"content": base64(text.as_bytes()), "encoding": "base64", "sha": id})),
        ["compare", pair] => pair.split_once("...").and_then(|(one, other)| {
            let base = git(origin, &["merge-base", one, other])?;
            Some(json!({"merge_base_commit": {"sha": base.trim()}}))
        }),
        ["commits"] => {
            let head = parameter(query, "sha").unwrap_or("HEAD");
            let mut arguments = vec!["log", "--max-count=100", "--format=%H%x09%an%x09%aI", head, "--"];
            arguments.extend(parameter(query, "path"));
            git(origin, &arguments).map(|lines| lines.lines().map(authored).collect::<Vec<_>>().into())
        }
        ["contents", path @ ..] => {
            let commit = parameter(query, "ref").unwrap_or("HEAD");
            let text = git(origin, &["cat-file", "blob", &format!("{commit}:{}", path.join("/"))]);
            text.map(|text| json!({"content": base64(text.as_bytes()), "encoding": "base64"}))
        }
        ["commits", name] => git(origin, &["rev-parse", "--verify", &name.replace("%2F", "/")])
            .map(|id| json!({"sha": id.trim()})),
        _ => None,
    };
    reply.map_or_else(|| Reply::error(404, "Not Found"), |value| Reply::json(200, value))
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v)
}

fn authored(line: &str) -> Value {
    let parts: Vec<&str> = line.split('\t').collect();
    json!({"sha": parts[0], "author": null, "commit": {"author": {"name": parts[1], "date": parts[2]}}})
}

fn tree(lines: &str) -> Value {
    let entries: Vec<Value> = lines
        .split('\0')
        .filter_map(|line| {
            let (meta, path) = line.split_once('\t')?;
            let meta: Vec<&str> = meta.split_whitespace().collect();
            Some(json!({"mode": meta[0], "type": meta[1], "sha": meta[2], "size": meta[3].parse::<u64>().ok(), "path": path}))
        })
        .collect();
    json!({"sha": "0", "tree": entries, "truncated": false})
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let digits = base64::engine::general_purpose::STANDARD.encode(bytes);
    // GitHub breaks the digits into lines.
    digits.as_bytes().chunks(60).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect()
}
