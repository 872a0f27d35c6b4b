//! Requests that Bedrock refuses before a model sees them, with its messages where they are known.

use serde_json::Value;

use crate::cache::blocks;
use crate::call::list;

/// The message of the `ValidationException` this body deserves.
pub(crate) fn refusal(body: &Value) -> Option<String> {
    conversation(body)
        .or_else(|| blank(&body["system"], |index| format!("system.{index}")))
        .or_else(|| inference(&body["inferenceConfig"]))
        .or_else(|| tools(&body["toolConfig"]))
        .or_else(|| cache_points(body))
}

/// Most cache points of a request.
const CACHE_POINTS: usize = 4;

fn cache_points(body: &Value) -> Option<String> {
    let points: Vec<&Value> = blocks(body).into_iter().filter_map(|block| block.get("cachePoint")).collect();
    if let Some(kind) = points.iter().map(|point| &point["type"]).find(|kind| **kind != "default") {
        let rule = "Member must satisfy enum value set: [default]";
        return Some(constraint(kind.as_str().unwrap_or_default(), "cachePoint.type", rule));
    }
    (points.len() > CACHE_POINTS)
        .then(|| format!("A maximum of {CACHE_POINTS} cache points may be provided. Found {}.", points.len()))
}

/// The checks that `CountTokens` shares with `Converse`.
pub(crate) fn conversation(body: &Value) -> Option<String> {
    let messages = list(&body["messages"]);
    let Some(first) = messages.first() else {
        return Some(
            "The conversation must have at least one message. Add a message, and try again.".to_owned(),
        );
    };
    for (index, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !matches!(role, "user" | "assistant") {
            return Some(constraint(
                role,
                &format!("messages.{}.member.role", index + 1),
                "Member must satisfy enum value set: [user, assistant]",
            ));
        }
        if list(&message["content"]).is_empty() {
            return Some(format!(
                "The content field in the Message object at messages.{index} is empty. \
                 Add a ContentBlock object to the content field and try again."
            ));
        }
        let place = |block| format!("messages.{index}.content.{block}");
        if let Some(refusal) = blank(&message["content"], place) {
            return Some(refusal);
        }
    }
    if first["role"] != "user" {
        return Some(
            "A conversation must start with a user message. Try again with a conversation that starts with a \
             user message."
                .to_owned(),
        );
    }
    messages.windows(2).any(|pair| pair[0]["role"] == pair[1]["role"]).then(|| {
        "A conversation must alternate between user and assistant roles. Make sure the conversation alternates \
         between user and assistant roles and try again."
            .to_owned()
    })
}

fn blank(blocks: &Value, place: impl Fn(usize) -> String) -> Option<String> {
    let index = list(blocks)
        .iter()
        .position(|block| block["text"].as_str().is_some_and(|text| text.trim().is_empty()))?;
    Some(format!(
        "The text field in the ContentBlock object at {} is blank. Add text to the text field, and try again.",
        place(index)
    ))
}

fn inference(config: &Value) -> Option<String> {
    if let Some(tokens) = config.get("maxTokens")
        && tokens.as_i64().is_none_or(|tokens| tokens < 1)
    {
        let rule = "Member must have value greater than or equal to 1";
        return Some(constraint(&tokens.to_string(), "inferenceConfig.maxTokens", rule));
    }
    for name in ["temperature", "topP"] {
        let Some(value) = config.get(name) else { continue };
        let rule = match value.as_f64() {
            Some(number) if number < 0.0 => "Member must have value greater than or equal to 0",
            Some(number) if number <= 1.0 => continue,
            _ => "Member must have value less than or equal to 1",
        };
        return Some(constraint(&value.to_string(), &format!("inferenceConfig.{name}"), rule));
    }
    list(&config["stopSequences"]).iter().any(|stop| stop.as_str().is_none_or(str::is_empty)).then(|| {
        let rule = "Member must have length greater than or equal to 1";
        constraint("[]", "inferenceConfig.stopSequences", rule)
    })
}

