//! The body of an answer as a [`Response`].

use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::{Embedding, ErrorClass, ModelError, Response, StopReason, ToolCall, Usage};

/// Reads the body.
///
/// # Errors
/// [`ErrorClass::Transient`] when the message is missing, [`ErrorClass::NotFound`] when its usage is: a response of unknown
/// content or cost is not an answer, and a server that does not count tokens will not count the next time.
pub(super) fn response(body: &Value, took: Duration) -> Result<Response, ModelError> {
    let choice = body["choices"].as_array().and_then(|choices| choices.first());
    let choice = choice.ok_or_else(|| unreadable("a choice", None))?;
    let message = choice["message"].as_object().ok_or_else(|| unreadable("a message", None))?;
    let usage = usage(&body["usage"]).ok_or_else(without_usage)?;
    let (tool_calls, are_read) = tool_calls(message);
    let stop = match choice["finish_reason"].as_str() {
        Some("length") => StopReason::MaxTokens,
        _ if !are_read => StopReason::MalformedToolUse,
        // A call that was asked for by name ends with `stop`.
        Some("stop" | "tool_calls" | "function_call") if !tool_calls.is_empty() => StopReason::ToolUse,
        Some("stop") => StopReason::EndTurn,
        Some("content_filter") => StopReason::ContentFiltered,
        Some(other) => StopReason::Other(other.to_owned()),
        None => StopReason::Other("no reason".to_owned()),
    };
    let latency_ms = Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    Ok(Response { text: text(message), tool_calls, stop, usage, latency_ms })
}

/// Reads the body of an answer of `/embeddings`.
///
/// # Errors
/// As [`response`].
pub(super) fn embedding(body: &Value, took: Duration) -> Result<Response, ModelError> {
    let number = |value: &Value| Some(value.as_f64()? as f32);
    let listed = body["data"][0]["embedding"].as_array();
    let numbers = listed.and_then(|listed| listed.iter().map(number).collect::<Option<Vec<f32>>>());
    let numbers = numbers.ok_or_else(|| unreadable("a vector", None))?;
    let embedding = Embedding::new(numbers).map_err(|why| {
        let message = format!("of the answer, {why}");
        ModelError { class: ErrorClass::Transient, code: None, message, help: None }
    })?;
    let input = body["usage"]["prompt_tokens"].as_u64().ok_or_else(without_usage)?;
    Ok(embedding.response(input, took))
}

fn without_usage() -> ModelError {
    let help = "estimates, budgets and reports need it: the server must report `usage`";
    ModelError { class: ErrorClass::NotFound, ..unreadable("token usage", Some(help)) }
}

fn unreadable(what: &str, help: Option<&str>) -> ModelError {
    let message = format!("the answer came without {what}");
    ModelError { class: ErrorClass::Transient, code: None, message, help: help.map(str::to_owned) }
}

/// The text, as one or in parts; else the words of a refusal. Reasoning, in fields of its own, is not part of it.
fn text(message: &Map<String, Value>) -> String {
    let field = |name: &str| message.get(name).unwrap_or(&Value::Null);
    match field("content") {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => field("refusal").as_str().unwrap_or_default().to_owned(),
    }
}

/// The calls, and whether all arguments are JSON. Arguments that are not stay as they were written.
fn tool_calls(message: &Map<String, Value>) -> (Vec<ToolCall>, bool) {
    let mut are_read = true;
    let listed = message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
    let calls = listed.map(|call| {
        let function = &call["function"];
        let input = match &function["arguments"] {
            Value::Null => Value::Object(Map::new()),
            Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
            Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| {
                are_read = false;
                Value::String(text.clone())
            }),
            other => other.clone(),
        };
        ToolCall { name: function["name"].as_str().unwrap_or_default().to_owned(), input }
    });
    (calls.collect(), are_read)
}

