//! Checks: what a case asks of an answer. Pure; a check that needs a model says what to ask it.
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
mod finding;
mod form;
mod json;
mod json_path;
mod judge;
mod judge_request;
mod length;
mod logic;
mod number;
mod numeral;
mod path;
mod pattern;
mod quote;
mod read;
mod reader;
mod schema;
mod schema_size;
mod score;
mod similarity;
#[cfg(test)]
mod tests;
mod text;
mod tool;

use serde::Serialize;

pub use consult::Consultation;
pub use finding::{CheckResult, Outcome};
pub use judge::{JudgeQuestion, JudgeReading, QuestionId, Readings};
pub use judge_request::{DEFAULT_JUDGE_PROMPT, Judge};
pub use read::{parse, read};
pub use reader::Resources;
pub use score::{CaseScore, Score, Scoring, Subject};
pub use tool::name as stop_name;

use finding::Finding;
use score::ScoringInput;

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
        self.name.clone().unwrap_or_else(|| self.kind.label())
    }

    /// Whether it is only reported and never changes a score (latency, cost).
    pub fn is_advisory(&self) -> bool {
        matches!(self.kind, Kind::Latency(_) | Kind::Cost(_))
    }

    /// Whether it asks the judge.
    pub fn asks_judge(&self) -> bool {
        self.holds(&|kind| matches!(kind, Kind::Judge(_)))
    }

    /// The rubrics it asks the judge by, those of checks inside it included.
    pub fn rubrics(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Judge(judge) => vec![judge.rubric()],
            Kind::Logic(logic) => logic.inner().iter().flat_map(|check| check.rubrics()).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it cannot be scored on a case that has no `expected`.
    pub fn needs_expected(&self) -> bool {
        self.holds(&|kind| match kind {
            Kind::Text(text) => text.needs_expected(),
            Kind::Json(json) => json.needs_expected(),
            Kind::Number(number) => number.needs_expected(),
            Kind::Similarity(similarity) => similarity.needs_expected(),
            _ => false,
        })
    }

    /// Whether the check or one inside it is such.
    fn holds(&self, such: &dyn Fn(&Kind) -> bool) -> bool {
        such(&self.kind)
            || matches!(&self.kind, Kind::Logic(logic) if logic.inner().iter().any(|c| c.holds(such)))
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        self.kind.find(input)
    }
}

/// The families of checks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text(text::TextCheck),
    Regex(pattern::Pattern),
    Json(json::JsonCheck),
    Number(number::NumberCheck),
    Similarity(similarity::SimilarityCheck),
    Length(length::LengthCheck),
    Latency(advisory::LatencyCheck),
    Cost(advisory::CostCheck),
    Logic(logic::Logic),
    ToolCall(tool::ToolCallCheck),
    StopReason(tool::StopReasonCheck),
    Judge(judge::JudgeCheck),
}

impl Kind {
    fn label(&self) -> String {
        match self {
            Kind::Text(check) => check.label(),
            Kind::Regex(check) => check.label(),
            Kind::Json(check) => check.label(),
            Kind::Number(check) => check.label(),
            Kind::Similarity(check) => check.label(),
            Kind::Length(check) => check.label(),
            Kind::Latency(check) => check.label(),
            Kind::Cost(check) => check.label(),
            Kind::Logic(check) => check.label(),
            Kind::ToolCall(check) => check.label(),
            Kind::StopReason(check) => check.label(),
            Kind::Judge(check) => check.label(),
        }
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        let response = input.subject.response;
        let (text, expected) = (response.text.as_str(), input.scoring.expected);
        match self {
            Kind::Text(check) => check.find(text, expected),
            Kind::Regex(check) => check.find(text),
            Kind::Json(check) => check.find(text, expected),
            Kind::Number(check) => check.find(text, expected),
            Kind::Similarity(check) => check.find(text, expected),
            Kind::Length(check) => check.find(text),
            Kind::Latency(check) => check.find(response.latency_ms),
            Kind::Cost(check) => check.find(input.subject.cost_usd),
            Kind::Logic(check) => check.find(input),
            Kind::ToolCall(check) => check.find(&response.tool_calls),
            Kind::StopReason(check) => check.find(&response.stop),
            Kind::Judge(check) => check.find(input),
        }
    }
}
