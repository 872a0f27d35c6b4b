//! Golden sets: the cases of a prompt, and the checks of each.

mod ahead;
mod case;
mod csv_rows;
mod read;
mod references;
mod rows;
#[cfg(test)]
mod tests;

pub use ahead::Ahead;
pub use read::read;
pub use references::{References, references};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::check::{Check, Judge, Scoring};
use crate::fingerprint::Fingerprint;
use crate::model::Message;
use crate::problem::Mark;
use crate::prompt::ScoreMode;

/// What a case gives to the prompt.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum CaseInput {
    /// One text: the user message, and the variable `input`.
    Text(String),
    /// Only variables: the prompt has its own user message.
    Variables,
    /// A conversation; its last message is the user's.
    Messages(Vec<Message>),
}

/// One golden example.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Unique within the golden set.
    pub id: String,
    /// The place of the case in the file.
    pub mark: Mark,
    /// What the prompt is given.
    pub input: CaseInput,
    /// Template variables, without the input.
    pub variables: BTreeMap<String, Value>,
    /// What a good answer says or is; checks and the judge may refer to it.
    pub expected: Option<String>,
    /// The checks: the set's defaults, then the case's own. Never empty.
    pub checks: Vec<Check>,
    /// Labels for reports and selection, sorted.
    pub tags: Vec<String>,
    /// Whether the case must pass whatever the average says.
    pub must_pass: bool,
    /// Whether all calls send exactly this text, without a neutral variation.
    pub exact: bool,
}

impl Case {
    /// How an answer to the case is scored.
    pub fn scoring<'a>(&'a self, mode: ScoreMode, judge: Option<&'a Judge>) -> Scoring<'a> {
        Scoring {
            checks: &self.checks,
            expected: self.expected.as_deref(),
            variables: Some(&self.variables),
            mode,
            judge,
            ..Scoring::default()
        }
    }

    /// Everything a template may read: the variables and, where it is a text, the input as `input`.
    pub fn values(&self) -> BTreeMap<String, Value> {
        let mut values = self.variables.clone();
        if let CaseInput::Text(text) = &self.input {
            values.entry("input".to_owned()).or_insert_with(|| Value::String(text.clone()));
        }
        values
    }

    /// The demands on the answer, independent of the prompt.
    pub fn asked(&self) -> Fingerprint {
        Fingerprint::of_json(&(&self.input, &self.variables))
    }
}

/// The cases of a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct GoldenSet {
    /// Path inside the repository.
    pub path: String,
    /// In the order of the file; never empty, ids unique.
    pub cases: Vec<Arc<Case>>,
    /// Other files the set refers to (schemas), by path, sorted.
    pub references: Vec<String>,
    /// Bytes of the file.
    pub bytes: usize,
}
