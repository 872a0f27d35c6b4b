//! A request as a script sees it.

use serde_json::Value;

/// One `Converse` request.
#[derive(Clone, Debug, PartialEq)]
pub struct ConverseCall {
    /// Model id, inference profile id or ARN, decoded.
    pub model: String,
    /// The system text blocks, joined by line breaks.
    pub system: Option<String>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// `inferenceConfig` and `additionalModelRequestFields`.
    pub parameters: Parameters,
    /// `toolConfig.tools`.
    pub tools: Vec<Tool>,
    /// `toolConfig.toolChoice`.
    pub tool_choice: Option<ToolChoice>,
    /// Headers of interest.
    pub headers: Headers,
    /// How often this very request (model and body) was seen before: 0 at first.
    pub attempt: u32,
    /// How many requests came before this one, of any kind.
    pub sequence: u64,
    /// The body as it came.
    pub body: Value,
}

/// A message of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// The text blocks, joined by line breaks.
    pub text: String,
}

/// Sampling parameters; `None` means that they were not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// `maxTokens`.
    pub max_tokens: Option<u64>,
    /// `temperature`.
    pub temperature: Option<f64>,
    /// `topP`.
    pub top_p: Option<f64>,
    /// `stopSequences`.
    pub stop: Vec<String>,
    /// `additionalModelRequestFields`.
    pub extra: Option<Value>,
}

/// A tool on offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// The JSON Schema of its input.
    pub input_schema: Value,
}

/// Whether a tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// Some tool.
    Any,
    /// This tool.
    Tool(String),
}

/// Headers of interest. Signatures are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// `user-agent`.
    pub user_agent: Option<String>,
    /// `amz-sdk-request`, such as `attempt=1; max=1`.
    pub sdk_request: Option<String>,
    /// The region that the request was signed for.
    pub region: Option<String>,
    /// `AWS4-HMAC-SHA256` or `Bearer`.
    pub authorization_scheme: Option<String>,
}

impl ConverseCall {
    /// The text of the last user message; empty when there is none.
    pub fn last_user_text(&self) -> &str {
        self.messages.iter().rev().find(|message| message.role == "user").map_or("", |message| &message.text)
    }

    /// Input tokens, estimated: one for four characters of system text, messages and tools.
    pub fn input_tokens(&self) -> u64 {
        input_tokens(&self.body)
    }

    /// Reads the body of a request that passed validation.
    pub(crate) fn read(model: String, body: Value, headers: Headers) -> Self {
        let tool_config = &body["toolConfig"];
        Self {
            model,
            system: body["system"].as_array().map(|blocks| joined(blocks)),
            messages: list(&body["messages"]).iter().map(message).collect(),
            parameters: parameters(&body),
            tools: list(&tool_config["tools"]).iter().filter_map(tool).collect(),
            tool_choice: tool_choice(&tool_config["toolChoice"]),
            headers,
            attempt: 0,
            sequence: 0,
            body,
        }
    }
}

/// A token for four characters, rounded up.
pub(crate) fn estimate(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

/// The estimate for a body of `Converse` or the `converse` input of `CountTokens`.
pub(crate) fn input_tokens(body: &Value) -> u64 {
    let texts =
        |blocks: &Value| list(blocks).iter().filter_map(|b| b["text"].as_str()).map(estimate).sum::<u64>();
    let messages: u64 = list(&body["messages"]).iter().map(|message| texts(&message["content"])).sum();
    let tools: u64 = list(&body["toolConfig"]["tools"]).iter().map(|tool| estimate(&tool.to_string())).sum();
    texts(&body["system"]) + messages + tools
}

/// The elements of an array; none for anything else.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn joined(blocks: &[Value]) -> String {
    blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n")
}

fn message(value: &Value) -> Message {
    Message {
        role: value["role"].as_str().unwrap_or_default().to_owned(),
        text: joined(list(&value["content"])),
    }
}

fn parameters(body: &Value) -> Parameters {
    let config = &body["inferenceConfig"];
    Parameters {
        max_tokens: config["maxTokens"].as_u64(),
        temperature: config["temperature"].as_f64(),
        top_p: config["topP"].as_f64(),
        stop: list(&config["stopSequences"]).iter().filter_map(|s| s.as_str().map(str::to_owned)).collect(),
        extra: body.get("additionalModelRequestFields").cloned(),
    }
}

fn tool(value: &Value) -> Option<Tool> {
    let spec = value.get("toolSpec")?;
    Some(Tool {
        name: spec["name"].as_str()?.to_owned(),
        description: spec["description"].as_str().map(str::to_owned),
        input_schema: spec["inputSchema"]["json"].clone(),
    })
}

fn tool_choice(value: &Value) -> Option<ToolChoice> {
    if let Some(name) = value["tool"]["name"].as_str() {
        return Some(ToolChoice::Tool(name.to_owned()));
    }
    if value.get("any").is_some() {
        return Some(ToolChoice::Any);
    }
    value.get("auto").map(|_| ToolChoice::Auto)
}
