//! The kinds of questions to a judge as one value, and what each kind must say.

use serde::Serialize;
use serde_json::{Value, json};

use super::criteria::Criteria;
use super::factuality::Factuality;
use super::faithfulness::Faithfulness;
use super::pairwise::Pairwise;
use super::reading::Verdict;
use super::rubric::Rubric;
use crate::config::JudgeKind;

/// The instructions of a kind when the team has none of its own. They are prompts of this project, too.
pub fn default_prompt(kind: JudgeKind) -> &'static str {
    match kind {
        JudgeKind::Rubric => include_str!("prompts/rubric.md"),
        JudgeKind::Criteria => include_str!("prompts/criteria.md"),
        JudgeKind::Factuality => include_str!("prompts/factuality.md"),
        JudgeKind::Faithfulness => include_str!("prompts/faithfulness.md"),
        JudgeKind::Pairwise => include_str!("prompts/pairwise.md"),
    }
}

/// The name of the object that takes the verdict.
pub(super) fn tool(kind: JudgeKind) -> &'static str {
    match kind {
        JudgeKind::Rubric => "score",
        other => other.as_str(),
    }
}

/// What the judge is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// See [`JudgeKind::Rubric`].
    Rubric(Rubric),
    /// See [`JudgeKind::Criteria`].
    Criteria(Criteria),
    /// See [`JudgeKind::Factuality`].
    Factuality(Factuality),
    /// See [`JudgeKind::Faithfulness`].
    Faithfulness(Faithfulness),
    /// See [`JudgeKind::Pairwise`].
    Pairwise(Pairwise),
}

/// A property of a verdict. They are asked for in this order, because models write them in it, and a verdict that is
/// written before its reasons is a guess.
pub(super) struct Property {
    pub name: String,
    pub schema: Value,
}

impl Property {
    pub fn new(name: impl Into<String>, schema: Value) -> Self {
        Self { name: name.into(), schema }
    }

    pub fn text(name: impl Into<String>, description: &str) -> Self {
        Self::new(name, json!({"type": "string", "description": description}))
    }
}

/// What a kind of question consists of.
pub(super) trait Asks {
    /// What to look for, with a heading: instructions, which stand in the system text.
    fn looks_for(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Blocks of material beside the conversation and the answer.
    fn materials(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The blocks of what is judged; `answer`: the answer's own.
    fn answers(&self, answer: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        answer
    }

    /// Whether the case's `expected` is shown.
    fn shows_expected(&self) -> bool {
        true
    }

    /// What the verdict consists of.
    fn properties(&self) -> Vec<Property>;

    /// How many times the tokens of a plain verdict it may take.
    fn size(&self) -> u32 {
        1
    }

    /// What to do, said after the material; `{answer}` stands for the answer's blocks.
    fn demand(&self) -> String;

    /// The verdict in an object.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(&self, object: &Value) -> Result<Verdict, String>;
}

impl Task {
    /// Its kind.
    pub fn kind(&self) -> JudgeKind {
        match self {
            Self::Rubric(_) => JudgeKind::Rubric,
            Self::Criteria(_) => JudgeKind::Criteria,
            Self::Factuality(_) => JudgeKind::Factuality,
            Self::Faithfulness(_) => JudgeKind::Faithfulness,
            Self::Pairwise(_) => JudgeKind::Pairwise,
        }
    }

    /// The question about a rubric.
    pub fn rubric(text: &str) -> Self {
        Self::Rubric(Rubric { text: text.to_owned() })
    }

    pub(super) fn asks(&self) -> &dyn Asks {
        match self {
            Self::Rubric(task) => task,
            Self::Criteria(task) => task,
            Self::Factuality(task) => task,
            Self::Faithfulness(task) => task,
            Self::Pairwise(task) => task,
        }
    }
}
