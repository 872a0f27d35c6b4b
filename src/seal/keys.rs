//! Store keys as a person writes them. They are never printed.

/// The shortest key, in characters: 128 bits where they are hexadecimal digits.
pub const SHORTEST: usize = 32;

/// A key and, while it is being replaced, the previous one.
const MOST: usize = 2;

/// The keys of trusted runs: the first one seals, and the seals of all of them count.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreKeys(Vec<String>);

/// Why a text is not a store key. The message never quotes the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It could be guessed.
    #[error(
        "is too short: a key has {found} characters and needs at least {SHORTEST}; make one with \
         `openssl rand -hex 32` and keep it as a secret"
    )]
    TooShort {
        /// Its length in characters.
        found: usize,
    },
    /// Probably a file, not a key.
    #[error(
        "holds {found} keys: write one, or while it is being replaced the new one and the old one, with a comma \
         or a space between"
    )]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// Characters that may be lost in a secret or a variable.
    #[error("may hold visible ASCII characters only; make one with `openssl rand -hex 32`")]
    Unprintable,
}

impl StoreKeys {
    /// Reads one key, or the new one and the old one with a comma or white space between; `None`
    /// where there is nothing.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read(text: &str) -> Result<Option<Self>, KeyError> {
        let apart = |c: char| c == ',' || c.is_whitespace();
        let keys: Vec<String> = text.split(apart).filter(|key| !key.is_empty()).map(str::to_owned).collect();
        if keys.len() > MOST {
            return Err(KeyError::TooMany { found: keys.len() });
        }
        if keys.iter().any(|key| key.chars().any(|c| !c.is_ascii_graphic())) {
            return Err(KeyError::Unprintable);
        }
        match keys.iter().map(String::len).find(|length| *length < SHORTEST) {
            Some(found) => Err(KeyError::TooShort { found }),
            None if keys.is_empty() => Ok(None),
            None => Ok(Some(Self(keys))),
        }
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The keys themselves, to be kept out of everything that is written.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.texts()
    }
}

impl std::fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StoreKeys({}, hidden)", self.0.len())
    }
}
