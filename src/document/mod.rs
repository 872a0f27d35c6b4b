//! Documents: YAML and JSON read into one tree of nodes that know their place in the file.

pub mod asked;
mod build;
mod fields;
mod outline;
mod outline_json;
mod outline_yaml;
mod parse;
mod raw;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use fields::quoted;
pub use fields::{Fields, Shape};
pub use parse::{parse, parse_line, parse_source, read_text, too_much};
pub use raw::{Allowance, MAX_VALUES};
pub use text::{
    HiddenEscape, ambiguous, ambiguous_key, cut_by_comment, first_line, hidden_escape, text, written,
};

use std::sync::OnceLock;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::problem::{Mark, Problem};

/// Levels of lists and mappings a document may have.
pub const MAX_DEPTH: usize = 100;

/// The notation of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML as libyaml reads it.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    /// The notation of a file, by its name, if it is one of them.
    pub fn of_path(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Format::Yaml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// A file and the value it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The file.
    pub source: Source,
    /// Its value; [`Datum::Null`] for an empty file.
    pub root: Node,
}

/// A text file of a tree.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path inside the repository.
    pub path: String,
    /// The text, UTF-8, without a byte order mark.
    pub text: String,
    /// Where lines begin, once one of them was asked for: a file may hold a mistake in each of a
    /// million lines.
    starts: OnceLock<Vec<u32>>,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text) == (&other.path, &other.text)
    }
}

impl Source {
    /// A file's text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), starts: OnceLock::new() }
    }

    /// A line without its end; lines count from 1.
    pub fn line(&self, number: u32) -> Option<&str> {
        let starts = self.starts.get_or_init(|| {
            let breaks = self.text.bytes().zip(1_u32..).filter(|(byte, _)| *byte == b'\n');
            std::iter::once(0).chain(breaks.map(|(_, next)| next)).collect()
        });
        let start = *starts.get((number as usize).checked_sub(1)?)? as usize;
        self.text.get(start..).filter(|rest| !rest.is_empty())?.lines().next()
    }

    /// A problem at a place of this file.
    pub fn place(&self, problem: Problem, mark: Mark) -> Problem {
        problem.on_line(&self.path, self.line(mark.line), mark)
    }

    /// An error at a place of this file.
    pub fn error(&self, mark: Mark, message: impl Into<String>) -> Problem {
        self.place(Problem::error(message), mark)
    }

    /// A warning at a place of this file.
    pub fn warning(&self, mark: Mark, message: impl Into<String>) -> Problem {
        self.place(Problem::warning(message), mark)
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub mark: Mark,
    /// The value.
    pub datum: Datum,
}

/// A mapping's key and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Where the key begins.
    pub mark: Mark,
    /// The key, as text.
    pub text: String,
}

/// An entry of a mapping that a later step reads. Two are equal if their values are, wherever they stand.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The key, for its place.
    pub key: Key,
    /// The value.
    pub node: Node,
}

impl Kept {
    /// The value without places.
    pub fn value(&self) -> Value {
        self.node.to_value()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

/// A value of YAML or JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// Nothing, `null` or `~`.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, integer or not.
    Number(serde_json::Number),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file, without duplicate keys, merges applied.
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// The entry of a mapping under this key.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        let Datum::Map(entries) = &self.datum else { return None };
        entries.iter().find(|(name, _)| name.text == key).map(|(name, node)| (name, node))
    }

    /// The value without places.
    pub fn to_value(&self) -> Value {
        match &self.datum {
            Datum::Null => Value::Null,
            Datum::Bool(value) => Value::Bool(*value),
            Datum::Number(number) => Value::Number(number.clone()),
            Datum::Text(text) => Value::String(text.clone()),
            Datum::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Datum::Map(entries) => {
                Value::Object(entries.iter().map(|(key, node)| (key.text.clone(), node.to_value())).collect())
            }
        }
    }

    /// Bytes the value takes, about.
    pub fn size(&self) -> usize {
        const VALUE: usize = 64;
        VALUE
            + match &self.datum {
                Datum::Text(text) => text.len(),
                Datum::List(items) => items.iter().map(Node::size).sum(),
                Datum::Map(entries) => {
                    entries.iter().map(|(key, node)| VALUE + key.text.len() + node.size()).sum()
                }
                Datum::Null | Datum::Bool(_) | Datum::Number(_) => 0,
            }
    }

    /// What kind of value it is, with an article, for messages.
    pub fn kind(&self) -> &'static str {
        match self.datum {
            Datum::Null => "nothing",
            Datum::Bool(_) => "a boolean",
            Datum::Number(_) => "a number",
            Datum::Text(_) => "text",
            Datum::List(_) => "a list",
            Datum::Map(_) => "a mapping",
        }
    }
}
