//! A cursor over source code that knows lines; the lexers of three languages are made of it.

/// A place in a source text.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Cursor<'t> {
    /// The beginning of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// What is left.
    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the next character.
    pub fn advance(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        self.line += u32::from(c == '\n');
        Some(c)
    }

    /// Takes a text if it comes next.
    pub fn take(&mut self, wanted: &str) -> bool {
        let comes = self.rest().starts_with(wanted);
        if comes {
            for _ in wanted.chars() {
                self.advance();
            }
        }
        comes
    }

    /// Takes characters as long as they fit.
    pub fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.advance();
        }
        &self.text[start..self.at]
    }

    /// Takes everything up to a text, and the text; at the end, everything.
    pub fn skip_past(&mut self, end: &str) -> &'t str {
        let start = self.at;
        while !self.rest().is_empty() {
            if self.take(end) {
                return &self.text[start..self.at - end.len()];
            }
            self.advance();
        }
        &self.text[start..]
    }

    /// Takes an expression up to the bracket that closes it; strings and brackets inside it count.
    pub fn skip_expression(&mut self) -> &'t str {
        let (start, mut depth) = (self.at, 0_u32);
        while let Some(c) = self.peek() {
            match c {
                '}' | ')' | ']' if depth == 0 => break,
                '}' | ')' | ']' => depth -= 1,
                '{' | '(' | '[' => depth += 1,
                '"' | '\'' | '`' => {
                    self.advance();
                    self.take_while(|inside| inside != c && inside != '\n');
                }
                _ => {}
            }
            self.advance();
        }
        let expression = &self.text[start..self.at];
        self.advance();
        expression
    }
}

/// The character of an escape after its backslash, in any of the three languages; `None`: nothing, a line goes on.
pub fn escaped(cursor: &mut Cursor<'_>) -> Option<char> {
    match cursor.advance()? {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '0' => Some('\0'),
        '\n' => None,
        'x' => code(cursor, 2),
        'u' if cursor.take("{") => {
            let digits = cursor.skip_past("}");
            u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
        }
        'u' => code(cursor, 4),
        'U' => code(cursor, 8),
        other => Some(other),
    }
}

fn code(cursor: &mut Cursor<'_>, digits: usize) -> Option<char> {
    let mut value = 0;
    for _ in 0..digits {
        value = value * 16 + cursor.peek()?.to_digit(16)?;
        cursor.advance();
    }
    char::from_u32(value)
}
