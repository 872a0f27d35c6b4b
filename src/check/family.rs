//! What every family of checks can do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Check;
use super::finding::Finding;
use super::inquiry::Question;
use super::judge::Task;
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

    /// The score from which it passes, when the judge is asked; `None`: it is not.
    fn pass_mark(&self) -> Option<PassMark> {
        None
    }

    /// The model that it asks by itself.
    fn model(&self) -> Option<&str> {
        None
    }

    /// What models are asked about an answer.
    fn questions(&self, input: &ScoringInput<'_>) -> Vec<Question> {
        self.tasks(input).into_iter().map(|task| input.question(task)).collect()
    }

    /// What the judge is asked about an answer.
    fn tasks(&self, _: &ScoringInput<'_>) -> Vec<Task> {
        Vec::new()
    }

    /// The part of the case's variables that the judge is shown.
    fn context(&self, _: Option<&BTreeMap<String, Value>>) -> Option<String> {
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

/// The score from which a judged check passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PassMark {
    /// The policy's.
    Policy,
    /// This one.
    Own(f64),
    /// It is not scored but compared with another answer.
    Compared,
}
