//! Values of a check, read with their type, and the error for another type.

use std::collections::BTreeMap;

use super::Check;
use super::decimal::Decimal;
use super::path::Path;
use super::schema_size::Compiled;
use crate::document::{Datum, Node, Source, cut_by_comment, hidden_escape, written};
use crate::problem::{Mark, Problem, Problems};

/// Bytes that the regular expressions and schemas of one golden set may take, compiled.
const COMPILED_BYTES: usize = 64 << 20;

/// The files that the checks of one golden set use, and their common size limit.
pub struct Resources<'a> {
    /// The text of a file by the path as written; `None` when there is no such file.
    pub(super) files: &'a mut dyn FnMut(&str) -> Result<Option<String>, Problem>,
    /// Schemas of files, compiled once.
    pub(super) schemas: BTreeMap<String, Compiled>,
    room: usize,
    /// Whether the size limit was exceeded: an error says so.
    is_exceeded: bool,
}

impl<'a> Resources<'a> {
    /// The whole room; `files` gives the text of a file by the path as written, `None` when there is
    /// none.
    pub fn new(files: &'a mut dyn FnMut(&str) -> Result<Option<String>, Problem>) -> Self {
        Self { files, schemas: BTreeMap::new(), room: COMPILED_BYTES, is_exceeded: false }
    }

    /// Whether an error has reported the size limit: nothing more need be compiled.
    pub(super) fn are_exceeded(&self) -> bool {
        self.is_exceeded
    }

    /// Counts something compiled for the size limit.
    ///
    /// # Errors
    /// A message and what to do.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), (String, &'static str)> {
        let Some(left) = self.room.checked_sub(bytes) else {
            self.is_exceeded = true;
            let message = format!(
                "the regular expressions and schemas of the golden set take more than {} MiB compiled, large ones \
                 counted eight times",
                COMPILED_BYTES >> 20
            );
            return Err((message, "lower repetition counts, share schemas in a file, or split the set"));
        };
        self.room = left;
        Ok(())
    }
}

/// What the readers of all families need.
pub(super) struct Reader<'a, 'r> {
    pub source: &'a Source,
    pub resources: &'a mut Resources<'r>,
    pub problems: &'a mut Problems,
    /// How many checks enclose the current one.
    pub depth: usize,
    /// Reads a check of any kind.
    pub check: fn(&mut Reader<'_, '_>, &Node) -> Option<Check>,
}

impl Reader<'_, '_> {
    pub fn error(&mut self, mark: Mark, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.source.error(mark, message).help(help));
    }

    /// A check inside the present one.
    pub fn inner(&mut self, node: &Node) -> Option<Check> {
        self.depth += 1;
        let check = (self.check)(self, node);
        self.depth -= 1;
        check
    }

    /// A path, or the reason why it is none at the node's place.
    pub fn path(&mut self, node: &Node, text: &str) -> Option<Path> {
        Path::parse(text)
            .map_err(|why| {
                let help = "for example reply.items[0].id, items[*].id or [\"key.with.dots\"]";
                self.error(node.mark, format!("`{text}` is not a path: {why}"), help);
            })
            .ok()
    }

    /// A text; `what` names the option for the message.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match &node.datum {
            Datum::Text(text) => {
                if let Some(hidden) = hidden_escape(self.source, node) {
                    self.error(node.mark, format!("`{what}` holds {}", hidden.what), hidden.help);
                    return None;
                }
                self.problems.extend(cut_by_comment(self.source, node, &format!("`{what}`")).into());
                Some(text.clone())
            }
            Datum::Number(_) | Datum::Bool(_) => {
                let written = node.to_value();
                self.wrong(node, what, "text", format!("put it in quotation marks: \"{written}\""));
                None
            }
            _ => {
                self.wrong(node, what, "text", format!("for example {what}: \"thirty days\""));
                None
            }
        }
    }

    /// One text or a list of at least one.
    pub fn texts(&mut self, node: &Node, what: &str) -> Option<Vec<String>> {
        match &node.datum {
            Datum::List(items) if items.is_empty() => {
                self.error(
                    node.mark,
                    format!("`{what}` has an empty list"),
                    "name at least one, or remove the check",
                );
                None
            }
            Datum::List(items) => {
                let texts: Vec<_> = items.iter().map(|item| self.text(item, what)).collect();
                texts.into_iter().collect()
            }
            _ => self.text(node, what).map(|text| vec![text]),
        }
    }

    /// A number that satisfies `fits`, which `bounds` says in words.
    pub fn number(
        &mut self,
        node: &Node,
        what: &str,
        (bounds, fits): (&str, fn(f64) -> bool),
    ) -> Option<f64> {
        let found = match &node.datum {
            Datum::Number(number) => number.as_f64().filter(|value| value.is_finite() && fits(*value)),
            _ => None,
        };
        if found.is_none() {
            self.wrong(node, what, bounds, format!("write {bounds}"));
        }
        found
    }

    /// A number with all written digits; in quotes, it may have any number of digits.
    pub fn decimal(&mut self, node: &Node, what: &str) -> Option<Decimal> {
        let found = match &node.datum {
            Datum::Number(number) => {
                let read = Decimal::parse(&number.to_string())?;
                let written = written(self.source, node).and_then(|written| Decimal::parse(&written));
                // Otherwise the reader's value: `0x10`.
                let agrees = |written: &Decimal| written.nearest_double() == read.nearest_double();
                Some(written.filter(agrees).unwrap_or(read))
            }
            Datum::Text(text) => Decimal::parse(text.trim()),
            _ => None,
        };
        if found.is_none() {
            self.wrong(node, what, "a number", "write a number");
        }
        found
    }

    /// A whole number from 0.
    pub fn count(&mut self, node: &Node, what: &str) -> Option<u64> {
        let found = match &node.datum {
            Datum::Number(number) => number.as_u64(),
            _ => None,
        };
        if found.is_none() {
            self.wrong(node, what, "a whole number from 0", format!("for example {what}: 50"));
        }
        found
    }

    /// True or false.
    pub fn flag(&mut self, node: &Node, what: &str) -> Option<bool> {
        let Datum::Bool(value) = node.datum else {
            self.wrong(node, what, "true or false", format!("write {what}: true"));
            return None;
        };
        Some(value)
    }

    /// Reports that an option has a value of the wrong type.
    pub fn wrong(&mut self, node: &Node, what: &str, takes: &str, help: impl Into<String>) {
        let found = match &node.datum {
            Datum::Number(_) | Datum::Bool(_) => node.to_value().to_string(),
            Datum::List(items) if items.is_empty() => "an empty list".to_owned(),
            _ => node.kind().to_owned(),
        };
        self.error(node.mark, format!("`{what}` takes {takes}, not {found}"), help);
    }
}
