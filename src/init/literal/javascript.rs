//! Strings of JavaScript and TypeScript: quotes, and templates with expressions in `${…}`.

use super::super::lexer::{Cursor, escaped};
use super::{Part, Token, plain};

/// The next token; `None`: white space or a comment.
pub(super) fn token(cursor: &mut Cursor<'_>, previous: Option<&Token>) -> Option<Token> {
    if cursor.take("//") {
        cursor.take_while(|c| c != '\n');
        return None;
    }
    if cursor.take("/*") {
        cursor.skip_past("*/");
        return None;
    }
    // After a value it divides, else a regular expression begins.
    const BEFORE: [&str; 8] = ["return", "typeof", "case", "in", "of", "await", "yield", "else"];
    let divides = match previous {
        Some(Token::Word(word)) => !BEFORE.contains(&word.as_str()),
        Some(Token::Text(_) | Token::Sign(')' | ']' | '}')) => true,
        _ => false,
    };
    if cursor.peek() == Some('/') && !divides {
        regular_expression(cursor);
        return None;
    }
    let line = cursor.line();
    let quote = cursor.peek().filter(|c| ['"', '\'', '`'].contains(c));
    let Some(quote) = quote else { return plain(cursor) };
    cursor.advance();
    let (parts, is_filled) = parts(cursor, quote);
    Some(Token::text(line, parts, is_filled))
}

fn regular_expression(cursor: &mut Cursor<'_>) {
    cursor.advance();
    let mut is_in_class = false;
    while let Some(c) = cursor.advance() {
        match c {
            '\\' => drop(cursor.advance()),
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '/' if !is_in_class => break,
            '\n' => break,
            _ => {}
        }
    }
}

fn parts(cursor: &mut Cursor<'_>, quote: char) -> (Vec<Part>, bool) {
    let (mut parts, mut text, mut is_filled) = (Vec::new(), String::new(), false);
    while let Some(c) = cursor.peek() {
        if quote == '`' && cursor.take("${") {
            is_filled = true;
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Place(cursor.skip_expression().to_owned()));
            continue;
        }
        cursor.advance();
        match c {
            c if c == quote => break,
            '\n' if quote != '`' => break,
            '\\' => text.extend(escaped(cursor)),
            c => text.push(c),
        }
    }
    parts.push(Part::Text(text));
    parts.retain(|part| *part != Part::Text(String::new()));
    (parts, is_filled)
}
