//! Rendering as in the evaluation, tested with `clients/contract/rendering.json`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;
use crate::braces::Braces;
use crate::python::Python;

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// MiniJinja with strict undefined variables.
    Jinja,
    /// Python's `str.format` with plain names.
    Python,
    /// `{name}` is replaced for the given variables; every other brace stays.
    Braces,
    /// Sent as it is.
    None,
}

/// The language of a plain text, recognised from the text itself.
pub(crate) fn language(text: &str) -> Language {
    if Python::compile(text).is_ok_and(|template| template.is_plainly_python()) {
        return Language::Python;
    }
    if has_tags(text) { Language::Jinja } else { Language::None }
}

fn has_tags(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag))
}

/// The texts of a prompt, compiled.
#[derive(Debug)]
pub(crate) enum Compiled {
    Constant(Vec<String>),
    Python(Vec<Python>),
    Braces(Vec<Braces>),
    #[cfg(feature = "render")]
    Jinja(Box<minijinja::Environment<'static>>, usize),
}

impl Compiled {
    pub(crate) fn new(language: Language, texts: &[&str]) -> Result<Self, Error> {
        let has_any = texts.iter().any(|text| has_tags(text));
        let owned = |text: &&str| (*text).to_owned();
        Ok(match language {
            Language::None => Self::Constant(texts.iter().map(owned).collect()),
            Language::Python => {
                Self::Python(texts.iter().map(|text| Python::compile(text)).collect::<Result<_, _>>()?)
            }
            Language::Braces => Self::Braces(texts.iter().map(|text| Braces::compile(text)).collect()),
            Language::Jinja if !has_any => {
                let shorter = |text: &&str| without_last_break(text).to_owned();
                Self::Constant(texts.iter().map(shorter).collect())
            }
            Language::Jinja => jinja(texts)?,
        })
    }

    pub(crate) fn render(&self, variables: &Map<String, Value>) -> Result<Vec<String>, Error> {
        match self {
            Self::Constant(texts) => Ok(texts.clone()),
            Self::Python(templates) => templates.iter().map(|template| template.render(variables)).collect(),
            Self::Braces(templates) => templates.iter().map(|template| template.render(variables)).collect(),
            #[cfg(feature = "render")]
            Self::Jinja(environment, count) => {
                (0..*count).map(|index| rendered(environment, index, variables)).collect()
            }
        }
    }
}

/// As MiniJinja renders a text without tags.
fn without_last_break(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(not(feature = "render"))]
fn jinja(_: &[&str]) -> Result<Compiled, Error> {
    Err(Error::Render(
        "rendering a jinja template needs the feature `render` of prompt-assay-client".to_owned(),
    ))
}

/// As the evaluation sets it up.
#[cfg(feature = "render")]
fn jinja(texts: &[&str]) -> Result<Compiled, Error> {
    /// Steps one rendering may take.
    const FUEL: u64 = 10_000_000;
    let mut environment = minijinja::Environment::new();
    // Without it, only a debug build of the application would learn which variable is missing.
    environment.set_debug(true);
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    for (index, text) in texts.iter().enumerate() {
        let added = environment.add_template_owned(index.to_string(), (*text).to_owned());
        added.map_err(|error| explained(&error, index, None))?;
    }
    Ok(Compiled::Jinja(Box::new(environment), texts.len()))
}

#[cfg(feature = "render")]
fn rendered(
    environment: &minijinja::Environment<'static>,
    index: usize,
    variables: &Map<String, Value>,
) -> Result<String, Error> {
    let name = index.to_string();
    let template = environment.get_template(&name).map_err(|error| explained(&error, index, None))?;
    template.render(minijinja::value::Serde(variables)).map_err(|error| {
        let is_global = |name: &str| environment.globals().any(|(global, _)| global == name);
        let mut missing: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        missing.retain(|name| !is_global(name) && !variables.contains_key(name));
        missing.sort();
        explained(&error, index, missing.first())
    })
}

#[cfg(feature = "render")]
fn explained(error: &minijinja::Error, index: usize, missing: Option<&String>) -> Error {
    use minijinja::ErrorKind::{OutOfFuel, UndefinedError};
    let mut innermost = error;
    while let Some(source) =
        std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<minijinja::Error>())
    {
        innermost = source;
    }
    let message = match (innermost.kind(), missing, innermost.detail()) {
        (UndefinedError, Some(name), _) => format!("the variable `{name}` has no value"),
        (UndefinedError, None, None) => "a variable has no value".to_owned(),
        (OutOfFuel, ..) => "rendering takes too many steps".to_owned(),
        (_, _, Some(detail)) => detail.to_owned(),
        (kind, _, None) => kind.to_string(),
    };
    let line = innermost.line().map(|line| format!(" (line {line} of message {})", index + 1));
    Error::Render(message + &line.unwrap_or_default())
}
