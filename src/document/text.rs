//! Text where text is expected: scalars that some YAML readers would not read as text are refused.

use std::sync::LazyLock;

use regex::Regex;

use super::{Datum, Format, Key, Node, Source};
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
                let written = written_at(source, node.mark).unwrap_or_else(|| node.to_value().to_string());
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

/// A character from an escape in double quotes, although a backslash was intended.
pub struct HiddenEscape {
    /// The character and the escape.
    pub what: String,
    /// How to write the backslash.
    pub help: String,
}

/// A bell, backspace, vertical tab or form feed in a text: `"\bthirty\b"` and `"\frac"` in double quotes
/// are read so, which is never intended.
pub fn hidden_escape(source: &Source, node: &Node) -> Option<HiddenEscape> {
    const ESCAPES: [(char, &str, &str); 4] = [
        ('\u{7}', "\\a", "a bell"),
        ('\u{8}', "\\b", "a backspace"),
        ('\u{b}', "\\v", "a vertical tab"),
        ('\u{c}', "\\f", "a form feed"),
    ];
    let Datum::Text(text) = &node.datum else { return None };
    let (c, escape, name) = ESCAPES.iter().find(|(c, ..)| text.contains(*c))?;
    let help = match Format::of_path(&source.path) {
        Some(Format::Yaml) => "write the text in single quotes, or after `|`: there a backslash stays one",
        _ => "write two backslashes for one",
    };
    Some(HiddenEscape {
        what: format!("{name} (U+{:04X}), which `{escape}` in double quotes makes", u32::from(*c)),
        help: help.to_owned(),
    })
}

/// A warning that a text without quotes ends at a ` #` that is probably not a comment: a comment is
/// written `# urgent`, not `#urgent`. `what` names the text.
pub fn cut_by_comment(source: &Source, node: &Node, what: &str) -> Option<Problem> {
    let Datum::Text(text) = &node.datum else { return None };
    let after = rest_of_line(source, node.mark)?.strip_prefix(text.as_str())?;
    let comment = after.trim_start_matches([' ', '\t']);
    let written = comment.strip_prefix('#')?;
    let word = written.split_whitespace().next()?;
    let is_comment = comment.len() < after.len();
    (is_comment && written.starts_with(char::is_alphanumeric)).then(|| {
        source
            .warning(node.mark, format!("{what} ends before `#{word}`: in YAML a comment begins there"))
            .help("put the whole text in quotes; if it is a comment, write a space after `#`")
    })
}

/// The file's line in which a text begins, where the lines of the text are lines of the file: a block
/// after `|`, or one line. 0: they are not.
pub fn first_line(source: &Source, node: &Node) -> u32 {
    let Datum::Text(text) = &node.datum else { return 0 };
    match rest_of_line(source, node.mark) {
        Some(rest) if rest.starts_with('|') => node.mark.line + 1,
        Some(_) if !text.trim_end().contains('\n') => node.mark.line,
        _ => 0,
    }
}

/// A number as it is written in the file.
pub fn written(source: &Source, node: &Node) -> Option<String> {
    written_at(source, node.mark)
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
    let rest = &line[start_of(line, (mark.column as usize).checked_sub(1)?)?..];
    Some(match rest.strip_prefix('&').and_then(|anchored| anchored.split_once(' ')) {
        Some((_, value)) => value.trim_start(),
        None => rest,
    })
}

/// The byte at which a character of a line starts, counted from 0. A line may be long and hold many values, so that
/// counting its characters for each of them takes long; in ASCII, characters are bytes.
fn start_of(line: &str, character: usize) -> Option<usize> {
    let bytes = line.as_bytes().get(..=character)?;
    if bytes.is_ascii() {
        Some(character)
    } else {
        line.char_indices().nth(character).map(|(start, _)| start)
    }
}

/// A plain scalar as it is written.
fn written_at(source: &Source, mark: Mark) -> Option<String> {
    let rest = rest_of_line(source, mark)?;
    let end = rest.find([',', ']', '}', ' ', '\t']).unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|written| !written.is_empty() && !written.contains('"'))
}
