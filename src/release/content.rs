//! The exact content that is released for a prompt: its system text, as it is, with the includes
//! inserted, if the prompt has nothing else; otherwise everything that goes into a call, as JSON.
//! `docs/stored-values.md` says how readers interpret it.
//!
//! No other field of a store says the template language of a plain text, so a reader recognises it from the text. A
//! text that a reader would misinterpret is not released as plain text.

use serde_json::{Map, Value, json};

use crate::prompt::{Engine, Prompt, Speaker};
use crate::snapshot::{Resolved, TemplateText};
use crate::template::{self, Parts, Place, Template, TemplateError};
use crate::tree::directory;

/// Version of the JSON's shape. 1 had `text` where the catalog has `content`.
const PACKAGE: u32 = 2;
/// The beginning of JSON that replaces a plain text; no plain text begins so.
pub const PACKAGE_MARK: &str = "{\"prompt\":";

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
        && let Some(plain) = plain(prompt.engine, text)
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

/// The language that a reader recognises in a plain text. With at least one field, and with nothing
/// but fields in its single braces, it is Python's; a tag makes it Jinja; anything else is sent as
/// it is. Fields count if their names are ASCII, which is the same in every language.
pub fn language(text: &str) -> Engine {
    let nowhere = Place { root: "", path: "" };
    let fields = Template::compile(Engine::Python, nowhere, text, &Parts::new())
        .map(|template| template.variables())
        .unwrap_or_default();
    if !fields.is_empty() && fields.iter().all(|name| name.is_ascii()) {
        return Engine::Python;
    }
    if has_tags(text) { Engine::Jinja } else { Engine::None }
}

/// The text to release if a plain text is enough; `None`: a reader would misinterpret it. A Jinja
/// text without tags is what it renders to.
fn plain(engine: Engine, text: &str) -> Option<String> {
    let text = if engine == Engine::Jinja && !has_tags(text) { rendered(text) } else { text };
    let read = language(text);
    let means_itself = match engine {
        Engine::Jinja => !has_tags(text),
        Engine::Python => !text.contains(['{', '}']),
        Engine::Braces => !has_fields(text),
        Engine::None => true,
    };
    let is_plain = read == engine || (read == Engine::None && means_itself);
    (is_plain && !text.starts_with(PACKAGE_MARK)).then(|| text.to_owned())
}

/// Whether a case might fill in something.
fn has_fields(text: &str) -> bool {
    let nowhere = Place { root: "", path: "" };
    Template::compile(Engine::Braces, nowhere, text, &Parts::new())
        .is_ok_and(|template| !template.variables().is_empty())
}

fn has_tags(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag))
}

/// Without its last line break, as MiniJinja renders it.
fn rendered(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use crate::template::Allowance;

    fn sent(engine: Engine, text: &str, variables: &BTreeMap<String, Value>) -> Option<String> {
        let place = Place { root: "", path: "p" };
        Template::compile(engine, place, text, &Parts::new())
            .ok()?
            .render(variables, &Allowance::default())
            .ok()
    }

    proptest! {
        /// In every language, a text that is released as plain text is read and rendered as it was
        /// evaluated.
        #[test]
        fn a_plain_text_is_rendered_as_evaluated(
            text in "(\\{\\{|\\}\\}|\\{|\\}|\\{name\\}|\\{\\{ name \\}\\}|\\{% if name %\\}|\\{% endif %\\}|\\{#|#\\}|\r|\n|[ a\":,0]|ä|\\{\"prompt\":){0,8}",
            engine in prop_oneof![
                Just(Engine::Jinja),
                Just(Engine::Python),
                Just(Engine::Braces),
                Just(Engine::None)
            ],
        ) {
            let variables = BTreeMap::from([("name".to_owned(), Value::from("Ada"))]);
            if let (Some(evaluated), Some(plain)) = (sent(engine, &text, &variables), plain(engine, &text)) {
                prop_assert_eq!(sent(language(&plain), &plain, &variables), Some(evaluated));
            }
        }
    }

    #[test]
    fn what_would_be_misread_is_not_plain() {
        for (engine, text) in [
            (Engine::Jinja, "Hi {name}, {{ name }}"),
            (Engine::Jinja, "Hi {name}"),
            (Engine::Python, "{{\"a\": 1}}"),
            (Engine::None, "Write {{ name }}"),
            (Engine::None, "Write {name}"),
            (Engine::None, "{\"prompt\":1}"),
            (Engine::Python, "{größe}}}"),
        ] {
            assert_eq!(plain(engine, text), None, "{text}");
        }
        for (engine, text, released) in [
            (Engine::Jinja, "Be kind.\n", "Be kind."),
            (Engine::Jinja, "Reply {\"a\": 1}", "Reply {\"a\": 1}"),
            (Engine::Jinja, "Hi {{ name }}\n", "Hi {{ name }}\n"),
            (Engine::Jinja, "{% if x %}a{% endif %}", "{% if x %}a{% endif %}"),
            (Engine::Python, "{{\"k\": {a}}}\n", "{{\"k\": {a}}}\n"),
            (Engine::Python, "Be kind.\n", "Be kind.\n"),
            (Engine::None, "Reply {\"a\": 1}\n", "Reply {\"a\": 1}\n"),
        ] {
            assert_eq!(plain(engine, text).as_deref(), Some(released), "{text}");
        }
    }
}
