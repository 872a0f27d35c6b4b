//! Requests to a model and its responses: values only, and the one trait that adapters implement.

mod embedding;
mod judges;
pub mod ladder;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fingerprint::Fingerprint;

pub use embedding::Embedding;
pub use judges::JudgeModels;

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The model (few-shot examples and multi-turn cases).
    Assistant,
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// Sampling parameters. Only what is set is sent, except `max_tokens`, which always is:
/// Bedrock reserves quota by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Upper bound of output tokens, at least 1.
    pub max_tokens: u32,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Sequences that end the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// Model-specific fields (`additionalModelRequestFields` of Converse), for example `top_k`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Value>,
    /// The JSON that an answer must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_format: Option<ResponseFormat>,
    /// What may replace input and answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardrail: Option<Guardrail>,
    /// Which of a model's deployments answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performance: Option<Performance>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            max_tokens: 1024,
            temperature: None,
            top_p: None,
            stop: Vec::new(),
            extra: None,
            response_format: None,
            guardrail: None,
            performance: None,
        }
    }
}

/// Structured output: an answer is JSON that matches the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseFormat {
    /// What the model is told that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the model is told about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema.
    pub schema: Value,
}

/// A guardrail of Bedrock, and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guardrail {
    /// Its id or ARN.
    pub id: String,
    /// A number, or `DRAFT`.
    pub version: String,
}

/// Which of a model's deployments answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Performance {
    /// The usual one.
    Standard,
    /// The faster one, which few models have.
    Optimized,
}

/// Who is served first, and at which price. The answers are the same, so no fingerprint knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// The usual one.
    #[default]
    Default,
    /// Waits while others are served, at about half the price.
    Flex,
    /// Is served before others, at about one and three quarters of the price.
    Priority,
}

impl ServiceTier {
    /// The word used in the configuration, in reports and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceTier::Default => "default",
            ServiceTier::Flex => "flex",
            ServiceTier::Priority => "priority",
        }
    }
}

/// A tool the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// `[A-Za-z0-9_-]`, at most 64 characters.
    pub name: String,
    /// What the tool does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema of the tool's input.
    pub input_schema: Value,
}

/// Whether the model must call a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// Some tool must be called.
    Any,
    /// This tool must be called.
    Tool(String),
    /// An object that matches this tool's schema is wanted, in whatever form the model gives one: see [`ladder`].
    Object(String),
}

/// What a model is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// An answer to the conversation.
    #[default]
    Answer,
    /// The [`Embedding`] of the last message, as the text of the response.
    Embed,
}

impl Operation {
    fn is_answer(&self) -> bool {
        *self == Self::Answer
    }
}

/// One model call, complete: equal requests have equal answers in distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Bedrock model id, inference profile id or ARN.
    pub model: String,
    /// System text; absent when the prompt has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The conversation, oldest first; the last message is the user's.
    pub messages: Vec<Message>,
    /// Sampling parameters.
    pub parameters: Parameters,
    /// Tools on offer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// If absent, the model's default applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// What is asked for.
    #[serde(default, skip_serializing_if = "Operation::is_answer")]
    pub operation: Operation,
}

impl Request {
    /// One message of a user to a model, with the default parameters.
    pub fn new(model: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            system: None,
            messages: vec![Message { role: Role::User, text: text.into() }],
            parameters: Parameters::default(),
            tools: Vec::new(),
            tool_choice: None,
            operation: Operation::Answer,
        }
    }

    /// The embedding of a text, which has no output tokens.
    pub fn embedding(model: impl Into<String>, text: impl Into<String>) -> Self {
        let parameters = Parameters { max_tokens: 1, ..Parameters::default() };
        Self { parameters, operation: Operation::Embed, ..Self::new(model, text) }
    }

    /// The text whose embedding is asked for; `None`: an answer is asked for.
    pub fn embedded(&self) -> Option<&str> {
        (self.operation == Operation::Embed).then(|| self.messages.last().map_or("", |last| &last.text))
    }

    /// SHA-256 of the canonical JSON form (sorted keys, no white space).
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of_json(self)
    }

    /// Whether the same request may be answered differently each time. A model's own default
    /// temperature is above 0.
    pub fn is_sampled(&self) -> bool {
        self.parameters.temperature != Some(0.0)
    }
}

/// Why the model stopped. Everything but [`StopReason::EndTurn`], [`StopReason::ToolUse`] and
/// [`StopReason::StopSequence`] is unusual, yet an answer all the same (decisions.md#lost-calls).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model was done.
    EndTurn,
    /// The model called a tool.
    ToolUse,
    /// A configured stop sequence was written.
    StopSequence,
    /// `max_tokens` was reached: the answer is cut.
    MaxTokens,
    /// A guardrail replaced the answer.
    GuardrailIntervened,
    /// The provider filtered the content.
    ContentFiltered,
    /// The provider could not parse what the model wrote.
    MalformedModelOutput,
    /// The provider could not parse the tool call.
    MalformedToolUse,
    /// Input and output together left the context window.
    ContextWindowExceeded,
    /// A reason newer than this program.
    #[serde(untagged)]
    Other(String),
}

impl StopReason {
    /// Whether the model finished by itself; a judge that did not is unreadable.
    pub fn is_complete(&self) -> bool {
        matches!(self, StopReason::EndTurn | StopReason::ToolUse | StopReason::StopSequence)
    }

