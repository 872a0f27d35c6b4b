//! A `Converse` output as a [`Response`].

use std::time::Duration;

use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConverseOutput as Said, StopReason, TokenUsage};

use super::document::to_json;
use crate::model::{self, ErrorClass, ModelError, Response, ToolCall, Usage};

/// Reads the output; `took` is used if the provider reports no latency.
///
/// # Errors
/// [`ErrorClass::Transient`] when the message or its usage is missing: a response of unknown
/// content or cost is not an answer.
pub(super) fn response(output: ConverseOutput, took: Duration) -> Result<Response, ModelError> {
    let Some(Said::Message(message)) = output.output() else { return Err(unreadable("a message")) };
    let Some(usage) = output.usage() else { return Err(unreadable("token usage")) };
    let mut text = String::new();
    let mut tool_calls = Vec::new();
    for block in message.content() {
        match block {
            ContentBlock::Text(part) => text.push_str(part),
            ContentBlock::ToolUse(call) => {
                tool_calls.push(ToolCall { name: call.name().to_owned(), input: to_json(call.input()) });
            }
            // Reasoning is not part of the answer; the other kinds occur only in requests, or are not requested.
            _ => {}
        }
    }
    let reported = output.metrics().and_then(|metrics| u64::try_from(metrics.latency_ms()).ok());
    let measured = || u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    Ok(Response {
        text,
        tool_calls,
        stop: stop(output.stop_reason()),
        usage: tokens(usage),
        latency_ms: Some(reported.unwrap_or_else(measured)),
    })
}

fn unreadable(what: &str) -> ModelError {
    ModelError {
        class: ErrorClass::Transient,
        code: None,
        message: format!("the answer came without {what}"),
        help: None,
    }
}

fn stop(reason: &StopReason) -> model::StopReason {
    match reason {
        StopReason::EndTurn => model::StopReason::EndTurn,
        StopReason::ToolUse => model::StopReason::ToolUse,
        StopReason::StopSequence => model::StopReason::StopSequence,
        StopReason::MaxTokens => model::StopReason::MaxTokens,
        StopReason::GuardrailIntervened => model::StopReason::GuardrailIntervened,
        StopReason::ContentFiltered => model::StopReason::ContentFiltered,
        StopReason::MalformedModelOutput => model::StopReason::MalformedModelOutput,
        StopReason::MalformedToolUse => model::StopReason::MalformedToolUse,
        StopReason::ModelContextWindowExceeded => model::StopReason::ContextWindowExceeded,
        newer => model::StopReason::Other(newer.as_str().to_owned()),
    }
}

fn tokens(usage: &TokenUsage) -> Usage {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    Usage {
        input: count(usage.input_tokens()),
        output: count(usage.output_tokens()),
        cache_read: usage.cache_read_input_tokens().map_or(0, count),
        cache_write: usage.cache_write_input_tokens().map_or(0, count),
    }
}
