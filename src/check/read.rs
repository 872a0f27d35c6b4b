//! Reading: from a node of a golden set to a check, with the place of every mistake. `KINDS` lists
//! every kind of check.

use serde_json::Value;

use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problems, nearest};

use super::form::Form;
use super::kind::{Name, kinds, named};
use super::reader::{Reader, Resources};
use super::{Check, foreign_names};

/// How deep `not`, `any` and `all` may be nested.
const MAX_DEPTH: usize = 32;

/// Reads one check. Problems are pushed with place and help; `None` when the check cannot be
/// used. All checks of a golden set share its resources.
pub fn read(
    source: &Source,
    node: &Node,
    resources: &mut Resources<'_>,
    problems: &mut Problems,
) -> Option<Check> {
    let mut found = Problems::new();
    let read = check(&mut Reader { source, resources, problems: &mut found, depth: 0, check }, node);
    let usable = !found.has_errors();
    problems.extend(found);
    read.filter(|_| usable)
}

/// Reads one check from a JSON value that is not in a file; `json_schema` must be inline.
///
/// # Errors
/// All problems of the check.
pub fn parse(value: &Value) -> Result<Check, Problems> {
    let source = Source::new("check", "");
    let mut problems = Problems::new();
    let mut no_files = |_: &str| Ok(None);
    let check = read(&source, &node(value), &mut Resources::new(&mut no_files), &mut problems);
    check.ok_or(problems)
}

fn node(value: &Value) -> Node {
    let datum = match value {
        Value::Null => Datum::Null,
        Value::Bool(value) => Datum::Bool(*value),
        Value::Number(number) => Datum::Number(number.clone()),
        Value::String(text) => Datum::Text(text.clone()),
        Value::Array(items) => Datum::List(items.iter().map(node).collect()),
        Value::Object(entries) => Datum::Map(
            entries
                .iter()
                .map(|(key, value)| (Key { mark: Mark::default(), text: key.clone() }, node(value)))
                .collect(),
        ),
    };
    Node { mark: Mark::default(), datum }
}

/// Reads one check, at the top or inside another.
fn check(reader: &mut Reader<'_, '_>, node: &Node) -> Option<Check> {
    let Datum::Map(entries) = &node.datum else {
        not_a_mapping(reader, node);
        return None;
    };
    if reader.depth > MAX_DEPTH {
        reader.error(
            node.mark,
            format!("checks are nested more than {MAX_DEPTH} deep"),
            "write the condition with fewer `not`, `any` and `all`",
        );
        return None;
    }
    let (named, kind, body) = the_kind(reader, node, entries)?;
    let mut beside: Vec<(&Key, &Node)> =
        entries.iter().filter(|(key, _)| *key != *kind).map(|(key, node)| (key, node)).collect();
    let name = common(&mut beside, "name").and_then(|node| reader.text(node, "name"));
    let weight = match common(&mut beside, "weight") {
        None => 1.0,
        Some(node) if reader.depth > 0 => {
            reader.error(
                node.mark,
                "a check inside another has no `weight`",
                "write `weight` beside the outermost kind",
            );
            1.0
        }
        Some(node) => reader.number(node, "weight", ("a number above 0", |w| w > 0.0)).unwrap_or(1.0),
    };
    let mut form = Form::new(kind, body, beside, named.has_options);
    let found = (named.read)(reader, &mut form);
    form.finish(reader, found.is_some());
    Some(Check { name, weight, kind: found? })
}

fn common<'n>(beside: &mut Vec<(&'n Key, &'n Node)>, name: &str) -> Option<&'n Node> {
    let index = beside.iter().position(|(key, _)| key.text == name)?;
    Some(beside.remove(index).1)
}

fn not_a_mapping(reader: &mut Reader<'_, '_>, node: &Node) {
    let help = match &node.datum {
        Datum::Text(text) if text == "json" => "write `json: true`".to_owned(),
        Datum::Text(text) if named(text).is_some() => format!("write `{text}:` and what it asks for"),
        Datum::Text(text) => match foreign_names::meant(text) {
            Some(meant) => meant,
            None => "to look for this text, write `contains:` before it".to_owned(),
        },
        _ => "a check is its kind and what it asks for, for example `contains: thirty days`".to_owned(),
    };
    reader.error(node.mark, format!("a check is a mapping, not {}", node.kind()), help);
}

/// The one entry that names a kind.
fn the_kind<'n>(
    reader: &mut Reader<'_, '_>,
    node: &Node,
    entries: &'n [(Key, Node)],
) -> Option<(&'static Name, &'n Key, &'n Node)> {
    let mut kinds = entries.iter().filter_map(|(key, node)| Some((named(&key.text)?, key, node)));
    let Some(first) = kinds.next() else {
        no_kind(reader, node, entries);
        return None;
    };
    let Some(second) = kinds.next() else { return Some(first) };
    let (one, two) = (&first.1.text, &second.1.text);
    let help = match (one.as_str(), two.as_str()) {
        ("json_path", other) | (other, "json_path") => {
            format!("put `{other}` inside: `json_path: {{path: ..., {other}: ...}}`")
        }
        _ => "write two checks, each with a dash of its own".to_owned(),
    };
    reader.error(second.1.mark, format!("a check has one kind; this one has `{one}` and `{two}`"), help);
    None
}

fn no_kind(reader: &mut Reader<'_, '_>, node: &Node, entries: &[(Key, Node)]) {
    let names: Vec<&str> = kinds().collect();
    let own: Vec<&Key> = entries
        .iter()
        .map(|(key, _)| key)
        .filter(|key| !["name", "weight"].contains(&key.text.as_str()))
        .collect();
    if let Some(named) = entries.iter().find_map(|(key, node)| foreign_names::typed(key, node)) {
        reader.error(node.mark, "a check names its kind as its key", named);
        return;
    }
    let meant = own.iter().find_map(|key| {
        let foreign = foreign_names::meant(&key.text);
        let near = || nearest(&key.text, &names).map(|meant| format!("did you mean `{meant}`?"));
        Some((*key, foreign.or_else(near)?))
    });
    match (meant, own.first()) {
        (Some((key, help)), _) => {
            reader.error(key.mark, format!("unknown check `{}`", key.text), help);
        }
        (None, Some(key)) => {
            let help = format!("the kinds of checks: {}", names.join(", "));
            reader.error(key.mark, format!("unknown check `{}`", key.text), help);
        }
        (None, None) => {
            let help = format!("add one of: {}", names.join(", "));
            reader.error(node.mark, "a check without a kind", help);
        }
    }
}
