//! Shards: a plan divided by prompt among several machines, each knowing the whole of it.
//!
//! The division depends only on the plan, so that machines need not communicate; prompts that share
//! an answer stay together, so that it is bought once and a purchase in one shard has no effect on
//! another.

mod divide;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use divide::divide;

/// Most shards of one plan: GitHub runs at most 256 jobs of a matrix.
const MOST: usize = 256;

/// One of several shards: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// From 1.
    index: usize,
    /// How many there are.
    count: usize,
}

impl Shard {
    /// The shard `index` of `count`; `None` where there is no such shard.
    pub fn new(index: usize, count: usize) -> Option<Self> {
        ((1..=MOST).contains(&count) && (1..=count).contains(&index)).then_some(Self { index, count })
    }

    /// From 1.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

/// The error for a text that is not a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a shard is written `2/8`: its number, from 1, and how many there are, at most {MOST}")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok(),
            false => None,
        };
        let (index, count) = text.trim().split_once('/').ok_or(NoShard)?;
        let (index, count) = number(index).zip(number(count)).ok_or(NoShard)?;
        Shard::new(index, count).ok_or(NoShard)
    }
}
