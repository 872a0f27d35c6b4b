//! What the readers ask of a document: the keys that a mapping may have, and the form that each value must have. The JSON
//! Schemas in `schemas/` are made of this, so they say what the readers do.

use std::cell::RefCell;
use std::ops::{Bound, RangeBounds};

use super::Source;
use crate::problem::Mark;

/// The form of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A mapping with these keys and no others.
    Mapping(&'static [&'static str]),
    /// A check with these options beside its kind, or in a mapping under it.
    Options(Vec<&'static str>),
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A number within bounds.
    Number(Bound<f64>, Bound<f64>),
    /// A whole number within bounds.
    Integer(Bound<u64>, Bound<u64>),
    /// A list.
    List,
    /// A mapping with keys of the user's own.
    Map,
    /// A text, or a list of texts.
    Texts,
    /// One of these words.
    Choice(Vec<String>),
}

/// One question of a reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The file's path.
    pub file: String,
    /// Where the mapping begins.
    pub mark: Mark,
    /// The key whose value is meant; `None`: the mapping itself.
    pub key: Option<String>,
    /// What its form must be.
    pub form: Form,
}

thread_local! {
    /// The questions of this thread's readers, while somebody wants to know them.
    static ASKED: RefCell<Option<Vec<Asked>>> = const { RefCell::new(None) };
}

/// What is asked while `read` runs, by this thread.
pub fn while_reading<T>(read: impl FnOnce() -> T) -> (T, Vec<Asked>) {
    ASKED.with_borrow_mut(|asked| *asked = Some(Vec::new()));
    let value = read();
    (value, ASKED.take().unwrap_or_default())
}

/// Notes a question, if somebody wants to know it.
pub(crate) fn note(source: &Source, mark: Mark, key: Option<&str>, form: impl FnOnce() -> Form) {
    ASKED.with_borrow_mut(|asked| {
        if let Some(asked) = asked {
            let file = source.path.clone();
            asked.push(Asked { file, mark, key: key.map(str::to_owned), form: form() });
        }
    });
}

/// The bounds of a range as values.
pub(super) fn bounds<T: Copy>(range: &impl RangeBounds<T>) -> (Bound<T>, Bound<T>) {
    (range.start_bound().cloned(), range.end_bound().cloned())
}
