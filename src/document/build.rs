//! Joins the two passes: values with their places, duplicate keys refused, merges applied.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::outline::Outline;
use super::raw::Raw;
use super::{Datum, Format, Key, Node};
use crate::problem::Mark;

/// What is wrong with a document that its reader accepted.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) mark: Mark,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    fn new(mark: Mark, message: impl Into<String>) -> Self {
        Self { mark, message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// The node of a value, with places where the outline agrees with it.
pub(super) fn build(raw: Raw, outline: Option<&Rc<Outline>>, format: Format) -> Result<Node, Fault> {
    let mark = outline.map_or_else(Mark::default, |o| o.mark);
    let datum = match raw {
        Raw::Null => Datum::Null,
        Raw::Bool(value) => Datum::Bool(value),
        Raw::Number(number) => Datum::Number(number),
        Raw::Text(text) => Datum::Text(text),
        Raw::List(items) => {
            let places = outline.and_then(|o| o.items(items.len()));
            let nodes = items
                .into_iter()
                .enumerate()
                .map(|(i, item)| build(item, places.map(|p| &p[i]), format))
                .collect::<Result<_, _>>()?;
            Datum::List(nodes)
        }
        Raw::Map(entries) => Datum::Map(map(entries, outline, format)?),
    };
    Ok(Node { mark, datum })
}

/// Entries that are searched one by one for a key; of more, the keys are sorted.
const FEW_ENTRIES: usize = 16;

fn map(
    raw: Vec<(Raw, Raw)>,
    outline: Option<&Rc<Outline>>,
    format: Format,
) -> Result<Vec<(Key, Node)>, Fault> {
    let places = outline.and_then(|o| o.entries(raw.len()));
    let mut entries: Vec<(Key, Node)> = Vec::with_capacity(raw.len());
    let is_short = raw.len() <= FEW_ENTRIES;
    let mut sorted: BTreeMap<String, Mark> = BTreeMap::new();
    let mut merge: Option<(Key, Node)> = None;
    for (i, (raw_key, raw_value)) in raw.into_iter().enumerate() {
        let place = places.map(|p| &p[i]);
        let key = key(raw_key, place.map(|(key, _)| key))?;
        let first = if is_short {
            let mut known = entries.iter().chain(&merge).map(|(known, _)| known);
            known.find(|known| known.text == key.text).map(|known| known.mark)
        } else {
            sorted.insert(key.text.clone(), key.mark)
        };
        if let Some(first) = first {
            return Err(duplicate(&key, first));
        }
        let quoted = place.is_some_and(|(key, _)| key.is_quoted());
        let value = build(raw_value, place.map(|(_, value)| value), format)?;
        if format == Format::Yaml && key.text == "<<" && !quoted {
            merge = Some((key, value));
        } else {
            entries.push((key, value));
        }
    }
    if let Some((key, value)) = merge {
        apply_merge(&mut entries, &key, value)?;
    }
    Ok(entries)
}

fn key(raw: Raw, place: Option<&Rc<Outline>>) -> Result<Key, Fault> {
    let mark = place.map_or_else(Mark::default, |o| o.mark);
    let quote = |written: String| {
        Err(Fault::new(mark, format!("the key `{written}` is not text"))
            .help(format!("quote it: \"{written}\"")))
    };
    match raw {
        Raw::Text(text) => Ok(Key { mark, text }),
        Raw::Null => quote("null".to_owned()),
        Raw::Bool(value) => quote(value.to_string()),
        Raw::Number(number) => quote(number.to_string()),
        Raw::List(_) | Raw::Map(_) => Err(Fault::new(mark, "a key must be text, not a list or a mapping")
            .help("if this was meant as a template such as {{ name }}, put the whole text in quotes")),
    }
}

fn duplicate(key: &Key, first: Mark) -> Fault {
    let before = if first.is_known() { format!(", first on line {}", first.line) } else { String::new() };
    Fault::new(key.mark, format!("duplicate key `{}`{before}", key.text))
        .help("keep one of the two: readers disagree about which one counts")
}

/// The mapping's own keys win; of several merged mappings, the earlier one.
fn apply_merge(entries: &mut Vec<(Key, Node)>, key: &Key, value: Node) -> Result<(), Fault> {
    let refused = |node: &Node| {
        let mark = if node.mark.is_known() { node.mark } else { key.mark };
        Err(Fault::new(mark, format!("`<<` merges a mapping or a list of mappings, found {}", node.kind())))
    };
    let sources = match value.datum {
        Datum::List(items) => items,
        _ => vec![value],
    };
    let mut known: BTreeSet<String> = entries.iter().map(|(own, _)| own.text.clone()).collect();
    for source in sources {
        let Datum::Map(merged) = source.datum else {
            return refused(&source);
        };
        for (key, node) in merged {
            if known.insert(key.text.clone()) {
                entries.push((key, node));
            }
        }
    }
    Ok(())
}
