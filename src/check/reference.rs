//! The text that an answer is compared with: given in the check, else the case's `expected`.

use serde::Serialize;

use crate::document::{Datum, Node};

use super::form::Form;
use super::quote::quoted;
use super::reader::Reader;
use super::scoring_input::ScoringInput;

/// A text; `None`: the case's `expected`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Reference(Option<String>);

impl Reference {
    /// Reads the value of a check, or its option `to`; `true` is the case's `expected`.
    pub fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<Self> {
        let name = form.name();
        match form.main("to") {
            None | Some(Node { datum: Datum::Bool(true), .. }) => Some(Self(None)),
            Some(node @ Node { datum: Datum::Number(number), .. }) => {
                let help = format!("write {name}: {{threshold: {number}}}");
                reader.wrong(node, name, "a text, `true` or a mapping", help);
                None
            }
            Some(node) => Some(Self(Some(reader.text(node, name)?.trim().to_owned()))),
        }
    }

    /// The text that the check gives.
    pub fn given(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub fn needs_expected(&self) -> bool {
        self.0.is_none()
    }

    pub fn label(&self) -> String {
        self.given().map_or_else(|| "expected".to_owned(), quoted)
    }

    /// The text for a case; `None`: it has no `expected`.
    pub fn of<'a>(&'a self, input: &ScoringInput<'a>) -> Option<&'a str> {
        self.given().or(input.expected)
    }
}
