//! What the judge's answer says. Only a finished answer with one verdict and the control code of its question counts.

use serde_json::Value;

use crate::model::Response;

use super::super::quote::{passage, quoted, shown_json, stop_reason};
use super::task::{CODE, Task, Verdict, tool};

/// The verdict in the judge's answer to a task; `code` is the control code of the question.
///
/// # Errors
/// Why there is none.
pub(in crate::check) fn verdict(task: &Task, code: &str, response: &Response) -> Result<Verdict, String> {
    let tool = tool(task.kind());
    if !response.stop.is_complete() {
        let hint = if response.stop.is_cut() && response.is_empty() {
            " before it wrote anything: if the model reasons first, raise `judge.reasoning_tokens`"
        } else {
            ""
        };
        return Err(format!("it stopped with {}{hint}", stop_reason(&response.stop)));
    }
    let object = if let Some(first) = response.tool_calls.first() {
        if let Some(other) = response.tool_calls.iter().find(|call| call.name != tool) {
            return Err(format!("it called `{}`", passage(&other.name)));
        }
        if response.tool_calls.iter().any(|call| call.input != first.input) {
            return Err(format!("it called `{tool}` more than once, differently"));
        }
        unwrapped(&first.input, tool).unwrap_or_else(|| first.input.clone())
    } else {
        let written = || format!("it did not call `{tool}` but wrote {}", quoted(response.text.trim()));
        let mut objects = objects(&response.text);
        let last = objects.pop().ok_or_else(written)?;
        let last = unwrapped(&last, tool).unwrap_or(last);
        // The same verdict twice is one. A copy of something else, such as an object in the answer, has no code.
        let contradicts = |other: &&serde_json::Value| other[CODE] == code && **other != last;
        if last[CODE] == code && objects.iter().any(|other| contradicts(&other)) {
            return Err("it wrote more than one verdict, differently".to_owned());
        }
        last
    };
    let verdict = task.asks().read(&object)?;
    match object[CODE].as_str() {
        Some(written) if written.trim() == code => Ok(verdict),
        None => Err(format!(
            "it did not repeat the control code of the question (`{CODE}` is {}), as one does that follows the text \
             it should judge",
            shown_json(&object[CODE])
        )),
        Some(written) => Err(format!(
            "it wrote {} for the control code of the question, as one does that follows the text it should judge",
            quoted(written)
        )),
    }
}

/// The objects at the top of a text, in its order. Braces in prose that begin no object are passed over.
fn objects(text: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        rest = &rest[start..];
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(object)) if object.is_object() => {
                objects.push(object);
                rest = &rest[stream.byte_offset()..];
            }
            _ => rest = &rest[1..],
        }
    }
    objects
}

/// The object inside a value, where a model wrapped it: as text, as a list of one, or as a call with its arguments.
fn unwrapped(value: &Value, tool: &str) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str::<Value>(text.trim()).ok().filter(Value::is_object),
        Value::Object(fields) => {
            let named = fields.get("name").is_some_and(|name| name == tool);
            let inner = ["arguments", "input", "parameters"].iter().find_map(|key| fields.get(*key));
            match inner.filter(|_| named)? {
                Value::String(text) => serde_json::from_str(text.trim()).ok(),
                inner => Some(inner.clone()),
            }
            .filter(Value::is_object)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    #[test]
    fn objects_are_found_in_prose_and_fences() {
        let found = |text: &str| objects(text).iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(found("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(found("So: ```json\n{\"a\": {\"b\": 1}}\n``` done"), "{\"a\":{\"b\":1}}");
        assert_eq!(found("{not json} {\"a\":1} {\"b\":2"), "{\"a\":1}");
        assert_eq!(found("first {\"a\":1}, then {\"a\":2}."), "{\"a\":1} {\"a\":2}");
        assert_eq!(found("a {{ template }} and \u{1F600}"), "");
    }

    #[test]
    fn wrapped_objects_are_unwrapped() {
        let inner = Some(json!({"score": 1}));
        assert_eq!(unwrapped(&json!("{\"score\": 1}"), "score"), inner);
        assert_eq!(unwrapped(&json!({"name": "score", "arguments": {"score": 1}}), "score"), inner);
        assert_eq!(unwrapped(&json!({"name": "score", "input": "{\"score\": 1}"}), "score"), inner);
        assert_eq!(unwrapped(&json!({"name": "other", "input": {"score": 1}}), "score"), None);
        assert_eq!(unwrapped(&json!("score: 1"), "score"), None);
    }
}
