//! What Prompt Management keeps of a prompt: its one variant. The content that is released is the canonical form of
//! this JSON, so that what the service returns can be compared with it, whatever the service adds or leaves out.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::text::native;
use super::{MOST_VARIABLES, NotExpressible, name_fault};
use crate::model::{Parameters, Tool, ToolChoice};
use crate::prompt::{Prompt, Speaker};
use crate::release::content::whole;
use crate::release::value;
use crate::snapshot::Resolved;

/// The variant's name; a prompt has one variant.
const VARIANT: &str = "prompt-assay";
/// The key of the metadata that says which content the variant is.
const SHA256: &str = "prompt-assay:sha256";
/// The maximum of stop sequences.
const MOST_STOPS: usize = 4;

/// A prompt's content for an environment with Prompt Management.
///
/// # Errors
/// When Prompt Management cannot express the prompt.
pub fn content(prompt: &Prompt, resolved: &Resolved) -> Result<String, NotExpressible> {
    let (mut system, mut messages, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for text in &resolved.texts {
        let text_of =
            whole(prompt, resolved, text).map_err(|error| NotExpressible::of_text(error.message))?;
        let (native, used) = native(prompt.engine, &text_of)?;
        names.extend(used);
        match text.speaker {
            Speaker::System => system.push(native),
            speaker => messages.push(json!({"role": speaker, "content": [{"text": native}]})),
        }
    }
    if names.len() > MOST_VARIABLES {
        let what = format!("it has {} variables, and Prompt Management allows {MOST_VARIABLES}", names.len());
        return Err(NotExpressible::new(
            what,
            "use fewer variables, or release the prompt without `prompt_management`",
        ));
    }
    if let Some(name) = names.iter().find(|name| name_fault(name)) {
        let what = format!("Prompt Management does not allow the variable's name `{name}`");
        return Err(NotExpressible::new(what, "use letters and digits with single `_` between them"));
    }
    let mut chat = Map::new();
    // One text, as it was evaluated.
    if !system.is_empty() {
        chat.insert("system".to_owned(), json!([{"text": system.join("\n\n")}]));
    }
    chat.insert("messages".to_owned(), json!(messages));
    let variables: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    chat.insert("inputVariables".to_owned(), json!(variables));
    if !resolved.tools.is_empty() {
        chat.insert("toolConfiguration".to_owned(), tools(&resolved.tools, resolved.tool_choice.as_ref())?);
    }
    let mut variant = Map::new();
    variant.insert("templateType".to_owned(), json!("CHAT"));
    variant.insert("templateConfiguration".to_owned(), json!({"chat": chat}));
    variant.insert("modelId".to_owned(), json!(resolved.model));
    variant.insert("inferenceConfiguration".to_owned(), json!({"text": inference(&resolved.parameters)?}));
    if let Some(extra) = &resolved.parameters.extra {
        variant.insert("additionalModelRequestFields".to_owned(), extra.clone());
    }
    Ok(canonical(&Value::Object(variant)))
}

fn inference(parameters: &Parameters) -> Result<Value, NotExpressible> {
    if parameters.stop.len() > MOST_STOPS {
        let what = format!("Prompt Management allows {MOST_STOPS} `stop` sequences");
        return Err(NotExpressible::new(
            what,
            "use fewer, or release the prompt without `prompt_management`",
        ));
    }
    Ok(json!({
        "maxTokens": parameters.max_tokens,
        "temperature": parameters.temperature,
        "topP": parameters.top_p,
        "stopSequences": parameters.stop,
    }))
}

fn tools(tools: &[Tool], choice: Option<&ToolChoice>) -> Result<Value, NotExpressible> {
    let is_plain = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(tool) = tools.iter().find(|tool| !is_plain(&tool.name)) {
        let what = format!("Prompt Management does not allow the tool's name `{}`", tool.name);
        return Err(NotExpressible::new(what, "use letters, digits and `_`, with a letter first"));
    }
    let spec = |tool: &Tool| {
        json!({"toolSpec": {
            "name": tool.name,
            "description": tool.description,
            "inputSchema": {"json": tool.input_schema},
        }})
    };
    let choice = choice.map(|choice| match choice {
        ToolChoice::Auto => json!({"auto": {}}),
        ToolChoice::Any => json!({"any": {}}),
        ToolChoice::Tool(name) | ToolChoice::Object(name) => json!({"tool": {"name": name}}),
    });
    Ok(json!({"tools": tools.iter().map(spec).collect::<Vec<_>>(), "toolChoice": choice}))
}

/// The variant as it is sent: the content, with its name, and with its fingerprint for a person who reads it there.
pub fn sent(content: &str) -> Value {
    let mut variant: Map<String, Value> = serde_json::from_str(content).unwrap_or_default();
    variant.insert("name".to_owned(), json!(VARIANT));
    let sha256 = value::digest(content).to_hex();
    variant.insert("metadata".to_owned(), json!([{"key": SHA256, "value": sha256}]));
    if let Some(chat) = variant.get_mut("templateConfiguration").and_then(|of| of.get_mut("chat")) {
        // The service asks for the key, even where there is none.
        chat.as_object_mut().map(|chat| chat.entry("messages").or_insert_with(|| json!([])));
    }
    Value::Object(variant)
}

/// Whether this program wrote a variant: it says which content it is, and is that content.
pub fn is_own(variant: &Value) -> bool {
    let sha256 = value::digest(&canonical(variant)).to_hex();
    let entries = variant["metadata"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().any(|entry| entry["key"] == SHA256 && entry["value"] == sha256.as_str())
}

/// A variant in one form: keys in order, without its name and metadata, and without what says nothing.
pub fn canonical(variant: &Value) -> String {
    let mut variant = variant.clone();
    if let Some(members) = variant.as_object_mut() {
        members.shift_remove("name");
        members.shift_remove("metadata");
    }
    reduce(&mut variant);
    variant.sort_all_objects();
    serde_json::to_string_pretty(&variant).expect("plain values are JSON")
}

/// Takes out nulls and empty lists, which services add at will; documents of the prompt's author stay as they are, but
/// for the form of their numbers. Sampling parameters are 32 bits wide there.
fn reduce(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members.iter_mut() {
                match (key.as_str(), member.as_f64()) {
                    ("json" | "additionalModelRequestFields", _) => whole_numbers(member),
                    ("temperature" | "topP", Some(number)) => {
                        *member = (number as f32).to_string().parse::<f64>().map_or(Value::Null, Value::from);
                    }
                    _ => reduce(member),
                }
            }
            members.retain(|_, member| {
                !member.is_null() && !member.as_array().is_some_and(|list| list.is_empty())
            });
        }
        Value::Array(list) => list.iter_mut().for_each(reduce),
        _ => {}
    }
}