fn tools(config: &Value) -> Option<String> {
    if config.is_null() {
        return None;
    }
    let tools = list(&config["tools"]);
    if tools.is_empty() {
        let rule = "Member must have length greater than or equal to 1";
        return Some(constraint("[]", "toolConfig.tools", rule));
    }
    let mut names = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let Some(spec) = tool.get("toolSpec") else { continue };
        let name = spec["name"].as_str().unwrap_or_default();
        if !is_tool_name(name) {
            let rule = "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+";
            return Some(constraint(
                name,
                &format!("toolConfig.tools.{}.member.toolSpec.name", index + 1),
                rule,
            ));
        }
        if spec["inputSchema"]["json"]["type"] != "object" {
            return Some(format!(
                "The value at toolConfig.tools.{index}.toolSpec.inputSchema.json.type must be one of the following: \
                 object."
            ));
        }
        if names.contains(&name) {
            return Some(format!("The tool name {name} is already defined at toolConfig.tools.{index}."));
        }
        names.push(name);
    }
    let chosen = config["toolChoice"]["tool"]["name"].as_str()?;
    (!names.contains(&chosen)).then(|| {
        format!(
            "The tool {chosen} in toolConfig.toolChoice.tool is not defined in toolConfig.tools. \
             Add the tool, and try again."
        )
    })
}

fn is_tool_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

fn constraint(value: &str, place: &str, rule: &str) -> String {
    format!("1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: {rule}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(place: &str, value: Value) -> Value {
        let mut body = json!({
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "system": [{"text": "Be brief."}],
            "inferenceConfig": {"maxTokens": 1, "temperature": 0.0, "topP": 1.0, "stopSequences": ["END"]},
            "toolConfig": {"tools": [{"toolSpec": {"name": "a-1", "inputSchema": {"json": {"type": "object"}}}}]},
        });
        if let Some(target) = body.pointer_mut(place) {
            *target = value;
        }
        body
    }

    #[test]
    fn a_good_body_passes() {
        assert_eq!(refusal(&with("/none", Value::Null)), None);
        let turns =
            ["user", "assistant", "user"].map(|role| json!({"role": role, "content": [{"text": "Hi"}]}));
        assert_eq!(refusal(&with("/messages", json!(turns))), None);
    }

    #[test]
    fn what_bedrock_refuses_is_refused() {
        let said = |role: &str, text: &str| json!({"role": role, "content": [{"text": text}]});
        let refused = [
            ("/messages", json!([]), "at least one message"),
            ("/messages", json!([said("assistant", "Hi")]), "must start with a user message"),
            ("/messages", json!([said("user", "a"), said("user", "b")]), "must alternate"),
            ("/messages", json!([said("system", "a")]), "enum value set"),
            ("/messages", json!([said("user", " \n")]), "messages.0.content.0 is blank"),
            ("/messages", json!([{"role": "user", "content": []}]), "messages.0 is empty"),
            ("/system", json!([{"text": ""}]), "system.0 is blank"),
            ("/inferenceConfig/maxTokens", json!(0), "'inferenceConfig.maxTokens'"),
            ("/inferenceConfig/temperature", json!(1.5), "less than or equal to 1"),
            ("/inferenceConfig/temperature", json!(-0.1), "greater than or equal to 0"),
            ("/inferenceConfig/topP", json!(2), "'inferenceConfig.topP'"),
            ("/inferenceConfig/stopSequences", json!([""]), "stopSequences"),
            ("/toolConfig/tools", json!([]), "toolConfig.tools"),
            ("/toolConfig/tools/0/toolSpec/name", json!("a b"), "[a-zA-Z0-9_-]+"),
            ("/toolConfig/tools/0/toolSpec/name", json!("a".repeat(65)), "[a-zA-Z0-9_-]+"),
            ("/toolConfig/tools/0/toolSpec/inputSchema/json", json!({}), "following: object"),
        ];
        for (place, value, words) in refused {
            let message = refusal(&with(place, value)).unwrap_or_default();
            assert!(message.contains(words), "{place}: {message:?} lacks {words:?}");
        }
    }

    #[test]
    fn a_chosen_tool_must_exist() {
        let mut body = with("/none", Value::Null);
        body["toolConfig"]["toolChoice"] = json!({"tool": {"name": "b"}});
        assert!(refusal(&body).is_some_and(|message| message.contains("The tool b")));
        body["toolConfig"]["toolChoice"] = json!({"tool": {"name": "a-1"}});
        assert_eq!(refusal(&body), None);
    }
}
