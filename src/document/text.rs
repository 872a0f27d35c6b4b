//! Text where text is expected: scalars that some YAML readers would not read as text are refused.

use std::sync::LazyLock;

use regex::Regex;

use super::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problem};

/// Scalars that YAML 1.1 readers (PyYAML, Ruby) read as something else than text, and YAML 1.2
/// readers as text: booleans, octal, binary, base 60 and grouped numbers, dates, `=`.
static YAML_1_1: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:",
        r"(?P<boolean>yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)",
        r"|(?P<date>\d{4}-\d\d?-\d\d?(?:[Tt \t].*)?)",
        r"|(?P<number>[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|[1-9][0-9_]*(?::[0-5]?[0-9])*",
        r"|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?",
        r"|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?))",
        r"|=)$",
    ))
    .expect("the expression is a constant")
});

/// The text of a node; `what` names it in the message.
///
/// # Errors
/// Anything but text, and plain scalars that YAML readers disagree about, with the quotes to add.
pub fn text<'a>(source: &Source, node: &'a Node, what: &str) -> Result<&'a str, Problem> {
    let Datum::Text(text) = &node.datum else {
        let found = match &node.datum {
            Datum::Number(number) => format!("the number {number}"),
            Datum::Bool(value) => format!("the boolean {value}"),
            _ => node.kind().to_owned(),
        };
        let problem = source.error(node.mark, format!("{what} must be text, found {found}"));
        return Err(match &node.datum {
            Datum::Number(_) | Datum::Bool(_) => {
                let written = written(source, node.mark).unwrap_or_else(|| node.to_value().to_string());
                problem.help(format!("quote it: \"{written}\""))
            }
            Datum::Null => problem.help("write the text in quotes, or leave the key out"),
            _ => problem,
        });
    };
    match ambiguous(source, node) {
        Some(reading) => Err(source
            .error(
                node.mark,
                format!("{what} must be text, and many YAML readers take `{text}` for {reading}"),
            )
            .help(format!("quote it: \"{text}\""))),
        None => Ok(text),
    }
}

/// What other YAML readers take an unquoted text for, if not for text.
pub fn ambiguous(source: &Source, node: &Node) -> Option<&'static str> {
    let Datum::Text(text) = &node.datum else {
        return None;
    };
    reading(text).filter(|_| rest_of_line(source, node.mark).is_some_and(|rest| rest.starts_with(text)))
}

/// The same for a key.
pub fn ambiguous_key(source: &Source, key: &Key) -> Option<&'static str> {
    reading(&key.text)
        .filter(|_| rest_of_line(source, key.mark).is_some_and(|rest| rest.starts_with(&key.text)))
}

fn reading(text: &str) -> Option<&'static str> {
    let found = YAML_1_1.captures(text)?;
    Some(if found.name("boolean").is_some() {
        "a boolean"
    } else if found.name("date").is_some() {
        "a date"
    } else if found.name("number").is_some() {
        "a number"
    } else {
        "a special value"
    })
}

/// The source from a value's first character on, past an anchor; `None` when the place is unknown.
fn rest_of_line(source: &Source, mark: Mark) -> Option<&str> {
    let line = source.line(mark.line)?;
    let (start, _) = line.char_indices().nth((mark.column as usize).checked_sub(1)?)?;
    let rest = &line[start..];
    Some(match rest.strip_prefix('&').and_then(|anchored| anchored.split_once(' ')) {
        Some((_, value)) => value.trim_start(),
        None => rest,
    })
}

/// A plain scalar as it is written.
fn written(source: &Source, mark: Mark) -> Option<String> {
    let rest = rest_of_line(source, mark)?;
    let end = rest.find([',', ']', '}', ' ', '\t']).unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|written| !written.is_empty() && !written.contains('"'))
}
