//! The forms in which a model is asked for an object, the strictest first. Models differ in what they take, and say so
//! only when they refuse a call, so an adapter goes down one rung with each refusal, and remembers it. The request
//! itself, and with it the name of its answer, is the same on every rung.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Message, Request, ResponseFormat, Role, Tool, ToolChoice};

/// A form in which an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Structured output, and the text asks for the object, too: for servers that pass over what they do not know.
    Described,
    /// Structured output: the answer's text is an object that matches the schema.
    Structured,
    /// The tool must be called.
    Forced,
    /// Some tool must be called, and there is one.
    Any,
    /// The tool may be called.
    Auto,
    /// The text asks for the object.
    Text,
}

/// Models that AWS names as having structured output; of others a forced call is the strictest form.
const STRUCTURED: [&str; 16] = [
    "anthropic.claude-haiku-4-5",
    "anthropic.claude-sonnet-4-5",
    "anthropic.claude-sonnet-4-6",
    "anthropic.claude-opus-4-5",
    "anthropic.claude-opus-4-6",
    "anthropic.claude-opus-4-7",
    "anthropic.claude-opus-5",
    "deepseek.v3",
    "google.gemma-3",
    "minimax.minimax-m2",
    "mistral.ministral-3",
    "mistral.mistral-large-3",
    "moonshot.kimi-k2",
    "nvidia.nemotron",
    "openai.gpt-oss",
    "qwen.qwen3",
];

impl Rung {
    /// All of them, the strictest first.
    pub const ALL: [Self; 6] =
        [Self::Described, Self::Structured, Self::Forced, Self::Any, Self::Auto, Self::Text];

    /// The strictest form of a model of Bedrock, by its id or that of a profile of it.
    pub fn first(model: &str) -> Self {
        if STRUCTURED.iter().any(|known| model.contains(known)) { Self::Structured } else { Self::Forced }
    }

    /// The next one down; the last one has none.
    pub fn below(self) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| *rung > self)
    }

    /// The rung on which a model refuses nothing, as its answer to a call on this rung says; `None`: the refusal is
    /// about something else. `message` is what the provider said, in lower case.
    pub fn after_refusal(self, message: &str) -> Option<Self> {
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        let refuses = says(&[
            "support",
            "not permitted",
            "not allowed",
            "may not be",
            "unsupported",
            "not available",
            "invalid",
            "unrecognized",
            "requires",
            "input should be",
        ]);
        let (about_format, about_choice, about_tools) = (
            says(&["output_config", "outputconfig", "textformat", "structured output", "response_format"]),
            says(&["toolchoice", "tool_choice", "tool choice"]),
            says(&["tool use", "toolconfig", "tools", "function calling"]),
        );
        match self {
            _ if !refuses => None,
            Self::Described | Self::Structured if about_format => Some(Self::Forced),
            Self::Forced | Self::Any if about_choice => self.below(),
            Self::Forced | Self::Any | Self::Auto if about_tools => Some(Self::Text),
            _ => None,
        }
    }

    /// A request as it is sent on this rung; one that wants no object stays as it is.
    pub fn applied_to(self, request: &Request) -> Cow<'_, Request> {
        let Some(tool) = wanted(request) else { return Cow::Borrowed(request) };
        let mut sent = request.clone();
        let name = tool.name.clone();
        match self {
            Self::Described | Self::Structured => {
                let (name, description) = (Some(name), tool.description.clone());
                let format = ResponseFormat { name, description, schema: closed(&tool.input_schema) };
                sent.parameters.response_format = Some(format);
            }
            Self::Forced => sent.tool_choice = Some(ToolChoice::Tool(name)),
            Self::Any => sent.tool_choice = Some(ToolChoice::Any),
            Self::Auto => sent.tool_choice = Some(ToolChoice::Auto),
            Self::Text => {}
        }
        if matches!(self, Self::Described | Self::Structured | Self::Text) {
            (sent.tools, sent.tool_choice) = (Vec::new(), None);
        }
        let told = match self {
            Self::Structured => return Cow::Owned(sent),
            Self::Forced | Self::Any => format!("Call the tool `{}` exactly once.", tool.name),
            Self::Auto => format!(
                "Call the tool `{}` exactly once. If you cannot call it, end your answer with its arguments as one \
                 JSON object.",
                tool.name
            ),
            Self::Described | Self::Text => format!(
                "End your answer with one JSON object that matches this schema, and write nothing after it:\n{}",
                tool.input_schema
            ),
        };
        sent.system = Some(sent.system.map_or_else(|| told.clone(), |system| format!("{system}\n\n{told}")));
        Cow::Owned(sent)
    }
}

/// The tool whose input is wanted as an object.
pub fn wanted(request: &Request) -> Option<&Tool> {
    let Some(ToolChoice::Object(name)) = &request.tool_choice else { return None };
    request.tools.iter().find(|tool| tool.name == *name)
}

