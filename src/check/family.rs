//! What every family of checks can do.

use super::Check;
use super::finding::Finding;
use super::scoring_input::ScoringInput;

/// A family of checks: what it is called, what it finds, and what it needs beside the answer.
pub(super) trait Family {
    /// Its kind with what it wants.
    fn label(&self) -> String;

    /// What it finds in an answer.
    fn find(&self, input: &ScoringInput<'_>) -> Finding;

    /// Whether it compares with the case's `expected`.
    fn needs_expected(&self) -> bool {
        false
    }

    /// The rubric, when the judge is asked.
    fn rubric(&self) -> Option<Rubric<'_>> {
        None
    }

    /// The checks inside it.
    fn inner(&self) -> &[Check] {
        &[]
    }

    /// Whether it is only reported and never changes a score.
    fn is_advisory(&self) -> bool {
        false
    }
}

/// What the judge is asked by.
#[derive(Clone, Copy)]
pub(super) struct Rubric<'a> {
    /// What to look for.
    pub text: &'a str,
    /// The score from which it passes; `None`: the policy's.
    pub threshold: Option<f64>,
}
