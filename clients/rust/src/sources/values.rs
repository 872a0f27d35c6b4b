//! Values in memory, by name: a fallback in the program itself, or a test.

use std::collections::BTreeMap;

use super::{Answer, Found, Key, Reading, Source};
use crate::Error;
use crate::stored::{self, Held};

/// Stored values by a prompt's name.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// From names and values.
    pub fn new<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    fn one(&self, key: &Key) -> Answer {
        let missing = || Error::NotFound(format!("no value is given for the prompt `{}`", key.name));
        match stored::open(self.0.get(&key.name).ok_or_else(missing)?)? {
            Held::Content(content) => Ok(Found { content, version: None }),
            Held::Pointer(pointer) => Err(Error::Damaged(format!("{pointer} cannot be read from here"))),
        }
    }
}

impl Source for Values {
    fn kind(&self) -> &'static str {
        "values"
    }

    fn read<'a>(&'a self, keys: &'a [Key]) -> Reading<'a> {
        Box::pin(async move { keys.iter().map(|key| self.one(key)).collect() })
    }
}
