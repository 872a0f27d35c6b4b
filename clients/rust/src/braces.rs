//! The `braces` language: `{name}` is replaced for the given variables, every other brace stays.

use serde_json::{Map, Value};

use crate::Error;
use crate::python::printed;

/// A compiled template.
#[derive(Debug)]
pub(crate) struct Braces(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Field(String),
}

impl Braces {
    pub(crate) fn compile(text: &str) -> Self {
        let (mut pieces, mut literal, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find('{') {
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, after)) => {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                    pieces.push(Piece::Field(name.to_owned()));
                    rest = after;
                }
                None => literal.push('{'),
            }
        }
        literal.push_str(rest);
        pieces.push(Piece::Text(literal));
        Self(pieces)
    }

    pub(crate) fn render(&self, variables: &Map<String, Value>) -> Result<String, Error> {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Field(name) if variables.contains_key(name) => {
                    text.push_str(&printed(name, &[], variables)?);
                }
                Piece::Field(name) => text.push_str(&format!("{{{name}}}")),
            }
        }
        Ok(text)
    }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
