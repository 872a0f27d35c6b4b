//! JSON checks: the whole answer is JSON, has keys, follows a schema, or has a value at a path.

use serde::Serialize;
use serde_json::Value;

use crate::document::Datum;

use super::family::Family;
use super::finding::Finding;
use super::form::Form;
use super::json_path::{self, Expectation};
use super::json_text::parsed;
use super::path::Path;
use super::quote::{listed, shown_json};
use super::reader::Reader;
use super::schema::{self, Schema};
use super::scoring_input::ScoringInput;

/// A demand on an answer that must be JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct JsonCheck {
    fenced: bool,
    demand: Demand,
}

/// The demand on the JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Demand {
    /// Nothing more.
    Parses,
    /// A value at each of these paths.
    Keys(Vec<Path>),
    /// A JSON Schema.
    Schema(Schema),
    /// An expectation of what is at the path.
    At(Path, Expectation),
}

/// Reads `json`.
pub(super) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<JsonCheck> {
    let fenced = form.flag(reader, "fenced", false);
    if let Datum::Map(_) = form.body.datum {
        return Some(JsonCheck { fenced, demand: Demand::Parses });
    }
    if !reader.flag(form.body, "json")? {
        reader.error(form.body.mark, "`json: false` asks for nothing", "write `not: {json: true}`");
        return None;
    }
    Some(JsonCheck { fenced, demand: Demand::Parses })
}

/// Reads `json_keys`.
pub(super) fn read_keys(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<JsonCheck> {
    let fenced = form.flag(reader, "fenced", false);
    let Some(node) = form.main("keys") else {
        form.lacks(reader, "keys", "json_keys: [intent, reply.text]");
        return None;
    };
    let written = reader.texts(node, "json_keys")?;
    let paths: Option<Vec<Path>> = written.iter().map(|text| reader.path(node, text)).collect();
    Some(JsonCheck { fenced, demand: Demand::Keys(paths?) })
}

/// Reads `json_schema`.
pub(super) fn read_schema(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<JsonCheck> {
    let fenced = form.flag(reader, "fenced", false);
    Some(JsonCheck { fenced, demand: Demand::Schema(schema::read(reader, form.body)?) })
}

/// Reads `json_path`.
pub(super) fn read_path(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<JsonCheck> {
    let fenced = form.flag(reader, "fenced", false);
    let (path, expectation) = json_path::read(reader, form)?;
    Some(JsonCheck { fenced, demand: Demand::At(path, expectation) })
}

impl Family for JsonCheck {
    fn needs_expected(&self) -> bool {
        matches!(&self.demand, Demand::At(_, expectation) if expectation.needs_expected())
    }

    fn label(&self) -> String {
        match &self.demand {
            Demand::Parses => "json".to_owned(),
            Demand::Keys(paths) => {
                format!("json keys {}", listed(&paths.iter().map(Path::to_string).collect::<Vec<_>>()))
            }
            Demand::Schema(schema) => schema.label(),
            Demand::At(path, expectation) => format!("json {path} {}", expectation.label()),
        }
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let value = match parsed(input.text, self.fenced) {
            Ok(value) => value,
            Err(reason) => return Finding::failed(reason),
        };
        match &self.demand {
            Demand::Parses => Finding::passed(format!("is JSON, {}", kind(&value))),
            Demand::Keys(paths) => find_keys(paths, &value),
            Demand::Schema(schema) => schema.find(&value),
            Demand::At(path, expectation) => expectation.find(path, &value, input),
        }
    }
}

fn find_keys(paths: &[Path], value: &Value) -> Finding {
    let (there, missing): (Vec<Path>, Vec<Path>) =
        paths.iter().cloned().partition(|path| !path.select(value).is_empty());
    if missing.is_empty() {
        Finding::passed(format!("has {}", shown(&there)))
    } else {
        Finding::failed(format!("missing {} in {}", shown(&missing), shown_json(value)))
    }
}

fn shown(paths: &[Path]) -> String {
    listed(&paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>())
}

/// What kind of JSON it is, with an article.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
