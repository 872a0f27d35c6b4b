//! The shape of a catalog, down to its entries: names in levels, lists of named prompts, a wrapper.
//!
//! A mapping is an entry if it has a key of an entry, or a misspelling of one. Every other mapping is a
//! level; its name and a dot are the prefix of the names in it.

use super::entry::{LABELS, PROMPT};
use super::unusable;
use crate::document::{Datum, Key, Node, Source};
use crate::problem::{Mark, Problem, Problems};

/// The key that may enclose all prompts.
const WRAPPER: &str = "prompts";

/// Keys for people that are allowed beside the wrapper.
const BESIDE: [&str; 5] = ["version", "name", "description", "metadata", "$schema"];

/// An example of a catalog, for the error.
pub(super) const EXAMPLE: &str = "write one: name: \"text of the prompt\"";

/// A prompt's full name and its value.
pub(super) struct Found<'a> {
    pub(super) key: Key,
    pub(super) node: &'a Node,
}

/// The state of a walk through a catalog.
struct Walk<'a, 'p> {
    source: &'a Source,
    problems: &'p mut Problems,
    found: Vec<Found<'a>>,
    most: usize,
}

/// The entries of a catalog, in the order of the file; at most `most` are collected.
pub(super) fn entries<'a>(
    source: &'a Source,
    root: &'a Node,
    most: usize,
    problems: &mut Problems,
) -> Vec<Found<'a>> {
    let mut walk = Walk { source, problems, found: Vec::new(), most };
    match &root.datum {
        Datum::Map(entries) => match entries.iter().find(|(key, node)| key.text == WRAPPER && is_level(node))
        {
            Some((_, node)) => {
                walk.beside(entries);
                walk.inside("", node);
            }
            None => walk.level("", entries),
        },
        Datum::List(_) => walk.inside("", root),
        _ => {
            let message = format!("a catalog must be a mapping of names to prompts, found {}", root.kind());
            walk.problems.push(source.error(root.mark, message).help(EXAMPLE));
        }
    }
    walk.found
}

impl<'a> Walk<'a, '_> {
    /// A mapping or a list of prompts.
    fn inside(&mut self, name: &str, node: &'a Node) {
        match &node.datum {
            Datum::Map(entries) => self.level(name, entries),
            Datum::List(items) => self.list(name, node, items),
            _ => {}
        }
    }

    fn level(&mut self, above: &str, entries: &'a [(Key, Node)]) {
        for (at, (key, node)) in entries.iter().enumerate() {
            if self.found.len() > self.most {
                return;
            }
            let next = entries.get(at + 1).map(|(key, _)| key.mark);
            if self.is_aside(key, node, next) || (above.is_empty() && is_version(key, node)) {
                continue;
            }
            if let Some(problem) = unusable(self.source, key) {
                self.problems.push(problem);
                continue;
            }
            let name = joined(above, &key.text);
            match is_level(node) {
                true => self.inside(&name, node),
                false => self.add(name, key.mark, node),
            }
        }
    }

    /// Prompts that contain their names.
    fn list(&mut self, above: &str, list: &Node, items: &'a [Node]) {
        if items.is_empty() {
            self.problems.push(self.source.error(list.mark, "the list holds no prompts").help(EXAMPLE));
        }
        for item in items {
            if self.found.len() > self.most {
                return;
            }
            match &item.datum {
                Datum::Map(entries) => self.item(above, item, entries),
                _ => {
                    let message =
                        format!("a prompt in a list is a mapping with a `name`, found {}", item.kind());
                    let help = "write - name: …, and its `text` below";
                    self.problems.push(self.source.error(item.mark, message).help(help));
                }
            }
        }
    }

    fn item(&mut self, above: &str, item: &'a Node, entries: &'a [(Key, Node)]) {
        let text_of = |wanted: &str| {
            entries.iter().find_map(|(key, node)| match &node.datum {
                Datum::Text(text) if key.text == wanted => Some(Key { mark: node.mark, text: text.clone() }),
                _ => None,
            })
        };
        let Some(key) = text_of("id").or_else(|| text_of("name")) else {
            let is_message = entries.iter().any(|(key, _)| key.text == "role");
            let help = match is_message {
                true => "a list of messages belongs under `messages` of a prompt",
                false => "add `name: a-short-name`",
            };
            self.problems.push(
                self.source.error(item.mark, "a prompt in a list needs a `name` or an `id`").help(help),
            );
            return;
        };
        match unusable(self.source, &key) {
            Some(problem) => self.problems.push(problem),
            None => self.add(joined(above, &key.text), item.mark, item),
        }
    }

    fn add(&mut self, name: String, mark: Mark, node: &'a Node) {
        let key = Key { mark, text: name };
        match unusable(self.source, &Key { mark: Mark::default(), ..key.clone() }) {
            Some(problem) => self.problems.push(self.source.place(problem, mark)),
            None => self.found.push(Found { key, node }),
        }
    }

    /// Whether a key is a place for anchors. A key with a text and without an anchor may be intended as a
    /// prompt.
    fn is_aside(&mut self, key: &Key, node: &Node, next: Option<Mark>) -> bool {
        if !key.text.starts_with("x-") {
            return false;
        }
        let last =
            next.filter(|mark| mark.is_known()).map_or(u32::MAX, |mark| mark.line.max(key.mark.line + 1));
        let lines = (key.mark.line..last).map_while(|number| self.source.line(number));
        let has_anchor = lines.into_iter().any(|line| line.contains('&'));
        if matches!(node.datum, Datum::Text(_)) && !has_anchor {
            let message = format!("`{}` is not read as a prompt", key.text);
            let help = "names that begin with `x-` are places for anchors; rename it if it is a prompt";
            self.problems.push(self.source.warning(key.mark, message).help(help));
        }
        true
    }

    /// Checks the keys beside the wrapper.
    fn beside(&mut self, entries: &'a [(Key, Node)]) {
        for (at, (key, node)) in entries.iter().enumerate() {
            let next = entries.get(at + 1).map(|(key, _)| key.mark);
            let is_known = key.text == WRAPPER || BESIDE.contains(&key.text.as_str());
            if !is_known && !self.is_aside(key, node, next) {
                let message =
                    format!("`{}` is beside `{WRAPPER}`, which contains this catalog's prompts", key.text);
                let help =
                    "move it under `prompts`, or give it a name that begins with `x-` if it is no prompt";
                self.problems.push(self.source.error(key.mark, message).help(help));
            }
        }
    }
}

