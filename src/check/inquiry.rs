//! What models are asked about an answer: a verdict of the judge, or the embedding of a text; as a call, and how what it
//! says is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::judge::{Judge, JudgeQuestion, Point, Task, Verdict, verdict};
use crate::fingerprint::Fingerprint;
use crate::model::{Embedding, Message, Request, Response};

/// What a model is asked about one answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Question {
    /// A verdict, by votes of the judge.
    Judge(JudgeQuestion),
    /// The meaning of a text, which is asked for once.
    Embedding(EmbeddingQuestion),
}

/// A text whose embedding is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EmbeddingQuestion {
    /// The model's id.
    pub model: String,
    /// The text.
    pub text: String,
}

/// A question, and how many further answers to it are needed at least.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenQuestion {
    /// The question.
    pub question: Question,
    /// Votes that are missing, at least 1.
    pub votes: u32,
}

/// Names a question by its content.
pub type QuestionId = Fingerprint;

/// What models have said so far: the votes on each question, in their order.
pub type Readings = BTreeMap<QuestionId, Vec<Reading>>;

/// A call that asks, and how its answer is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry {
    /// The call.
    pub request: Request,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Verdict { task: Task, code: String },
    Vector,
}

/// The content of a model's answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// A verdict.
    Read {
        /// 0 to 1.
        score: f64,
        /// The judge's reasoning (untrusted text).
        reason: String,
        /// What the score is made of, where the question has parts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        points: Vec<Point>,
    },
    /// The meaning of a text.
    Vector(Embedding),
    /// Neither could be read, and why; never counted as 0.
    Unreadable(String),
}

impl Question {
    /// Names the question by its content.
    pub fn id(&self) -> QuestionId {
        Fingerprint::of_json(self)
    }

    /// What the judge is asked; `None`: it is not the judge that is asked.
    pub fn task(&self) -> Option<&Task> {
        match self {
            Self::Judge(question) => Some(&question.task),
            Self::Embedding(_) => None,
        }
    }

    /// A call that asks the question; `vote` counts from 0. `conversation` is what the model was shown, without
    /// variation and without its system text. `None`: it is for the judge, and there is none.
    pub fn inquire(&self, judge: Option<&Judge>, conversation: &[Message], vote: u32) -> Option<Inquiry> {
        match self {
            Self::Judge(question) => Some(judge?.inquire(conversation, question, vote)),
            Self::Embedding(EmbeddingQuestion { model, text }) => {
                Some(Inquiry { request: Request::embedding(model, text), form: Form::Vector })
            }
        }
    }
}

impl Inquiry {
    /// A call that asks the judge; `code` is the control code of its question.
    pub(super) fn of_judge(request: Request, task: Task, code: String) -> Self {
        Self { request, form: Form::Verdict { task, code } }
    }

    /// What the model's answer says.
    pub fn read(&self, response: &Response) -> Reading {
        let read = match &self.form {
            Form::Verdict { task, code } => verdict(task, code, response)
                .map(|Verdict { score, reason, points }| Reading::Read { score, reason, points }),
            Form::Vector => Embedding::of_text(&response.text).map(Reading::Vector),
        };
        read.unwrap_or_else(Reading::Unreadable)
    }
}

impl Reading {
    /// Whether it says something.
    pub fn is_read(&self) -> bool {
        !matches!(self, Self::Unreadable(_))
    }
}
