//! A check as written: its kind, its body and its options, taken one by one; an option that is left
//! over was misspelt.

use crate::document::asked::{self, note};
use crate::document::{Datum, Key, Node};
use crate::problem::nearest;

use super::reader::Reader;

/// A check as written. A body that is a mapping of options is merged with the options beside it,
/// so that `{equals: a, trim: false}` and `{equals: {value: a, trim: false}}` are the same.
pub(super) struct Form<'n> {
    /// The kind's key.
    pub kind: &'n Key,
    /// The kind's value.
    pub body: &'n Node,
    /// Whether the body is the check's value, not a mapping of options.
    plain: bool,
    options: Vec<(&'n Key, &'n Node)>,
    known: Vec<&'static str>,
}

impl<'n> Form<'n> {
    /// A check of this kind; `opens` when a mapping as its value is a mapping of options.
    pub fn new(kind: &'n Key, body: &'n Node, beside: Vec<(&'n Key, &'n Node)>, opens: bool) -> Self {
        let mut options = beside;
        let inside = match &body.datum {
            Datum::Map(entries) if opens => Some(entries),
            _ => None,
        };
        options.extend(inside.into_iter().flatten().map(|(key, node)| (key, node)));
        Self { kind, body, plain: inside.is_none(), options, known: Vec::new() }
    }

    /// The kind's name.
    pub fn name(&self) -> &'n str {
        &self.kind.text
    }

    /// The option's value.
    pub fn take(&mut self, option: &'static str) -> Option<&'n Node> {
        self.take_entry(option).map(|(_, node)| node)
    }

    /// The option's key and value.
    pub fn take_entry(&mut self, option: &'static str) -> Option<(&'n Key, &'n Node)> {
        self.known.push(option);
        let index = self.options.iter().position(|(key, _)| key.text == option)?;
        Some(self.options.remove(index))
    }

    /// The check's value: the kind's value itself, or the option of this name in its mapping.
    pub fn main(&mut self, option: &'static str) -> Option<&'n Node> {
        if self.plain {
            return Some(self.body);
        }
        self.take(option)
    }

    /// A true or false option, `default` when it is absent or wrong.
    pub fn flag(&mut self, reader: &mut Reader<'_, '_>, option: &'static str, default: bool) -> bool {
        self.take(option).and_then(|node| reader.flag(node, option)).unwrap_or(default)
    }

    /// Whether it says `expected: true`: the text wanted is the case's.
    pub fn wants_expected(&mut self, reader: &mut Reader<'_, '_>) -> bool {
        if self.plain {
            return false;
        }
        let Some(node) = self.take("expected") else { return false };
        // A mistake in the option is reported once, and the option still counts as given.
        if reader.flag(node, "expected") == Some(false) {
            let help = format!("remove it, or write `not: {{{}: {{expected: true}}}}`", self.name());
            reader.error(node.mark, "`expected: false` asks for nothing", help);
        }
        true
    }

    /// Reports an option that is not allowed beside `expected: true`.
    pub fn refuse_beside_expected(&mut self, reader: &mut Reader<'_, '_>, option: &'static str) {
        if let Some(node) = self.take(option) {
            let message = format!("`{}` has both `{option}` and `expected: true`", self.name());
            reader.error(node.mark, message, "keep one of the two");
        }
    }

    /// Reports that the required option is missing.
    pub fn lacks(&self, reader: &mut Reader<'_, '_>, option: &str, example: &str) {
        let name = self.name();
        reader.error(self.body.mark, format!("`{name}` has no `{option}`"), format!("for example {example}"));
    }

    /// All options not yet taken.
    pub fn rest(&mut self) -> Vec<(&'n Key, &'n Node)> {
        std::mem::take(&mut self.options)
    }

    /// Reports keys that were not read; of a check that was not read completely (`complete` is
    /// false) only those that resemble an option.
    pub fn finish(self, reader: &mut Reader<'_, '_>, complete: bool) {
        note(reader.source, self.kind.mark, None, || asked::Form::Options(self.known.clone()));
        let name = self.name().to_owned();
        for (index, (key, _)) in self.options.iter().enumerate() {
            let option = &key.text;
            if self.options[..index].iter().any(|(other, _)| other.text == *option) {
                continue;
            }
            if self.known.contains(&option.as_str()) {
                reader.error(key.mark, format!("`{option}` is given twice"), "keep one of the two");
                continue;
            }
            let help = if complete && ["name", "weight"].contains(&option.as_str()) {
                format!("write `{option}` beside `{name}`, not inside it")
            } else if let Some(meant) = nearest(option, &self.known) {
                format!("did you mean `{meant}`?")
            } else if !complete {
                continue;
            } else if self.known.is_empty() {
                format!("`{name}` has no options; only `name` and `weight` may be beside it")
            } else {
                format!("`{name}` takes: {}", self.known.join(", "))
            };
            reader.error(key.mark, format!("`{name}` has no option `{option}`"), help);
        }
    }
}
