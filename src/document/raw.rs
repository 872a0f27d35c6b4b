//! The first pass: the output of the format's own reader, with every entry, before merges.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::MAX_DEPTH;

/// Most values a file may hold once its aliases are expanded: some ten thousand golden cases.
pub const MAX_VALUES: usize = 500_000;

/// Most bytes of text a file may hold once its aliases are expanded.
pub(super) const MAX_TEXT_BYTES: usize = 32 * 1024 * 1024;

/// A value before duplicate keys are refused and merges applied.
#[derive(Debug)]
pub(super) enum Raw {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

/// What may still be read of a file, of all its lines together where each is a document of its own;
/// an alias bomb runs out of it.
pub struct Allowance {
    values: Cell<usize>,
    bytes: Cell<usize>,
    is_exceeded: Cell<bool>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            values: Cell::new(MAX_VALUES),
            bytes: Cell::new(MAX_TEXT_BYTES),
            is_exceeded: Cell::new(false),
        }
    }
}

impl Allowance {
    /// Counts values that do not come from a format's reader, such as the cells of a table; `false`:
    /// there are too many.
    #[must_use]
    pub fn take_values(&self, values: usize) -> bool {
        let left = self.values.get().checked_sub(values);
        self.values.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether an error has said that this is too much: nothing more need be read.
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }

    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match (self.values.get().checked_sub(1), self.bytes.get().checked_sub(bytes)) {
            (Some(values), Some(left)) => {
                self.values.set(values);
                self.bytes.set(left);
                Ok(())
            }
            _ => {
                self.is_exceeded.set(true);
                Err(E::custom(TOO_MUCH))
            }
        }
    }
}

/// The message of a document that outgrows its [`Allowance`].
pub(super) const TOO_MUCH: &str = "the document is too large with its aliases expanded";

/// The message of a document that is nested deeper than [`MAX_DEPTH`].
pub(super) const TOO_DEEP: &str = "the document is nested too deeply";

const QUOTE: &str = "quote it if it is text";

/// Separates a refusal of this module from the parser's text around it.
const SIGN: char = '\u{1}';

fn refusal<E: Error>(message: &str, help: &str) -> E {
    E::custom(format!("{SIGN}{message}{SIGN}{help}{SIGN}"))
}

/// The message and help of a value that was refused here, not by the parser.
pub(super) fn refused(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split(SIGN).skip(1);
    Some((parts.next()?, parts.next()?))
}

/// Reads one value of any kind.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    allowance: &'a Allowance,
    depth: usize,
}

impl<'a> Reading<'a> {
    /// Reads a whole document.
    pub(super) fn new(allowance: &'a Allowance) -> Self {
        Self { allowance, depth: 0 }
    }

    fn part<E: Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Raw;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        self.allowance.take(0)?;
        Ok(Raw::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Raw, E> {
        self.visit_unit()
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Raw, E> {
        self.allowance.take(0)?;
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Raw, E> {
        self.allowance.take(0)?;
        Ok(Raw::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Raw, E> {
        self.allowance.take(0)?;
        Ok(Raw::Number(value.into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Raw, E> {
        Err(refusal(&format!("the number {value} has more than 64 bits"), QUOTE))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Raw, E> {
        Err(refusal(&format!("the number {value} has more than 64 bits"), QUOTE))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Raw, E> {
        self.allowance.take(0)?;
        Number::from_f64(value).map(Raw::Number).ok_or_else(|| refusal("a number must be finite", QUOTE))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Raw, E> {
        self.allowance.take(text.len())?;
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        self.allowance.take(0)?;
        let part = self.part()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(part)? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        self.allowance.take(0)?;
        let part = self.part()?;
        let mut map = Vec::new();
        while let Some(key) = entries.next_key_seed(part)? {
            map.push((key, entries.next_value_seed(part)?));
        }
        Ok(Raw::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Raw, A::Error> {
        let (tag, _) = data.variant::<String>()?;
        let tag = tag.trim_start_matches('!');
        Err(refusal(&format!("the tag `!{tag}` is not understood"), "write the value without it"))
    }
}
