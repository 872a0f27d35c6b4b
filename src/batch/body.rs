//! A request as it is sent, as the body of `Converse`: equal to what a single call sends, so that the answer is
//! the same.

use serde_json::{Map, Value, json};

use crate::model::{Parameters, Request, Role, Tool, ToolChoice};

/// The body, without the model, which is the job's.
pub fn body(request: &Request) -> Value {
    let messages = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": [{"text": message.text}]})
    });
    let mut body = Map::new();
    body.insert("messages".to_owned(), messages.collect());
    if let Some(system) = &request.system {
        body.insert("system".to_owned(), json!([{"text": system}]));
    }
    body.insert("inferenceConfig".to_owned(), inference(&request.parameters));
    if let Some(extra) = &request.parameters.extra {
        body.insert("additionalModelRequestFields".to_owned(), extra.clone());
    }
    if !request.tools.is_empty() {
        body.insert("toolConfig".to_owned(), tools(&request.tools, request.tool_choice.as_ref()));
    }
    let Parameters { response_format, guardrail, performance, .. } = &request.parameters;
    if let Some(format) = response_format {
        let mut schema = json!({"schema": format.schema.to_string()});
        for (key, text) in [("name", &format.name), ("description", &format.description)] {
            if let Some(text) = text {
                schema[key] = text.as_str().into();
            }
        }
        let format = json!({"type": "json_schema", "structure": {"jsonSchema": schema}});
        body.insert("outputConfig".to_owned(), json!({"textFormat": format}));
    }
    if let Some(guardrail) = guardrail {
        let config = json!({"guardrailIdentifier": guardrail.id, "guardrailVersion": guardrail.version});
        body.insert("guardrailConfig".to_owned(), config);
    }
    if let Some(performance) = performance {
        body.insert("performanceConfig".to_owned(), json!({"latency": performance}));
    }
    Value::Object(body)
}

fn inference(parameters: &Parameters) -> Value {
    let mut inference = json!({"maxTokens": i32::try_from(parameters.max_tokens).unwrap_or(i32::MAX)});
    for (name, number) in [("temperature", parameters.temperature), ("topP", parameters.top_p)] {
        if let Some(number) = number {
            inference[name] = number.into();
        }
    }
    if !parameters.stop.is_empty() {
        inference["stopSequences"] = parameters.stop.clone().into();
    }
    inference
}

fn tools(tools: &[Tool], choice: Option<&ToolChoice>) -> Value {
    let tool = |tool: &Tool| {
        let mut specification = json!({"name": tool.name, "inputSchema": {"json": tool.input_schema}});
        if let Some(description) = &tool.description {
            specification["description"] = description.as_str().into();
        }
        json!({"toolSpec": specification})
    };
    let mut config = json!({"tools": tools.iter().map(tool).collect::<Vec<_>>()});
    if let Some(choice) = choice {
        config["toolChoice"] = match choice {
            ToolChoice::Auto => json!({"auto": {}}),
            ToolChoice::Any => json!({"any": {}}),
            ToolChoice::Tool(name) | ToolChoice::Object(name) => json!({"tool": {"name": name}}),
        };
    }
    config
}
