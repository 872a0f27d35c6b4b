//! `{{name}}` in texts: other tools fill in a case's values there, in prompts and in what a check wants.

use std::collections::BTreeMap;

/// A piece of a text.
enum Piece<'t> {
    Text(&'t str),
    Place(&'t str),
}

/// The pieces of a text; `{{ name }}` is a place, everything else is text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut done, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = text[at..].find("{{").map(|found| at + found) {
        at = open + 2;
        let Some((inside, _)) = text[at..].split_once("}}") else { break };
        if is_name(inside.trim()) {
            found.push(Piece::Text(&text[done..open]));
            found.push(Piece::Place(inside.trim()));
            done = at + inside.len() + 2;
            at = done;
        }
    }
    found.push(Piece::Text(&text[done..]));
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The names in a text.
pub(super) fn names(text: &str) -> Vec<&str> {
    let place = |piece| if let Piece::Place(name) = piece { Some(name) } else { None };
    pieces(text).into_iter().filter_map(place).collect()
}

/// Whether a text is one place, of this name.
pub(super) fn is_only(text: &str, name: &str) -> bool {
    let inside = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inside.is_some_and(|inside| inside.trim() == name)
}

/// Bytes that a text may have once its places are filled.
const MOST: usize = 1 << 20;

/// Why a text cannot be filled.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// The place of this name has no value.
    NoValue(String),
    /// It would be longer than [`MOST`].
    TooLong,
}

/// The text with values in its places. Values are not searched for places again.
///
/// # Errors
/// The first place without a value, and a text that grows too long.
pub(super) fn filled(text: &str, values: &BTreeMap<String, String>) -> Result<String, Unfilled> {
    let mut filled = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Place(name) => {
                filled.push_str(values.get(name).ok_or_else(|| Unfilled::NoValue(name.to_owned()))?);
            }
        }
        if filled.len() > MOST {
            return Err(Unfilled::TooLong);
        }
    }
    Ok(filled)
}

/// The first sign of Jinja in a text that is not a place: its line in the text, from 0, and what stands there.
pub(super) fn sign(text: &str) -> Option<(u32, String)> {
    let mut before = 0;
    for piece in pieces(text) {
        let Piece::Text(part) = piece else { continue };
        // A piece is a part of the text.
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let found = ["{{", "{%", "{#"].iter().filter_map(|sign| part.find(sign)).min();
        if let Some(at) = found {
            before += text[..start + at].matches('\n').count();
            let shown: String = part[at..].lines().next().unwrap_or_default().chars().take(30).collect();
            return Some((u32::try_from(before).unwrap_or(0), shown));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_places() {
        let text = "{{a}} {{ b_1 }} {{c.d}} {{1}} {{}} {{ a";
        assert_eq!(names(text), ["a", "b_1"]);
        let values =
            [("a", "{{b_1}}"), ("b_1", "B")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let filled = |text| filled(text, &BTreeMap::from(values.clone()));
        assert_eq!(filled("{{a}}-{{ b_1 }}{{c.d}}"), Ok("{{b_1}}-B{{c.d}}".to_owned()));
        assert_eq!(filled("{{c}}"), Err(Unfilled::NoValue("c".to_owned())));
        let many = "{{a}}".repeat(300_000);
        assert_eq!(filled(&many), Err(Unfilled::TooLong));
        assert!(is_only(" {{ expected }}", "expected") && !is_only("x {{expected}}", "expected"));
    }

    #[test]
    fn signs_of_jinja_are_found_with_their_line() {
        assert_eq!(sign("{{a}} { b } {\"c\": {\"d\": 1}}"), None);
        assert_eq!(sign("x\n{{a}}\n  {% if b %}"), Some((2, "{% if b %}".to_owned())));
        assert_eq!(sign("{{a}} {{user-name}}"), Some((0, "{{user-name}}".to_owned())));
    }
}
