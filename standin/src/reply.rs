//! What a script answers.

use std::time::Duration;

use serde_json::{Value, json};

use crate::call::{ConverseCall, estimate};
use crate::fault::Fault;

/// An answer or a fault.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// A model's answer.
    Answer(Answer),
    /// A failure.
    Fault(Fault),
}

impl Reply {
    /// A plain answer that ends by itself.
    pub fn text(text: impl Into<String>) -> Self {
        Answer::text(text).into()
    }

    /// A tool call.
    pub fn tool_use(name: impl Into<String>, input: Value) -> Self {
        Answer::tool_use(name, input).into()
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}

impl From<Fault> for Reply {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A content block of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// `text`.
    Text(String),
    /// `reasoningContent.reasoningText`.
    Reasoning(String),
    /// `toolUse`.
    ToolUse {
        /// The tool's name.
        name: String,
        /// The arguments.
        input: Value,
    },
    /// Any other block, as it is.
    Raw(Value),
}

/// Tokens of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// `inputTokens`.
    pub input: u64,
    /// `outputTokens`.
    pub output: u64,
    /// `cacheReadInputTokens`; absent from the wire when `None`.
    pub cache_read: Option<u64>,
    /// `cacheWriteInputTokens`; absent from the wire when `None`.
    pub cache_write: Option<u64>,
}

/// A model's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The content blocks, in order.
    pub content: Vec<Block>,
    /// `None`: `tool_use` after a tool call, else `end_turn`.
    pub stop_reason: Option<String>,
    /// `None`: an estimate, a token for four characters.
    pub usage: Option<Usage>,
    /// `None`: drawn from [`Config::latency`](crate::Config::latency).
    pub latency: Option<Duration>,
}

impl Answer {
    /// One text block.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content: vec![Block::Text(text.into())], ..Self::default() }
    }

    /// One tool call.
    pub fn tool_use(name: impl Into<String>, input: Value) -> Self {
        Self { content: vec![Block::ToolUse { name: name.into(), input }], ..Self::default() }
    }

    /// Adds a block.
    pub fn block(mut self, block: Block) -> Self {
        self.content.push(block);
        self
    }

    /// Sets the stop reason.
    pub fn stop(self, reason: impl Into<String>) -> Self {
        Self { stop_reason: Some(reason.into()), ..self }
    }

    /// Sets the usage.
    pub fn usage(self, usage: Usage) -> Self {
        Self { usage: Some(usage), ..self }
    }

    /// Sets the time until the answer, which is also what it reports as its latency.
    pub fn latency(self, latency: Duration) -> Self {
        Self { latency: Some(latency), ..self }
    }

    pub(crate) fn usage_for(&self, call: &ConverseCall) -> Usage {
        self.usage.unwrap_or_else(|| {
            let output = self.content.iter().map(|block| match block {
                Block::Text(text) | Block::Reasoning(text) => estimate(text),
                Block::ToolUse { input, .. } => estimate(&input.to_string()),
                Block::Raw(value) => estimate(&value.to_string()),
            });
            Usage { input: call.input_tokens(), output: output.sum(), ..Usage::default() }
        })
    }

    /// The body of a `ConverseResponse`.
    pub(crate) fn body(&self, usage: Usage, latency: Duration, sequence: u64) -> Value {
        let calls_tool = self.content.iter().any(|block| matches!(block, Block::ToolUse { .. }));
        let by_content = if calls_tool { "tool_use" } else { "end_turn" };
        let content: Vec<Value> =
            self.content.iter().enumerate().map(|(index, block)| block.wire(sequence, index)).collect();
        json!({
            "metrics": {"latencyMs": u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)},
            "output": {"message": {"content": content, "role": "assistant"}},
            "stopReason": self.stop_reason.as_deref().unwrap_or(by_content),
            "usage": usage.wire(),
        })
    }
}

impl Block {
    fn wire(&self, sequence: u64, index: usize) -> Value {
        match self {
            Self::Text(text) => json!({"text": text}),
            Self::Reasoning(text) => json!({"reasoningContent": {"reasoningText": {"text": text}}}),
            Self::ToolUse { name, input } => json!({
                "toolUse": {"toolUseId": format!("tooluse_{sequence}_{index}"), "name": name, "input": input}
            }),
            Self::Raw(value) => value.clone(),
        }
    }
}

impl Usage {
    fn wire(self) -> Value {
        let (read, write) = (self.cache_read.unwrap_or(0), self.cache_write.unwrap_or(0));
        let mut wire = json!({
            "inputTokens": self.input,
            "outputTokens": self.output,
            "totalTokens": self.input + self.output + read + write,
        });
        if let Some(read) = self.cache_read {
            wire["cacheReadInputTokens"] = read.into();
        }
        if let Some(write) = self.cache_write {
            wire["cacheWriteInputTokens"] = write.into();
        }
        wire
    }
}
