//! Nodes that are made here, each at the place of what it was made of.

use crate::document::{Datum, Key, Node, Source, written};
use crate::problem::Mark;

/// A text.
pub(super) fn text(mark: Mark, text: impl Into<String>) -> Node {
    Node { mark, datum: Datum::Text(text.into()) }
}

/// `true`.
pub(super) fn yes(mark: Mark) -> Node {
    Node { mark, datum: Datum::Bool(true) }
}

/// A list.
pub(super) fn list(mark: Mark, items: Vec<Node>) -> Node {
    Node { mark, datum: Datum::List(items) }
}

/// A mapping, its keys at the mapping's place.
pub(super) fn map(mark: Mark, entries: Vec<(&str, Node)>) -> Node {
    let entries = entries.into_iter().map(|(key, node)| (Key { mark, text: key.to_owned() }, node));
    Node { mark, datum: Datum::Map(entries.collect()) }
}

/// The text of a single value, numbers as they are written; `None` for lists and mappings.
pub(super) fn printed(source: &Source, node: &Node) -> Option<String> {
    match &node.datum {
        Datum::Text(text) => Some(text.clone()),
        Datum::Number(number) => Some(written(source, node).unwrap_or_else(|| number.to_string())),
        Datum::Bool(value) => Some(value.to_string()),
        Datum::Null => Some(String::new()),
        Datum::List(_) | Datum::Map(_) => None,
    }
}

/// What the cases of a file may take together: each gets its own copies of the checks.
pub(super) struct Allowance {
    left: usize,
    is_exceeded: bool,
}

impl Default for Allowance {
    fn default() -> Self {
        const MOST_BYTES: usize = 64 << 20;
        Self { left: MOST_BYTES, is_exceeded: false }
    }
}

impl Allowance {
    /// Counts a node; `false`: it is too much.
    pub(super) fn take(&mut self, node: &Node) -> bool {
        match self.left.checked_sub(node.size()) {
            Some(left) => self.left = left,
            None => self.is_exceeded = true,
        }
        !self.is_exceeded
    }
}
