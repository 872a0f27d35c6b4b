//! Python's strings: prefixes, three quotes, raw strings, and the expressions of f-strings.

use super::super::lexer::{Cursor, escaped};
use super::{Part, Token, plain};

/// The next token; `None`: white space or a comment.
pub(super) fn token(cursor: &mut Cursor<'_>) -> Option<Token> {
    if cursor.peek() == Some('#') {
        cursor.take_while(|c| c != '\n');
        return None;
    }
    // A line that goes on.
    if cursor.take("\\\n") {
        return None;
    }
    let letters: String = cursor.rest().chars().take_while(char::is_ascii_alphabetic).collect();
    let is_prefix = letters.len() <= 2 && letters.chars().all(|c| "rRbBuUfFtT".contains(c));
    let quoted = &cursor.rest()[letters.len()..];
    if !is_prefix || !quoted.starts_with(['"', '\'']) {
        return plain(cursor);
    }
    let line = cursor.line();
    cursor.take(&letters);
    let has = |letter: char| letters.to_lowercase().contains(letter);
    let (is_raw, is_filled) = (has('r'), has('f') || has('t'));
    let quote = if quoted.starts_with('"') { '"' } else { '\'' };
    let triple = quote.to_string().repeat(3);
    let end = if cursor.take(&triple) { triple } else { quote.to_string() };
    if end.len() == 1 {
        cursor.advance();
    }
    let parts = parts(cursor, &end, is_raw, is_filled);
    Some(Token::text(line, parts, is_filled))
}

fn parts(cursor: &mut Cursor<'_>, end: &str, is_raw: bool, is_filled: bool) -> Vec<Part> {
    let (mut parts, mut text) = (Vec::new(), String::new());
    while let Some(c) = cursor.peek() {
        if cursor.take(end) || (end.len() == 1 && c == '\n') {
            break;
        }
        if is_filled && (cursor.take("{{") || cursor.take("}}")) {
            text.push(c);
            continue;
        }
        cursor.advance();
        match c {
            '\\' if !is_raw => text.extend(escaped(cursor)),
            '{' if is_filled => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Place(cursor.skip_expression().to_owned()));
            }
            c => text.push(c),
        }
    }
    parts.push(Part::Text(text));
    parts.retain(|part| *part != Part::Text(String::new()));
    parts
}