    /// Whether the answer was cut because the tokens were used up.
    pub fn is_cut(&self) -> bool {
        matches!(self, StopReason::MaxTokens | StopReason::ContextWindowExceeded)
    }
}

/// A tool call in an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// The arguments, as the model wrote them.
    pub input: Value,
}

/// Tokens of one call. Cache reads and writes are not part of `input`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Uncached input tokens.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Input tokens read from the provider's prompt cache.
    #[serde(default)]
    pub cache_read: u64,
    /// Input tokens written to the provider's prompt cache.
    #[serde(default)]
    pub cache_write: u64,
}

impl Usage {
    /// The same tokens as they would be without the provider's prompt cache.
    pub fn uncached(self) -> Self {
        let input = self.input + self.cache_read + self.cache_write;
        Self { input, output: self.output, cache_read: 0, cache_write: 0 }
    }

    /// All tokens, in and out.
    pub fn all(self) -> u64 {
        self.input + self.output + self.cache_read + self.cache_write
    }
}

/// A model's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The text blocks, concatenated; empty when there are none.
    pub text: String,
    /// Tool calls, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// Why the model stopped.
    pub stop: StopReason,
    /// Tokens used.
    pub usage: Usage,
    /// Milliseconds, as the provider reports them, else as measured. `None`: of a batch job, where the time says
    /// nothing about a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
}

impl Response {
    /// A complete answer of nothing but this text.
    pub fn saying(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            tool_calls: Vec::new(),
            stop: StopReason::EndTurn,
            usage: Usage::default(),
            latency_ms: None,
        }
    }

    /// Whether it is empty: no text, and no tool call.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.tool_calls.is_empty()
    }

    /// Whether it is neither empty nor cut.
    pub fn is_whole(&self) -> bool {
        !self.is_empty() && !self.stop.is_cut()
    }
}

/// The kind of a call's failure; it decides whether the call is tried again and how it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorClass {
    /// Too many requests or tokens (429 ThrottlingException): try again, slower.
    Throttled,
    /// The model is starting (429 ModelNotReadyException): try again, later.
    NotReady,
    /// 408, 424, 5xx, connection resets, unreadable bodies: try again a few times.
    Transient,
    /// No answer within the attempt's time limit: try again a few times.
    TimedOut,
    /// The request itself is refused (400 ValidationException): never tried again.
    Invalid,
    /// The input does not fit the model's context window: never tried again.
    ContextOverflow,
    /// 403, or the model is not enabled: fails the run at once.
    AccessDenied,
    /// No usable credentials: fails the run before anything is spent.
    NoCredentials,
    /// 404 for the model or profile: fails the run at once.
    NotFound,
    /// The account's own quota (400 ServiceQuotaExceededException): fails the run at once.
    QuotaExceeded,
    /// The stored answer is missing and the run is offline.
    Offline,
}

impl ErrorClass {
    /// The kind of a refusal for good: it may blame the input's length, in the words of some provider.
    pub fn of_refusal(message: &str) -> Self {
        let message = message.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let blames_length = says(&[
            "input is too long",
            "input too long",
            "prompt is too long",
            "exceed context limit",
            "exceeds context limit",
            "exceeds the available context",
            "context length",
            "context window",
            "input tokens exceed",
            "too many input tokens",
            "too many total text bytes",
        ]);
        if blames_length { Self::ContextOverflow } else { Self::Invalid }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Throttled | Self::NotReady | Self::Transient | Self::TimedOut)
    }

    /// Whether no other call of the run can succeed either, so that the run should stop.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::AccessDenied | Self::NoCredentials | Self::NotFound | Self::QuotaExceeded)
    }

    /// Whether the failure says something about the request itself: of the candidate alone, it
    /// scores 0 (decisions.md#lost-calls).
    pub fn blames_request(self) -> bool {
        matches!(self, Self::Invalid | Self::ContextOverflow)
    }
}

/// A failed call, in words for the person who reads the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelError {
    /// The kind of failure.
    pub class: ErrorClass,
    /// The provider's code, such as `ThrottlingException`, when there is one.
    pub code: Option<String>,
    /// The provider's message (untrusted text).
    pub message: String,
    /// What to do next; absent if the user can only wait.
    pub help: Option<String>,
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ModelError {}

/// The future a [`Model`] answers with.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response, ModelError>> + Send + 'a>>;

/// The future in which a [`Model`] counts tokens.
pub type Counting<'a> = Pin<Box<dyn Future<Output = Result<Counted, ModelError>> + Send + 'a>>;

/// The tokens of a request, as its provider counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Input tokens.
    pub tokens: u64,
    /// The id by which the model could be asked: the request's own, or that of the model behind a profile.
    pub model: String,
}

/// Something that answers requests. One call is one attempt: no retries inside.
pub trait Model: Send + Sync {
    /// Sends one request.
    fn answer<'a>(&'a self, request: &'a Request) -> Answering<'a>;

    /// Sends one request, and tells a provider that keeps logs which prompt it belongs to.
    fn answer_for<'a>(&'a self, request: &'a Request, _prompt: &'a str) -> Answering<'a> {
        self.answer(request)
    }

    /// Fails early, before anything is spent, when no call could succeed (no credentials).
    fn ready(&self) -> Pin<Box<dyn Future<Output = Result<(), ModelError>> + Send + '_>>;

    /// Counts the input tokens of a request, which costs nothing, without an answer. The provider's capabilities
    /// say whether it can.
    fn count_tokens<'a>(&'a self, request: &'a Request) -> Counting<'a>;
}
