//! The `braces` language: `{name}` of a variable that the case gives is filled in, every other brace stays
//! as it is. This is what applications do that call `.replace("{name}", value)`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::TemplateError;
use super::limits::{Allowance, MOST_RENDERED};
use super::python::printed;

#[derive(Debug)]
enum Piece {
    Text(String),
    Field { name: String, line: usize },
}

/// A text with its places for variables.
#[derive(Debug)]
pub(super) struct Braces {
    path: String,
    pieces: Vec<Piece>,
}

impl Braces {
    pub(super) fn compile(path: &str, text: &str) -> Self {
        let (mut pieces, mut literal, mut line) = (Vec::new(), String::new(), 1);
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            line += rest[..at].matches('\n').count();
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, after)) => {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    pieces.push(Piece::Field { name: name.to_owned(), line });
                    rest = after;
                }
                None => literal.push('{'),
            }
        }
        literal.push_str(rest);
        pieces.push(Piece::Text(literal));
        Self { path: path.to_owned(), pieces }
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
                Piece::Field { name, line } => match variables.get(name) {
                    None => text.push_str(&format!("{{{name}}}")),
                    Some(value) => text.push_str(&printed(value).ok_or_else(|| {
                        let message = format!(
                            "the variable `{name}` is a list or a mapping; only single values are printed"
                        );
                        TemplateError::new(message, Some(&self.path), Some(*line))
                    })?),
                },
            }
            if text.len() > MOST_RENDERED {
                break;
            }
        }
        allowance.take_text(&text, &self.path)?;
        Ok(text)
    }

    /// Every name in braces; which of them are variables, the cases decide.
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

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