/// The request with its system text at the beginning of the conversation, for models that take none.
pub fn without_system(request: &Request) -> Request {
    let mut sent = request.clone();
    let Some(system) = sent.system.take() else { return sent };
    match sent.messages.first_mut() {
        Some(first) if first.role == Role::User => first.text = format!("{system}\n\n{}", first.text),
        _ => sent.messages.insert(0, Message { role: Role::User, text: system }),
    }
    sent
}

/// A schema as structured output takes it: every object names all of its properties, and numbers have no bounds.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, value)| {
                !(value.is_number() && ["minimum", "maximum"].contains(&key.as_str()))
            });
            let mut fields: serde_json::Map<String, Value> =
                kept.map(|(key, value)| (key.clone(), closed(value))).collect();
            if fields.get("type").is_some_and(|kind| kind == "object") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            Value::Object(fields)
        }
        Value::Array(items) => Value::Array(items.iter().map(closed).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameters;

    fn request() -> Request {
        let number = json!({"type": "number", "minimum": 0, "maximum": 1});
        let schema = json!({"type": "object", "properties": {"score": number}, "required": ["score"]});
        let tool =
            Tool { name: "score".to_owned(), description: Some("Hand in.".to_owned()), input_schema: schema };
        Request {
            model: "m".to_owned(),
            system: Some("Judge.".to_owned()),
            messages: vec![Message { role: Role::User, text: "Hi".to_owned() }],
            parameters: Parameters::default(),
            tools: vec![tool],
            tool_choice: Some(ToolChoice::Object("score".to_owned())),
            operation: crate::model::Operation::Answer,
        }
    }

    #[test]
    fn each_rung_asks_in_its_form() {
        let told: Vec<String> = Rung::ALL
            .iter()
            .map(|rung| {
                let wanted = request();
                let sent = rung.applied_to(&wanted);
                let format = sent.parameters.response_format.as_ref().map(|format| format.schema.to_string());
                format!(
                    "{rung:?}: {} tools, {:?}, {:?}, {:?}",
                    sent.tools.len(),
                    sent.tool_choice,
                    format,
                    sent.system
                )
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        Described: 0 tools, None, Some("{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\"}},\"required\":[\"score\"],\"additionalProperties\":false}"), Some("Judge.\n\nEnd your answer with one JSON object that matches this schema, and write nothing after it:\n{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1}},\"required\":[\"score\"]}")
        Structured: 0 tools, None, Some("{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\"}},\"required\":[\"score\"],\"additionalProperties\":false}"), Some("Judge.")
        Forced: 1 tools, Some(Tool("score")), None, Some("Judge.\n\nCall the tool `score` exactly once.")
        Any: 1 tools, Some(Any), None, Some("Judge.\n\nCall the tool `score` exactly once.")
        Auto: 1 tools, Some(Auto), None, Some("Judge.\n\nCall the tool `score` exactly once. If you cannot call it, end your answer with its arguments as one JSON object.")
        Text: 0 tools, None, None, Some("Judge.\n\nEnd your answer with one JSON object that matches this schema, and write nothing after it:\n{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1}},\"required\":[\"score\"]}")
        "#);
    }

    #[test]
    fn a_request_that_wants_no_object_stays_as_it_is() {
        let plain = Request { tool_choice: Some(ToolChoice::Auto), ..request() };
        for rung in Rung::ALL {
            assert_eq!(*rung.applied_to(&plain), plain);
        }
    }

    /// Messages as people report them from AWS.
    #[test]
    fn refusals_lead_one_rung_down_or_to_the_text() {
        let format =
            "the model returned the following errors: output_config.format: extra inputs are not permitted";
        let choice = |field: &str| {
            format!(
                "this model doesn't support the toolconfig.toolchoice.{field} field. remove it and try again."
            )
        };
        let thinking = "thinking may not be enabled when tool_choice forces tool use.";
        let none = "this model doesn't support tool use.";
        for (rung, message, next) in [
            (Rung::Described, format, Some(Rung::Forced)),
            (Rung::Structured, format, Some(Rung::Forced)),
            (Rung::Forced, &choice("tool"), Some(Rung::Any)),
            (Rung::Any, &choice("any"), Some(Rung::Auto)),
            (Rung::Forced, thinking, Some(Rung::Any)),
            (Rung::Forced, none, Some(Rung::Text)),
            (Rung::Auto, none, Some(Rung::Text)),
            (Rung::Text, none, None),
            (Rung::Forced, "input is too long for requested model.", None),
            (Rung::Forced, format, None),
            (Rung::Structured, none, None),
        ] {
            assert_eq!(rung.after_refusal(message), next, "{rung:?}: {message}");
        }
    }

    #[test]
    fn a_model_without_system_text_reads_it_first() {
        let sent = without_system(&request());
        assert_eq!((sent.system, sent.messages[0].text.as_str()), (None, "Judge.\n\nHi"));
    }
}
