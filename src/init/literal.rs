//! String literals of Python, JavaScript and TypeScript, and Rust: the text as the program has it, with the name that it
//! is given and the places of its values. Each language has a small lexer of its own, so that comments, raw strings
//! and strings in strings are read as the language reads them.

mod javascript;
mod python;
mod rust;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::lexer::Cursor;

/// A language with a lexer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Rust.
    Rust,
}

impl Language {
    /// The language of a file, by its name.
    pub fn of_path(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "py" => Some(Language::Python),
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" => Some(Language::JavaScript),
            "rs" => Some(Language::Rust),
            _ => None,
        }
    }
}

/// A piece of a literal's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text.
    Text(String),
    /// The place of a value: the expression as written.
    Place(String),
}

/// A string literal, or several that the language joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// The line of its beginning, from 1.
    pub line: u32,
    /// The constant, variable, key or argument that it is given to.
    pub name: Option<String>,
    /// Its text and the values in it.
    pub parts: Vec<Part>,
    /// Whether the program fills it in itself (`f"…"`, `` `${…}` ``, `format!`).
    pub is_filled: bool,
    /// Whether `.format(…)` follows.
    pub is_formatted: bool,
}

/// All literals of a source file, in its order.
pub fn literals(language: Language, text: &str) -> Vec<Literal> {
    let mut cursor = Cursor::new(text);
    let mut tokens = Vec::new();
    while !cursor.rest().is_empty() {
        let read = match language {
            Language::Python => python::token(&mut cursor),
            Language::JavaScript => javascript::token(&mut cursor, tokens.last()),
            Language::Rust => rust::token(&mut cursor),
        };
        tokens.extend(read);
    }
    named(language, tokens)
}

/// What a lexer finds; white space and comments are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A name or a number.
    Word(String),
    /// Any other character.
    Sign(char),
    /// A line ends.
    Line,
    /// A string.
    Text(Literal),
}

impl Token {
    fn text(line: u32, parts: Vec<Part>, is_filled: bool) -> Self {
        Token::Text(Literal { line, name: None, parts, is_filled, is_formatted: false })
    }
}

/// A word, a line's end or a sign: what all three languages have.
fn plain(cursor: &mut Cursor<'_>) -> Option<Token> {
    let first = cursor.peek()?;
    if first.is_alphanumeric() || first == '_' || first == '$' {
        return Some(Token::Word(
            cursor.take_while(|c| c.is_alphanumeric() || c == '_' || c == '$').to_owned(),
        ));
    }
    cursor.advance();
    match first {
        '\n' => Some(Token::Line),
        c if c.is_whitespace() => None,
        c => Some(Token::Sign(c)),
    }
}

