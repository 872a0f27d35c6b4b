//! Rust's strings: quotes with lines that go on, raw strings, and comments inside comments.

use super::super::lexer::{Cursor, escaped};
use super::{Part, Token, plain};

/// The next token; `None`: white space or a comment.
pub(super) fn token(cursor: &mut Cursor<'_>) -> Option<Token> {
    if cursor.take("//") {
        cursor.take_while(|c| c != '\n');
        return None;
    }
    if cursor.take("/*") {
        comment(cursor);
        return None;
    }
    let line = cursor.line();
    if let Some(hashes) = raw(cursor.rest()) {
        let prefix = cursor.rest().find('"').unwrap_or(0);
        let begin = cursor.rest()[..=prefix].to_owned();
        cursor.take(&begin);
        let text = cursor.skip_past(&format!("\"{}", "#".repeat(hashes))).to_owned();
        return Some(Token::text(line, vec![Part::Text(text)], false));
    }
    match cursor.peek() {
        Some('"') => {
            cursor.advance();
            Some(Token::text(line, vec![Part::Text(text(cursor))], false))
        }
        Some('\'') => {
            character(cursor);
            None
        }
        _ => plain(cursor),
    }
}

/// The number of `#` of a raw string that begins here.
fn raw(rest: &str) -> Option<usize> {
    let after =
        rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.chars().take_while(|c| *c == '#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn comment(cursor: &mut Cursor<'_>) {
    let mut depth = 1;
    while depth > 0 && !cursor.rest().is_empty() {
        if cursor.take("/*") {
            depth += 1;
        } else if cursor.take("*/") {
            depth -= 1;
        } else {
            cursor.advance();
        }
    }
}

/// A character or a lifetime.
fn character(cursor: &mut Cursor<'_>) {
    cursor.advance();
    let mut ahead = cursor.clone();
    match ahead.advance() {
        Some('\\') => {
            ahead.advance();
            ahead.take_while(|c| c != '\'' && c != '\n');
        }
        Some(_) => {}
        None => return,
    }
    if ahead.take("'") {
        *cursor = ahead;
    }
}

fn text(cursor: &mut Cursor<'_>) -> String {
    let mut text = String::new();
    while let Some(c) = cursor.advance() {
        match c {
            '"' => break,
            // The line goes on, without the white space of the next one.
            '\\' if cursor.peek() == Some('\n') => drop(cursor.take_while(char::is_whitespace)),
            '\\' => text.extend(escaped(cursor)),
            c => text.push(c),
        }
    }
    text
}
