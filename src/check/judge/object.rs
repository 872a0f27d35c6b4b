//! Objects in what a model wrote: in prose, in a code fence, as text in a field of a tool call.

use serde_json::Value;

/// The objects at the top of a text, in its order. Braces in prose that begin no object are passed over.
pub(super) fn in_text(text: &str) -> Vec<Value> {
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
pub(super) fn unwrapped(value: &Value, tool: &str) -> Option<Value> {
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
        let found = |text: &str| in_text(text).iter().map(Value::to_string).collect::<Vec<_>>().join(" ");
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