/// Tokens read from the server's cache are part of its `prompt_tokens`, and here they are not part of the input.
fn usage(usage: &Value) -> Option<Usage> {
    let all = usage["prompt_tokens"].as_u64()?;
    let rest = || usage["total_tokens"].as_u64()?.checked_sub(all);
    let output = usage["completion_tokens"].as_u64().or_else(rest)?;
    let cache_read = usage["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap_or(0).min(all);
    Some(Usage { input: all - cache_read, output, cache_read, cache_write: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(choice: &Value) -> String {
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}});
        match response(&json!({"choices": [choice], "usage": usage}), Duration::from_millis(7)) {
            Ok(Response { text, tool_calls, stop, usage, .. }) => {
                let calls: Vec<String> =
                    tool_calls.iter().map(|call| format!("{}({})", call.name, call.input)).collect();
                format!(
                    "{stop:?} {text:?} [{}] {}+{}+{}",
                    calls.join(", "),
                    usage.input,
                    usage.cache_read,
                    usage.output
                )
            }
            Err(error) => error.to_string(),
        }
    }

    fn call(arguments: Value) -> Value {
        json!({"content": null, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": arguments}}]})
    }

    #[test]
    fn answers_are_read_in_every_form() {
        let choice = |message: Value, reason: &str| json!({"message": message, "finish_reason": reason});
        let choices = [
            choice(json!({"role": "assistant", "content": "Hi"}), "stop"),
            choice(
                json!({"content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "you"}]}),
                "stop",
            ),
            choice(json!({"content": "Hi", "reasoning_content": "They greet."}), "length"),
            choice(json!({"content": null, "refusal": "I cannot."}), "stop"),
            choice(json!({"content": ""}), "content_filter"),
            choice(json!({"content": "Hi"}), "eos"),
            json!({"message": {"content": "Hi"}, "finish_reason": null}),
            choice(call(json!("{\"b\": 1, \"a\": 2}")), "tool_calls"),
            choice(call(json!({"a": 1})), "stop"),
            choice(call(json!("")), "tool_calls"),
            choice(call(json!("{\"a\": ")), "tool_calls"),
            choice(call(json!("{\"a\": ")), "length"),
            json!({"text": "Hi", "finish_reason": "stop"}),
        ];
        insta::assert_snapshot!(choices.each_ref().map(read).join("\n"), @r#"
        EndTurn "Hi" [] 6+4+3
        EndTurn "Hi you" [] 6+4+3
        MaxTokens "Hi" [] 6+4+3
        EndTurn "I cannot." [] 6+4+3
        ContentFiltered "" [] 6+4+3
        Other("eos") "Hi" [] 6+4+3
        Other("no reason") "Hi" [] 6+4+3
        ToolUse "" [f({"b":1,"a":2})] 6+4+3
        ToolUse "" [f({"a":1})] 6+4+3
        ToolUse "" [f({})] 6+4+3
        MalformedToolUse "" [f("{\"a\": ")] 6+4+3
        MaxTokens "" [f("{\"a\": ")] 6+4+3
        the answer came without a message
        "#);
    }

    #[test]
    fn an_embedding_needs_its_vector_and_its_usage() {
        let told = |body: Value| embedding(&body, Duration::ZERO).map_err(|error| error.to_string());
        let data = json!([{"index": 0, "embedding": [0.5, -1]}]);
        let read = told(json!({"data": data, "usage": {"prompt_tokens": 3, "total_tokens": 3}})).unwrap();
        assert_eq!(read.text, Embedding::new(vec![0.5, -1.0]).unwrap().to_text());
        assert_eq!((read.usage.input, read.usage.output), (3, 0));
        assert_eq!(told(json!({"data": []})).unwrap_err(), "the answer came without a vector");
        let zero = json!({"data": [{"embedding": [0, 0]}], "usage": {"prompt_tokens": 3}});
        assert_eq!(told(zero).unwrap_err(), "of the answer, its vector is zero, which has no direction");
        let told = told(json!({ "data": data })).unwrap_err();
        assert!(told.starts_with("the answer came without token usage (estimates"), "{told}");
    }

    #[test]
    fn what_is_missing_is_no_answer() {
        let told = |body: Value| response(&body, Duration::ZERO).unwrap_err().to_string();
        assert_eq!(told(json!({"choices": []})), "the answer came without a choice");
        assert_eq!(told(json!({})), "the answer came without a choice");
        let choices = json!([{"message": {"content": "Hi"}, "finish_reason": "stop"}]);
        let told = told(json!({ "choices": choices }));
        assert!(told.starts_with("the answer came without token usage (estimates"), "{told}");
    }
}
