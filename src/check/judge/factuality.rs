//! `factuality`: how the facts of the answer relate to those of `expected`.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::super::family::{Family, PassMark};
use super::super::finding::Finding;
use super::super::form::Form;
use super::super::quote::{passage, shown_json};
use super::super::reader::Reader;
use super::super::scoring_input::ScoringInput;
use super::judged;
use super::task::{Asks, Property, Task, Verdict};
use crate::config::JudgeKind;
use crate::document::{Datum, Node};
use crate::problem::nearest;

/// How the facts of an answer relate to those that are expected: the word, and what it means.
const RELATIONS: [(&str, &str); 5] = [
    ("same", "it states the same facts"),
    ("superset", "it states all of the facts and more that do not contradict them"),
    ("subset", "it states some of the facts and contradicts none"),
    ("immaterial", "it differs in ways that do not matter for the facts"),
    ("disagrees", "it contradicts at least one of the facts"),
];

/// Which relations pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(in crate::check) struct FactualityCheck {
    pass: BTreeSet<&'static str>,
}

/// The question: how the facts relate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Factuality {
    /// The relations that count as 1.
    pub pass: BTreeSet<&'static str>,
}

/// Reads `factuality`: `true`, or which relations pass.
pub(in crate::check) fn read(reader: &mut Reader<'_, '_>, form: &mut Form<'_>) -> Option<FactualityCheck> {
    let default = || ["same", "superset", "immaterial"].into();
    let Some(node) = form.main("pass") else { return Some(FactualityCheck { pass: default() }) };
    if let Node { datum: Datum::Bool(true), .. } = node {
        return Some(FactualityCheck { pass: default() });
    }
    let words: Vec<&str> = RELATIONS.iter().map(|(word, _)| *word).collect();
    let mut pass = BTreeSet::new();
    for written in reader.texts(node, "factuality")? {
        let Some(word) = words.iter().find(|word| **word == written) else {
            let help = match nearest(&written, &words) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the relations: {}", words.join(", ")),
            };
            reader.error(node.mark, format!("`factuality` knows no relation `{}`", passage(&written)), help);
            return None;
        };
        pass.insert(*word);
    }
    if pass.len() == words.len() {
        reader.error(node.mark, "`factuality` passes whatever the answer says", "leave out `disagrees`");
        return None;
    }
    Some(FactualityCheck { pass })
}

impl Family for FactualityCheck {
    fn label(&self) -> String {
        "factuality".to_owned()
    }

    fn needs_expected(&self) -> bool {
        true
    }

    fn pass_mark(&self) -> Option<PassMark> {
        Some(PassMark::Own(1.0))
    }

    fn tasks(&self, _: &ScoringInput<'_>) -> Vec<Task> {
        vec![Task::new(Factuality { pass: self.pass.clone() })]
    }

    fn find(&self, input: &ScoringInput<'_>) -> Finding {
        if input.expected.is_none() {
            return Finding::missing_expected();
        }
        judged(self, input, |verdict, _| passage(verdict.reason))
    }
}

impl Asks for Factuality {
    fn kind(&self) -> JudgeKind {
        JudgeKind::Factuality
    }

    fn properties(&self) -> Vec<Property> {
        let words: Vec<&str> = RELATIONS.iter().map(|(word, _)| *word).collect();
        let meanings: Vec<String> =
            RELATIONS.iter().map(|(word, meaning)| format!("{word}: {meaning}")).collect();
        vec![
            Property::text(
                "reasoning",
                "One to three sentences: which facts agree, are missing or contradict.",
            ),
            Property::new(
                "relation",
                json!({"type": "string", "enum": words, "description": format!("{}.", meanings.join("; "))}),
            ),
        ]
    }

    fn demand(&self) -> String {
        "Say how the facts of {answer} relate to those of the expected block.".to_owned()
    }

    fn read(&self, object: &Value) -> Result<Verdict, String> {
        let written = &object["relation"];
        let known = |word: &str| RELATIONS.iter().find(|(known, _)| word.trim().eq_ignore_ascii_case(known));
        let Some((relation, meaning)) = written.as_str().and_then(known) else {
            return Err(format!("its relation is {}", shown_json(written)));
        };
        let score = f64::from(u8::from(self.pass.contains(relation)));
        let reasoning = object["reasoning"].as_str().unwrap_or_default();
        Ok(Verdict::new(score, &format!("{relation}, {meaning}: {reasoning}")))
    }
}