fn joined(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

/// `version: 2` of the catalog, which is not a prompt.
fn is_version(key: &Key, node: &Node) -> bool {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('v').unwrap_or(text);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-')
    };
    key.text == "version"
        && match &node.datum {
            Datum::Number(_) => true,
            Datum::Text(text) => is_number(text),
            _ => false,
        }
}

/// Whether a value contains prompts and is not a prompt itself.
fn is_level(node: &Node) -> bool {
    match &node.datum {
        Datum::List(_) => true,
        Datum::Map(entries) => {
            !entries.is_empty() && !entries.iter().any(|(key, _)| marks_an_entry(&key.text))
        }
        _ => false,
    }
}

fn marks_an_entry(key: &str) -> bool {
    let marks = PROMPT.keys.iter().filter(|known| !LABELS.contains(known));
    marks.into_iter().any(|known| key == *known || is_slip(key, known))
}

/// Whether a name is another one but for one letter too many, too few or wrong, two that changed places, or
/// the case and the sign between words. Short names resemble too many others.
fn is_slip(written: &str, meant: &str) -> bool {
    const SHORT: usize = 4;
    let plain = |name: &str| -> Vec<char> { name.to_lowercase().replace('-', "_").chars().collect() };
    let (a, b) = (plain(written), plain(meant));
    if b.len() < SHORT || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[start..], &b[start..]);
    match (a, b) {
        ([], []) => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) if a == b => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a1, a2, a @ ..], [b1, b2, b @ ..]) => (a1, a2, a) == (b2, b1, b),
        _ => false,
    }
}

/// The problem of a file without anything in it.
pub(super) fn empty(path: &str) -> Problem {
    Problem::error("the catalog holds no prompts").path(path).help(EXAMPLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_one_letter_or_two_that_changed_places() {
        for slip in ["txet", "tex", "texts", "Text", "mesages", "min-score", "modle", "usr", "systm", "sytem"]
        {
            assert!(marks_an_entry(slip), "{slip}");
        }
        for name in ["greeting", "title", "profile", "wes", "a", "summary", "extract", "name", "version"] {
            assert!(!marks_an_entry(name), "{name}");
        }
    }
}