/// Joins adjacent literals where the language does, and gives each its name.
fn named(language: Language, tokens: Vec<Token>) -> Vec<Literal> {
    let mut found: Vec<Literal> = Vec::new();
    let mut target: Option<String> = None;
    let mut words: Vec<String> = Vec::new();
    let mut previous: Option<Token> = None;
    // The name before a type of Python.
    let mut annotated: Option<String> = None;
    // What stands between the target and its value: brackets, and functions such as `dedent(`.
    let (mut depth, mut target_depth) = (0_i32, 0_i32);
    let mut last_was_text = false;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let next = tokens.get(at + 1);
        match token {
            Token::Word(word) => {
                words.push(word.clone());
                last_was_text = false;
            }
            Token::Sign('=') => {
                let is_comparison = matches!(previous, Some(Token::Sign('=' | '!' | '<' | '>' | '+')))
                    || matches!(next, Some(Token::Sign('=' | '>')));
                if !is_comparison {
                    target = annotated.take().or_else(|| assigned(language, &words));
                    target_depth = depth;
                }
                last_was_text = false;
            }
            Token::Sign(':') => {
                // A key of a mapping, or of an object; a text after `?` is none.
                let begins_entry = matches!(before(&tokens, at, 2), Some(Token::Sign('{' | ',')));
                match &previous {
                    Some(Token::Text(key)) if begins_entry => {
                        found.pop();
                        target = plain_text(key);
                        target_depth = depth;
                    }
                    Some(Token::Word(word)) if depth > 0 && language != Language::Rust => {
                        target = Some(word.clone());
                        target_depth = depth;
                    }
                    Some(Token::Word(word)) if language == Language::Python => annotated = Some(word.clone()),
                    _ => {}
                }
                last_was_text = false;
            }
            Token::Sign(sign) => {
                match sign {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
                let ends =
                    matches!(sign, ';') || (*sign == ',' && depth <= target_depth) || depth < target_depth;
                if ends {
                    target = None;
                }
                if ends || matches!(sign, '(' | '[' | '{' | '}') || (*sign == ',' && depth > 0) {
                    words.clear();
                }
                let is_format = *sign == '.'
                    && last_was_text
                    && matches!(next, Some(Token::Word(word)) if word == "format");
                if is_format && let Some(literal) = found.last_mut() {
                    literal.is_formatted = true;
                }
                last_was_text = last_was_text && matches!(sign, ')' | '.');
            }
            Token::Line => {
                // In brackets and after a sign, the statement goes on.
                if depth <= 0 && !matches!(previous, Some(Token::Sign('=' | '\\' | '+'))) {
                    target = None;
                    annotated = None;
                    words.clear();
                    last_was_text = false;
                }
            }
            Token::Text(literal) => {
                let is_joined =
                    last_was_text && matches!(previous, Some(Token::Text(_))) && language == Language::Python;
                match found.last_mut().filter(|_| is_joined) {
                    Some(before) => {
                        before.parts.extend(literal.parts.clone());
                        before.is_filled |= literal.is_filled;
                    }
                    None => found.push(Literal { name: target.clone(), ..literal.clone() }),
                }
                last_was_text = true;
            }
        }
        if !matches!(token, Token::Line) || !last_was_text {
            previous = Some(token.clone());
        }
        at += 1;
    }
    found
}

/// The token so many places before one, lines' ends left out.
fn before(tokens: &[Token], at: usize, places: usize) -> Option<&Token> {
    tokens[..at].iter().rev().filter(|token| !matches!(token, Token::Line)).nth(places - 1)
}

/// The name before `=`: `NAME`, `const NAME: &str`, `export const name`, `self.name`.
fn assigned(language: Language, words: &[String]) -> Option<String> {
    const LEADING: [&str; 13] = [
        "pub",
        "const",
        "static",
        "let",
        "mut",
        "var",
        "export",
        "default",
        "crate",
        "readonly",
        "private",
        "public",
        "protected",
    ];
    let mut names = words.iter().filter(|word| !LEADING.contains(&word.as_str()));
    match language {
        // After the name comes its type.
        Language::Rust | Language::JavaScript => names.next().cloned(),
        Language::Python if words.first().is_some_and(|word| word == "self") => words.get(1).cloned(),
        Language::Python => names.next_back().cloned(),
    }
}

/// The text of a literal without values in it.
fn plain_text(literal: &Literal) -> Option<String> {
    match literal.parts.as_slice() {
        [] => Some(String::new()),
        [Part::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

impl Literal {
    /// The text with `open` and `close` around the names of its values, and what each name stands for if it is not the
    /// expression itself.
    pub fn template(&self, (open, close): (&str, &str), escape: bool) -> (String, BTreeMap<String, String>) {
        let (mut text, mut explained) = (String::new(), BTreeMap::new());
        for part in &self.parts {
            match part {
                Part::Text(plain) if escape => text.push_str(&plain.replace('{', "{{").replace('}', "}}")),
                Part::Text(plain) => text.push_str(plain),
                Part::Place(expression) => {
                    let name = variable(expression, explained.len());
                    if name != expression.trim() {
                        explained.insert(name.clone(), expression.trim().to_owned());
                    }
                    text.push_str(&format!("{open}{name}{close}"));
                }
            }
        }
        (text, explained)
    }
}

/// A variable's name for an expression: `user.name` is `user_name`, `x:.2f` is `x`.
fn variable(expression: &str, number: usize) -> String {
    let plain = expression.trim();
    let end = plain.find([':', '!', '?', '(', '|', '+', ' ']).unwrap_or(plain.len());
    let mut name = String::new();
    for c in plain[..end].chars() {
        match c {
            c if c.is_alphanumeric() || c == '_' => name.push(c),
            _ if !name.ends_with('_') && !name.is_empty() => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('_').to_owned();
    let is_name = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name { name } else { format!("value_{}", number + 1) }
}
