//! A question to a judge without the answer it is about: what each kind must say, whatever the kind is.

use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use crate::config::JudgeKind;
use crate::model::{StopReason, ToolCall};

/// The property that repeats the control code: an answer that dictates a verdict cannot know it.
pub(super) const CODE: &str = "code";

/// What the judge is asked.
#[derive(Clone, Debug)]
pub struct Task(Arc<dyn Asks>);

impl Task {
    pub(in crate::check) fn new(asks: impl Asks + 'static) -> Self {
        Self(Arc::new(asks))
    }

    /// Its kind.
    pub fn kind(&self) -> JudgeKind {
        self.0.kind()
    }

    /// What distinguishes it from others of its kind.
    pub fn content(&self) -> Value {
        self.0.content()
    }

    pub(super) fn asks(&self) -> &dyn Asks {
        self.0.as_ref()
    }
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        (self.kind(), self.content()) == (other.kind(), other.content())
    }
}

impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.kind(), self.content()).serialize(serializer)
    }
}

/// Something that can be serialized without knowing its type.
pub(in crate::check) trait Content {
    /// Itself as JSON.
    fn content(&self) -> Value;
}

impl<T: Serialize> Content for T {
    fn content(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// One part of a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// What was asked: a criterion, or a claim of the answer (untrusted text).
    pub label: String,
    /// Whether it is met.
    pub met: bool,
    /// The judge's evidence, quoted from the answer (untrusted text).
    pub evidence: String,
}

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

/// A property of a verdict. They are asked for in this order, because models write them in it, and a verdict that is
/// written before its reasons is a guess.
pub(in crate::check) struct Property {
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

/// A verdict before the control code is looked at.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::check) struct Verdict {
    pub score: f64,
    pub reason: String,
    pub points: Vec<Point>,
}

impl Verdict {
    pub fn new(score: f64, reason: &str) -> Self {
        Self { score, reason: reason.trim().to_owned(), points: Vec::new() }
    }
}

/// What a kind of question consists of. Its content, serialized, is what distinguishes it from others.
pub(in crate::check) trait Asks: Content + Debug + Send + Sync {
    /// The kind.
    fn kind(&self) -> JudgeKind;

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

/// What the judge is asked about one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeQuestion {
    /// What is asked.
    pub task: Task,
    /// The case's `expected`.
    pub expected: Option<String>,
    /// The answer's text, whole.
    pub answer: String,
    /// The answer's tool calls.
    pub tool_calls: Vec<ToolCall>,
    /// Why the answer stopped.
    pub stop: StopReason,
}
