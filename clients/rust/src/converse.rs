//! A rendered prompt as the body of Bedrock's `Converse`, key by key.

use serde_json::{Map, Value, json};

use crate::Rendered;
use crate::stored::Role;

/// The arguments of `Converse`, as the evaluation sends them.
#[derive(Clone, Debug, PartialEq)]
pub struct Converse {
    /// The model that the prompt was evaluated with; `None` for a plain text, which has no model.
    pub model: Option<String>,
    /// Everything else by Bedrock's own names, in the order of the catalog: `messages`, `system`,
    /// `inferenceConfig`, `additionalModelRequestFields`, `toolConfig`. Add the application's own keys, such
    /// as `guardrailConfig`.
    pub body: Map<String, Value>,
}

impl Rendered {
    /// The arguments of Bedrock's `Converse`. `turns` are the next messages of the conversation, alternately
    /// of the user and of the assistant; the first one is the user's.
    pub fn converse<T: Into<String>>(&self, turns: impl IntoIterator<Item = T>) -> Converse {
        let said = |role: &str, text: String| json!({"role": role, "content": [{"text": text}]});
        let mut messages = Vec::new();
        for message in &self.messages {
            match message.role {
                Role::System => {}
                Role::User => messages.push(said("user", message.content.clone())),
                Role::Assistant => messages.push(said("assistant", message.content.clone())),
            }
        }
        let roles = ["user", "assistant"].into_iter().cycle();
        messages.extend(roles.zip(turns).map(|(role, turn)| said(role, turn.into())));
        let mut body = Map::new();
        body.insert("messages".to_owned(), messages.into());
        if let Some(system) = self.system() {
            body.insert("system".to_owned(), json!([{"text": system}]));
        }
        let parameters = &self.content.parameters;
        let inference: Map<String, Value> = parameters
            .iter()
            .filter_map(|(name, value)| Some((inference_name(name)?.to_owned(), value.clone())))
            .collect();
        if !inference.is_empty() {
            body.insert("inferenceConfig".to_owned(), inference.into());
        }
        if let Some(extra) = parameters.get("extra").filter(|extra| !extra.is_null()) {
            body.insert("additionalModelRequestFields".to_owned(), extra.clone());
        }
        if !self.content.tools.is_empty() {
            let mut config = Map::new();
            config.insert("tools".to_owned(), self.content.tools.iter().map(tool).collect());
            if let Some(choice) = self.content.tool_choice.as_ref().and_then(choice) {
                config.insert("toolChoice".to_owned(), choice);
            }
            body.insert("toolConfig".to_owned(), config.into());
        }
        Converse { model: self.content.model.clone(), body }
    }
}

fn inference_name(name: &str) -> Option<&'static str> {
    match name {
        "max_tokens" => Some("maxTokens"),
        "temperature" => Some("temperature"),
        "top_p" => Some("topP"),
        "stop" => Some("stopSequences"),
        _ => None,
    }
}

fn tool(tool: &Value) -> Value {
    let mut specification = Map::new();
    specification.insert("name".to_owned(), tool["name"].clone());
    if tool["description"].as_str().is_some_and(|text| !text.is_empty()) {
        specification.insert("description".to_owned(), tool["description"].clone());
    }
    specification.insert("inputSchema".to_owned(), json!({"json": tool["input_schema"]}));
    json!({"toolSpec": specification})
}

/// `"auto"`, `"any"`, or `{"tool": name}`.
fn choice(choice: &Value) -> Option<Value> {
    match choice {
        Value::String(kind) => Some(Value::Object(Map::from_iter([(kind.clone(), json!({}))]))),
        Value::Object(named) => Some(json!({"tool": {"name": named.get("tool")?}})),
        _ => None,
    }
}

impl Converse {
    /// Another model, or the model if the prompt has none.
    #[must_use]
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.model = Some(model.into());
        self
    }
}

#[cfg(feature = "bedrock")]
mod send {
    use aws_sdk_bedrockruntime::Client;
    use aws_sdk_bedrockruntime::config::http::HttpRequest;
    use aws_sdk_bedrockruntime::error::SdkError;
    use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
    use aws_sdk_bedrockruntime::operation::converse_stream::{ConverseStreamError, ConverseStreamOutput};
    use aws_smithy_types::body::SdkBody;

    use super::Converse;

    impl Converse {
        /// Sends it.
        ///
        /// # Errors
        /// The SDK's.
        pub async fn send(&self, client: &Client) -> Result<ConverseOutput, SdkError<ConverseError>> {
            let call = client.converse().set_model_id(self.model.clone()).customize();
            call.mutate_request(self.filled()).send().await
        }

        /// Sends it, for a streamed answer.
        ///
        /// # Errors
        /// The SDK's.
        pub async fn stream(
            &self,
            client: &Client,
        ) -> Result<ConverseStreamOutput, SdkError<ConverseStreamError>> {
            let call = client.converse_stream().set_model_id(self.model.clone()).customize();
            call.mutate_request(self.filled()).send().await
        }

        /// Puts the body into the SDK's request, before it is signed. The SDK's own types would lose the order
        /// of a schema's keys, and change a temperature of 0.2 into a longer number.
        fn filled(&self) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
            let body = serde_json::Value::from(self.body.clone()).to_string();
            move |request| {
                request.headers_mut().insert("content-length", body.len().to_string());
                *request.body_mut() = SdkBody::from(body.clone());
            }
        }
    }
}
