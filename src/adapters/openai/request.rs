//! A [`Request`] as the body of Chat Completions.

use serde_json::{Map, Value, json};

use crate::model::{ErrorClass, ModelError, Parameters, Request, ResponseFormat, Role, Tool, ToolChoice};

/// Fields of the body that are not the prompt's to set: they would change what is asked, or what it costs.
const OURS: [&str; 20] = [
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "n",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "response_format",
    "stop",
    // Another model, another price, or tools that cost: the report would name what did not answer.
    "best_of",
    "models",
    "provider",
    "route",
    "service_tier",
    "transforms",
    "web_search_options",
];

/// The body that asks for the embedding of a text.
pub(super) fn embeddings(model: &str, text: &str) -> Value {
    json!({"model": model, "input": [text], "encoding_format": "float"})
}

/// The body; `names_completion`: the model calls `max_tokens` by its newer name.
///
/// # Errors
/// [`ErrorClass::Invalid`] when the request has what only Bedrock knows, or extra fields that are not its own.
pub(super) fn body(request: &Request, names_completion: bool) -> Result<Value, ModelError> {
    let parameters = &request.parameters;
    refuse_foreign(parameters)?;
    let mut body = Map::new();
    let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
    set("model", json!(request.model));
    set("messages", messages(request));
    let limit = if names_completion { "max_completion_tokens" } else { "max_tokens" };
    set(limit, json!(parameters.max_tokens));
    for (key, number) in [("temperature", parameters.temperature), ("top_p", parameters.top_p)] {
        if let Some(number) = number {
            set(key, json!(number));
        }
    }
    if !parameters.stop.is_empty() {
        set("stop", json!(parameters.stop));
    }
    if let Some(format) = &parameters.response_format {
        set("response_format", response_format(format));
    }
    if !request.tools.is_empty() {
        set("tools", request.tools.iter().map(tool).collect());
        if let Some(choice) = &request.tool_choice {
            set("tool_choice", tool_choice(choice));
        }
    }
    for (key, value) in parameters.extra.as_ref().and_then(Value::as_object).into_iter().flatten() {
        set(key, value.clone());
    }
    Ok(Value::Object(body))
}

fn refuse_foreign(parameters: &Parameters) -> Result<(), ModelError> {
    let refuse = |message: String, help: &str| {
        Err(ModelError { class: ErrorClass::Invalid, code: None, message, help: Some(help.to_owned()) })
    };
    if parameters.guardrail.is_some() {
        return refuse("guardrails exist on Amazon Bedrock only".to_owned(), "leave `guardrail` out");
    }
    if parameters.performance.is_some() {
        return refuse("`performance` exists on Amazon Bedrock only".to_owned(), "leave `performance` out");
    }
    let mut extra = parameters.extra.as_ref().and_then(Value::as_object).into_iter().flat_map(Map::keys);
    match extra.find(|key| OURS.contains(&key.as_str()) || ["temperature", "top_p"].contains(&key.as_str())) {
        Some(key) => refuse(
            format!("`parameters.extra` sets `{key}`"),
            "leave it out there: `parameters` has a key of its own for it, or it is not for prompts to set",
        ),
        None => Ok(()),
    }
}

fn messages(request: &Request) -> Value {
    let system = request.system.iter().map(|text| json!({"role": "system", "content": text}));
    let turns = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.text})
    });
    system.chain(turns).collect()
}

fn response_format(format: &ResponseFormat) -> Value {
    let mut schema = json!({"name": format.name.as_deref().unwrap_or("answer")});
    if let Some(description) = &format.description {
        schema["description"] = json!(description);
    }
    schema["strict"] = json!(true);
    schema["schema"] = format.schema.clone();
    json!({"type": "json_schema", "json_schema": schema})
}

fn tool(tool: &Tool) -> Value {
    let mut function = json!({"name": tool.name});
    if let Some(description) = &tool.description {
        function["description"] = json!(description);
    }
    function["parameters"] = tool.input_schema.clone();
    json!({"type": "function", "function": function})
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::Any => json!("required"),
        ToolChoice::Tool(name) | ToolChoice::Object(name) => {
            json!({"type": "function", "function": {"name": name}})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Guardrail, Message};

    fn text(request: &Request) -> String {
        body(request, false).map_or_else(|error| error.to_string(), |body| body.to_string())
    }

    #[test]
    fn everything_that_is_set_is_sent_and_nothing_else() {
        insta::assert_snapshot!(text(&Request::new("m", "Hi")), @r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":1024}"#);
        let schema = json!({"type": "object", "properties": {"b": {}, "a": {}}});
        let (name, description) = (Some("reply".to_owned()), None);
        let parameters = Parameters {
            max_tokens: 9,
            temperature: Some(0.1),
            top_p: Some(1.0),
            stop: vec!["END".to_owned()],
            extra: Some(json!({"seed": 7, "reasoning_effort": "low"})),
            response_format: Some(ResponseFormat { name, description, schema: schema.clone() }),
            ..Parameters::default()
        };
        let tools =
            vec![Tool { name: "t".to_owned(), description: Some("d".to_owned()), input_schema: schema }];
        let turn = |role, text: &str| Message { role, text: text.to_owned() };
        let messages = vec![turn(Role::User, "1"), turn(Role::Assistant, "2"), turn(Role::User, "3")];
        let (system, tool_choice) = (Some("S".to_owned()), Some(ToolChoice::Any));
        let full = Request { system, messages, parameters, tools, tool_choice, ..Request::new("m", "") };
        insta::assert_snapshot!(text(&full), @r#"{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"1"},{"role":"assistant","content":"2"},{"role":"user","content":"3"}],"max_tokens":9,"temperature":0.1,"top_p":1.0,"stop":["END"],"response_format":{"type":"json_schema","json_schema":{"name":"reply","strict":true,"schema":{"type":"object","properties":{"b":{},"a":{}}}}},"tools":[{"type":"function","function":{"name":"t","description":"d","parameters":{"type":"object","properties":{"b":{},"a":{}}}}}],"tool_choice":"required","seed":7,"reasoning_effort":"low"}"#);
    }

    #[test]
    fn what_the_prompt_may_not_set_is_refused() {
        let with = |parameters| text(&Request { parameters, ..Request::new("m", "Hi") });
        for key in OURS.into_iter().chain(["temperature", "top_p"]) {
            let extra = Some(json!({ "seed": 1, key: 5 }));
            let told = with(Parameters { extra, ..Parameters::default() });
            assert!(
                told.starts_with(&format!("`parameters.extra` sets `{key}` (leave it out there")),
                "{told}"
            );
        }
        let guardrail = Some(Guardrail { id: "a".to_owned(), version: "1".to_owned() });
        insta::assert_snapshot!(with(Parameters { guardrail, ..Parameters::default() }), @"guardrails exist on Amazon Bedrock only (leave `guardrail` out)");
    }
}
