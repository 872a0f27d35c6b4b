//! Inquiries of the judge whose answers could not be read. Equal inquiries of a whole run are one: of both sides, of
//! several prompts, of screening and re-runs. So the judge is asked the same question again at most twice.

use std::collections::BTreeMap;

use super::AnswerKey;

/// How often an inquiry without a readable answer is made again, within a run.
const ASKED_AGAIN: u32 = 2;

/// What to do about an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Look for a stored answer first.
    Usual,
    /// Another draw may be readable.
    Again,
    /// No more: why the last answer could not be read.
    Exhausted(String),
}

/// The inquiries without a readable answer, by key.
#[derive(Debug, Default)]
pub struct Unreadable(BTreeMap<AnswerKey, Known>);

#[derive(Debug, Default)]
struct Known {
    /// Answers bought in this run; one of an earlier run is as good as none.
    bought: u32,
    why: String,
}

impl Unreadable {
    /// An answer could not be read. One that several calls share is counted by the one that bought it.
    pub fn note(&mut self, key: AnswerKey, is_bought: bool, why: &str) {
        let known = self.0.entry(key).or_default();
        known.bought += u32::from(is_bought);
        known.why = why.to_owned();
    }

    /// An answer could be read: it is stored.
    pub fn forget(&mut self, key: AnswerKey) {
        self.0.remove(&key);
    }

    /// How an inquiry is made now.
    pub fn attempt(&self, key: AnswerKey) -> Attempt {
        match self.0.get(&key) {
            None => Attempt::Usual,
            Some(known) if known.bought > ASKED_AGAIN => Attempt::Exhausted(known.why.clone()),
            Some(_) => Attempt::Again,
        }
    }
}
