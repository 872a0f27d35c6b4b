//! The second pass: the places of the values of a document. Best effort; a value that is not found
//! has no place, and the pass never changes a value.

use std::rc::Rc;

use super::raw::{Raw, RawDatum};
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
    /// Gives a value and its parts their places, as far as the two agree.
    pub(super) fn place(&self, raw: &mut Raw) {
        raw.mark = self.mark;
        raw.is_quoted = matches!(self.shape, Shape::Scalar { plain: false });
        match (&self.shape, &mut raw.datum) {
            (Shape::List(places), RawDatum::List(items)) if places.len() == items.len() => {
                places.iter().zip(items).for_each(|(place, item)| place.place(item));
            }
            (Shape::Map(places), RawDatum::Map(entries)) if places.len() == entries.len() => {
                for ((key_place, value_place), (key, value)) in places.iter().zip(entries) {
                    key_place.place(key);
                    value_place.place(value);
                }
            }
            _ => {}
        }
    }
}
