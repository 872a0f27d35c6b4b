//! A template as Prompt Management knows templates: text with `{{name}}`, and nothing else. What a text means is found
//! by rendering it as an evaluation does, with a mark in the place of each variable's value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::NotExpressible;
use crate::prompt::Engine;
use crate::template::{Allowance, Parts, Place, Template};

/// Around a variable's number in a rendered text: characters of Unicode's private use, which no prompt needs.
const MARKS: [char; 2] = ['\u{e000}', '\u{e001}'];

/// The text for Prompt Management, and its variables.
///
/// # Errors
/// When the text does more than to fill in values, or Prompt Management would understand it otherwise.
pub fn native(engine: Engine, text: &str) -> Result<(String, BTreeSet<String>), NotExpressible> {
    if engine == Engine::Jinja {
        only_names(text)?;
    }
    if text.contains(MARKS) {
        return Err(NotExpressible::new("its text holds U+E000 or U+E001", "take these characters out"));
    }
    let unreadable = |error: crate::template::TemplateError| NotExpressible::of_text(error.message);
    let nowhere = Place { root: "", path: "" };
    let template = Template::compile(engine, nowhere, text, &Parts::new()).map_err(unreadable)?;
    let names: Vec<String> = template.variables().into_iter().collect();
    let marked = |(index, name): (usize, &String)| {
        (name.clone(), Value::from(format!("{}{index}{}", MARKS[0], MARKS[1])))
    };
    let values: BTreeMap<String, Value> = names.iter().enumerate().map(marked).collect();
    let rendered = template.render(&values, &Allowance::default()).map_err(unreadable)?;
    let (mut native, mut used) = (String::new(), BTreeSet::new());
    for part in rendered.split(MARKS[0]) {
        let (name, literal) = match part.split_once(MARKS[1]) {
            Some((index, literal)) => (index.parse::<usize>().ok().and_then(|at| names.get(at)), literal),
            None => (None, part),
        };
        if let Some(name) = name {
            if native.ends_with('{') || literal.starts_with('}') {
                return Err(ambiguous(&format!("a brace next to the variable `{name}`")));
            }
            native.push_str(&format!("{{{{{name}}}}}"));
            used.insert(name.clone());
        }
        if literal.contains("{{") {
            return Err(ambiguous("`{{`"));
        }
        native.push_str(literal);
    }
    Ok((native, used))
}

fn ambiguous(what: &str) -> NotExpressible {
    NotExpressible::of_text(format!("{what} in a text would begin or end a variable there"))
}

/// Refuses every tag of Jinja but a variable's name alone.
fn only_names(text: &str) -> Result<(), NotExpressible> {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        rest = &rest[at..];
        let Some(end) = ["{{", "{%", "{#"].iter().position(|tag| rest.starts_with(tag)) else {
            rest = &rest[1..];
            continue;
        };
        let close = ["}}", "%}", "#}"][end];
        let (tag, after) = rest.split_at(rest.find(close).map_or(rest.len(), |at| at + close.len()));
        rest = after;
        let inner = tag[2..].strip_suffix(close).unwrap_or_default().trim_matches(['-', '+']).trim();
        let is_name = !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || c == '_');
        if end == 1 || (end == 0 && !is_name) {
            let shown: String = tag.chars().take(60).collect();
            return Err(NotExpressible::of_text(format!("`{shown}` does more than to fill in a value")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Bedrock does with a text and the variables of a call.
    fn filled_in(native: &str, values: &BTreeMap<String, Value>) -> String {
        let mut text = String::new();
        let mut rest = native;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").expect("every `{{` begins a variable");
            text.push_str(before);
            text.push_str(values[name].as_str().expect("a text"));
            rest = after;
        }
        text + rest
    }

    proptest! {
        #[test]
        fn bedrock_fills_in_what_was_evaluated(
            text in "(\\{\\{|\\}\\}|\\{|\\}|\\{name\\}|\\{\\{ name \\}\\}|\\{\\{- city -\\}\\}|\\{% if name %\\}|\\{% endif %\\}|\\{# a #\\}|\r|\n|[ a\":,0]|ä){0,8}",
            engine in prop_oneof![
                Just(Engine::Jinja),
                Just(Engine::Python),
                Just(Engine::Braces),
                Just(Engine::None)
            ],
        ) {
            if let Ok((native, names)) = native(engine, &text) {
                let place = Place { root: "", path: "" };
                let template = Template::compile(engine, place, &text, &Parts::new()).unwrap();
                for value in ["Ada", "", "{{ x }}", "}"] {
                    let all = names.iter().map(|name| (name.clone(), Value::from(value)));
                    let values: BTreeMap<String, Value> = all.collect();
                    let evaluated = template.render(&values, &Allowance::default()).unwrap();
                    prop_assert_eq!(filled_in(&native, &values), evaluated);
                }
            }
        }
    }

    #[test]
    fn texts_become_native_or_say_why_not() {
        let told = |engine, text| match native(engine, text) {
            Ok((text, names)) => format!("{text:?} {names:?}"),
            Err(unfit) => unfit.to_string(),
        };
        let all = [
            told(Engine::Jinja, "Greet {{ name }} of {{city}}: {\"a\": {\"b\": 1}}\n"),
            told(Engine::Jinja, "Hi {#- a remark -#} {{ name }}"),
            told(Engine::Jinja, "{% if name %}Hi{% endif %}"),
            told(Engine::Jinja, "Hi {{ name | upper }}"),
            told(Engine::Jinja, "{ {{ name }}, {{{ name }}}"),
            told(Engine::Python, "Greet {name}: {{}}"),
            told(Engine::Python, "Greet {user[name]}"),
            told(Engine::Python, "Write {{{{ name }}}}"),
            told(Engine::Braces, "Greet {name}: {\"a\": 1}"),
            told(Engine::None, "Write {{ name }}"),
            told(Engine::None, "Write \u{e000}"),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        "Greet {{name}} of {{city}}: {\"a\": {\"b\": 1}}" {"city", "name"}
        "Hi{{name}}" {"name"}
        `{% if name %}` does more than to fill in a value
        `{{ name | upper }}` does more than to fill in a value
        `{{{ name }}` does more than to fill in a value
        "Greet {{name}}: {}" {"name"}
        the variable `user` has no `[name]`
        `{{` in a text would begin or end a variable there
        "Greet {{name}}: {\"a\": 1}" {"name"}
        `{{` in a text would begin or end a variable there
        its text holds U+E000 or U+E001
        "#);
    }
}
