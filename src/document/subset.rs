//! A quick reader of the YAML that golden sets and catalogs are usually written in: mappings and lists in block style,
//! texts on one line or after `|`, and lists and mappings in brackets on one line.
//!
//! It gives up at the first sign of anything else, be it an anchor, a text folded over lines or a mistake. Then the two
//! passes of [`super::parse`] read the text and say what is wrong. So it knows no errors, and what it reads, it reads as
//! they do (`tests/subset.rs`).

use super::MAX_DEPTH;
use super::raw::{Allowance, Raw, RawDatum};
use super::subset_scalars::{Block, block, double_quoted, plain, resolved, single_quoted};
use crate::problem::Mark;

/// A key may not be longer for libyaml, in characters from its beginning to its colon.
const LONGEST_KEY: usize = 1_000;

/// The value of a text with its places; `None`: it is not certain that this reader knows all of it.
pub(super) fn read(text: &str, allowance: &Allowance) -> Option<Raw> {
    let is_ascii = text.is_ascii();
    let is_known = text.bytes().all(|byte| byte >= b' ' && byte != 0x7f || byte == b'\n')
        && (is_ascii || !text.contains(is_special));
    is_known.then_some(())?;
    let mut reader =
        Reader { text, at: 0, line: 1, line_start: 0, counted: (0, 0), is_ascii, depth: 0, allowance };
    if text.starts_with("---\n") {
        reader.at = 3;
        reader.next_line();
    }
    reader.next_content()??;
    let root = reader.node(None, Nesting::Any)?;
    reader.column().is_none().then_some(root)
}

/// Characters beyond ASCII that break lines in YAML, that it refuses, or that mark a byte order.
fn is_special(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// What may stand at a place.
#[derive(Clone, Copy, PartialEq)]
enum Nesting {
    /// Any value.
    Any,
    /// Behind a key in its line: no mapping and no list in block style.
    Line,
}

/// Between two values, the place is the beginning of the next content, or the end of the text.
struct Reader<'a> {
    text: &'a str,
    /// The place, in bytes.
    at: usize,
    /// From 1.
    line: u32,
    line_start: usize,
    /// A byte of this line, and how many characters are before it.
    counted: (usize, u32),
    is_ascii: bool,
    depth: usize,
    allowance: &'a Allowance,
}

