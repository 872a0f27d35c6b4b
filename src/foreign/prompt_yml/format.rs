//! `responseFormat` and `jsonSchema`: what the model is asked to answer in, and what its answer is held to.

use crate::document::{Allowance, Datum, Fields, Node, parse_line};
use crate::problem::Problems;

use super::super::made;

/// What the answer must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    JsonObject,
    JsonSchema,
}

const FORMS: &[(&str, Form)] =
    &[("text", Form::Text), ("json_object", Form::JsonObject), ("json_schema", Form::JsonSchema)];

/// `response_format` of a prompt's parameters.
pub(super) fn response_format(fields: &Fields<'_>, problems: &mut Problems) -> Option<Node> {
    let form = fields.choice("responseFormat", FORMS, problems);
    let declared = declared(fields, problems);
    match (form, fields.has("jsonSchema")) {
        (Some(Form::JsonSchema), false) => {
            let problem = fields.error("responseFormat", "`responseFormat: json_schema` needs `jsonSchema`");
            problems.push(problem.help("write jsonSchema: '{\"name\": \"…\", \"schema\": {…}}'"));
        }
        (Some(Form::Text | Form::JsonObject), true) => {
            let problem =
                fields.error("jsonSchema", "`jsonSchema` counts with `responseFormat: json_schema` only");
            problems.push(problem.help("set `responseFormat: json_schema`, or remove the schema"));
        }
        _ => {}
    }
    declared.filter(|_| form == Some(Form::JsonSchema))
}

/// The checks that follow: what was asked of the model is demanded of its answer.
pub(super) fn checks(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Node> {
    let mark = fields.key_mark("responseFormat");
    match fields.choice("responseFormat", FORMS, problems) {
        Some(Form::JsonObject) => vec![made::map(mark, vec![("json", made::yes(mark))])],
        Some(Form::JsonSchema) => {
            let schema =
                declared(fields, problems).and_then(|declared| Some(declared.entry("schema")?.1.clone()));
            schema.map(|schema| made::map(mark, vec![("json_schema", schema)])).into_iter().collect()
        }
        Some(Form::Text) | None => Vec::new(),
    }
}

/// The schema with its name: a text that contains JSON, or a mapping.
fn declared(fields: &Fields<'_>, problems: &mut Problems) -> Option<Node> {
    let node = fields.node("jsonSchema")?;
    let parsed = match &node.datum {
        Datum::Text(text) => {
            let begins = crate::document::first_line(fields.source, node).max(node.mark.line);
            match parse_line(fields.source, text, begins, &Allowance::default()) {
                Ok(parsed) => parsed,
                Err(problem) => {
                    problems.push(problem);
                    return None;
                }
            }
        }
        _ => node.clone(),
    };
    // Older files have the schema itself there, which has a type and no name.
    let is_schema = parsed.entry("type").is_some() && parsed.entry("name").is_none();
    let schema = parsed.entry("schema").map(|(_, schema)| schema).or_else(|| is_schema.then_some(&parsed));
    let Some(schema) = schema else {
        let problem = fields.error("jsonSchema", "`jsonSchema` needs `name` and `schema`");
        problems.push(problem.help("write {\"name\": \"reply\", \"schema\": {\"type\": \"object\", …}}"));
        return None;
    };
    let mut format = vec![("schema", schema.clone())];
    for key in ["name", "description"] {
        format.extend(parsed.entry(key).map(|(_, value)| (key, value.clone())));
    }
    Some(made::map(node.mark, format))
}
