//! A text with places for variables, as `python` and `braces` read it: how it is rendered and what it may read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::TemplateError;
use super::limits::{Allowance, MOST_RENDERED};

/// What stands in a text.
#[derive(Debug)]
pub(super) enum Piece {
    /// What is sent as it is.
    Text(String),
    /// The place of a variable, or of a part of it.
    Field {
        /// The variable.
        name: String,
        /// The way to the part, outermost first.
        keys: Vec<String>,
        /// The line, from 1.
        line: usize,
    },
}

/// What becomes of a place whose variable the case does not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The text cannot be rendered.
    Fails,
    /// The place is sent as it is written.
    Stays,
}

/// A text that was read.
#[derive(Debug)]
pub(super) struct Fields {
    path: String,
    pieces: Vec<Piece>,
    missing: Missing,
}

impl Fields {
    pub(super) fn new(path: &str, pieces: Vec<Piece>, missing: Missing) -> Self {
        Self { path: path.to_owned(), pieces, missing }
    }

    pub(super) fn render(
        &self,
        variables: &BTreeMap<String, Value>,
        allowance: &Allowance,
    ) -> Result<String, TemplateError> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Field { name, .. }
                    if self.missing == Missing::Stays && !variables.contains_key(name) =>
                {
                    text.push_str(&format!("{{{name}}}"));
                }
                Piece::Field { name, keys, line } => {
                    text.push_str(&self.printed(variables, name, keys, *line)?);
                }
            }
            if text.len() > MOST_RENDERED {
                break;
            }
        }
        allowance.take_text(&text, &self.path)?;
        Ok(text)
    }

    fn printed(
        &self,
        variables: &BTreeMap<String, Value>,
        name: &str,
        keys: &[String],
        line: usize,
    ) -> Result<String, TemplateError> {
        let fail = |message: String| TemplateError::new(message, Some(&self.path), Some(line));
        let mut value =
            variables.get(name).ok_or_else(|| TemplateError::no_value(name, Some(&self.path), Some(line)))?;
        for key in keys {
            value = at_key(value, key).ok_or_else(|| TemplateError {
                undefined: Some(format!("{name}[{key}]")),
                ..fail(format!("the variable `{name}` has no `[{key}]`"))
            })?;
        }
        printed(value).ok_or_else(|| {
            fail(format!("the variable `{name}` is a list or a mapping; only single values are printed"))
        })
    }

    /// The names in the text. Where what is missing stays, the cases decide which of them are variables.
    pub(super) fn variables(&self) -> BTreeSet<String> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Field { name, .. } => Some(name.clone()),
                Piece::Text(_) => None,
            })
            .collect()
    }
}

/// Whether a text can be the name of a variable.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

fn at_key<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A value as Python's `str` prints it.
fn printed(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