/// `5.0` as `5`: the service's documents do not tell them apart.
fn whole_numbers(value: &mut Value) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        Value::Array(list) => list.iter_mut().for_each(whole_numbers),
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)
                && float.abs() < EXACT
            {
                *value = Value::from(float as i64);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_adds_or_rounds_is_the_same_content() {
        let ours = json!({
            "templateType": "CHAT", "templateConfiguration": {"chat": {"system": [{"text": "Be kind."}], "messages": []}},
            "modelId": "m", "inferenceConfiguration": {"text": {"maxTokens": 5, "temperature": 0.1, "stopSequences": []}},
            "additionalModelRequestFields": {"top_k": 5, "list": [], "none": null},
        });
        let theirs = json!({
            "name": "other", "metadata": [{"key": "a", "value": "b"}], "genAiResource": null,
            "inferenceConfiguration": {"text": {"temperature": 0.1_f32 as f64, "topP": null, "maxTokens": 5}}, "modelId": "m",
            "templateConfiguration": {"chat": {"messages": [], "inputVariables": [], "system": [{"text": "Be kind."}]}},
            "templateType": "CHAT", "additionalModelRequestFields": {"list": [], "none": null, "top_k": 5.0},
        });
        assert_eq!(canonical(&ours), canonical(&theirs));
        for (pointer, other) in [
            ("/modelId", json!("n")),
            ("/templateConfiguration/chat/system/0/text", json!("Be rude.")),
            ("/inferenceConfiguration/text/temperature", json!(0.2)),
            ("/additionalModelRequestFields/none", json!(1)),
            ("/genAiResource", json!({"agent": {}})),
        ] {
            let mut edited = theirs.clone();
            *edited.pointer_mut(pointer).expect("a place") = other;
            assert_ne!(canonical(&ours), canonical(&edited), "{pointer}");
        }
    }

    #[test]
    fn only_a_variant_that_is_what_it_says_is_own() {
        let content = canonical(&json!({"templateType": "CHAT", "modelId": "m"}));
        let mut variant = sent(&content);
        assert!(is_own(&variant));
        assert_eq!(canonical(&variant), content);
        variant["modelId"] = json!("n");
        assert!(!is_own(&variant), "edited in the console, where metadata stays");
        assert!(!is_own(&json!({"modelId": "m"})));
    }
}