impl<'a> Reader<'a> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Whether a sign of one byte stands here, which only counts before a space or the end of the line.
    fn is_sign(&self, sign: u8) -> bool {
        self.byte(0) == Some(sign) && matches!(self.byte(1), None | Some(b' ' | b'\n'))
    }

    fn mark(&mut self) -> Mark {
        let before = match self.is_ascii {
            true => self.at - self.line_start,
            false => {
                let (from, characters) = match self.counted {
                    (from, characters) if from >= self.line_start => (from, characters as usize),
                    _ => (self.line_start, 0),
                };
                let characters = characters + self.text[from..self.at].chars().count();
                self.counted = (self.at, characters as u32);
                characters
            }
        };
        Mark::new(self.line, before as u32 + 1)
    }

    fn skip_spaces(&mut self) {
        while self.byte(0) == Some(b' ') {
            self.at += 1;
        }
    }

    /// Passes a line break.
    fn next_line(&mut self) {
        self.at += 1;
        self.line += 1;
        self.line_start = self.at;
    }

    /// The text from here to the end of the line.
    fn rest_of_line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        &rest[..rest.find('\n').unwrap_or(rest.len())]
    }

    /// How many spaces the content here is indented by; none at the end of the text.
    fn column(&self) -> Option<usize> {
        (self.at < self.text.len()).then(|| self.at - self.line_start)
    }

    /// From the beginning of a line, or from behind the content of one, to the next content. Only a comment or nothing may
    /// stand in between.
    fn next_content(&mut self) -> Option<Option<usize>> {
        loop {
            self.skip_spaces();
            match self.byte(0) {
                Some(b'\n') => self.next_line(),
                Some(b'#') if self.at == self.line_start || self.text.as_bytes()[self.at - 1] == b' ' => {
                    self.at += self.rest_of_line().len();
                }
                None => return Some(None),
                Some(_) => {
                    let is_first = self.text[self.line_start..self.at].bytes().all(|byte| byte == b' ');
                    return is_first.then(|| self.column());
                }
            }
        }
    }

    /// The value at this place; `indent` is the column of the mapping or list around it.
    fn node(&mut self, indent: Option<usize>, nesting: Nesting) -> Option<Raw> {
        let column = self.column()?;
        match self.byte(0)? {
            b'-' if self.is_sign(b'-') => match nesting {
                Nesting::Any => self.list(column, indent == Some(column)),
                Nesting::Line => None,
            },
            b'|' => self.block_text(indent?),
            b'[' | b'{' => {
                let raw = self.bracketed()?;
                self.next_content()?;
                Some(raw)
            }
            _ => {
                let begin = self.at;
                let raw = self.scalar(false)?;
                let end = self.at;
                self.skip_spaces();
                if !self.is_sign(b':') {
                    self.at = end;
                    self.next_content()?;
                    return Some(raw);
                }
                (nesting == Nesting::Any && self.at - begin <= LONGEST_KEY).then_some(())?;
                self.mapping(column, raw)
            }
        }
    }

    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())?;
        self.allowance.take(0)
    }

    /// A mapping whose first key is read.
    fn mapping(&mut self, column: usize, first: Raw) -> Option<Raw> {
        self.enter()?;
        let mark = first.mark;
        let mut entries = Vec::new();
        let mut key = first;
        loop {
            self.at += 1;
            entries.push((key, self.value(column)?));
            match self.column() {
                Some(next) if next == column => {}
                Some(next) if next > column => return None,
                _ => break,
            }
            let begin = self.at;
            key = self.scalar(false)?;
            self.skip_spaces();
            (self.is_sign(b':') && self.at - begin <= LONGEST_KEY).then_some(())?;
        }
        self.depth -= 1;
        Some(Raw { mark, is_quoted: false, datum: RawDatum::Map(entries) })
    }

    /// The value behind a key's colon. A list may be indented as little as the key.
    fn value(&mut self, column: usize) -> Option<Raw> {
        self.skip_spaces();
        if !matches!(self.byte(0), None | Some(b'\n' | b'#')) {
            return self.node(Some(column), Nesting::Line);
        }
        match self.next_content()?? {
            next if next > column || (next == column && self.is_sign(b'-')) => {
                self.node(Some(column), Nesting::Any)
            }
            _ => None,
        }
    }

    /// A list. One that is indented as little as its key begins, for the other reader, with its first item.
    fn list(&mut self, column: usize, is_flush: bool) -> Option<Raw> {
        self.enter()?;
        let dash = self.mark();
        let mut items = Vec::new();
        while self.column() == Some(column) && self.is_sign(b'-') {
            self.at += 1;
            self.skip_spaces();
            if matches!(self.byte(0), None | Some(b'\n' | b'#')) {
                (self.next_content()?? > column).then_some(())?;
            }
            // Where that would be for a block is another question.
            (!is_flush || !items.is_empty() || self.byte(0) != Some(b'|')).then_some(())?;
            items.push(self.node(Some(column), Nesting::Any)?);
        }
        (self.column().is_none_or(|next| next <= column)).then_some(())?;
        self.depth -= 1;
        let mark = if is_flush { items.first()?.mark } else { dash };
        Some(Raw { mark, is_quoted: false, datum: RawDatum::List(items) })
    }

    /// A list or mapping in brackets, in one line.
    fn bracketed(&mut self) -> Option<Raw> {
        self.enter()?;
        let mark = self.mark();
        let is_list = self.byte(0) == Some(b'[');
        let close = if is_list { b']' } else { b'}' };
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        loop {
            self.at += 1;
            self.skip_spaces();
            if self.byte(0) == Some(close) {
                break;
            }
            if is_list {
                items.push(self.part()?);
            } else {
                let begin = self.at;
                let key = self.scalar(true)?;
                self.skip_spaces();
                let is_key = if key.is_quoted { self.byte(0) == Some(b':') } else { self.is_sign(b':') };
                (is_key && self.at - begin <= LONGEST_KEY).then_some(())?;
                self.at += 1;
                self.skip_spaces();
                entries.push((key, self.part()?));
            }
            self.skip_spaces();
            match self.byte(0)? {
                b',' => {}
                byte if byte == close => break,
                _ => return None,
            }
        }
        self.at += 1;
        self.depth -= 1;
        let datum = if is_list { RawDatum::List(items) } else { RawDatum::Map(entries) };
        Some(Raw { mark, is_quoted: false, datum })
    }

    /// A value in brackets.
    fn part(&mut self) -> Option<Raw> {
        match self.byte(0)? {
            b'[' | b'{' => self.bracketed(),
            _ => self.scalar(true),
        }
    }

    /// A scalar in one line, in quotes or without.
    fn scalar(&mut self, in_brackets: bool) -> Option<Raw> {
        let mark = self.mark();
        let rest = &self.text[self.at..];
        let (length, is_quoted, datum) = match rest.as_bytes().first()? {
            b'"' => {
                let (length, text) = double_quoted(rest)?;
                (length, true, RawDatum::Text(text))
            }
            b'\'' => {
                let (length, text) = single_quoted(rest)?;
                (length, true, RawDatum::Text(text))
            }
            _ => {
                let text = plain(rest, in_brackets)?;
                let is_marker =
                    self.at == self.line_start && (text.starts_with("---") || text.starts_with("..."));
                (text.len(), false, resolved(text).filter(|_| !is_marker)?)
            }
        };
        self.at += length;
        self.allowance.take(if let RawDatum::Text(text) = &datum { text.len() } else { 0 })?;
        Some(Raw { mark, is_quoted, datum })
    }

    /// A text after `|`.
    fn block_text(&mut self, indent: usize) -> Option<Raw> {
        let mark = self.mark();
        let header = self.rest_of_line();
        self.at += header.len();
        (self.at < self.text.len()).then(|| self.next_line())?;
        let Block { text, lines, bytes } = block(&header[1..], &self.text[self.at..], indent)?;
        // Its last line may be the last of the text, without a line break.
        let is_ended = self.text[..self.at + bytes].ends_with('\n');
        self.at += bytes;
        self.line += lines;
        self.line_start = if is_ended { self.at } else { self.text.rfind('\n').map_or(0, |at| at + 1) };
        self.next_content()?;
        self.allowance.take(text.len())?;
        Some(Raw { mark, is_quoted: true, datum: RawDatum::Text(text) })
    }
}
