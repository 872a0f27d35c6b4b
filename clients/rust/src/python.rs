//! The `python` language: `str.format` with plain names.

use serde_json::{Map, Value};

use crate::Error;

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Python(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Field { name: String, keys: Vec<String> },
}

impl Python {
    pub(crate) fn compile(text: &str) -> Result<Self, Error> {
        let (mut pieces, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let line = text[..text.len() - rest.len() + at].matches('\n').count() + 1;
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(Error::Render(format!("a single `}}` in line {line}: write `}}}}` for a brace")));
            }
            let Some((content, after)) = rest.split_once('}') else {
                let message = format!("a `{{` in line {line} is never closed: write `{{{{` for a brace");
                return Err(Error::Render(message));
            };
            let Some(field) = field(content) else {
                return Err(Error::Render(format!(
                    "`{{{content}}}` in line {line} is not a plain `{{name}}`"
                )));
            };
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
            pieces.push(field);
            rest = after;
        }
        pieces.push(Piece::Text(literal + rest));
        Ok(Self(pieces))
    }

    /// Whether a plain text is recognised as one: it has fields, and names that are the same in
    /// every language.
    pub(crate) fn is_plainly_python(&self) -> bool {
        let mut names = self.0.iter().filter_map(|piece| match piece {
            Piece::Field { name, .. } => Some(name),
            Piece::Text(_) => None,
        });
        let Some(first) = names.next() else { return false };
        first.is_ascii() && names.all(|name| name.is_ascii())
    }

    pub(crate) fn render(&self, variables: &Map<String, Value>) -> Result<String, Error> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Field { name, keys } => text.push_str(&printed(name, keys, variables)?),
            }
        }
        Ok(text)
    }
}

/// Splits `name[key][0]`.
fn field(content: &str) -> Option<Piece> {
    let at = content.find('[').unwrap_or(content.len());
    let (name, mut rest) = content.split_at(at);
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push(key.to_owned());
        rest = after;
    }
    is_name.then(|| Piece::Field { name: name.to_owned(), keys })
}

pub(crate) fn printed(name: &str, keys: &[String], variables: &Map<String, Value>) -> Result<String, Error> {
    let missing = || Error::Render(format!("the variable `{name}` has no value"));
    let mut value = variables.get(name).ok_or_else(missing)?;
    for key in keys {
        let inner = match value {
            Value::Object(map) => map.get(key),
            Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        value = inner.ok_or_else(|| Error::Render(format!("the variable `{name}` has no `[{key}]`")))?;
    }
    match value {
        Value::Null => Ok("None".to_owned()),
        Value::Bool(true) => Ok("True".to_owned()),
        Value::Bool(false) => Ok("False".to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        Value::Array(_) | Value::Object(_) => Err(Error::Render(format!(
            "the variable `{name}` is a list or a mapping; only single values are printed"
        ))),
    }
}
