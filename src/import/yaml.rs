//! Nodes as YAML that a person reads and edits, and that is read back as the same nodes.

use crate::document::{Datum, Node};

/// Words that a reader would not take for text.
const WORDS: [&str; 14] =
    ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "none", "undefined", "~"];

/// A node in block style, indented by so many spaces, with its line breaks.
pub fn block(node: &Node, indent: usize) -> String {
    let space = " ".repeat(indent);
    match &node.datum {
        Datum::Map(entries) if !entries.is_empty() => {
            let entry = |(key, node): &(crate::document::Key, Node)| {
                format!("{space}{}:{}", scalar(&key.text), value(node, indent))
            };
            entries.iter().map(entry).collect()
        }
        Datum::List(items) if !items.is_empty() => items
            .iter()
            .map(|item| {
                let inner = block(item, indent + 2);
                match &item.datum {
                    // The first entry is on the line of the dash.
                    Datum::Map(entries) if !entries.is_empty() => {
                        format!("{space}- {}", inner.trim_start_matches(' '))
                    }
                    _ => format!("{space}-{}", value(item, indent)),
                }
            })
            .collect(),
        _ => format!("{space}{}\n", single(node)),
    }
}

/// What follows a key's colon or an item's dash.
fn value(node: &Node, indent: usize) -> String {
    const WIDTH: usize = 90;
    match &node.datum {
        Datum::Text(text) => match literal(text, indent + 2) {
            Some(literal) => format!(" {literal}"),
            None => format!(" {}\n", scalar(text)),
        },
        Datum::Map(_) | Datum::List(_) if !is_small(node) || single(node).len() >= WIDTH => {
            format!("\n{}", block(node, indent + 2))
        }
        _ => format!(" {}\n", single(node)),
    }
}

/// Whether a node reads well on one line.
fn is_small(node: &Node) -> bool {
    let plain = |node: &Node| !matches!(node.datum, Datum::List(_) | Datum::Map(_));
    match &node.datum {
        Datum::List(items) => items.iter().all(plain),
        Datum::Map(entries) => entries.iter().all(|(_, node)| plain(node)),
        _ => true,
    }
}

/// A node on one line.
fn single(node: &Node) -> String {
    match &node.datum {
        Datum::Null => "null".to_owned(),
        Datum::Bool(value) => value.to_string(),
        Datum::Number(number) => number.to_string(),
        Datum::Text(text) => scalar(text),
        Datum::List(items) => format!("[{}]", items.iter().map(single).collect::<Vec<_>>().join(", ")),
        Datum::Map(entries) => {
            let entry = |(key, node): &(crate::document::Key, Node)| {
                format!("{}: {}", scalar(&key.text), single(node))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A text as a plain word if no reader can take it for something else, else in double quotes.
pub fn scalar(text: &str) -> String {
    let mut letters = text.chars();
    let is_plain = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || "_-./ ".contains(c))
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes, with escapes that YAML and JSON share.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() || ['\u{2028}', '\u{2029}', '\u{feff}'].contains(&c) => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text of several lines as a block after `|`; `None`: a block would not be read back as this text.
fn literal(text: &str, indent: usize) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let ends = text.len() - body.len();
    let is_clean =
        |c: char| c == '\n' || !(c.is_control() || ['\u{2028}', '\u{2029}', '\u{feff}'].contains(&c));
    let is_block = body.contains('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body.chars().all(is_clean)
        && body.lines().all(|line| !line.ends_with(' '));
    if !is_block {
        return None;
    }
    let sign = match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    };
    let space = " ".repeat(indent);
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{space}{line}\n") };
    let lines: String = body.split('\n').map(line).collect();
    Some(format!("{sign}\n{lines}{}", "\n".repeat(ends.saturating_sub(1))))
}

/// A text as comments.
pub fn comment(text: &str, indent: usize) -> String {
    let clean =
        |line: &str| line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>();
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    lines.map(|line| format!("{}# {}\n", " ".repeat(indent), clean(line)).replace(" \n", "\n")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Document, Format, Key, parse};
    use crate::problem::Mark;

    fn bare(node: Node) -> Node {
        let datum = match node.datum {
            Datum::List(items) => Datum::List(items.into_iter().map(bare).collect()),
            Datum::Map(entries) => {
                let bare_key = |key: Key| Key { mark: Mark::default(), text: key.text };
                Datum::Map(entries.into_iter().map(|(key, node)| (bare_key(key), bare(node))).collect())
            }
            datum => datum,
        };
        Node { mark: Mark::default(), datum }
    }

    fn text(text: &str) -> Node {
        Node { mark: Mark::default(), datum: Datum::Text(text.to_owned()) }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(texts in proptest::collection::vec("[ a-z:#{}\\n\"'|>%@\\-\\t\u{e9}\u{2028}0-9]{0,24}", 1..4)) {
            let list = Node { mark: Mark::default(), datum: Datum::List(texts.iter().map(|one| text(one)).collect()) };
            let key = |text: &str| Key { mark: Mark::default(), text: text.to_owned() };
            let entries = vec![(key("a b"), text(&texts[0])), (key("yes"), list.clone())];
            let inner = Node { mark: Mark::default(), datum: Datum::Map(entries) };
            let items = Node { mark: Mark::default(), datum: Datum::List(vec![inner.clone(), list]) };
            let root = Node { mark: Mark::default(), datum: Datum::Map(vec![(key("x"), inner), (key("y"), items)]) };
            let written = block(&root, 0);
            let Document { root: read, .. } = parse("x.yaml", written.as_bytes(), Format::Yaml)
                .unwrap_or_else(|problem| panic!("{problem}\n{written}"));
            prop_assert_eq!(bare(read), root, "{}", written);
        }
    }
}
