//! The reader's types: a prompt, and its rendered form.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::Error;
use crate::stored::{Content, Message, Role};
use crate::template::Compiled;

/// A prompt as it was released. It does not change; `age` and `is_stale` give its current state.
///
/// It is aligned so that the counter of an `Arc` around it is in a separate cache line.
#[derive(Clone, Debug)]
#[repr(align(128))]
pub struct Prompt {
    /// Its name.
    pub name: Arc<str>,
    /// The version in the store; `None` if the store does not report it.
    pub version: Option<u64>,
    /// Where it comes from: `ssm`, `appconfig`, `directory`, `fallback`, and so on.
    pub source: &'static str,
    /// Its content.
    pub content: Arc<Content>,
    pub(crate) fetched_at: Instant,
    /// `None`: never, as a version cannot become stale.
    pub(crate) stale_at: Option<Instant>,
    pub(crate) compiled: Arc<OnceLock<Result<Compiled, Error>>>,
}

/// The messages to send, for one set of variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The messages.
    pub messages: Vec<Message>,
    /// The rendered prompt, with its parameters and tools.
    pub(crate) content: Arc<Content>,
}

fn text_of(messages: &[Message]) -> Option<&str> {
    match messages {
        [Message { role: Role::System, content }] => Some(content),
        _ => None,
    }
}

impl Prompt {
    /// The template of a prompt that is one system text; `None` if it is more.
    pub fn text(&self) -> Option<&str> {
        text_of(&self.content.messages)
    }

    /// SHA-256 of the content, as `prompt-assay history` shows it.
    pub fn fingerprint(&self) -> &str {
        &self.content.fingerprint
    }

    /// The time since it was read from the store.
    pub fn age(&self) -> Duration {
        self.fetched_at.elapsed()
    }

    /// Whether it is older than it should be: the store does not answer, or this is the fallback.
    pub fn is_stale(&self) -> bool {
        self.stale_at.is_some_and(|at| Instant::now() >= at)
    }

    /// Renders all messages, exactly as the evaluation did. `variables` is anything that serializes to
    /// an object.
    ///
    /// # Errors
    /// [`Error::Render`], when a variable is missing or not a JSON value, or an expression fails.
    pub fn render<V: Serialize + ?Sized>(&self, variables: &V) -> Result<Rendered, Error> {
        let variables: Map<String, Value> = match serde_json::to_value(variables) {
            Ok(Value::Object(variables)) => variables,
            Ok(other) => return Err(Error::Render(format!("the variables must be an object, not {other}"))),
            Err(error) => return Err(Error::Render(format!("the variables are no JSON: {error}"))),
        };
        let compiled = self.compiled.get_or_init(|| {
            let texts: Vec<&str> = self.content.messages.iter().map(|one| one.content.as_str()).collect();
            Compiled::new(self.content.template, &texts)
        });
        let texts = compiled.as_ref().map_err(Clone::clone)?.render(&variables)?;
        let roles = self.content.messages.iter().map(|message| message.role);
        let messages = roles.zip(texts).map(|(role, content)| Message { role, content }).collect();
        Ok(Rendered { messages, content: Arc::clone(&self.content) })
    }
}

impl Rendered {
    /// The text of a prompt that is one system text; `None` if it is more.
    pub fn text(&self) -> Option<&str> {
        text_of(&self.messages)
    }

    /// All system texts as the evaluation sends them: one, with a blank line between; `None` if blank.
    pub fn system(&self) -> Option<String> {
        let texts = self.messages.iter().filter(|message| message.role == Role::System);
        let joined = texts.map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n\n");
        (!joined.trim().is_empty()).then_some(joined)
    }
}
