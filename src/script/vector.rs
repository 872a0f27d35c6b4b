//! How the scripted model embeds a text: the more words two texts share, the nearer they are.

use crate::fingerprint::Fingerprint;
use crate::model::Embedding;

use super::rule::Vector;

/// Numbers of a vector by words; two words share one now and then, as they do in real ones.
const LENGTH: usize = 256;

impl Vector {
    /// The vector of a text.
    pub(super) fn of(&self, text: &str) -> Embedding {
        match self {
            Self::Given(embedding) => embedding.clone(),
            Self::Words => by_words(text),
        }
    }
}

/// How often each word occurs; a text without words counts as one of its own.
fn by_words(text: &str) -> Embedding {
    let text = text.to_lowercase();
    let mut numbers = vec![0.0; LENGTH];
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for word in if words.is_empty() { vec![text.as_str()] } else { words } {
        let digest = Fingerprint::of_bytes(word.as_bytes()).short(8);
        numbers[usize::from_str_radix(&digest, 16).unwrap_or(0) % LENGTH] += 1.0;
    }
    Embedding::new(numbers).expect("at least one number is above 0, and none is infinite")
}
