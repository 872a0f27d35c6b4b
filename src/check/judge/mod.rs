//! Checks that a model decides: the judge. One file per kind of question (`rubric`, `criteria`, `factuality`,
//! `faithfulness`, `pairwise`); all of them are asked, read, voted on and hardened in the same way. Every reply
//! without a valid verdict is unreadable, never 0.
//!
//! ```text
//! check --tasks--> JudgeQuestion --Judge::inquire--> Inquiry { Request, how its answer is read }
//! Response --verdict--> Reading;  readings of all votes --opinion--> Finding
//! ```

pub(super) mod criteria;
pub(super) mod factuality;
pub(super) mod faithfulness;
mod material;
mod opinion;
pub(super) mod pairwise;
mod reading;
mod request;
pub(super) mod rubric;
mod task;
mod voice;

pub use material::control_code;
pub(super) use reading::verdict;
pub use request::Judge;
pub(super) use task::Verdict;
pub use task::{JudgeQuestion, Point, Task, default_prompt};

pub use opinion::panel_verdict;
pub(super) use opinion::{judged, votes_needed};

#[cfg(test)]
pub(super) use material::block;

use super::reader::Reader;
use crate::document::Node;

/// The score from which a judged check passes.
const THRESHOLD: (&str, fn(f64) -> bool) =
    ("a number above 0, at most 1", |threshold| threshold > 0.0 && threshold <= 1.0);

/// Reads the option `threshold`.
fn threshold(reader: &mut Reader<'_, '_>, node: Option<&Node>) -> Result<Option<f64>, ()> {
    node.map(|node| reader.number(node, "threshold", THRESHOLD).ok_or(())).transpose()
}
