//! The json_schema check: a schema from a file or inline, compiled once; nothing is ever fetched.

use std::sync::Arc;

use jsonschema::{PatternOptions, Validator};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::document::{Datum, Node};

use super::equality::normal;
use super::finding::Finding;
use super::quote::passage;
use super::reader::Reader;
use super::schema_size::{Compiled, SchemaSize, nesting};

/// Violations named in a reason.
const SHOWN: usize = 3;
/// Steps back a pattern with look-around may take.
const BACKTRACK_LIMIT: usize = 100_000;
/// Bytes that a compiled demand of a schema takes, about.
const DEMAND_BYTES: usize = 1 << 10;
/// Bytes a compiled pattern may take.
const PATTERN_SIZE: usize = 1 << 20;

/// A JSON Schema and its compiled form.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Schema {
    #[serde(serialize_with = "whole")]
    content: Arc<Value>,
    #[serde(skip)]
    path: Option<String>,
    #[serde(skip)]
    compiled: Arc<Validator>,
    #[serde(skip)]
    size: SchemaSize,
}

/// A schema with a `format` has a different fingerprint than in versions that ignored `format`.
fn whole<S: Serializer>(content: &Arc<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    match has_format(content) {
        true => json!({"asserts_format": content.as_ref()}).serialize(serializer),
        false => content.as_ref().serialize(serializer),
    }
}

fn has_format(content: &Value) -> bool {
    match content {
        Value::Object(entries) => {
            entries.get("format").is_some_and(Value::is_string) || entries.values().any(has_format)
        }
        Value::Array(items) => items.iter().any(has_format),
        _ => false,
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

/// Reads a schema, or the path of one.
pub(super) fn read(reader: &mut Reader<'_, '_>, body: &Node) -> Option<Schema> {
    if reader.resources.are_exceeded() {
        return None;
    }
    let (content, path) = match &body.datum {
        Datum::Text(path) => {
            if let Some(known) = reader.resources.schemas.get(path) {
                return Some(Schema::of(known.clone(), Some(path.clone())));
            }
            (load(reader, body, path)?, Some(path.clone()))
        }
        Datum::Map(_) => (body.to_value(), None),
        _ => {
            let help = "for example json_schema: schema/reply.json";
            reader.wrong(body, "json_schema", "the path of a JSON file or a schema", help);
            return None;
        }
    };
    let which = path.as_ref().map_or_else(|| "the JSON Schema".to_owned(), |path| format!("`{path}`"));
    let size = match SchemaSize::of(&content) {
        Ok(size) => size,
        Err(why) => {
            let help = "share less of it through references, or ask for less";
            reader.error(body.mark, format!("{which} is too large: {why}"), help);
            return None;
        }
    };
    if let Err((message, help)) = reader.resources.take(size.demands as usize * DEMAND_BYTES) {
        reader.error(body.mark, message, help);
        return None;
    }
    match compile(&content) {
        Ok(validator) => {
            let content = Arc::new(normal(content));
            let compiled = Compiled { content, validator: Arc::new(validator), size };
            if let Some(path) = &path {
                reader.resources.schemas.insert(path.clone(), compiled.clone());
            }
            Some(Schema::of(compiled, path))
        }
        Err(why) => {
            let help = "correct the schema; parts of it may be shared through `$defs`, other files cannot";
            reader.error(body.mark, format!("{which} does not compile: {why}"), help);
            None
        }
    }
}

fn load(reader: &mut Reader<'_, '_>, body: &Node, path: &str) -> Option<Value> {
    let text = match (reader.resources.files)(path) {
        Ok(Some(text)) => text,
        Ok(None) => {
            reader.error(
                body.mark,
                format!("there is no file `{path}`"),
                "correct the path, or write the schema here as a mapping",
            );
            return None;
        }
        Err(mut problem) => {
            if problem.path.is_none() {
                problem = reader.source.place(problem, body.mark);
            }
            reader.problems.push(problem);
            return None;
        }
    };
    match serde_json::from_str(&text) {
        Ok(content) => Some(content),
        Err(error) => {
            let help = "a schema file holds one JSON value";
            reader.error(body.mark, format!("`{path}` is not JSON: {error}"), help);
            None
        }
    }
}

fn compile(content: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .offline()
        // A `format` is checked in every draft of JSON Schema.
        .should_validate_formats(true)
        .with_pattern_options(
            PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT).size_limit(PATTERN_SIZE),
        )
        .build(content)
        .map_err(|error| {
            let place = error.instance_path().to_string();
            let said = passage(&error.to_string());
            if place.is_empty() { said } else { format!("{said} (at {place})") }
        })
}

impl Schema {
    fn of(Compiled { content, validator, size }: Compiled, path: Option<String>) -> Self {
        Self { content, path, compiled: validator, size }
    }

    pub fn label(&self) -> String {
        format!("json schema {}", self.path.as_deref().unwrap_or("(inline)"))
    }

    pub fn find(&self, value: &Value) -> Finding {
        if let Some(deepest) = self.size.deepest_value().filter(|deepest| nesting(value) > *deepest) {
            return Finding::failed(format!(
                "the answer is nested more than {deepest} deep, too deep for a schema that refers to itself {} times",
                self.size.recursions
            ));
        }
        let mut said: Vec<String> = Vec::new();
        let mut more = 0;
        for error in self.compiled.iter_errors(value) {
            if said.len() == SHOWN {
                more += 1;
                continue;
            }
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "/".to_owned() } else { place };
            said.push(format!("{place}: {}", passage(&error.to_string())));
        }
        if said.is_empty() {
            return Finding::passed("follows the schema");
        }
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Finding::failed(format!("{}{more}", passage(&said.join("; "))))
    }
}
