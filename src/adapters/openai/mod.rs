//! A server with OpenAI's Chat Completions, and its `/embeddings`, as a [`Model`]: OpenAI, Azure, Bedrock's own endpoint of this kind, gateways,
//! and servers for open models.
//!
//! One call is one attempt. There is one exception, as for Bedrock: if a model refuses a parameter or a form to ask for
//! an object, it is left out or replaced at once, and in all later calls of that model.

mod answer;
mod failure;
mod help;
mod http;
mod pause;
mod request;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::OnceCell;

use self::failure::Said;
use self::help::Place;
use self::http::{Answered, Http, NoAnswer};
use self::pause::Pauses;
use super::refused::{Parameter, Refused};
use crate::config::Server;
use crate::model::ladder::Rung;
use crate::model::{Answering, Counting, ErrorClass, Model, ModelError, Request, Response};
use crate::store::Store;

/// Time limit of a look at what the server offers.
const LOOKING: Duration = Duration::from_secs(10);
/// The longest pause that a call waits for in its attempt; after that the runner decides.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The key of a server, as the environment has it.
#[derive(Clone, Default)]
pub struct Key(Option<String>);

impl Key {
    /// The value of a variable; `None`: there is none.
    pub fn new(value: Option<String>) -> Self {
        Self(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
    }

    fn value(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// A text of the server without the key, and without what is left of it where the server masks it.
    fn hidden_in(&self, text: &str) -> String {
        let Some(key) = self.value() else { return text.to_owned() };
        let text = text.replace(key, "[key]");
        let start: String = key.chars().take(4).collect();
        let is_masked = |word: &str| word.contains("**") || (key.len() >= 16 && word.contains(&start));
        let words = text.split(' ').map(|word| if is_masked(word) { "[key]" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Key([hidden])" } else { "Key(none)" })
    }
}

/// A connection to a server.
pub struct OpenAi {
    server: Server,
    key: Key,
    http: Http,
    attempt_timeout: Duration,
    refused: Refused,
    pauses: Pauses,
    /// The names of the server's models, once they were asked for; `None`: it does not tell.
    offered: OnceCell<Option<Vec<String>>>,
}

impl OpenAi {
    /// A connection that is made with the first call. What models refuse is remembered in the store, if there is one.
    pub fn new(server: Server, key: Key, attempt_timeout: Duration, store: Option<Arc<dyn Store>>) -> Self {
        // Most servers make an answer match a schema; not all of them can be made to call a tool.
        let refused = Refused::new(|_| Rung::Described, store);
        let http = Http::new(key.clone(), server.is_local());
        Self {
            server,
            key,
            http,
            attempt_timeout,
            refused,
            pauses: Pauses::default(),
            offered: OnceCell::new(),
        }
    }

    fn place<'p>(&'p self, model: &'p str) -> Place<'p> {
        Place { server: &self.server, model }
    }

    /// Sends a request without what its model refuses.
    async fn answer_as_allowed(&self, request: &Request) -> Result<Response, ModelError> {
        loop {
            let left_out = self.refused.of(&request.model);
            let names_completion = left_out.has(Parameter::MaxTokens);
            let error = match self.attempt(&left_out.without(request), names_completion).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(parameter) = left_out.next_refusal(&error, request, false) else { return Err(error) };
            tracing::debug!(model = request.model, ?parameter, "refused by the model, left out or replaced");
            self.refused.note(&request.model, parameter);
        }
    }

    async fn attempt(&self, request: &Request, names_completion: bool) -> Result<Response, ModelError> {
        let model = &request.model;
        let (path, body) = match request.embedded() {
            Some(text) => ("embeddings", request::embeddings(model, text)),
            None => ("chat/completions", request::body(request, names_completion)?),
        };
        let body = body.to_string();
        let patience = LONGEST_PAUSE.min(self.attempt_timeout / 2);
        if let Err(left) = self.pauses.wait(model, patience).await {
            let message = format!("the server asked to be left alone for {} s more", left.as_secs().max(1));
            return Err(ModelError { class: ErrorClass::Throttled, code: None, message, help: None });
        }
        let started = Instant::now();
        let url = format!("{}/{path}", self.server.base_url);
        let exchanged = self.http.exchange(&url, Some(&body), self.attempt_timeout).await;
        let took = started.elapsed();
        let answered = exchanged.map_err(|broken| self.unreached(&broken, model))?;
        let body = serde_json::from_slice::<Value>(&answered.body);
        match (answered.status, body) {
            (200..=299, Ok(body)) if body["error"].is_null() => match request.embedded() {
                Some(_) => answer::embedding(&body, took),
                None => answer::response(&body, took),
            },
            (200..=299, Err(error)) => {
                let message = format!("the answer is no JSON: {error}");
                Err(ModelError { class: ErrorClass::Transient, code: None, message, help: None })
            }
            (_, body) => Err(self.refusal(&answered, &Said::of(&body.unwrap_or_default()), model).await),
        }
    }

    /// An answer with an error in it.
    async fn refusal(&self, answered: &Answered, said: &Said, model: &str) -> ModelError {
        // In a body that came as a success, the error's own status counts; without one the fault is the server's.
        let status = match answered.status {
            200..=299 => said.status.unwrap_or(500),
            status => status,
        };
        let class = failure::class(status, said);
        if let (Some(wait), true) = (answered.retry_after, class.is_retryable()) {
            self.pauses.note(model, wait);
        }
        let place = self.place(model);
        let help = match class {
            ErrorClass::NotFound if said.blames_model() => Some(place.unknown_model(self.offered().await)),
            _ => place.help(status, class, said),
        };
        let message = match (&said.message, &answered.location) {
            (Some(message), _) => self.key.hidden_in(message),
            (None, Some(location)) => format!("HTTP status {status} with another address: {location}"),
            (None, None) => format!("HTTP status {status} without an error in the form of such servers"),
        };
        ModelError { class, code: said.code.as_deref().map(|code| self.key.hidden_in(code)), message, help }
    }

    fn unreached(&self, broken: &NoAnswer, model: &str) -> ModelError {
        let url = &self.server.base_url;
        let (class, message) = match broken {
            NoAnswer::NotBuilt(message) => {
                (ErrorClass::Invalid, format!("the request cannot be built: {message}"))
            }
            NoAnswer::Unconnected(message) => {
                (ErrorClass::Transient, format!("no connection to {url}: {message}"))
            }
            NoAnswer::Broken(message) => (ErrorClass::Transient, format!("the answer broke off: {message}")),
            NoAnswer::TimedOut(limit) => (ErrorClass::TimedOut, format!("no answer within {limit:?}")),
            NoAnswer::TooLarge => (ErrorClass::Transient, "the answer is larger than 32 MiB".to_owned()),
        };
        ModelError { class, code: None, message, help: self.place(model).unreached(broken) }
    }

    /// The names of the server's models, asked for once.
    async fn offered(&self) -> Option<&[String]> {
        let ask = || async {
            let url = format!("{}/models", self.server.base_url);
            let answered = self.http.exchange(&url, None, LOOKING).await.ok()?;
            let body: Value = serde_json::from_slice(&answered.body).ok()?;
            let listed = body["data"].as_array().or_else(|| body["models"].as_array())?;
            let name =
                |model: &Value| model["id"].as_str().or_else(|| model["name"].as_str()).map(str::to_owned);
            let is_short = |name: &String| name.len() <= 120 && !name.chars().any(char::is_control);
            Some(listed.iter().filter_map(name).filter(is_short).collect())
        };
        self.offered.get_or_init(ask).await.as_deref()
    }

    /// A key where one is named, and a server where it should run on this machine.
    async fn look(&self) -> Result<(), ModelError> {
        let unready = |class, message, help| Err(ModelError { class, code: None, message, help: Some(help) });
        let place = self.place("");
        if let Some(variable) = &self.server.key_variable {
            let Some(key) = self.key.value() else {
                return unready(ErrorClass::NoCredentials, format!("{variable} is not set"), place.key());
            };
            if !key.chars().all(|c| c.is_ascii_graphic()) {
                let message = format!("{variable} has characters that no key has");
                return unready(ErrorClass::NoCredentials, message, place.key());
            }
        }
        if !self.server.is_local() {
            return Ok(());
        }
        let url = format!("{}/models", self.server.base_url);
        match self.http.exchange(&url, None, LOOKING).await {
            Err(broken @ NoAnswer::Unconnected(_)) => {
                // Nobody starts it while the run waits.
                let error = self.unreached(&broken, "");
                Err(ModelError { class: ErrorClass::NotFound, ..error })
            }
            _ => Ok(()),
        }
    }
}

impl Model for OpenAi {
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a> {
        Box::pin(self.answer_as_allowed(request))
    }

    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>> {
        Box::pin(self.look())
    }

    fn count_tokens<'a>(&'a self, _request: &'a Request) -> Counting<'a> {
        let message = "Chat Completions count no tokens without an answer".to_owned();
        Box::pin(async { Err(ModelError { class: ErrorClass::Invalid, code: None, message, help: None }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_key_is_said() {
        let key = Key::new(Some(" sk-proj-0123456789abcdef\n".to_owned()));
        let hidden = |text: &str| key.hidden_in(text);
        assert_eq!(
            hidden("Incorrect API key provided: sk-proj-**********cdef. See"),
            "Incorrect API key provided: [key] See"
        );
        assert_eq!(hidden("bad header Bearer sk-proj-0123456789abcdef!"), "bad header Bearer [key]!");
        assert_eq!(hidden("wrong key sk-proj-0123"), "wrong key [key]");
        assert_eq!(hidden("The model `m` does not exist"), "The model `m` does not exist");
        assert_eq!(format!("{key:?} {:?}", Key::new(None)), "Key([hidden]) Key(none)");
    }
}
