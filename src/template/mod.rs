//! Templates: a prompt's text and a case's variables become the text that is sent.
//!
//! A template is compiled once and rendered for every case. Included parts are found before
//! rendering, by their literal names, so that a prompt's dependencies are known without a model, a
//! file or a case.

mod braces;
mod fields;
mod jinja;
mod limits;
mod python;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::prompt::Engine;

pub use jinja::{hidden_by_anchors, include_names, inlined};
pub use limits::Allowance;
pub use watch::{Rendering, being_rendered};

/// Texts that templates may include, by path inside the repository.
pub type Parts = BTreeMap<String, String>;

/// The place of a template.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The directory that its include names are relative to: the catalog's.
    pub root: &'a str,
    /// The file it stands in.
    pub path: &'a str,
}

/// A template could not be compiled or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong, for a person.
    pub message: String,
    /// The template it happened in, by path.
    pub path: Option<String>,
    /// The line in that template, from 1.
    pub line: Option<usize>,
    /// The variable, or the part of one, that has no value; `None`: something else is wrong.
    pub undefined: Option<String>,
}

impl TemplateError {
    /// Something is wrong with the template at a path.
    pub fn new(message: impl Into<String>, path: Option<&str>, line: Option<usize>) -> Self {
        Self { message: message.into(), path: path.map(str::to_owned), line, undefined: None }
    }

    /// A variable has no value.
    pub fn no_value(name: &str, path: Option<&str>, line: Option<usize>) -> Self {
        let what =
            if name.contains(|c: char| !c.is_alphanumeric() && c != '_') { "" } else { "the variable " };
        let error = Self::new(format!("{what}`{name}` has no value"), path, line);
        Self { undefined: Some(name.to_owned()), ..error }
    }
}

/// A compiled template.
#[derive(Debug)]
pub struct Template(Compiled);

#[derive(Debug)]
enum Compiled {
    Jinja(Box<jinja::Jinja>),
    Fields(fields::Fields),
    Verbatim { path: String, text: String },
}

impl Template {
    /// Compiles `text`, which stands at `path`; `parts` holds what it may include, by names that
    /// count from the place's root.
    ///
    /// # Errors
    /// When the text is not a template of that language.
    pub fn compile(
        engine: Engine,
        place: Place<'_>,
        text: &str,
        parts: &Parts,
    ) -> Result<Self, TemplateError> {
        Ok(Self(match engine {
            Engine::Jinja => Compiled::Jinja(Box::new(jinja::Jinja::compile(place, text, parts)?)),
            Engine::Python => Compiled::Fields(python::compile(place.path, text)?),
            Engine::Braces => Compiled::Fields(braces::compile(place.path, text)),
            Engine::None => Compiled::Verbatim { path: place.path.to_owned(), text: text.to_owned() },
        }))
    }

    /// Renders the template with a case's variables; what that costs is taken from the allowance.
    ///
    /// # Errors
    /// When a variable is missing, an expression fails, or a limit is exceeded.
    pub fn render(
        &self,
        variables: &BTreeMap<String, Value>,
        allowance: &Allowance,
    ) -> Result<String, TemplateError> {
        match &self.0 {
            Compiled::Jinja(template) => {
                let _watched = watch::Begun::with(allowance.subject(template.path()));
                template.render(variables, allowance)
            }
            Compiled::Fields(template) => template.render(variables, allowance),
            Compiled::Verbatim { path, text } => {
                allowance.take_text(text, path)?;
                Ok(text.clone())
            }
        }
    }

    /// The top-level variables the template (or a part it includes) may read.
    pub fn variables(&self) -> BTreeSet<String> {
        match &self.0 {
            Compiled::Jinja(template) => template.variables(),
            Compiled::Fields(template) => template.variables(),
            Compiled::Verbatim { .. } => BTreeSet::new(),
        }
    }
}

/// Variables that a `jinja` text names in single braces, `{name}`: they are sent unchanged, which
/// is rarely intended.
pub fn single_braced(text: &str, variables: &BTreeSet<String>) -> Vec<String> {
    variables
        .iter()
        .filter(|name| {
            let placeholder = format!("{{{name}}}");
            text.match_indices(&placeholder)
                .any(|(at, _)| !text[..at].ends_with('{') && !text[at + placeholder.len()..].starts_with('}'))
        })
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
