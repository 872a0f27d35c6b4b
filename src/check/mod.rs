//! Checks: the demands of a case on an answer. Pure; a check that needs a model returns the
//! request. Names of checks are in `read`, families in `Kind`.
//!
//! ```text
//! Node --read--> Check;  [Check], expected, mode, Judge = Scoring
//! Scoring + Subject --questions--> Question --Question::inquire--> Inquiry { Request }
//! Response --Inquiry::read--> Reading
//! Scoring + Subject + Readings --score--> CaseScore
//! ```

mod advisory;
mod decimal;
mod equality;
mod family;
mod finding;
mod foreign_names;
mod form;
mod inquiry;
mod json;
mod json_path;
mod json_text;
mod judge;
mod kind;
mod length;
mod logic;
mod number;
mod numeral;
mod path;
mod pattern;
mod quote;
mod read;
mod reader;
mod reference;
mod rouge;
mod schema;
mod schema_size;
mod score;
mod scoring_input;
mod semantic;
mod similarity;
#[cfg(test)]
mod tests;
mod text;
mod tool;

use serde::Serialize;

pub use finding::{CheckResult, Outcome};
pub use inquiry::{EmbeddingQuestion, Inquiry, OpenQuestion, Question, QuestionId, Reading, Readings};
pub use judge::{Judge, JudgeQuestion, Point, Task, control_code, default_prompt, panel_verdict};
pub use kind::kinds;
pub use path::Path;
pub use quote::stop_reason;
pub use read::{parse, read};
pub use reader::Resources;
pub use score::{CaseScore, Consultation, Score, Scoring, Subject};
pub use similarity::ratio as likeness;

use family::Family;
use finding::Finding;
use kind::Kind;
use logic::Logic;
use scoring_input::ScoringInput;

/// One check of a case. Serialized it is exactly what decides the score: the name is left out,
/// the content of a schema file is in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What reports call it, when the author gave it a name.
    #[serde(skip)]
    pub name: Option<String>,
    /// Its share in a graded score, above 0; without effect in pass/fail.
    pub weight: f64,
    kind: Kind,
}

impl Check {
    /// What reports call it: its name, else its kind with what it wants.
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.kind.family().label())
    }

    /// Whether it is only reported and never changes a score (latency, cost).
    pub fn is_advisory(&self) -> bool {
        self.kind.family().is_advisory()
    }

    /// Whether it asks the judge.
    pub fn asks_judge(&self) -> bool {
        self.any(&|family| family.pass_mark().is_some())
    }

    /// The models that it asks by itself, beside the judge: ids.
    pub fn models(&self) -> Vec<&str> {
        let inner = self.kind.family().inner().iter().flat_map(Self::models);
        self.kind.family().model().into_iter().chain(inner).collect()
    }

    /// Whether it cannot be scored on a case that has no `expected`.
    pub fn needs_expected(&self) -> bool {
        self.any(&|family| family.needs_expected())
    }

    /// The texts that an answer must have as a whole or in part: those of `equals`, `contains` and the like. Those that it
    /// may not have are left out, and so is `expected`.
    pub fn wanted_texts(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Text(check) => check.texts(),
            Kind::Logic(Logic::All(checks)) => checks.iter().flat_map(Self::wanted_texts).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether something holds of its family, or of one inside it.
    fn any(&self, holds: &dyn Fn(&dyn Family) -> bool) -> bool {
        let family = self.kind.family();
        holds(family) || family.inner().iter().any(|check| check.any(holds))
    }

    /// Visits its family, then those inside it.
    fn visit(&self, see: &mut dyn FnMut(&dyn Family)) {
        let family = self.kind.family();
        see(family);
        for check in family.inner() {
            check.visit(see);
        }
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        self.kind.family().find(input)
    }
}
