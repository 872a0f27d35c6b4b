//! The self-test: what the gate does with a user's own prompt, golden set and model when the answer is known. The prompt
//! is compared with itself, with edits that have no meaning, and with breaks that are planted. Pure; `app` makes the calls,
//! with the gate, the caller and the store of `eval`.
//!
//! ```text
//! Prompt + texts --variants--> Variant --change::compare--> PromptChange --gate--> Comparison --> Selftest
//! ```

mod breaks;
mod edits;
mod figures;
mod render;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::change::{CaseKind, PromptChange};
use crate::prompt::{Prompt, Speaker, TextSource};
use crate::snapshot::TemplateText;

pub use figures::{BlockRate, Comparison, Selftest};
pub use render::render;

/// What a comparison of the self-test is meant to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The prompt against itself, asked again: a block is a false alarm.
    Itself,
    /// An edit without meaning: a block is one too many.
    Edit,
    /// A planted break: a block is what the gate is for.
    Break,
}

/// A prompt that differs from the user's in one known way.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What it is meant to show.
    pub aim: Aim,
    /// The edit's name.
    pub name: &'static str,
    /// The edited prompt; `None`: the edit does not apply to this text.
    pub prompt: Option<Prompt>,
}

/// All edits and breaks of a prompt, in a fixed order. `texts`: its messages' texts, in their order.
pub fn variants(prompt: &Prompt, texts: &[TemplateText]) -> Vec<Variant> {
    let of = |aim, name, apply: &dyn Fn(&str) -> Option<String>| Variant {
        aim,
        name,
        prompt: edited(prompt, texts, apply),
    };
    let edits = edits::EDITS.iter().map(|edit| of(Aim::Edit, edit.name, &|text| edit.apply(text)));
    let breaks =
        breaks::BREAKS.iter().map(|planted| of(Aim::Break, planted.name, &|text| planted.apply(text)));
    edits.chain(breaks).collect()
}

/// The prompt with its first text changed that the edit applies to; examples of the model's answers stay.
fn edited(prompt: &Prompt, texts: &[TemplateText], apply: &dyn Fn(&str) -> Option<String>) -> Option<Prompt> {
    let mut applied = texts.iter().enumerate().filter(|(_, text)| text.speaker != Speaker::Assistant);
    let (place, text) = applied.find_map(|(place, text)| Some((place, apply(&text.text)?)))?;
    let mut prompt = prompt.clone();
    let message = prompt.messages.get_mut(place)?;
    message.text = TextSource::Inline(text);
    message.first_line = 0;
    Some(prompt)
}

/// The comparison of a prompt with itself, made from any comparison of it.
pub fn with_itself(change: &PromptChange) -> PromptChange {
    let mut change = change.clone();
    for case in &mut change.cases {
        if let Some(baseline) = &case.baseline {
            case.candidate = Arc::clone(baseline);
            case.kind = CaseKind::Compare;
        }
    }
    change
}
