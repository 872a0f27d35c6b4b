//! What people have becomes files of this tool: configurations of other tools, sets of other tools, lines of logs.
//! Texts in, texts out; nothing here writes.

pub mod bedrock_prompts;
pub mod likeness;
pub mod logs;
pub mod openai_evals;
pub mod personal;
pub mod promptfoo;
mod subsequence;
pub mod yaml;

use crate::problem::Problem;

/// What an import made.
#[derive(Debug, Default, PartialEq)]
pub struct Imported {
    /// The files to write: path and text.
    pub files: Vec<(String, String)>,
    /// What has no counterpart, each with its place.
    pub left: Vec<Problem>,
    /// What was done, for a person, in sentences.
    pub said: Vec<String>,
}
