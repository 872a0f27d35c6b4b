//! Rules about the texts of prompts.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Material;
use super::finding::{Finding, Level, Sink};
use crate::problem::{Mark, Problems};
use crate::prompt::Engine;
use crate::snapshot::texts_of;
use crate::template::{Parts, Place, Template};

/// `{{ name }}`, `{name}` and `${name}`: the signs before the name, and the name.
static PLACES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\$?\{\{?)[ ]*([A-Za-z_][A-Za-z0-9_]*)[ ]*\}").expect("the pattern is constant")
});

/// Placeholders that look like those of another template language and that no case gives. The readers report those that
/// cases give.
pub(super) fn other_syntax(material: &Material<'_>, found: &mut Sink<'_>) {
    for (prompt, change) in material.prompts() {
        let variables = change.cases.iter().flat_map(|case| case.case.variables.keys());
        let given: BTreeSet<&str> = variables.map(String::as_str).chain(["input"]).collect();
        let Some((texts, _)) = texts_of(material.head, prompt, &mut Problems::new()) else { continue };
        for text in texts {
            let Some((at, written, help)) = foreign(prompt.engine, &text.text, &given) else { continue };
            let line = u32::try_from(text.text[..at].matches('\n').count() + 1).unwrap_or(0);
            let message = format!("`{written}` in the prompt `{}` is sent as it stands", prompt.id);
            let (path, mark) = match (text.path == prompt.catalog, text.first_line) {
                (true, 0) => (&prompt.catalog, text.mark),
                (true, first) => (&prompt.catalog, Mark::new(first + line - 1, 0)),
                (false, _) => (&text.path, Mark::new(line, 0)),
            };
            found(Finding::new(Level::Warning, message, help).at(path, mark));
        }
    }
}

/// The first placeholder of another language: where it is, how it is written, and what to do.
fn foreign(engine: Engine, text: &str, given: &BTreeSet<&str>) -> Option<(usize, String, String)> {
    let has_tags = text.contains("{{") || text.contains("{%");
    let places = || PLACES.captures_iter(text).filter_map(|found| Some((found.get(1)?, found.get(2)?)));
    let is_double = |signs: &str| signs == "{{";
    match engine {
        Engine::Jinja if !has_tags => {
            let mut open = places().filter(|(_, name)| !given.contains(name.as_str()));
            let (signs, name) = open.next()?;
            let name = name.as_str();
            let nowhere = Place { root: "", path: "" };
            let is_python = Template::compile(Engine::Python, nowhere, text, &Parts::new()).is_ok();
            let single = if is_python { "python" } else { "braces" };
            let (written, also) = match signs.as_str() {
                "${" => (format!("${{{name}}}"), String::new()),
                _ => (format!("{{{name}}}"), format!(", or set `template: {single}` for single braces")),
            };
            let help = format!(
                "if it is to be filled in, write `{{{{ {name} }}}}`{also}; else set `template: none`"
            );
            Some((signs.start(), written, help))
        }
        Engine::None => {
            let (signs, name) = places().find(|(signs, _)| is_double(signs.as_str()))?;
            let help = "if it is to be filled in, set `template: jinja`: `template: none` puts nothing in";
            Some((signs.start(), format!("{{{{ {} }}}}", name.as_str()), help.to_owned()))
        }
        Engine::Python | Engine::Braces => {
            let (signs, name) = places().find(|(signs, name)| {
                is_double(signs.as_str()) && text[name.end()..].trim_start().starts_with("}}")
            })?;
            // Beside single braces, doubled ones are meant: they are how Python writes a brace.
            if places().any(|(signs, _)| !is_double(signs.as_str())) {
                return None;
            }
            let name = name.as_str();
            let help = format!("if it is to be filled in, write `{{{name}}}`, or set `template: jinja`");
            Some((signs.start(), format!("{{{{ {name} }}}}"), help))
        }
        Engine::Jinja => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_placeholder_of_another_language_is_found_and_that_of_the_own_is_not() {
        let found = |engine, text: &str| {
            foreign(engine, text, &BTreeSet::from(["known"])).map(|(_, written, _)| written)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(found(Engine::Jinja, "Sum up {ticket}."), some("{ticket}"));
        assert_eq!(found(Engine::Jinja, "Sum up ${ticket}."), some("${ticket}"));
        assert_eq!(found(Engine::Jinja, "Sum up {known}."), None, "the reader says it");
        assert_eq!(found(Engine::Jinja, "Sum up {{ ticket }} as {json}."), None);
        assert_eq!(found(Engine::Jinja, "Answer {\"a\": 1} or {}."), None);
        assert_eq!(found(Engine::None, "Sum up {{ticket}}."), some("{{ ticket }}"));
        assert_eq!(found(Engine::None, "Sum up {ticket}."), None);
        assert_eq!(found(Engine::Python, "Sum up {{ticket}}."), some("{{ ticket }}"));
        assert_eq!(found(Engine::Python, "Sum up {ticket} as {{name}}."), None);
        assert_eq!(found(Engine::Braces, "Sum up {{ ticket }}."), some("{{ ticket }}"));
    }
}
