//! The second pass: the places of the values of a document. Best effort; a value that is not found
//! has no place, and the pass never changes a value.

use std::rc::Rc;

use crate::problem::Mark;

/// A value's place, and its parts' places.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) mark: Mark,
    pub(super) shape: Shape,
}

/// The kind of a value, as far as places need it.
#[derive(Debug)]
pub(super) enum Shape {
    /// A scalar; plain when it has neither quotes nor a block indicator.
    Scalar { plain: bool },
    /// A sequence.
    List(Vec<Rc<Outline>>),
    /// A mapping.
    Map(Vec<(Rc<Outline>, Rc<Outline>)>),
}

impl Outline {
    /// The places of a sequence's items, when there are as many as the value has.
    pub(super) fn items(&self, count: usize) -> Option<&[Rc<Outline>]> {
        match &self.shape {
            Shape::List(items) if items.len() == count => Some(items),
            _ => None,
        }
    }

    /// The places of a mapping's entries, when there are as many as the value has.
    pub(super) fn entries(&self, count: usize) -> Option<&[(Rc<Outline>, Rc<Outline>)]> {
        match &self.shape {
            Shape::Map(entries) if entries.len() == count => Some(entries),
            _ => None,
        }
    }

    /// Whether the value is known to be a scalar with quotes or a block indicator.
    pub(super) fn is_quoted(&self) -> bool {
        matches!(self.shape, Shape::Scalar { plain: false })
    }
}
