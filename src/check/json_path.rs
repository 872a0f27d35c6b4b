//! The json_path check: the expectation for the value at a path of the answer.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::document::{Datum, Node};

use super::equality::{equal, normal};
use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::length::{self, LengthCheck};
use super::number::{self, NumberCheck};
use super::path::Path;
use super::pattern::{self, Pattern};
use super::quote::{listed, shown_json};
use super::reader::Reader;
use super::scoring_input::ScoringInput;
use super::text::{self, TextCheck};

/// The expectation at the path; with `[*]` one matching value is enough.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Expectation {
    /// A value exists, or does not.
    Exists(bool),
    /// One of these values.
    OneOf(Vec<Value>),
    /// Of the value as a text: a string itself, anything else as JSON.
    Text(TextCheck),
    /// The same.
    Regex(Pattern),
    /// The same.
    Number(NumberCheck),
    /// The same.
    Length(LengthCheck),
}

/// Expectations that are checks of the value's text.
const OF_TEXT: &[(&str, ReadExpectation)] = &[
    ("contains", |reader, form| text::read_contains(reader, form).map(Expectation::Text)),
    ("contains_any", |reader, form| text::read_contains_any(reader, form).map(Expectation::Text)),
    ("starts_with", |reader, form| text::read_starts_with(reader, form).map(Expectation::Text)),
    ("ends_with", |reader, form| text::read_ends_with(reader, form).map(Expectation::Text)),
    ("regex", |reader, form| pattern::read(reader, form).map(Expectation::Regex)),
    ("number", |reader, form| number::read(reader, form).map(Expectation::Number)),
    ("length", |reader, form| length::read(reader, form).map(Expectation::Length)),
];

type ReadExpectation = fn(&mut Reader<'_, '_>, &mut Form<'_>) -> Option<Expectation>;

const EXAMPLE: &str = "json_path: {path: reply.intent, equals: refund}";

/// Reads the path and what is expected there.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<(Path, Expectation)> {
    let Some(node) = form.main("path") else {
        form.lacks(reader, "path", EXAMPLE);
        return None;
    };
    let text = reader.text(node, "path")?;
    let path = reader.path(node, &text)?;
    Some((path, expectation(reader, form)?))
}

fn expectation(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Expectation> {
    let exists = form.take("exists");
    let equals = form.take("equals");
    let one_of = form.take("one_of");
    let mut of_text = Vec::new();
    for (name, read) in OF_TEXT {
        if let Some((key, node)) = form.take_entry(name) {
            of_text.push((*read, key, node));
        }
    }
    let asked = [exists, equals, one_of].into_iter().flatten().count() + of_text.len();
    if asked > 1 {
        reader.error(
            form.kind.mark,
            "`json_path` has more than one expectation",
            "write one check for each, or `all: [...]`",
        );
        return None;
    }
    if let Some(node) = exists {
        return reader.flag(node, "exists").map(Expectation::Exists);
    }
    if let Some(node) = equals {
        return Some(Expectation::OneOf(vec![normal(node.to_value())]));
    }
    if let Some(node) = one_of {
        return values(reader, node).map(Expectation::OneOf);
    }
    match of_text.pop() {
        Some((read, key, node)) => {
            let mut inner = Form::new(key, node, form.rest(), true);
            let expectation = read(reader, &mut inner);
            inner.finish(reader, expectation.is_some());
            expectation
        }
        None => Some(Expectation::Exists(true)),
    }
}

fn values(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Vec<Value>> {
    match &node.datum {
        Datum::List(items) if !items.is_empty() => {
            Some(items.iter().map(|item| normal(item.to_value())).collect())
        }
        _ => {
            let help = "for example one_of: [refund, exchange]";
            reader.wrong(node, "one_of", "a list of at least one value", help);
            None
        }
    }
}

impl Expectation {
    /// Whether it compares with the case's `expected`.
    pub fn needs_expected(&self) -> bool {
        match self {
            Expectation::Text(check) => check.needs_expected(),
            Expectation::Number(check) => check.needs_expected(),
            _ => false,
        }
    }

    pub fn label(&self) -> String {
        match self {
            Expectation::Exists(true) => "exists".to_owned(),
            Expectation::Exists(false) => "is absent".to_owned(),
            Expectation::OneOf(values) if values.len() == 1 => format!("equals {}", shown(values)),
            Expectation::OneOf(values) => format!("one of {}", shown(values)),
            Expectation::Text(check) => check.label(),
            Expectation::Regex(check) => check.label(),
            Expectation::Number(check) => check.label(),
            Expectation::Length(check) => check.label(),
        }
    }

    pub fn find(&self, path: &Path, root: &Value, input: &ScoringInput<'_>) -> Finding {
        let mut failed = None;
        for value in path.select(root) {
            let finding = self.of_value(value, input).at(path);
            if !finding.is_failed() {
                return finding;
            }
            failed.get_or_insert(finding);
        }
        failed.unwrap_or_else(|| match self {
            Expectation::Exists(false) => Finding::passed(format!("nothing at `{path}`")),
            _ => Finding::failed(format!("nothing at `{path}` in {}", shown_json(root))),
        })
    }

    fn of_value(&self, value: &Value, input: &ScoringInput<'_>) -> Finding {
        let text = plain(value);
        let input = &ScoringInput { text: &text, ..*input };
        match self {
            Expectation::Exists(wanted) => Finding::of(*wanted, format!("found {}", shown_json(value))),
            Expectation::OneOf(wanted) if wanted.iter().any(|wanted| equal(wanted, value)) => {
                Finding::passed(format!("is {}", shown_json(value)))
            }
            Expectation::OneOf(wanted) => {
                let one = if wanted.len() > 1 { "one of " } else { "" };
                Finding::failed(format!("expected {one}{}, found {}", shown(wanted), shown_json(value)))
            }
            Expectation::Text(check) => check.find(input),
            Expectation::Regex(check) => check.find(input),
            Expectation::Number(check) => check.find(input),
            Expectation::Length(check) => check.find(input),
        }
    }
}

/// A string itself, anything else as JSON.
fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn shown(values: &[Value]) -> String {
    listed(&values.iter().map(shown_json).collect::<Vec<_>>())
}
