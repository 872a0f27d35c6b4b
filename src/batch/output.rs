//! The answers of a job: lines of JSON in any order, each with the name of its record.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::fingerprint::{Fingerprint, sorted};
use crate::model::{Response, StopReason, ToolCall, Usage};
use crate::trial::AnswerKey;

/// What a job's files say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Answers, by the key their record is named after.
    pub answers: BTreeMap<AnswerKey, Response>,
    /// Records without an answer, and why (untrusted text).
    pub failed: BTreeMap<AnswerKey, String>,
    /// Lines that are not our records, or are truncated.
    pub unreadable: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    record_id: String,
    model_output: Option<Value>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal {
    error_code: Option<Value>,
    error_message: Option<String>,
}

/// The response of `Converse`, as far as it is an answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    output: Outer,
    stop_reason: StopReason,
    usage: Tokens,
}

#[derive(Deserialize)]
struct Outer {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
}

/// Reasoning and the other kinds are not part of the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Block {
    text: Option<String>,
    tool_use: Option<ToolCall>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_write_input_tokens: Option<u64>,
}

/// Reads one file of answers and adds it to what others said. Of two answers to one record the
/// first counts.
pub fn read(text: &str, output: &mut Output) {
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let named = serde_json::from_str::<Line>(line).ok().and_then(|line| {
            let key = AnswerKey(Fingerprint::from_hex(&line.record_id)?);
            Some((key, line))
        });
        let Some((key, line)) = named else {
            output.unreadable += 1;
            continue;
        };
        match answer(line) {
            Ok(response) => drop(output.answers.entry(key).or_insert(response)),
            Err(why) => drop(output.failed.insert(key, why)),
        }
    }
    output.failed.retain(|key, _| !output.answers.contains_key(key));
}

fn answer(line: Line) -> Result<Response, String> {
    if let Some(Refusal { error_code, error_message }) = line.error {
        let status = error_code.map(|code| format!(" with status {}", code.to_string().trim_matches('"')));
        let message = error_message.map(|message| format!(": {message}"));
        return Err(format!("failed{}{}", status.unwrap_or_default(), message.unwrap_or_default()));
    }
    let Some(said) = line.model_output else { return Err("came without an answer".to_owned()) };
    let said: Said =
        serde_json::from_value(said).map_err(|_| "came with an answer that cannot be read".to_owned())?;
    let (mut text, mut tool_calls) = (String::new(), Vec::new());
    for block in said.output.message.content {
        text.push_str(block.text.as_deref().unwrap_or_default());
        // In the same form as from single calls: the SDK loses the order of keys.
        tool_calls.extend(block.tool_use.map(|call| ToolCall { input: sorted(call.input), ..call }));
    }
    let usage = Usage {
        input: said.usage.input_tokens,
        output: said.usage.output_tokens,
        cache_read: said.usage.cache_read_input_tokens.unwrap_or_default(),
        cache_write: said.usage.cache_write_input_tokens.unwrap_or_default(),
    };
    // What a record took in a job says nothing about a call that somebody waits for.
    Ok(Response { text, tool_calls, stop: stop(said.stop_reason), usage, latency_ms: None })
}

/// The only reason for which Bedrock's name differs from ours.
fn stop(reason: StopReason) -> StopReason {
    match reason {
        StopReason::Other(word) if word == "model_context_window_exceeded" => {
            StopReason::ContextWindowExceeded
        }
        reason => reason,
    }
}
