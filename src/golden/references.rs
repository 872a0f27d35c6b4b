//! Which files a golden set refers to, found without parsing it: for files that did not change, a
//! scan of their bytes must be enough.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::tree::{directory, resolve};

/// The key of a check that names a file.
const KEY: &str = "json_schema";

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum References {
    /// No file is referred to.
    None,
    /// At most these files are referred to, by path inside the repository, sorted.
    Listed(Vec<String>),
    /// The scan cannot tell; the set must be read.
    Unknown,
}

/// An escape that may represent a letter of the key.
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\\(?:u00|U000000|x)[567][0-9a-fA-F]|\\[ \t]*(?:\r?\n|$)")
        .expect("the expression is a constant")
});

/// The files a golden set may refer to, by a scan of its text. It may find too many files, but
/// never too few: anything that is not clearly a path on one line gives [`References::Unknown`].
pub fn references(bytes: &[u8], path: &str) -> References {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return References::Unknown;
    };
    // A file of another tool names others so.
    if text.contains("file://") {
        return References::Unknown;
    }
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let notation = match ending {
        "yaml" | "yml" => Notation::Yaml,
        "json" | "jsonl" | "ndjson" => Notation::Json,
        _ => return if text.replace('"', "").contains(KEY) { References::Unknown } else { plain(text) },
    };
    if !text.contains(KEY) {
        return plain(text);
    }
    if may_hide(text) || has_unusual_breaks(text) {
        return References::Unknown;
    }
    match scan(text, notation) {
        Some(written) => listed(written, directory(path)),
        None => References::Unknown,
    }
}

/// The answer for a text without the key: none, unless an escape may hide it.
fn plain(text: &str) -> References {
    if may_hide(text) { References::Unknown } else { References::None }
}

fn may_hide(text: &str) -> bool {
    text.contains('\\') && ESCAPE.is_match(text)
}

/// YAML also breaks lines at these characters, JSON and this scan do not.
fn has_unusual_breaks(text: &str) -> bool {
    let lone_return = || text.split("\r\n").any(|part| part.contains('\r'));
    (text.contains('\r') && lone_return())
        || (!text.is_ascii() && text.contains(['\u{85}', '\u{2028}', '\u{2029}']))
}

fn listed(written: BTreeSet<&str>, directory: &str) -> References {
    let paths: Option<BTreeSet<String>> =
        written.into_iter().map(|written| resolve(directory, written).ok()).collect();
    match paths {
        Some(paths) => References::Listed(paths.into_iter().collect()),
        None => References::Unknown,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Notation {
    Yaml,
    Json,
}

/// The paths after every occurrence of the key; `None` when one of them is not plain.
fn scan(text: &str, notation: Notation) -> Option<BTreeSet<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = BTreeSet::new();
    for (number, line) in lines.iter().enumerate() {
        for (at, _) in line.match_indices(KEY) {
            let before = &line[..at];
            let after = &line[at + KEY.len()..];
            let (before, after) = unquoted(before, after)?;
            let value = Value::after(after)?;
            let path = match notation {
                Notation::Json => (value.quote == Some('"')).then_some(value.path)?,
                Notation::Yaml => in_yaml(&value, before, &lines, number)?,
            };
            found.insert(path);
        }
    }
    Some(found)
}

/// What stands before and after the key, its own quotes removed.
fn unquoted<'a>(before: &'a str, after: &'a str) -> Option<(&'a str, &'a str)> {
    for quote in ['"', '\''] {
        if let Some(after) = after.strip_prefix(quote) {
            return Some((before.strip_suffix(quote)?, after.trim_start_matches([' ', '\t'])));
        }
    }
    Some((before, after))
}

/// A path after the key and its colon.
struct Value<'a> {
    path: &'a str,
    quote: Option<char>,
    /// Whether there is a space between colon and path.
    apart: bool,
    /// What follows on the line.
    rest: &'a str,
}

impl<'a> Value<'a> {
    fn after(key: &'a str) -> Option<Self> {
        let value = key.strip_prefix(':')?;
        let start = value.trim_start_matches([' ', '\t']);
        let quote = start.chars().next().filter(|c| matches!(c, '"' | '\''));
        let text = quote.map_or(start, |_| &start[1..]);
        let of_path = |c: char| c.is_alphanumeric() || "_./-".contains(c);
        let end = text.find(|c| !of_path(c)).unwrap_or(text.len());
        let rest = &text[end..];
        let rest = match quote {
            // A doubled quote would continue the text.
            Some(quote) => rest.strip_prefix(quote).filter(|rest| !rest.starts_with(quote))?,
            None => rest.trim_start_matches([' ', '\t']),
        };
        let apart = start.len() < value.len();
        (end > 0).then_some(Self { path: &text[..end], quote, apart, rest })
    }
}

fn in_yaml<'a>(value: &Value<'a>, before: &str, lines: &[&str], number: usize) -> Option<&'a str> {
    let in_flow = before.trim_end().ends_with(['{', ',']);
    let plain = match value.quote {
        Some(quote) => value.apart || (in_flow && quote == '"'),
        None if !value.apart => false,
        None if in_flow => value.rest.starts_with([',', '}']),
        None => {
            value.rest.is_empty()
                && before.split(' ').all(|part| part.is_empty() || part == "-")
                && begins_entry(&lines[..number])
                && ends_here(&lines[number + 1..], before.chars().count())
        }
    };
    plain.then_some(value.path)
}

/// Whether no flow collection of an earlier line can still be open before a key on a line of its
/// own: then the line before would end with a comma or an opening sign, a comment left aside.
fn begins_entry(before: &[&str]) -> bool {
    for line in before.iter().rev().filter(|line| !line.trim().is_empty()) {
        if !ends_entry(line) {
            return false;
        }
        if !line.trim_start().starts_with('#') {
            return true;
        }
    }
    true
}

fn ends_entry(line: &str) -> bool {
    line.match_indices('#').map(|(at, _)| &line[..at]).chain([line]).all(|part| {
        let part = part.trim_end();
        let last = part.rsplit([' ', '\t']).next().unwrap_or_default();
        !part.ends_with([',', '{', '[', '?']) && !last.starts_with(['&', '!'])
    })
}

/// Whether a plain scalar ends with its line: the next one is not indented deeper than its key.
fn ends_here(after: &[&str], column: usize) -> bool {
    let Some(next) = after.iter().find(|line| !line.trim().is_empty()) else {
        return true;
    };
    let indentation = &next[..next.len() - next.trim_start().len()];
    indentation.chars().all(|c| c == ' ') && indentation.len() <= column
}
