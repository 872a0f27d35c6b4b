//! Places of the values of a JSON text that is already known to be well-formed.

use std::rc::Rc;

use super::outline::{Outline, Shape};
use crate::problem::Mark;

/// The places of all values; `None` when the text is not JSON after all.
pub(super) fn outline(text: &str, first_line: u32) -> Option<Rc<Outline>> {
    Cursor { rest: text, mark: Mark::new(first_line, 1) }.value()
}

struct Cursor<'a> {
    rest: &'a str,
    mark: Mark,
}

impl Cursor<'_> {
    fn value(&mut self) -> Option<Rc<Outline>> {
        self.skip_white_space();
        let mark = self.mark;
        let shape = match self.peek()? {
            '[' => Shape::List(self.list()?),
            '{' => Shape::Map(self.map()?),
            '"' => {
                self.string()?;
                Shape::Scalar { plain: false }
            }
            _ => {
                while self.peek().is_some_and(|c| !c.is_whitespace() && !",]}".contains(c)) {
                    self.step();
                }
                Shape::Scalar { plain: true }
            }
        };
        Some(Rc::new(Outline { mark, shape }))
    }

    fn list(&mut self) -> Option<Vec<Rc<Outline>>> {
        self.step();
        let mut items = Vec::new();
        while !self.closes(']')? {
            items.push(self.value()?);
        }
        Some(items)
    }

    fn map(&mut self) -> Option<Vec<(Rc<Outline>, Rc<Outline>)>> {
        self.step();
        let mut entries = Vec::new();
        while !self.closes('}')? {
            let key = self.value()?;
            self.skip_white_space();
            (self.step()? == ':').then_some(())?;
            entries.push((key, self.value()?));
        }
        Some(entries)
    }

    /// Passes the comma before the next part, or the closing bracket.
    fn closes(&mut self, bracket: char) -> Option<bool> {
        self.skip_white_space();
        match self.peek()? {
            ',' => {
                self.step();
                self.skip_white_space();
                Some(false)
            }
            c if c == bracket => {
                self.step();
                Some(true)
            }
            _ => Some(false),
        }
    }

    fn string(&mut self) -> Option<()> {
        self.step();
        loop {
            match self.step()? {
                '"' => return Some(()),
                '\\' => {
                    self.step()?;
                }
                _ => {}
            }
        }
    }

    fn skip_white_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.step();
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.mark = Mark::new(self.mark.line + 1, 1);
        } else {
            self.mark.column += 1;
        }
        Some(c)
    }
}
