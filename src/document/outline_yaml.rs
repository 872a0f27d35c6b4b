//! Places of the values of a YAML text, from a parser that reports events with positions.

use std::collections::BTreeMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::MAX_DEPTH;
use super::outline::{Outline, Shape};
use crate::problem::Mark;

/// Why there are no places.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoOutline {
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep(Mark),
    /// The two parsers disagree about the text.
    Unreadable,
}

/// The places of the first document's values.
pub(super) fn outline(text: &str) -> Result<Rc<Outline>, NoOutline> {
    let mut builder = Builder { lines: text.lines().collect(), ..Builder::default() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|_| NoOutline::Unreadable)?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder.take(event, span)?;
    }
    builder.root.ok_or(NoOutline::Unreadable)
}

/// A collection whose end has not come yet.
struct Open {
    mark: Mark,
    anchor: usize,
    parts: Parts,
}

enum Parts {
    List(Vec<Rc<Outline>>),
    Map { entries: Vec<(Rc<Outline>, Rc<Outline>)>, key: Option<Rc<Outline>> },
}

#[derive(Default)]
struct Builder<'a> {
    lines: Vec<&'a str>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Outline>>,
    root: Option<Rc<Outline>>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), NoOutline> {
        let mark = place(span)?;
        match event {
            Event::Scalar(_, style, anchor, _) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let mark = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => self.block_sign(mark),
                    _ => mark,
                };
                self.add(Outline { mark, shape: Shape::Scalar { plain } }, anchor)?;
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).ok_or(NoOutline::Unreadable)?;
                self.place(Rc::clone(target))?;
            }
            Event::SequenceStart(anchor, _) => self.begin(mark, anchor, Parts::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.begin(mark, anchor, Parts::Map { entries: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Open { mark, anchor, parts } = self.open.pop().ok_or(NoOutline::Unreadable)?;
                let shape = match parts {
                    Parts::List(items) => Shape::List(items),
                    Parts::Map { entries, .. } => Shape::Map(entries),
                };
                self.add(Outline { mark, shape }, anchor)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Where the `|` or `>` of a block stands whose content is at `content`: the text's first line
    /// is the one after it.
    fn block_sign(&self, content: Mark) -> Mark {
        let above = self.lines.get(..(content.line as usize).saturating_sub(1)).unwrap_or_default();
        let Some(number) = above.iter().rposition(|line| !line.trim().is_empty()) else {
            return Mark::default();
        };
        let header = above[number].split(" #").next().unwrap_or_default().trim_end();
        let sign = header.trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
        match sign.ends_with(['|', '>']) {
            true => Mark::new(number as u32 + 1, sign.chars().count() as u32),
            false => Mark::default(),
        }
    }

    fn begin(&mut self, mark: Mark, anchor: usize, parts: Parts) -> Result<(), NoOutline> {
        if self.open.len() >= MAX_DEPTH {
            return Err(NoOutline::TooDeep(mark));
        }
        self.open.push(Open { mark, anchor, parts });
        Ok(())
    }

    fn add(&mut self, outline: Outline, anchor: usize) -> Result<(), NoOutline> {
        let outline = Rc::new(outline);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&outline));
        }
        self.place(outline)
    }

    fn place(&mut self, outline: Rc<Outline>) -> Result<(), NoOutline> {
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.root = Some(outline),
            Some(Parts::List(items)) => items.push(outline),
            Some(Parts::Map { entries, key }) => match key.take() {
                None => *key = Some(outline),
                Some(key) => entries.push((key, outline)),
            },
        }
        Ok(())
    }
}

fn place(span: Span) -> Result<Mark, NoOutline> {
    let number = |n: usize| u32::try_from(n).map_err(|_| NoOutline::Unreadable);
    Ok(Mark::new(number(span.start.line())?, number(span.start.col() + 1)?))
}
