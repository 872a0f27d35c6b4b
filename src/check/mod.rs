//! Checks: the demands of a case on an answer. Pure; a check that needs a model returns the
//! request. Names of checks are in `read`, families in `Kind`.
//!
//! ```text
//! Node --read--> Check;  [Check], expected, mode, Judge = Scoring
//! Scoring + Subject --questions--> JudgeQuestion --Judge::request--> Request
//! Response --JudgeReading::of--> JudgeReading
//! Scoring + Subject + Readings --score--> CaseScore
//! ```

mod advisory;
mod consult;
mod decimal;
mod elsewhere;
mod equality;
mod family;
mod finding;
mod form;
mod json;
mod json_path;
mod json_text;
mod judge;
mod judge_question;
mod judge_request;
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
mod similarity;
#[cfg(test)]
mod tests;
mod text;
mod tool;

use serde::Serialize;

pub use consult::Consultation;
pub use finding::{CheckResult, Outcome};
pub use judge_question::{JudgeQuestion, JudgeReading, QuestionId, Readings};
pub use judge_request::{DEFAULT_JUDGE_PROMPT, Judge};
pub use path::Path;
pub use quote::stop_reason;
pub use read::{parse, read};
pub use reader::Resources;
pub use score::{CaseScore, Score, Scoring, Subject};
pub use similarity::ratio as likeness;

use family::Rubric;
use finding::Finding;
use kind::Kind;
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
        !self.judged_by().is_empty()
    }

    /// The rubrics it asks the judge by, those of checks inside it included.
    pub fn rubrics(&self) -> Vec<&str> {
        self.judged_by().iter().map(|rubric| rubric.text).collect()
    }

    /// Whether it cannot be scored on a case that has no `expected`.
    pub fn needs_expected(&self) -> bool {
        let family = self.kind.family();
        family.needs_expected() || family.inner().iter().any(Check::needs_expected)
    }

    fn judged_by(&self) -> Vec<Rubric<'_>> {
        let family = self.kind.family();
        let inner = family.inner().iter().flat_map(Check::judged_by);
        family.rubric().into_iter().chain(inner).collect()
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        self.kind.family().find(input)
    }
}
