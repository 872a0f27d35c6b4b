//! The `python` language: `str.format` with plain names, the form of most existing catalogs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::TemplateError;
use super::limits::{Allowance, MOST_RENDERED};

#[derive(Debug)]
enum Piece {
    Text(String),
    Field { name: String, keys: Vec<String>, line: usize },
}

/// A compiled format string.
#[derive(Debug)]
pub(super) struct Python {
    path: String,
    pieces: Vec<Piece>,
}

impl Python {
    pub(super) fn compile(path: &str, text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        let mut line = 1;
        let fail = |line: usize, message: String| TemplateError::new(message, Some(path), Some(line));
        while let Some(at) = rest.find(['{', '}']) {
            line += rest[..at].matches('\n').count();
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(fail(line, "a single `}`: write `}}` for a brace".to_owned()));
            }
            let end = rest
                .find('}')
                .ok_or_else(|| fail(line, "a `{` is never closed: write `{{` for a brace".to_owned()))?;
            let (name, keys) = field(&rest[..end]).map_err(|message| fail(line, message))?;
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
            pieces.push(Piece::Field { name, keys, line });
            line += rest[..end].matches('\n').count();
            rest = &rest[end + 1..];
        }
        literal.push_str(rest);
        pieces.push(Piece::Text(literal));
        Ok(Self { path: path.to_owned(), pieces })
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
                Piece::Field { name, keys, line } => {
                    let fail = |message: String| TemplateError::new(message, Some(&self.path), Some(*line));
                    let mut value = variables
                        .get(name)
                        .ok_or_else(|| TemplateError::no_value(name, Some(&self.path), Some(*line)))?;
                    for key in keys {
                        value = at_key(value, key).ok_or_else(|| TemplateError {
                            undefined: Some(format!("{name}[{key}]")),
                            ..fail(format!("the variable `{name}` has no `[{key}]`"))
                        })?;
                    }
                    text.push_str(&printed(value).ok_or_else(|| {
                        fail(format!(
                            "the variable `{name}` is a list or a mapping; only single values are printed"
                        ))
                    })?);
                }
            }
            if text.len() > MOST_RENDERED {
                break;
            }
        }
        allowance.take_text(&text, &self.path)?;
        Ok(text)
    }

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

/// Splits `name[key][0]`; conversions, format specifications and attributes are refused, because
/// their meaning depends on Python types that a golden set does not have.
fn field(content: &str) -> Result<(String, Vec<String>), String> {
    let (name, mut rest) = match content.find('[') {
        Some(at) => (&content[..at], &content[at..]),
        None => (content, ""),
    };
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!(
            "`{{{content}}}` is not a plain `{{name}}`: write `{{{{` and `}}}}` for braces, and put formatting \
             into the variable's value"
        ));
    }
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').and_then(|r| r.split_once(']'));
        let (key, after) = inner.ok_or_else(|| format!("`{{{content}}}` has an unclosed `[`"))?;
        keys.push(key.to_owned());
        rest = after;
    }
    Ok((name.to_owned(), keys))
}

fn at_key<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// A value as Python's `str` prints it.
pub(super) fn printed(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}
