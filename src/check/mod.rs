//! Checks: what a case asks of an answer. Pure; a check that needs a model says what to ask it.

use serde::Serialize;

use crate::document::{Datum, Node, Source};
use crate::problem::{Problem, Problems};

/// One check of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    wanted: serde_json::Value,
}

impl Check {
    /// Whether it cannot be scored on a case that has no `expected`.
    pub fn needs_expected(&self) -> bool {
        self.wanted.get("similarity").is_some()
    }
}

/// Reads one check. Problems are pushed with place and help; `None` when the check cannot be
/// used. `files` gives the text of a file by the path as written, `None` when there is none.
pub fn read(
    source: &Source,
    node: &Node,
    files: &mut dyn FnMut(&str) -> Result<Option<String>, Problem>,
    problems: &mut Problems,
) -> Option<Check> {
    let Datum::Map(entries) = &node.datum else {
        problems.push(source.error(node.mark, format!("a check is a mapping, not {}", node.kind())));
        return None;
    };
    for (key, value) in entries.iter().filter(|(key, _)| key.text == "json_schema") {
        let Datum::Text(path) = &value.datum else { continue };
        match files(path) {
            Ok(Some(_)) => {}
            Ok(None) => problems.push(source.error(value.mark, format!("no file `{path}`"))),
            Err(problem) => problems.push(problem.at(&source.path, &source.text, key.mark)),
        }
    }
    for (_, value) in entries.iter().filter(|(key, _)| key.text == "not") {
        read(source, value, files, problems);
    }
    Some(Check { wanted: node.to_value() })
}
