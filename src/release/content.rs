//! The exact content that is released for a prompt: its system text, as it is, with the includes
//! inserted, if the prompt has nothing else; otherwise everything that goes into a call, as JSON.
//! `docs/stored-values.md` says how readers interpret it.

use serde_json::{Map, Value, json};

use super::plain;
use crate::prompt::{Engine, Prompt, Speaker};
use crate::snapshot::{Resolved, TemplateText};
use crate::template::{self, TemplateError};
use crate::tree::directory;

/// Version of the JSON's shape. 1 had `text` where the catalog has `content`.
const PACKAGE: u32 = 2;

/// A prompt's content for readers. Plain text for a prompt that is one system text without tools,
/// whose template language can be recognised from it; the application then sets model and
/// parameters itself, although they were evaluated.
///
/// # Errors
/// When a text includes other parts in any way but a plain include.
pub fn content(prompt: &Prompt, resolved: &Resolved) -> Result<String, TemplateError> {
    let mut texts = Vec::new();
    for text in &resolved.texts {
        texts.push((text.speaker, whole(prompt, resolved, text)?));
    }
    if let [(Speaker::System, text)] = texts.as_slice()
        && resolved.tools.is_empty()
        && let Some(plain) = plain::of(prompt.engine, text)
    {
        return Ok(plain);
    }
    let messages: Vec<Value> =
        texts.iter().map(|(speaker, text)| json!({"role": speaker, "content": text})).collect();
    let mut package = Map::new();
    package.insert("prompt".to_owned(), json!(PACKAGE));
    package.insert("template".to_owned(), json!(prompt.engine));
    package.insert("messages".to_owned(), json!(messages));
    package.insert("model".to_owned(), json!(resolved.model));
    package.insert("parameters".to_owned(), json!(resolved.parameters));
    if !resolved.tools.is_empty() {
        package.insert("tools".to_owned(), json!(resolved.tools));
        package.insert("tool_choice".to_owned(), json!(resolved.tool_choice));
    }
    // Escaped, so that SSM takes it as it is and no envelope is needed around JSON.
    Ok(super::value::escaped(&Value::Object(package).to_string()))
}

/// A text with its includes in their places, as an application without the files needs it.
///
/// # Errors
/// When it includes other parts in any way but a plain include.
pub(super) fn whole(
    prompt: &Prompt,
    resolved: &Resolved,
    text: &TemplateText,
) -> Result<String, TemplateError> {
    match prompt.engine {
        Engine::Jinja => {
            template::inlined(directory(&prompt.catalog), &text.path, &text.text, &resolved.parts)
        }
        Engine::Python | Engine::Braces | Engine::None => Ok(text.text.clone()),
    }
}
